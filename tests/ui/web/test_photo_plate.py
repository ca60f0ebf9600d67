"""What a plate in a photograph reads is said with how sure its characters are, and asked for by a click."""

import pytest

from reid.vehicle import Box, Plate
from ui.web.photo_plate import plate_words

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
