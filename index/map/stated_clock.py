"""Make an offset of what a person says of a clock, and a drift of what was said of it for two times."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from index.errors import ArchiveError
from index.store.catalogue.cameras import ALWAYS
from index.store.catalogue.clocks import ClockOffset

DAY_S = 86_400.0
SOONEST = timedelta(hours=1)
"""Two statements that are closer together tell no drift."""
MOST_GAINED = 0.5
"""No clock gains more of each second that it shows."""


@dataclass(frozen=True, slots=True)
class StatedClock:
    """A clock is `ahead_s` ahead, within `within_s`, when it shows `at`; it gains `gains_s` in a day of its own.

    `at` is None for "at any time", `gains_s` where nobody said it.
    """

    camera: str
    ahead_s: float
    within_s: float
    at: datetime | None = None
    gains_s: float | None = None


def stated_offset(stated: StatedClock, before: ClockOffset | None, since: datetime | None) -> ClockOffset:
    """Return the offset that holds from `since` on (None: always).

    A statement for a moment, without a drift of its own, goes on from what a person said `before` for an earlier one:
    the line through both holds from the first on.
    """
    low_s, high_s = stated.ahead_s - stated.within_s, stated.ahead_s + stated.within_s
    offset = ClockOffset(stated.camera, stated.ahead_s, low_s, high_s, since or ALWAYS, at=stated.at)
    if stated.at is None:
        return offset
    if stated.gains_s is not None:
        return _drifting(offset, stated.gains_s / DAY_S, 0.0)
    if before is None or before.source != "given" or before.at is None or stated.at - before.at < SOONEST:
        return offset
    between_s = (stated.at - before.at).total_seconds()
    doubt = (stated.within_s + (before.high_s - before.low_s) / 2) / between_s
    line = _drifting(offset, (stated.ahead_s - before.offset_s) / between_s, doubt)
    return replace(line, valid_from=since or before.valid_from, evidence="what was said for two times")


def _drifting(offset: ClockOffset, drift: float, doubt: float) -> ClockOffset:
    """Return the offset with a drift; one that no clock has is refused."""
    if abs(drift) > MOST_GAINED:
        raise ArchiveError(
            f"the clock of {offset.camera} would gain {drift:.2f} s each second, at most {MOST_GAINED} can be: "
            "was it set in between? Then say from when on (--from)"
        )
    return offset.with_drift(drift, doubt)
