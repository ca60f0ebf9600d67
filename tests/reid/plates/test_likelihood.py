"""Text speaks for or against the same plate as strongly as its probabilities allow."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reid.plates.likelihood import CLONED, RELATED, STRAY, Confusion, same_probability, text_llr, text_llrs
from reid.plates.spelling import CHARACTERS, DIGITS, FREQUENCY, LETTERS
from reid.vehicle import Box, Plate

CORNERS = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
EXACT = Confusion(np.eye(len(CHARACTERS)), 0.01, 0.01)


def plate(text: str, sure: float = 0.97) -> Plate:
    return Plate(Box(0, 0, 1, 1), CORNERS, text, sure, tuple({character: sure} for character in text))


def test_the_same_text_speaks_for_and_another_against() -> None:
    same, other = text_llr(plate("KAB4821"), plate("KAB4821")), text_llr(plate("KAB4821"), plate("WZT3907"))
    assert same is not None
    assert other is not None
    assert same > 6 > 0 > -8 > other


def test_one_sure_difference_outweighs_all_that_agrees() -> None:
    same, twin = text_llrs(plate("KAB4821"), [plate("KAB4821"), plate("KAB4827")])
    assert abs(twin) < 1.5 < same - 5


def test_doubt_orders_readings_as_a_person_would() -> None:
    others = [plate(text) for text in ("KAB4821", "KAB4B21", "KAB4721", "KXB4071")]
    values = text_llrs(plate("KAB4821"), others).tolist()
    assert values == sorted(values, reverse=True)


def test_an_unsure_reading_gives_a_smaller_llr_either_way() -> None:
    sure, unsure = plate("KAB4821"), plate("KAB4821", 0.5)
    assert text_llr(sure, unsure) < text_llr(sure, sure)  # type: ignore[operator]


@given(st.text(CHARACTERS, min_size=1, max_size=8), st.text(CHARACTERS, min_size=1, max_size=8))
def test_the_order_of_two_plates_does_not_matter(first: str, second: str) -> None:
    assert text_llr(plate(first), plate(second)) == pytest.approx(text_llr(plate(second), plate(first)), abs=1e-6)


def test_a_rare_character_gives_a_larger_llr() -> None:
    for character in "A7":
        ratio = float(text_llrs(plate(character, 1.0), [plate(character, 1.0)], EXACT)[0])
        assert ratio == pytest.approx(-math.log(FREQUENCY[character] * (1 - RELATED)), abs=0.01)


def test_probabilities_are_weighed_not_the_best_string_alone() -> None:
    doubtful = Plate(Box(0, 0, 1, 1), CORNERS, "8", 0.6, ({"8": 0.6, "B": 0.4},))
    ratio = text_llrs(doubtful, [plate("B", 1.0)], EXACT)[0]
    differs = 0.6 / (1 - sum(share**2 for share in FREQUENCY.values()))
    assert ratio == pytest.approx(math.log(0.4 / FREQUENCY["B"] / (1 - RELATED + RELATED * differs)), abs=0.01)


def test_every_llr_is_bounded_by_clones_and_stray_texts() -> None:
    long = plate("KAB4821XYZ", 1.0)
    exact, sure = text_llrs(long, [long], EXACT), -math.log(CLONED)
    assert exact[0] == pytest.approx(sure, abs=0.1)
    assert text_llr(long, plate("1234567890", 1.0)) == pytest.approx(math.log(STRAY / (1 - RELATED)), abs=0.1)


def test_a_missed_character_costs_less_than_another_text() -> None:
    whole, short, other = plate("B48"), plate("B8"), plate("7XK")
    same, missed, strange = text_llrs(whole, [whole, short, other])
    assert same - 3 > missed > strange


def test_a_plate_with_a_character_more_or_fewer_is_hardly_evidence_for() -> None:
    same, *others = text_llrs(plate("KAB4821"), [plate("KAB4821"), plate("KAB482"), plate("KAB48211"), plate("KAB48")])
    assert max(others) < 0 < same - 5


@pytest.mark.parametrize("other", ["KAB8421", "AKB4821", "KAB4812", "AB48217", "EKAB482"])
def test_a_plate_with_the_same_characters_in_another_order_is_hardly_evidence_for(other: str) -> None:
    """Two exchanged, or all moved by one: passing over two places makes the rest agree."""
    llr = text_llr(plate("KAB4821"), plate(other))
    assert llr is not None
    assert llr < 0.5


def test_an_unread_plate_is_no_evidence() -> None:
    assert text_llr(plate("KAB4821"), Plate(Box(0, 0, 1, 1), CORNERS, None, 0.0)) is None
    assert same_probability(0.0) == 0.5


def test_ratios_of_readings_with_true_doubt_are_calibrated() -> None:
    """Draw pairs, same and not, read them with honest probabilities: a ratio of r is right r times as often."""
    rng = np.random.default_rng(2)
    kinds = list(LETTERS + DIGITS)
    common = np.array([FREQUENCY[kind] for kind in kinds])
    common /= common.sum()
    llrs, same = [], []
    for number in range(3000):
        truth = rng.choice(kinds, p=common)
        other = truth if number % 2 == 0 else rng.choice(kinds, p=common)
        llrs.append(text_llrs(_honest(truth, rng, kinds, common), [_honest(other, rng, kinds, common)], EXACT)[0])
        same.append(number % 2 == 0)
    probability = 1 / (1 + np.exp(-np.array(llrs)))
    high = probability > 0.8
    assert np.array(same)[high].mean() == pytest.approx(probability[high].mean(), abs=0.04)
    assert np.array(same)[~high].mean() == pytest.approx(probability[~high].mean(), abs=0.04)


def _honest(truth: str, rng: np.random.Generator, kinds: list[str], common: np.ndarray) -> Plate:
    """Return a reading that says the truth with 0.7 and one of five others, as common as they are, else."""
    said = truth if rng.random() < 0.7 else str(rng.choice(kinds, p=common))
    likely = {kind: 0.3 * share for kind, share in zip(kinds, common, strict=True)}
    likely[said] += 0.7
    total = sum(likely.values())
    return Plate(Box(0, 0, 1, 1), CORNERS, said, 0.7, ({kind: value / total for kind, value in likely.items()},))
