"""Typed times become moments."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ui.web.time_form import combine

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
VIENNA = ZoneInfo("Europe/Vienna")


@pytest.mark.parametrize(
    ("clock", "utc"),
    [
        pytest.param("14:00", NOON, id="minutes are enough"),
        pytest.param("14.00.07", NOON + timedelta(seconds=7), id="points"),
        pytest.param(" 9:05 ", datetime(2026, 5, 4, 7, 5, tzinfo=UTC), id="one digit"),
        pytest.param("", None, id="not known"),
    ],
)
def test_a_typed_time_is_of_the_named_zone(clock: str, utc: datetime | None) -> None:
    assert combine(date(2026, 5, 4), clock, VIENNA) == utc


@pytest.mark.parametrize("clock", ["25:00", "noon", "12:61", "8"])
def test_a_mistyped_time_says_how_to_write_it(clock: str) -> None:
    with pytest.raises(ValueError, match="08:41:07"):
        combine(date(2026, 5, 4), clock, VIENNA)


@pytest.mark.parametrize("day", [date(2026, 10, 25), date(2026, 3, 29)], ids=["comes twice", "never comes"])
def test_an_hour_in_which_clocks_change_is_not_guessed(day: date) -> None:
    with pytest.raises(ValueError, match="clocks change"):
        combine(day, "02:30", VIENNA)
