"""Cameras of made cities whose clocks drift, or lie about their rate of frames."""

from datetime import UTC, datetime, timedelta

import pytest

from index.simulation.cameras import Spot, Station, equip_stations
from index.simulation.match_archive import CityTruth
from index.simulation.options import CityOptions, preset_named
from index.simulation.truth import TrueDrift

START = datetime(2026, 5, 4, 8, tzinfo=UTC)


def stations(**options: float) -> tuple[Station, ...]:
    spots = [Spot(48.0, 15.0 + number / 100, 90.0) for number in range(10)]
    return equip_stations(spots, CityOptions(seed=3, preset="hard", **options), preset_named("hard"))


def test_clocks_keep_their_rate_unless_asked_otherwise_and_nothing_else_changes() -> None:
    steady, drifting = stations(), stations(wrong_rates=0.4, drift_s_per_day=30.0)
    assert {station.drift for station in steady} == {0.0}
    assert [one.clock_s for one in steady] == [one.clock_s for one in drifting]
    lying = [one for one in drifting if abs(one.drift) > 31 / 86_400]
    assert 1 <= len(lying) <= 4
    assert all(0 < abs(one.drift) <= 0.201 for one in drifting)


def test_the_truth_undoes_what_a_clock_shows() -> None:
    station = stations(wrong_rates=1.0)[0]
    camera, then = station.camera.id, START + timedelta(minutes=30)
    since = station.shown_at(START, START)
    truth = CityTruth({}, (), {camera: station.clock_s}, {camera: TrueDrift(camera, station.drift, since)})
    shown = station.shown_at(then, START)
    assert abs(truth.true_time(camera, shown) - then) < timedelta(milliseconds=1)
    gained = shown - since - timedelta(minutes=30)
    assert gained / (shown - since) == pytest.approx(station.drift)
