"""What a plate in a photograph reads is said with how sure its characters are, and asked for by a click."""

import pytest

from reid.plates.pattern import compile_pattern
from reid.vehicle import Box, Plate
from ui.web.photo_plate import pattern_of, plate_words

BOX, CORNERS = Box(0, 0, 40, 10), ((0.0, 0.0), (40.0, 0.0), (40.0, 10.0), (0.0, 10.0))


@pytest.mark.parametrize(
    ("second", "said"),
    [
        ({"B": 0.99}, "The plate reads AB, with 90 % confidence"),
        ({"B": 0.6, "8": 0.3, "R": 0.04}, "The plate reads AB, with 90 % confidence; not sure: B 60 % / 8 30 %"),
    ],
    ids=["sure", "one in doubt"],
)
def test_a_plate_says_which_characters_are_in_doubt(second: dict[str, float], said: str) -> None:
    assert plate_words(Plate(BOX, CORNERS, "AB", 0.9, ({"A": 0.98}, second))) == said


@pytest.mark.parametrize(
    ("second", "asked"),
    [({"B": 0.99}, "AB"), ({"B": 0.6, "8": 0.3, "R": 0.04}, "A[B8]"), ({"B": 0.9, "8": 0.03}, "AB")],
    ids=["sure", "one in doubt", "no other likely"],
)
def test_a_click_asks_for_every_reading_that_is_likely(second: dict[str, float], asked: str) -> None:
    """The likeliest text was asked for as if it were certain: whoever has it was found with 99 %."""
    pattern = pattern_of(Plate(BOX, CORNERS, "AB", 0.9, ({"A": 0.98}, second)))
    assert pattern == asked
    assert compile_pattern(pattern).is_whole
