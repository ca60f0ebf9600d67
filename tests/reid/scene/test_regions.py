import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reid.errors import SeeingError
from reid.scene.regions import MOST_CORNERS, Regions, check_polygon
from reid.vehicle import Box

LOWER_HALF = ((0.0, 0.5), (1.0, 0.5), (1.0, 1.0), (0.0, 1.0))
RIGHT_THIRD = ((0.67, 0.0), (1.0, 0.0), (1.0, 1.0), (0.67, 1.0))


@pytest.mark.parametrize(
    ("regions", "kept"),
    [
        (Regions(), [True, True, True]),
        (Regions(look=(LOWER_HALF,)), [False, True, True]),
        (Regions(ignore=(RIGHT_THIRD,)), [True, True, False]),
        (Regions(look=(LOWER_HALF,), ignore=(RIGHT_THIRD,)), [False, True, False]),
        (Regions(look=(LOWER_HALF, RIGHT_THIRD)), [False, True, True]),
    ],
)
def test_vehicles_count_inside_the_regions_and_not_in_ignored_ones(regions: Regions, kept: list[bool]) -> None:
    above, below, right = Box(40, 20, 60, 40), Box(40, 120, 60, 40), Box(260, 120, 60, 40)
    assert [regions.keep(box, 320, 180) for box in (above, below, right)] == kept


def test_half_of_a_vehicle_inside_is_enough_whatever_the_size_of_the_picture() -> None:
    regions = Regions(look=(LOWER_HALF,))
    for scale in (1, 4):
        assert regions.keep(Box(10 * scale, 45 * scale, 20 * scale, 20 * scale), 160 * scale, 100 * scale)
        assert not regions.keep(Box(10 * scale, 30 * scale, 20 * scale, 20 * scale), 160 * scale, 100 * scale)


@given(
    st.floats(0, 1),
    st.floats(0, 1),
    st.floats(0.05, 0.5),
    st.floats(0.05, 0.5),
    st.sampled_from([(64, 48), (1920, 1080)]),
)
def test_the_share_is_that_of_the_slow_way(
    x: float, y: float, width: float, height: float, size: tuple[int, int]
) -> None:
    box = Box(x * size[0] * 0.5, y * size[1] * 0.5, width * size[0], height * size[1])
    points = np.random.default_rng(0).uniform(0, 1, (4000, 2)) * [box.width, box.height] + [box.x, box.y]
    share = float((points[:, 1] / size[1] >= 0.5).mean())
    if abs(share - 0.5) > 0.05:
        assert Regions(look=(LOWER_HALF,)).keep(box, *size) == (share > 0.5)


@pytest.mark.parametrize(
    ("corners", "says"),
    [
        ([[0, 0], [1, 0]], "2 corners"),
        ([[0, 0], [640, 0], [640, 480]], "outside the picture"),
        ([[0, 0], [1, 0], [1]], "list of"),
        ([[0, 0], [1, 0], ["a", 1]], "list of"),
    ],
)
def test_an_invalid_polygon_is_refused(corners: list[list[float]], says: str) -> None:
    with pytest.raises(SeeingError, match=says):
        check_polygon(corners, "mask.json")


def test_a_closed_polygon_is_the_same_as_an_open_one() -> None:
    assert check_polygon([[0, 0], [1, 0], [1, 1], [0, 0]], "") == ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))


@pytest.mark.parametrize("corners", [[[0, 0], [10**400, 1], [1, 1]], [[0, 0.5]] * (MOST_CORNERS + 2)])
def test_corners_beyond_all_numbers_and_too_many_are_refused(corners: list[list[float]]) -> None:
    with pytest.raises(SeeingError, match="corners"):
        check_polygon(corners, "mask.json")
