"""The directed road that a sighting took, over the made map of three cameras in a row."""

import numpy as np

from index.search.drives import Drives
from index.search.question import Moment
from index.search.travel import direction_llr, direction_of_each, ways_past_llrs
from roadgraph.next_counts import NO_COUNTS
from roadgraph.travel_time import TravelTimes
from roadgraph.way_past import WAYS, Pose, WaysPast
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


def test_without_roads_the_way_past_a_camera_counts_by_where_the_vehicle_comes_from() -> None:
    poses = {"west": Pose(48.0, 15.0, 90.0), "east": Pose(48.0, 15.01, 90.0)}
    away, _, towards, _ = WAYS
    past, start = WaysPast(NO_COUNTS, poses), Moment("west", 0.0, edge=away)
    times_s = np.array([60.0, 60.0, 60.0, -60.0, -60.0])
    cameras, ways = ["east"] * 5, [away, towards, None, away, towards]
    east, west, unknown, east_before, west_before = ways_past_llrs(past, start, cameras, ways, times_s)
    assert east > 0 > west
    assert np.isnan(unknown)
    assert west_before > 0 > east_before
    assert np.isnan(ways_past_llrs(past, start, ["west"], [away], np.array([60.0]))).all()
