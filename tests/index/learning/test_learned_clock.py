from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from index.learning.camera_views import CameraView
from index.learning.learned_clock import LearnedClock, drifting, keep_clock
from index.store.archive import Archive
from index.store.catalogue import cameras, clocks
from index.store.catalogue.cameras import ALWAYS, StoredCamera
from index.store.catalogue.clocks import PASSAGES, ClockOffset
from roadgraph.clock_rates import RateEstimate
from roadgraph.clocks import OffsetEstimate

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def learned(offset_s: float, at: datetime, *, source: str = PASSAGES) -> ClockOffset:
    return ClockOffset("a", offset_s, offset_s - 2, offset_s + 2, source=source, at=at)


def test_two_estimates_days_apart_tell_how_a_recorder_drifts() -> None:
    line = drifting(learned(10.0, NOON), learned(40.0, NOON + DAY))
    assert line is not None
    assert line.ahead_s(NOON) == pytest.approx(10.0)
    assert line.ahead_s(NOON + 2 * DAY) == pytest.approx(70.0)
    assert line.drift_low * 86_400 == pytest.approx(30 - 8**0.5)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(learned(10.0, NOON), learned(11.0, NOON + DAY), id="within their doubt"),
        pytest.param(learned(10.0, NOON), learned(40.0, NOON + timedelta(hours=1)), id="too soon"),
        pytest.param(learned(10.0, NOON), learned(400.0, NOON + DAY), id="somebody set it"),
        pytest.param(learned(10.0, NOON, source="given"), learned(40.0, NOON + DAY), id="another source"),
        pytest.param(replace(learned(10.0, NOON), low_s=-20.0), learned(40.0, NOON + DAY), id="the first is a doubt"),
    ],
)
def test_otherwise_nothing_is_told(before: ClockOffset, after: ClockOffset) -> None:
    assert drifting(before, after) is None


def view_at(at: datetime) -> CameraView:
    middle_s = at.timestamp()
    shown_s = np.array([middle_s - 300, middle_s, middle_s + 300])
    return CameraView("a", shown_s, np.zeros((3, 1, 1), np.float32), (None,) * 3, np.full(3, -1), (None,) * 3)


def estimate(offset_s: float, at: datetime, **more: RateEstimate) -> LearnedClock:
    bounds = OffsetEstimate(offset_s, offset_s - 2, offset_s + 2)
    return LearnedClock("a", bounds, 40.0, ("b",), at_s=at.timestamp(), **more)


def kept(archive: Archive, *found: LearnedClock) -> list[ClockOffset]:
    with archive.catalogue.writing() as connection:
        cameras.put(connection, [StoredCamera("a", 48.0, 15.0)])
        for number, one in enumerate(found):
            keep_clock(connection, one, view_at(one.at), whole=number == 0)
        return clocks.all_offsets(connection)


def test_estimates_every_ten_minutes_tell_a_drift_all_the_same(archive: Archive) -> None:
    minutes = timedelta(minutes=10)
    found = [estimate(10 + 30 / 144 * step, NOON + step * minutes) for step in range(72)]
    line = clocks.by_camera(kept(archive, *found))["a"]
    evening = NOON + 72 * minutes
    assert line.ahead_s(evening) == pytest.approx(25.0, abs=1.0)
    assert line.offsets[-1].drift * 86_400 == pytest.approx(30.0, abs=1.0)


def test_a_rate_holds_as_long_as_its_sightings_and_ten_minutes(archive: Archive) -> None:
    lying = RateEstimate(-0.18, -0.19, -0.17)
    (line,) = kept(archive, estimate(3.0, NOON, rate=lying))
    assert (line.valid_from, line.valid_to) == (NOON - timedelta(minutes=5), NOON + timedelta(minutes=15))
    assert line.drift == pytest.approx(1 - np.exp(0.18))
    assert line.evidence == "about 40 vehicles, with b"


def test_an_offset_that_nobody_lies_about_holds_always(archive: Archive) -> None:
    (line,) = kept(archive, estimate(30.0, NOON))
    assert (line.valid_from, line.valid_to) == (ALWAYS, None)


def test_where_clocks_are_badly_kept_a_wide_interval_is_a_doubt_that_is_no_news(archive: Archive) -> None:
    wide = replace(estimate(30.0, NOON), estimate=OffsetEstimate(30.0, -5.0, 65.0))
    (line,) = kept(archive, wide)
    assert line.bounds_s(NOON) == (-5.0, 65.0)
    assert wide.kept
    assert not wide.is_found
    assert not wide.is_news


def test_a_wide_interval_that_helps_nothing_is_not_kept() -> None:
    assert not replace(estimate(30.0, NOON), estimate=OffsetEstimate(30.0, -5.0, 65.0, helps=False)).kept


def test_a_clock_that_is_found_after_a_doubt_is_news() -> None:
    assert estimate(30.0, NOON).is_news
    assert not replace(estimate(30.0, NOON), before_s=29.0).is_news
