import numpy as np
import pytest

from roadgraph.next_counts import NO_COUNTS, NextCounts, NextPassage
from roadgraph.way_past import AHEAD_SHARE, WAYS, Pose, WaysPast, road_or_way

AWAY, RIGHT, TOWARDS, LEFT = WAYS
EVEN = np.full(4, 0.25)
POSES = {"west": Pose(48.0, 15.0, 90.0), "east": Pose(48.0, 15.01, 90.0)}
"""Both look east, and the second is east of the first: away from either is eastwards."""


@pytest.mark.parametrize(
    ("heading_deg", "way"), [(0.0, AWAY), (44.0, AWAY), (95.0, RIGHT), (180.0, TOWARDS), (270.0, LEFT), (350.0, AWAY)]
)
def test_a_heading_is_one_of_four_ways_and_a_road_stays_a_road(heading_deg: float, way: int) -> None:
    assert road_or_way(None, heading_deg) == way
    assert road_or_way(7, heading_deg) == 7
    assert road_or_way(None, None) is None


def test_vehicles_head_for_the_next_camera_and_come_from_the_last() -> None:
    past = WaysPast(NO_COUNTS, POSES)
    assert past.leaving("west", AWAY, "east", backwards=False) == pytest.approx(2 * AHEAD_SHARE)
    assert past.leaving("west", TOWARDS, "east", backwards=False) == pytest.approx(2 - 2 * AHEAD_SHARE)
    assert past.leaving("west", AWAY, "east", backwards=True) == pytest.approx(2 - 2 * AHEAD_SHARE)
    for start, other, backwards, way in (
        ("west", "east", False, AWAY),
        ("east", "west", False, TOWARDS),
        ("east", "west", True, AWAY),
        ("west", "east", True, TOWARDS),
    ):
        shares = past.past(start, way, other, EVEN, backwards=backwards)
        assert shares.sum() == pytest.approx(1)
        assert shares[WAYS.index(way)] > 0.3


def test_what_passages_taught_counts_more_than_the_bearing() -> None:
    past = WaysPast(NextCounts({NextPassage("west", "east", AWAY, LEFT): 50.0}), POSES)
    shares = past.past("west", AWAY, "east", EVEN, backwards=False)
    assert shares[WAYS.index(LEFT)] > 0.8
    assert past.past("east", LEFT, "west", EVEN, backwards=True)[WAYS.index(AWAY)] > 0.8
    # Half of the ends of these passages head for the other camera: leaving does, arriving does not.
    assert 0.5 < past.ahead_share < AHEAD_SHARE


def test_without_places_only_passages_tell() -> None:
    past = WaysPast(NextCounts({NextPassage("gate", "yard", AWAY, LEFT): 5.0}), {})
    assert past.leaving("gate", AWAY, "yard", backwards=False) == 1.0
    assert past.past("gate", None, "yard", EVEN, backwards=False)[WAYS.index(LEFT)] > 0.4
    assert past.past("yard", None, "gate", EVEN, backwards=False) == pytest.approx(EVEN)
