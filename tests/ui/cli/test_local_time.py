"""Times in the zone of this machine, in the night when its clocks are set back, too."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from index.answers import Candidate, Evidence, Query, Ranking
from index.records import Sighting
from reid.vehicle import Attributes, Box
from ui.cli.lines import answer_lines, readable_time, zoned_time
from ui.cli.local_time import local_zone
from ui.report.report_words import between
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
    listed = [zoned_time(NIGHT + timedelta(hours=hours)) for hours in (-1, 0, 1, 2)]
    assert [text[11:] for text in listed] == ["01:30:00 CEST", "02:30:00 CEST", "02:30:00 CET", "03:30:00 CET"]
    zones = [zone_name(NIGHT + timedelta(hours=hours), local_zone()) for hours in (0, 1)]
    assert zones == ["CEST, UTC+02:00", "CET, UTC+01:00"]


def test_in_an_answer_of_summer_and_winter_each_time_is_of_its_own_zone() -> None:
    """Below a head that says CEST, 03:30 of winter time stood without a zone: read as an hour earlier."""
    winter = NIGHT + timedelta(hours=2)
    assert readable_time(winter, NIGHT) == "2026-10-25 03:30:00 CET"
    assert readable_time(NIGHT - timedelta(days=1), NIGHT) == "2026-10-24 02:30:00"
    found = [candidate_at(time) for time in (NIGHT, winter)]
    lines = list(answer_lines(Ranking((), tuple(found)), Query(plate="AB123C"), 1))
    assert "(CEST, UTC+02:00)" in lines[0]
    assert "03:30:00 CET" in lines[3]
    assert between(NIGHT, winter - timedelta(hours=1), ZoneInfo("Europe/Vienna")).count("CE") == 2


def candidate_at(time: datetime) -> Candidate:
    seen = Sighting("s", "north", None, time, time, time, Box(0, 0, 9, 9), Attributes({}, {}), None, None, ())
    return Candidate(seen, time, 0.99, Evidence())


def test_a_time_keeps_its_moment_in_the_zone_of_this_machine() -> None:
    for minutes in range(0, 240, 10):
        moment = NIGHT + timedelta(minutes=minutes)
        assert moment.astimezone(local_zone()).astimezone(UTC) == moment
