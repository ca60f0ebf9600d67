"""The directed road that a sighting took, over the made map of three cameras in a row."""

import numpy as np

from index.search.drives import Drives
from index.search.question import Moment
from index.search.travel import direction_llr, direction_of_each
from roadgraph.travel_time import TravelTimes
from tests.index.search.test_travel import matrix


def test_the_road_that_leads_there_counts_for_the_target_and_the_other_against() -> None:
    towards, away, unknown = direction_llr(np.array([1.0, 0.0, np.nan]), np.array([0.5, 0.5, 0.5]))
    assert towards > 0.5
    assert away < -2
    assert np.isnan(unknown)


def test_the_road_east_leads_east() -> None:
    drives = Drives(TravelTimes(matrix()))
    start = Moment("west", 0.0, edge=10)
    east, west, unknown = direction_of_each(drives, start, ["middle"] * 3, [12, 13, None], np.array([75.0] * 3))
    assert east > 0.5
    assert west < -1
    assert np.isnan(unknown)


def test_who_comes_from_the_west_drove_east_before() -> None:
    drives = Drives(TravelTimes(matrix()))
    seen = Moment("middle", 0.0, edge=12)
    east, west = direction_of_each(drives, seen, ["west", "west"], [10, 11], np.array([-75.0, -75.0]))
    assert east > west
