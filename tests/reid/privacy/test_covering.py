import numpy as np
import pytest

from reid.privacy.covering import around, cover, cover_where, pixels_of, share_inside, widened
from reid.vehicle import Box

RNG = np.random.default_rng(3)


def noise(height: int = 90, width: int = 160) -> np.ndarray:
    return RNG.integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_a_covered_region_keeps_its_mean_alone_and_the_rest_is_untouched() -> None:
    picture = noise()
    region = Box(20, 10, 40, 20)
    covered = cover(picture, [region], 1)
    assert len(np.unique(covered[10:30, 20:60].reshape(-1, 3), axis=0)) == 1
    outside = ~pixels_of(picture, [region])
    assert (covered[outside] == picture[outside]).all()
    assert (covered[10, 20] - picture[10:30, 20:60].mean(axis=(0, 1))).max() <= 1


def test_pictures_that_differ_only_below_the_covering_cannot_be_told_apart() -> None:
    first, second = noise(), noise()
    region = Box(20, 10, 40, 20)
    second[:] = first
    second[10:30, 20:60] = first[10:30, 20:60][::-1, ::-1]
    assert (cover(first, [region], 1) == cover(second, [region], 1)).all()


@pytest.mark.parametrize(
    "region", [Box(-30, -30, 20, 20), Box(400, 10, 20, 20), Box(150, 80, 40, 40), Box(-5, -5, 500, 500)]
)
def test_regions_may_reach_beyond_the_picture_or_lie_outside(region: Box) -> None:
    assert cover(noise(), [region], 3).shape == (90, 160, 3)


def test_the_grid_spares_the_vehicle_itself() -> None:
    picture = noise()
    subject = Box(40, 20, 60, 40)
    covered = cover_where(picture, np.ones((90, 160), bool), spare=subject)
    assert (covered[20:60, 40:100] == picture[20:60, 40:100]).all()
    assert len(np.unique(covered[:18, :160].reshape(-1, 3), axis=0)) <= 32 * 5


def test_boxes() -> None:
    assert around([(3, 4), (9, 1), (5, 8)]) == Box(3, 1, 6, 7)
    assert widened(Box(10, 10, 20, 10), 0.1) == Box(8, 8, 24, 14)
    assert share_inside(Box(0, 0, 10, 10), Box(5, 0, 10, 10)) == pytest.approx(0.5)
    assert share_inside(Box(0, 0, 10, 10), Box(20, 0, 10, 10)) == 0
