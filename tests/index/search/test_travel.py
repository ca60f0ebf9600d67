"""How sightings fit one drive, over a made map of three cameras in a row."""

from collections.abc import Sequence

import numpy as np
import pytest

from index.search.drives import Drives
from index.search.question import Moment
from index.search.travel import SAME_PASSAGE_S, drive_llr, fit_of_each, fit_of_pairs, travel_llr
from reid.arrays import Floats
from roadgraph.camera_times import CameraTimes
from roadgraph.travel_time import PairPassage, TravelTimes

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
def drives() -> Drives:
    return Drives(TravelTimes(matrix()))


def slowly(travel: TravelTimes, starts: Sequence[str], ends: Sequence[str], elapsed_s: Floats) -> list[float]:
    return [
        float(travel.log_density(start, end, np.array([s]))[0])
        for start, end, s in zip(starts, ends, elapsed_s.tolist(), strict=True)
    ]


def test_all_pairs_at_once_are_those_of_the_road_map_one_by_one(drives: Drives) -> None:
    rng = np.random.default_rng(1)
    starts, ends = rng.choice(NAMES, 200).tolist(), rng.choice(NAMES, 200).tolist()
    elapsed_s = rng.uniform(0, 900, 200)
    at_once = drives.log_density(drives.codes(starts), drives.codes(ends), elapsed_s)
    np.testing.assert_allclose(at_once, slowly(TravelTimes(matrix()), starts, ends, elapsed_s))


def test_what_passages_taught_of_a_pair_counts_for_that_pair() -> None:
    learned = TravelTimes(matrix()).learn([PairPassage("west", "middle", 75.0)] * 50)
    drives = Drives(learned)
    elapsed_s = np.array([75.0, 75.0])
    at_once = drives.log_density(drives.codes(["west", "east"]), drives.codes(["middle", "middle"]), elapsed_s)
    np.testing.assert_allclose(at_once, slowly(learned, ["west", "east"], ["middle", "middle"], elapsed_s))


def test_a_camera_that_is_not_on_the_map_is_unknown_and_not_impossible(drives: Drives) -> None:
    found = fit_of_each(drives, [Moment("west", 0.0)], ["nowhere", "middle"], np.array([100.0, 100.0]))
    assert np.isnan(found.log_density).tolist() == [True, False]
    assert np.isnan(found.log_possible).tolist() == [True, False]


def test_without_a_map_nothing_is_known() -> None:
    found = fit_of_each(None, [Moment("west", 0.0)], ["middle"], np.array([100.0]))
    assert np.isnan(found.log_density).all()


def test_too_early_is_impossible_before_as_after(drives: Drives) -> None:
    found = fit_of_each(drives, [Moment("west", 0.0)], ["east", "east"], np.array([20.0, -20.0]))
    assert np.isneginf(found.log_density).all()
    assert np.isneginf(found.log_possible).all()


def test_a_sighting_between_two_anchors_must_fit_both(drives: Drives) -> None:
    anchors = [Moment("west", 0.0), Moment("east", 150.0)]
    fits, too_late = fit_of_each(drives, anchors, ["middle", "middle"], np.array([74.0, 140.0])).log_density
    assert np.isfinite(fits)
    assert np.isneginf(too_late)


def test_two_pieces_of_one_passage_have_no_drive_between_them(drives: Drives) -> None:
    times_s = np.array([0.0, SAME_PASSAGE_S])
    assert np.isnan(fit_of_pairs(drives, ["west", "west"], times_s).log_density[0, 1])


def test_nobody_drives_back_in_time(drives: Drives) -> None:
    between = fit_of_pairs(drives, ["west", "middle"], np.array([0.0, 70.0])).log_density
    assert np.isfinite(between[0, 1])
    assert np.isneginf(between[1, 0])


def test_codes_are_minus_one_off_the_map(drives: Drives) -> None:
    codes = drives.codes(["east", "nowhere"])
    assert codes.tolist() == [2, -1]


def test_a_usual_arrival_counts_for_the_target_and_a_late_one_little_against() -> None:
    log_density = np.log(np.array([1 / 60, 1 / 100_000]))
    on_time, late = travel_llr(drive_llr(log_density, np.array([1800.0, 1800.0])), np.zeros(2), np.array([0.5, 0.5]))
    assert on_time == pytest.approx(np.log(0.5 * 30 + 0.5))
    assert late == pytest.approx(np.log(0.5), abs=0.02)


def test_an_impossible_arrival_is_minus_infinity_and_an_unknown_one_missing() -> None:
    llrs = travel_llr(np.array([-np.inf, np.nan]), np.array([-np.inf, np.nan]), np.array([0.5, 0.5]))
    assert llrs[0] == -np.inf
    assert np.isnan(llrs[1])
