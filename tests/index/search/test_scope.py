"""When each camera can have seen the vehicle, and what nobody looked at."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from index.answers import Gap, Query, Searched
from index.errors import ArchiveError
from index.records import Window
from index.search.scope import Earliest, Scope, gaps, usual_error_s, windows
from index.store.catalogue.clocks import CameraClock, ClockOffset
from index.store.catalogue.columns import to_micros
from index.store.catalogue.covered_time import Recorded

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def earliest(camera: str, before_s: float, after_s: float) -> Earliest:
    return Earliest((camera,), np.array([before_s]), np.array([after_s]))


def test_a_far_camera_is_asked_from_its_earliest_arrival_to_the_horizon() -> None:
    found = windows(Query(direction="after", horizon_s=1800), NOON, earliest("far", 600.0, 600.0), {})
    assert found == (Window("far", NOON + minutes(10), NOON + minutes(30)),)


def test_both_directions_leave_out_what_is_too_near_in_time() -> None:
    found = windows(Query(horizon_s=1800), NOON, earliest("far", 600.0, 600.0), {})
    assert [(w.start, w.end) for w in found] == [
        (NOON - minutes(30), NOON - minutes(10)),
        (NOON + minutes(10), NOON + minutes(30)),
    ]


def test_before_and_after_that_touch_are_one_window() -> None:
    assert windows(Query(horizon_s=1800), NOON, earliest("here", 0.0, 0.0), {}) == (
        Window("here", NOON - minutes(30), NOON + minutes(30)),
    )


def test_a_camera_whose_clock_is_ahead_is_asked_later_and_longer_where_the_offset_is_uncertain() -> None:
    clocks = {"fast": CameraClock((ClockOffset("fast", 60, 50, 75),))}
    (window,) = windows(Query(direction="after", horizon_s=600), NOON, earliest("fast", 120.0, 120.0), clocks)
    assert window.start == NOON + timedelta(seconds=120 + 50)
    assert window.end == NOON + timedelta(seconds=600 + 75)


def test_a_clock_that_drifts_is_asked_by_what_it_shows_then() -> None:
    """It shows 12:00 at noon, and gains a second in each ten of its own: of true minutes it makes one in nine more."""
    drifting = CameraClock((ClockOffset("fast", 0.0, 0.0, 0.0, at=NOON, drift=0.1, drift_low=0.1, drift_high=0.1),))
    query = Query(direction="after", horizon_s=540)
    (window,) = windows(query, NOON, earliest("fast", 90.0, 90.0), {"fast": drifting})
    assert (window.start, window.end) == (NOON + timedelta(seconds=100), NOON + timedelta(seconds=600))
    scope = Scope(("fast",), {"fast": drifting}, (window,))
    shown = [("fast", window.end), ("slow", NOON)]
    assert scope.true_times(shown) == [NOON + timedelta(seconds=540), NOON]


def test_half_of_the_errors_of_a_clock_lie_well_inside_the_bounds_of_nine_of_ten() -> None:
    errors_s = np.random.default_rng(0).normal(0.0, 3.0, 100_000)
    low_s, high_s = np.quantile(errors_s, [0.05, 0.95])
    usual_s = usual_error_s(ClockOffset("a", 0.0, float(low_s), float(high_s)), None)
    assert np.mean(np.abs(errors_s) < usual_s) == pytest.approx(0.5, abs=0.01)


def test_an_uncertain_time_widens_both_ends() -> None:
    (window,) = windows(Query(direction="after", horizon_s=600, slack_s=30), NOON, earliest("a", 120.0, 120.0), {})
    assert (window.start, window.end) == (NOON + timedelta(seconds=90), NOON + timedelta(seconds=630))


def test_a_camera_beyond_the_horizon_is_not_asked() -> None:
    assert windows(Query(horizon_s=60), NOON, earliest("far", 600.0, 600.0), {}) == ()


def test_the_way_there_may_be_longer_than_the_way_back() -> None:
    before, after = windows(Query(horizon_s=1800), NOON, earliest("oneway", before_s=60, after_s=600), {})
    assert (before.end, after.start) == (NOON - minutes(1), NOON + minutes(10))


def test_a_camera_with_no_way_to_it_is_asked_only_before() -> None:
    (window,) = windows(Query(horizon_s=1800), NOON, earliest("oneway", 60, float("inf")), {})
    assert window.end == NOON - minutes(1)


def test_many_cameras_are_asked_in_their_order_those_with_a_clock_by_what_it_shows() -> None:
    near = Earliest(("a", "b", "c"), np.array([60.0, 60.0, np.inf]), np.array([60.0, 0.0, 120.0]))
    clocks = {
        "b": CameraClock((ClockOffset("b", 5, 5, 5),)),
        "elsewhere": CameraClock((ClockOffset("elsewhere", 9, 9, 9),)),
    }
    ahead = timedelta(seconds=5)
    assert windows(Query(horizon_s=600), NOON, near, clocks) == (
        Window("a", NOON - minutes(10), NOON - minutes(1)),
        Window("a", NOON + minutes(1), NOON + minutes(10)),
        Window("b", NOON - minutes(10) + ahead, NOON - minutes(1) + ahead),
        Window("b", NOON + ahead, NOON + minutes(10) + ahead),
        Window("c", NOON + minutes(2), NOON + minutes(10)),
    )


def test_an_unknown_direction_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ArchiveError, match="'sideways' is none of after, before, both"):
        windows(Query(direction="sideways"), NOON, earliest("a", 0.0, 0.0), {})


def recorded(start: datetime, end: datetime, problem: str | None = None) -> Recorded:
    return Recorded(to_micros(start), to_micros(end), problem)


def test_gaps_are_the_stretches_without_footage() -> None:
    window = Window("a", NOON, NOON + minutes(10))
    covered = {"a": [recorded(NOON + minutes(2), NOON + minutes(4)), recorded(NOON + minutes(3), NOON + minutes(6))]}
    assert [(gap.start, gap.end, gap.why) for gap in gaps([window], covered)] == [
        (NOON, NOON + minutes(2), "no footage"),
        (NOON + minutes(6), NOON + minutes(10), "no footage"),
    ]


def test_dark_footage_is_a_gap_with_its_reason() -> None:
    window = Window("a", NOON, NOON + minutes(10))
    (gap,) = gaps([window], {"a": [recorded(NOON - minutes(5), NOON + minutes(15), problem="too dark")]})
    assert (gap.start, gap.end, gap.why) == (window.start, window.end, "too dark")


def test_trouble_in_one_file_is_no_gap_where_another_is_usable_and_is_counted_once() -> None:
    """A damaged file and its repaired copy: "nobody looked"; two damaged ones of half an hour made a whole one."""
    window = Window("a", NOON, NOON + minutes(60))
    dark = recorded(NOON, NOON + minutes(30), problem="no frames")
    assert gaps([window], {"a": [dark, recorded(NOON, NOON + minutes(60))]}) == ()
    rest = recorded(NOON + minutes(30), NOON + minutes(60))
    found = gaps([window], {"a": [dark, dark, recorded(NOON + minutes(10), NOON + minutes(12)), rest]})
    assert [(gap.start, gap.end) for gap in found] == [
        (NOON, NOON + minutes(10)),
        (NOON + minutes(12), NOON + minutes(30)),
    ]
    assert Searched(1, 0, 0, found, windows=(window,)).unwatched == pytest.approx(28 / 60)


@pytest.mark.parametrize("seed", range(20))
def test_where_all_is_missing_nobody_looked(seed: int) -> None:
    """Of windows that are dark first and then without footage, the shares summed to 0.9999…: `nobody` was 1.0."""
    rng = np.random.default_rng(seed)
    bounds, missing = [], []
    for camera in "abcdef":
        start, middle, end = (NOON + timedelta(microseconds=int(us)) for us in np.cumsum(rng.integers(1, 10**9, 3)))
        bounds.append(Window(camera, start, end))
        missing += [Gap(camera, start, middle, "dark"), Gap(camera, middle, end, "no footage")]
    assert Searched(6, 0, 9, tuple(missing), windows=bounds).nobody_looked


def test_full_coverage_leaves_no_gap() -> None:
    assert gaps([Window("a", NOON, NOON + minutes(1))], {"a": [recorded(NOON, NOON + minutes(1))]}) == ()
