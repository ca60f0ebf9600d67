from datetime import UTC, datetime, timedelta

import pytest

from index.learning.learned_clock import LEARNED, drifting
from index.store.catalogue.clocks import ClockOffset

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def learned(offset_s: float, at: datetime, *, source: str = LEARNED) -> ClockOffset:
    return ClockOffset("a", offset_s, offset_s - 2, offset_s + 2, source=source, at=at)


def test_two_estimates_days_apart_tell_how_a_recorder_drifts() -> None:
    line = drifting(learned(10.0, NOON), learned(40.0, NOON + DAY))
    assert line.ahead_s(NOON) == pytest.approx(10.0)
    assert line.ahead_s(NOON + 2 * DAY) == pytest.approx(70.0)
    assert line.drift_low * 86_400 == pytest.approx(30 - 8**0.5 * 2**0.5, abs=1.5)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(learned(10.0, NOON), learned(11.0, NOON + DAY), id="within their doubt"),
        pytest.param(learned(10.0, NOON), learned(40.0, NOON + timedelta(hours=1)), id="too soon"),
        pytest.param(learned(10.0, NOON), learned(400.0, NOON + DAY), id="somebody set it"),
        pytest.param(learned(10.0, NOON, source="given"), learned(40.0, NOON + DAY), id="another source"),
    ],
)
def test_otherwise_nothing_is_told(before: ClockOffset, after: ClockOffset) -> None:
    assert drifting(before, after) == after
