"""Times in the zone of this machine, in the night when its clocks are set back, too."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from ui.cli.lines import readable_time
from ui.cli.local_time import local_zone
from ui.web.words import zone_name

NIGHT = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def vienna(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Vienna")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_an_hour_that_comes_twice_is_told_apart() -> None:
    """The later one was said to be of summer time, too, which is an hour before it."""
    said = [readable_time(NIGHT + timedelta(hours=hours)) for hours in (0, 1, 2)]
    assert said == ["2026-10-25 02:30:00 CEST", "2026-10-25 02:30:00 CET", "2026-10-25 03:30:00"]
    zones = [zone_name(NIGHT + timedelta(hours=hours), local_zone()) for hours in (0, 1)]
    assert zones == ["CEST, UTC+02:00", "CET, UTC+01:00"]


def test_a_time_keeps_its_moment_in_the_zone_of_this_machine() -> None:
    for minutes in range(0, 240, 10):
        moment = NIGHT + timedelta(minutes=minutes)
        assert moment.astimezone(local_zone()).astimezone(UTC) == moment
