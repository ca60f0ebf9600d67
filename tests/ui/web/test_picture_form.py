"""A crop in shares becomes a box in pixels."""

import numpy as np

from reid.vehicle import Box
from ui.web.picture_form import CropShares


def test_a_cut_is_in_pixels_of_the_picture() -> None:
    box = CropShares(0.25, 0.75, 0.5, 1.0).box(np.zeros((200, 400, 3), np.uint8))
    assert box == Box(100, 100, 200, 100)
