import numpy as np
import pytest

from reid.plates.networks.grid import CUT_HEIGHT_PX, CUT_MARGIN, CUT_WIDTH_PX
from reid.plates.rectify import corrected_corners, from_cut, rough_cut, to_cut
from reid.weights import PictureInput

ROUGH = np.array([[40, 30], [120, 36], [116, 62], [38, 55]], np.float32)
FLAT = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)


class FakeSession:
    """Returns for every cut the same offset of all corners and the same probability of a plate."""

    def __init__(self, off: tuple[float, float], probability: float) -> None:
        self.off, self.probability = off, probability
        self.shape: tuple[int, ...] = ()

    def run(self, names: list[str], feed: dict[str, np.ndarray]) -> list[np.ndarray]:
        self.shape = feed["cuts"].shape
        count = self.shape[0]
        return [np.tile(np.array(self.off, np.float32), (count, 4)), np.full(count, self.probability, np.float32)]


def test_shares_of_a_plate_and_places_in_the_picture_lead_to_each_other() -> None:
    places = np.array([[60, 40], [118, 60], [30, 20]], np.float32)
    assert from_cut(to_cut(places, ROUGH), ROUGH) == pytest.approx(places, abs=1e-3)
    assert to_cut(ROUGH, ROUGH) == pytest.approx(FLAT, abs=1e-5)


def test_the_cut_shows_the_rough_plate_with_room_on_every_side() -> None:
    image = np.zeros((100, 160, 3), np.uint8)
    image[30:60, 40:120] = 255
    board = np.array([[40, 30], [120, 30], [120, 60], [40, 60]], np.float32)
    white = rough_cut(image, board).mean(axis=2) > 127
    assert white.shape == (CUT_HEIGHT_PX, CUT_WIDTH_PX)
    assert white.any(axis=0).sum() == pytest.approx(CUT_WIDTH_PX / (1 + 2 * CUT_MARGIN), abs=2)
    assert white.any(axis=1).sum() == pytest.approx(CUT_HEIGHT_PX / (1 + 2 * CUT_MARGIN), abs=2)


def test_corners_move_by_the_offsets_in_the_plate_s_own_directions() -> None:
    image = np.zeros((100, 160, 3), np.uint8)
    session = FakeSession((0.1, 0.0), 0.75)
    ((moved, probability), _) = corrected_corners(image, [ROUGH, ROUGH], session, PictureInput())
    assert session.shape == (2, 3, CUT_HEIGHT_PX, CUT_WIDTH_PX)
    assert probability == pytest.approx(0.75)
    assert to_cut(moved, ROUGH) == pytest.approx(FLAT + np.array([0.1, 0.0]), abs=1e-4)


def test_without_candidates_the_network_does_not_run() -> None:
    assert corrected_corners(np.zeros((10, 10, 3), np.uint8), [], None, PictureInput()) == []
