"""Frames of one passage are joined by their probabilities, not by which came first or most often."""

import numpy as np
import pytest

from reid.plates.combine import combined
from reid.plates.spelling import DIGITS, LETTERS, Spelling


def spelling(text: str, sure: float = 0.8, **doubts: dict[str, float]) -> Spelling:
    """Return a text of one sureness; `p2={"8": 0.5, ...}` says place 2 otherwise."""
    places = [doubts.get(f"p{place}", {letter: sure}) for place, letter in enumerate(text)]
    return Spelling(tuple(places), float(np.prod([max(place.values()) for place in places])))


def test_a_single_frame_is_unchanged_and_no_frame_has_no_text() -> None:
    one = spelling("KAB48")
    assert combined([one]) is one
    assert combined([]) == Spelling((), 0.0)
    assert combined([Spelling((), 0.2)]).text == ""


def test_frames_that_agree_are_surer_than_each() -> None:
    assert combined([spelling("KAB48")] * 3).confidence > spelling("KAB48").confidence + 0.2


def test_probability_decides_where_the_majority_is_wrong() -> None:
    unsure = spelling("KAB48", p2={"8": 0.5, "B": 0.45})
    sure = spelling("KAB48", p2={"B": 0.97, "8": 0.02})
    assert combined([unsure, unsure, sure]).text == "KAB48"


def test_a_frame_that_lost_a_character_still_helps_with_the_others() -> None:
    whole = spelling("KAB48", p4={"8": 0.5, "3": 0.45})
    joined = combined([whole, spelling("KAB48", p4={"8": 0.6, "3": 0.35}), spelling("AB48")])
    assert joined.text == "KAB48"
    assert joined.characters[4]["8"] > 0.6


def test_another_length_lowers_the_confidence() -> None:
    agreed = combined([spelling("KAB48"), spelling("KAB48")])
    assert combined([spelling("KAB48"), spelling("KAB48"), spelling("KAB481")]).confidence < agreed.confidence


def test_the_order_of_frames_does_not_matter() -> None:
    frames = [spelling("KAB48"), spelling("KA848", 0.7), spelling("XAB48", 0.6)]
    texts = {combined([frames[i] for i in order]).text for order in ((0, 1, 2), (2, 1, 0), (1, 2, 0))}
    assert texts == {"KAB48"}


@pytest.mark.parametrize("frames", [2, 4])
def test_joining_noisy_frames_reads_more_than_the_surest_of_them(frames: int) -> None:
    rng = np.random.default_rng(5)
    joined = surest = 0
    for _ in range(150):
        truth = "".join(rng.choice(list(LETTERS + DIGITS), 7))
        seen = [_noisy(truth, rng) for _ in range(frames)]
        joined += combined(seen).text == truth
        surest += max(seen, key=lambda one: one.confidence).text == truth
    assert joined > surest + 10


def _noisy(truth: str, rng: np.random.Generator) -> Spelling:
    """Return a reading whose probabilities are right: the truth has the share that it is said to have."""
    places = []
    for letter in truth:
        share = float(rng.choice([0.95, 0.6]))
        other = str(rng.choice([one for one in LETTERS + DIGITS if one != letter]))
        first, second = (letter, other) if rng.random() < share else (other, letter)
        places.append({first: share, second: 1 - share})
    return Spelling(tuple(places), float(np.prod([max(place.values()) for place in places])))
