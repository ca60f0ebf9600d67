"""The directed road that a sighting took, over the made map of three cameras in a row."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from index.access.permissions import local_person
from index.answers import Query
from index.search.drives import Drives
from index.search.question import Moment, SearchOptions
from index.search.search import search
from index.search.travel import (
    another_way_share,
    direction_llr,
    direction_of_each,
    return_llrs,
    ways_past_llrs,
)
from reid.vehicle import Attributes
from roadgraph.next_counts import NO_COUNTS
from roadgraph.travel_time import TravelTimes
from roadgraph.way_past import WAYS, Pose, WaysPast, opposite
from tests.index.search.straight_street import make, seen
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


def test_who_comes_back_past_the_camera_asked_about_comes_the_other_way() -> None:
    start, times_s = Moment("west", 0.0, edge=10), np.array([400.0, 400.0, -400.0, 5.0, 400.0, 400.0])
    cameras = ["west"] * 5 + ["east"]
    same, other, other_before, this_passage, unknown, elsewhere = return_llrs(
        start, (10, 11), cameras, [10, 11, 11, 11, None, 11], times_s
    )
    assert same < -1
    assert other == other_before > 0.3
    assert np.isnan([this_passage, unknown, elsewhere]).all()


def test_the_way_back_tells_the_more_the_fewer_drive_that_way() -> None:
    start = Moment("west", 0.0, edge=10)
    _, among_few = return_llrs(start, (10, 11), ["west"] * 9, [10] * 8 + [11], np.full(9, 400.0))[-2:]
    _, among_many = return_llrs(start, (10, 11), ["west"] * 9, [10] + [11] * 8, np.full(9, 400.0))[-2:]
    assert among_few > among_many > 0


def test_the_way_back_after_hours_tells_less() -> None:
    soon, later, next_day = another_way_share(np.array([600.0, 4_500.0, 86_400.0]))
    assert soon > later > next_day
    assert abs(next_day - 0.5) < 1e-4


def test_of_a_camera_without_roads_the_quarter_beside_the_own_one_tells_nothing() -> None:
    away, right, towards, _ = WAYS
    start = Moment("west", 0.0, edge=away)
    llrs = return_llrs(start, (away, opposite(away)), ["west"] * 3, [away, right, towards], np.full(3, 400.0))
    assert llrs[0] < 0 < llrs[2]
    assert np.isnan(llrs[1])


def test_an_answer_tells_the_way_back_past_the_camera_asked_about_alone(tmp_path: Path) -> None:
    heading = {"q": 0.0, "again": 0.0, "back": 180.0, "elsewhere": 180.0}
    passages = [("q", "c1", 0.0), ("again", "c1", 400.0), ("back", "c1", 500.0), ("elsewhere", "c2", 400.0)]
    driving = [
        replace(seen(id_, camera, after_s, 0), attributes=Attributes({"car": 1.0}, {"red": 1.0}, heading[id_]))
        for id_, camera, after_s in passages
    ]
    with make(tmp_path, driving, roads=False) as archive:
        *_, ranking = search(archive, Query(sighting="q"), local_person())
        told = {one.sighting.id: one.evidence for one in ranking.candidates}
        blindly = SearchOptions(without=frozenset({"direction"}))
        *_, without = search(archive, Query(sighting="q"), local_person(), blindly)
    way = {id_: evidence.way_back for id_, evidence in told.items()}
    assert way["elsewhere"] is None
    assert way["again"] < 0 < way["back"]
    assert told["back"].way == way["back"]
    assert told["back"].direction is None
    probability = {one.sighting.id: one.probability for one in ranking.candidates}
    blind = {one.sighting.id: one.probability for one in without.candidates}
    assert probability["back"] > blind["back"]
    assert probability["again"] < blind["again"]


def test_where_hardly_any_heading_is_the_other_way_the_street_may_be_one_way() -> None:
    """Without a map, who came round the block again was less likely, and a heading misread 19 times likelier."""
    away, _, towards, _ = WAYS
    roads, start = (away, towards), Moment("west", 0.0, edge=away)
    ways = [away] * 30 + [towards]
    assert np.isnan(return_llrs(start, roads, ["west"] * 31, ways, np.full(31, 400.0))).all()
    assert not np.isnan(return_llrs(start, roads, ["west"] * 31, ways[10:] + [towards] * 10, np.full(31, 400.0))).any()
    on_map = return_llrs(Moment("west", 0.0, edge=10), (10, 11), ["west"] * 31, [10] * 30 + [11], np.full(31, 400.0))
    assert not np.isnan(on_map).any()
