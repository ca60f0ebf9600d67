"""How sightings fit one drive, over a made map of three cameras in a row."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from index.inquiry.drives import Codes, RoadDrives, UnknownDrives
from index.inquiry.heading import direction_of_each
from index.inquiry.journeys import SAME_PASSAGE_S, Moment, drives_between, fit_of_each
from roadgraph.camera_times import CameraTimes
from roadgraph.travel_time import PairPassage, TravelTimes

Floats = npt.NDArray[np.float64]

NAMES = ("west", "middle", "east")
FAR = 10_000.0


def matrix() -> CameraTimes:
    """Each camera sees its road both ways: views 0, 2, 4 go east, 1, 3, 5 go west; 60 s from each to the next."""
    free_s = np.full((6, 6), FAR)
    for start in range(3):
        for end in range(3):
            if end > start:
                free_s[2 * start, 2 * end] = 60.0 * (end - start)
            if end < start:
                free_s[2 * start + 1, 2 * end + 1] = 60.0 * (start - end)
    camera = np.repeat(np.arange(3, dtype=np.int32), 2)
    edge = np.arange(10, 16, dtype=np.int32)
    return CameraTimes(
        roads="made",
        ids=NAMES,
        view_camera=camera,
        view_edge=edge,
        view_along_m=np.zeros(6),
        free_s=free_s,
        usual_s=free_s * 1.2,
        km=free_s / 60,
    )


@pytest.fixture
def drives() -> RoadDrives:
    return RoadDrives(TravelTimes(matrix()))


def slowly(travel: TravelTimes, starts: Sequence[str], ends: Sequence[str], elapsed_s: Floats) -> list[float]:
    return [
        float(travel.log_density(start, end, np.array([s]))[0])
        for start, end, s in zip(starts, ends, elapsed_s.tolist(), strict=True)
    ]


def test_all_pairs_at_once_are_those_of_the_road_map_one_by_one(drives: RoadDrives) -> None:
    rng = np.random.default_rng(1)
    starts, ends = rng.choice(NAMES, 200).tolist(), rng.choice(NAMES, 200).tolist()
    elapsed_s = rng.uniform(0, 900, 200)
    at_once = drives.log_density(drives.codes(starts), drives.codes(ends), elapsed_s)
    np.testing.assert_allclose(at_once, slowly(TravelTimes(matrix()), starts, ends, elapsed_s))


def test_what_passages_taught_of_a_pair_counts_for_that_pair() -> None:
    learned = TravelTimes(matrix()).learn([PairPassage("west", "middle", 75.0)] * 50)
    drives = RoadDrives(learned)
    elapsed_s = np.array([75.0, 75.0])
    at_once = drives.log_density(drives.codes(["west", "east"]), drives.codes(["middle", "middle"]), elapsed_s)
    np.testing.assert_allclose(at_once, slowly(learned, ["west", "east"], ["middle", "middle"], elapsed_s))


def test_a_camera_that_is_not_on_the_map_is_unknown_and_not_impossible(drives: RoadDrives) -> None:
    found = fit_of_each(drives, [Moment("west", 0.0)], ["nowhere", "middle"], np.array([100.0, 100.0]))
    assert np.isnan(found.log_density).tolist() == [True, False]
    assert np.isnan(found.log_possible).tolist() == [True, False]


def test_without_a_map_nothing_is_known() -> None:
    found = fit_of_each(UnknownDrives(), [Moment("west", 0.0)], ["middle"], np.array([100.0]))
    assert np.isnan(found.log_density).all()


def test_too_early_is_impossible_before_as_after(drives: RoadDrives) -> None:
    found = fit_of_each(drives, [Moment("west", 0.0)], ["east", "east"], np.array([20.0, -20.0]))
    assert np.isneginf(found.log_density).all()
    assert np.isneginf(found.log_possible).all()


def test_a_sighting_between_two_anchors_must_fit_both(drives: RoadDrives) -> None:
    anchors = [Moment("west", 0.0), Moment("east", 150.0)]
    fits, too_late = fit_of_each(drives, anchors, ["middle", "middle"], np.array([74.0, 140.0])).log_density
    assert np.isfinite(fits)
    assert np.isneginf(too_late)


def test_two_pieces_of_one_passage_have_no_drive_between_them(drives: RoadDrives) -> None:
    times_s = np.array([0.0, SAME_PASSAGE_S])
    assert np.isnan(drives_between(drives, ["west", "west"], times_s).log_density[0, 1])


def test_nobody_drives_back_in_time(drives: RoadDrives) -> None:
    between = drives_between(drives, ["west", "middle"], np.array([0.0, 70.0])).log_density
    assert np.isfinite(between[0, 1])
    assert np.isneginf(between[1, 0])


def test_the_road_east_leads_east(drives: RoadDrives) -> None:
    start = Moment("west", 0.0, edge=10)
    east, west, unknown = direction_of_each(drives, start, ["middle"] * 3, [12, 13, None], np.array([75.0] * 3))
    assert east > 0.5
    assert west < -1
    assert np.isnan(unknown)


def test_who_comes_from_the_west_drove_east_before(drives: RoadDrives) -> None:
    seen = Moment("middle", 0.0, edge=12)
    east, west = direction_of_each(drives, seen, ["west", "west"], [10, 11], np.array([-75.0, -75.0]))
    assert east > west


def test_codes_are_minus_one_off_the_map(drives: RoadDrives) -> None:
    codes: Codes = drives.codes(["east", "nowhere"])
    assert codes.tolist() == [2, -1]
