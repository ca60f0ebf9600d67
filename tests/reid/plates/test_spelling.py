"""A spelling says what stands there and how sure that is, and a guess is no text."""

import numpy as np
import pytest

from reid.plates.spelling import CHARACTERS, Spelling, as_plate, decode_places, top_characters

END = len(CHARACTERS)
CORNERS = np.array([[10, 20], [90, 22], [90, 42], [10, 40]], np.float32)


def places(*said: dict[str, float], end: float = 0.0) -> np.ndarray:
    """Return (10, END + 1): one row for each of `said`, then rows that end."""
    table = np.zeros((10, END + 1))
    for row, characters in enumerate(said):
        for character, probability in characters.items():
            table[row, CHARACTERS.index(character)] = probability
        table[row, END] = end
    table[len(said) :, END] = 1.0
    return table


def test_the_likeliest_characters_up_to_the_end_are_the_text() -> None:
    spelling = decode_places(places({"A": 0.9, "4": 0.1}, {"B": 0.6, "8": 0.4}))
    assert spelling.text == "AB"
    assert spelling.characters == ({"A": 0.9, "4": 0.1}, {"B": 0.6, "8": 0.4})
    assert spelling.confidence == pytest.approx(0.54)


def test_ten_characters_need_no_end() -> None:
    spelling = decode_places(places(*({"7": 0.9},) * 10))
    assert spelling.text == "7" * 10
    assert spelling.confidence == pytest.approx(0.9**10, abs=1e-4)


def test_doubt_about_the_length_lowers_the_confidence() -> None:
    sure, unsure = decode_places(places({"A": 1.0})), decode_places(places({"A": 0.7}, end=0.3))
    assert sure.text == unsure.text == "A"
    assert sure.confidence == 1.0
    assert unsure.confidence == pytest.approx(0.7)


def test_an_early_end_makes_no_characters() -> None:
    nothing = decode_places(places())
    assert (nothing.text, nothing.characters, nothing.readable) == ("", (), False)


def test_only_characters_that_matter_are_kept_and_the_best_always() -> None:
    shares = np.zeros(len(CHARACTERS))
    shares[[0, 1, 2, 3, 4, 5]] = 0.3, 0.2, 0.15, 0.12, 0.1, 0.09
    assert list(top_characters(shares)) == ["A", "B", "C", "D", "E"]
    assert top_characters(np.full(len(CHARACTERS), 0.001)) == {"A": 0.001}


@pytest.mark.parametrize(("sure", "text"), [(0.8, "ABC"), (0.3, None)])
def test_a_guess_is_no_text(sure: float, text: str | None) -> None:
    plate = as_plate(CORNERS, Spelling(tuple({letter: sure} for letter in "ABC"), sure**3))
    assert plate.text == text
    assert bool(plate.characters) is (text is not None)
    assert (plate.box.x, plate.box.y, plate.box.width, plate.box.height) == (10, 20, 80, 22)
    assert plate.corners[1] == (90.0, 22.0)
