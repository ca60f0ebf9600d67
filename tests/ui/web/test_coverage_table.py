"""Bars follow the period: hours of a few minutes or two days, days of a month, in the zone of the reader."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from index.access.coverage import CameraCoverage
from ui.web.coverage_table import Period, coverage_table, period_of, problem_words, seconds_by_part

EIGHT = datetime(2026, 5, 4, 8, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
VIENNA = ZoneInfo("Europe/Vienna")


def covered(
    hours: dict[datetime, float], sightings: int = 0, problems: dict[str, float] | None = None
) -> CameraCoverage:
    last = max(hours, default=None)
    return CameraCoverage("harbour", hours, problems or {}, min(hours, default=None), last, sightings)


def fills(html: str) -> list[str]:
    return re.findall(r'<i style="width:([\d.]+)%', html)


def test_three_minutes_fill_the_whole_width() -> None:
    period = period_of(EIGHT, EIGHT + timedelta(minutes=3), UTC)
    html = coverage_table([covered({EIGHT: 180.0}, sightings=6)], period, UTC)
    assert fills(html) == ["100.0"]
    assert ">120<" in html
    assert "rt-none" not in html


def test_hours_at_the_ends_are_as_wide_as_the_period_has_of_them() -> None:
    period = period_of(EIGHT + timedelta(minutes=45), EIGHT + 2.5 * HOUR, UTC)
    assert [(end - start).total_seconds() / 60 for start, end in period.parts] == [15, 60, 30]
    html = coverage_table([covered({EIGHT: 450.0, EIGHT + 2 * HOUR: 1800.0})], period, UTC)
    assert fills(html) == ["50.0", "100.0"]
    assert html.count("rt-none") == 1


def test_a_month_is_shown_by_the_days_of_the_reader() -> None:
    period = period_of(EIGHT - 40 * DAY, EIGHT, VIENNA)
    assert period.by_day
    assert len(period.parts) == 31
    assert period.end == EIGHT
    assert all(start.astimezone(VIENNA).hour == 0 for start, _ in period.parts)
    late = datetime(2026, 5, 2, 22, tzinfo=UTC)
    found = seconds_by_part({late - HOUR: 100.0, late: 200.0}, period)
    assert [number for number in found if number] == [100.0, 200.0]
    assert found[-1] == 0.0
    assert found[-2] == 200.0


def test_the_night_of_the_clock_change_is_one_day_of_23_hours() -> None:
    start = datetime(2026, 3, 27, 23, tzinfo=UTC)
    period = period_of(start, start + 4 * DAY, VIENNA)
    assert [(end - begin) / HOUR for begin, end in period.parts] == [24, 23, 24, 24, 1]


def test_a_camera_without_footage_says_so_and_tells_no_rate() -> None:
    html = coverage_table([covered({})], period_of(EIGHT, EIGHT + HOUR, UTC), UTC)
    assert "no footage" in html
    assert "never" in html
    assert "<td>–</td>" in html
    assert fills(html) == []


def test_problems_are_words_and_text_is_never_markup() -> None:
    assert problem_words({"dark": 20.0, "unreadable": 65.0}) == "unreadable 1 min 5 s, dark 20 s"
    html = coverage_table(
        [covered({EIGHT: 60.0}, problems={"<b>bad</b>": 5.0})], period_of(EIGHT, EIGHT + HOUR, UTC), UTC
    )
    assert "<b>" not in html
    assert "&lt;b&gt;bad&lt;/b&gt; 5 s" in html


@pytest.mark.parametrize("hours", [1, 47, 49, 24 * 30, 24 * 400])
def test_the_parts_of_a_period_follow_one_another_without_a_gap(hours: int) -> None:
    period: Period = period_of(EIGHT, EIGHT + hours * HOUR, VIENNA)
    assert all(one[1] == other[0] for one, other in zip(period.parts, period.parts[1:], strict=False))
    assert period.end == EIGHT + hours * HOUR
    assert len(period.parts) <= 48
