"""A plate counts as read from a photograph if its text is among those read there."""

import numpy as np
import pytest

from reid.evaluation.plate_location import LEAST_PX, Photograph, PlateTraffic, photographs, read_photograph
from reid.plates.rectify import quad_size
from reid.vehicle import Box, Image, Plate

QUAD = np.array([[0, 0], [90, 0], [90, 22], [0, 22]], np.float32)


def plate(text: str | None) -> Plate:
    """Return a plate with a text."""
    return Plate(Box(0, 0, 9, 2), ((0, 0), (9, 0), (9, 2), (0, 2)), text, 0.9)


def test_a_plate_is_read_from_the_whole_photograph_or_by_its_corners() -> None:
    page = np.zeros((80, 120, 3), np.uint8)
    photograph = Photograph(page, "north", ((QUAD, "KR-12"), (QUAD + 5, "AB 34")))

    def read_at(image: Image, corners: np.ndarray) -> str | None:
        return "AB34" if corners[0, 0] > 0 else None

    read = read_photograph(photograph, lambda image: [plate("KR12"), plate(None)], read_at)
    assert [(one.from_whole, one.from_corners) for one in read] == [(True, False), (False, True)]


@pytest.mark.slow
def test_photographs_show_plates_of_readable_size() -> None:
    for photograph in photographs(PlateTraffic(seed=77, cameras=1, frames=3, narrow_share=1.0)):
        assert all(quad_size(corners)[1] >= LEAST_PX for corners, _ in photograph.plates)
