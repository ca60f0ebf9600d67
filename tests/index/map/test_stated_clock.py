from datetime import UTC, datetime, timedelta

import pytest

from index.errors import ArchiveError
from index.map.stated_clock import StatedClock, stated_offset
from index.store.catalogue.cameras import ALWAYS
from index.store.catalogue.clocks import ClockOffset

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def test_two_statements_tell_what_a_clock_gains() -> None:
    first = stated_offset(StatedClock("a", 192.0, 1.0, NOON), None, None)
    assert (first.drift, first.valid_from) == (0.0, ALWAYS)
    second = stated_offset(StatedClock("a", 208.0, 1.0, NOON + DAY), first, None)
    assert second.ahead_s(NOON) == pytest.approx(192.0)
    assert second.ahead_s(NOON + 3 * DAY) == pytest.approx(240.0)
    assert (second.drift_high - second.drift_low) * 86_400 == pytest.approx(4.0)
    low_s, high_s = second.bounds_s(NOON + 3 * DAY)
    assert low_s < 238 < 242 < high_s


def test_what_it_gains_may_be_said_at_once() -> None:
    offset = stated_offset(StatedClock("a", 5.0, 1.0, NOON, gains_s=-30.0), None, NOON - DAY)
    assert offset.ahead_s(NOON + DAY) == pytest.approx(-25.0)
    assert offset.valid_from == NOON - DAY


@pytest.mark.parametrize(
    "before",
    [
        pytest.param(None, id="nothing"),
        pytest.param(ClockOffset("a", 1.0, 0.0, 2.0, at=NOON, source="passages"), id="only learned"),
        pytest.param(ClockOffset("a", 1.0, 0.0, 2.0), id="for no moment"),
        pytest.param(ClockOffset("a", 1.0, 0.0, 2.0, at=NOON + DAY), id="the same moment"),
    ],
)
def test_one_statement_tells_no_drift(before: ClockOffset | None) -> None:
    assert stated_offset(StatedClock("a", 9.0, 1.0, NOON + DAY), before, None).drift == 0.0


def test_a_clock_that_was_set_in_between_is_refused() -> None:
    before = ClockOffset("a", 0.0, -1.0, 1.0, at=NOON)
    with pytest.raises(ArchiveError, match="clock of a would gain"):
        stated_offset(StatedClock("a", 7200.0, 1.0, NOON + timedelta(hours=2)), before, None)
