"""What the page says means the same to every reader."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ui.web import words

SUMMER = datetime(2026, 5, 4, 6, 41, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("probability", "expected"),
    [(0.0, "<1 %"), (0.0099, "<1 %"), (0.01, "1 %"), (0.974, "97 %"), (0.99, "99 %"), (0.995, ">99 %"), (1.0, ">99 %")],
)
def test_a_probability_is_never_rounded_to_certainty(probability: float, expected: str) -> None:
    assert words.percent(probability) == expected


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        pytest.param("UTC", "UTC", id="UTC says its name once"),
        pytest.param("Europe/Vienna", "CEST, UTC+02:00", id="summer time"),
        pytest.param("America/New_York", "EDT, UTC-04:00", id="west"),
        pytest.param("Asia/Kathmandu", "UTC+05:45", id="a zone without letters, off the hour"),
    ],
)
def test_a_time_always_says_its_zone(zone: str, expected: str) -> None:
    assert words.zone_name(SUMMER, ZoneInfo(zone)) == expected


def test_an_hour_that_comes_twice_says_which_it_is() -> None:
    """02:30 was shown of both, so that the later looked an hour early."""
    night = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    zone = ZoneInfo("Europe/Vienna")
    said = [words.clock(night + timedelta(hours=hours), zone) for hours in (-1, 0, 1, 2)]
    assert said == ["01:30:00", "02:30:00 CEST", "02:30:00 CET", "03:30:00"]


def test_a_moment_is_written_in_the_readers_zone() -> None:
    assert words.moment(SUMMER, ZoneInfo("Europe/Vienna")) == "Mon 4 May 2026, 08:41:07 CEST, UTC+02:00"


def test_a_stamp_names_its_year() -> None:
    """A sighting of May a year ago was shown as "Mon 4 May"."""
    assert words.stamp(SUMMER, ZoneInfo("Europe/Vienna")) == "Mon 4 May 2026 08:41:07"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, "0 s"), (59.4, "59 s"), (59.6, "1 min"), (432, "7 min 12 s"), (3600, "1 h"), (3900, "1 h 5 min")],
)
def test_a_duration_has_the_usual_units(seconds: float, expected: str) -> None:
    assert words.span(seconds) == expected


def test_apart_says_which_way() -> None:
    assert words.time_apart(SUMMER + timedelta(seconds=48), SUMMER) == "48 s later"
    assert words.time_apart(SUMMER - timedelta(minutes=2), SUMMER) == "2 min earlier"
    assert words.time_apart(SUMMER, SUMMER) == "at the same time"


@pytest.mark.parametrize(
    ("llr", "expected"),
    [
        (None, "nothing to compare"),
        (0.1, "says nothing either way"),
        (0.7, "2.0 times likelier if it is the same vehicle"),
        (3.0, "20 times likelier if it is the same vehicle"),
        (-3.0, "20 times less likely if it is the same vehicle"),
        (50.0, "more than 1,000 times likelier if it is the same vehicle"),
        (-800.0, "more than 1,000 times less likely if it is the same vehicle"),
    ],
)
def test_an_llr_is_written_as_a_factor(llr: float | None, expected: str) -> None:
    assert words.llr_words(llr) == expected
