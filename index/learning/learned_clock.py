"""Say what was learned of a clock, and keep it with the archive, joined with what was learned before."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from index.learning.camera_views import CameraView
from index.store.catalogue import Connection
from index.store.catalogue.cameras import ALWAYS
from index.store.catalogue.clocks import PASSAGES, ClockOffset, of_camera, put_found
from roadgraph.clock_rates import RIGHT, RateEstimate
from roadgraph.clocks import OffsetEstimate

APART = timedelta(hours=2)
"""Two estimates so far apart tell how a recorder drifts."""

WIDER = 1.5
"""An interval that is wider by less tells as much."""

MOST_DRIFT = 35 / 86_400
"""Recorders do not drift more; if the offset changed more, somebody set the clock."""

BEYOND = timedelta(minutes=10)
"""A clock that lies about its rate is put right until so long after the last sighting, and no longer."""

WIDEST_S = 20.0
"""An offset with a wider interval is only a doubt: searches allow for it, but no clock is found by it."""

FEWEST_VEHICLES = 3.0


@dataclass(frozen=True, slots=True)
class LearnedClock:
    """The estimate of a clock at a moment `at_s` of its own, and of its rate where it surely does not keep true time.

    `vehicles` is the number of vehicles that it rests on, `through` the cameras that saw them too. It is `kept` only
    if it helps, or the interval is narrow and the rate wrong, and enough vehicles speak for it. That a clock is right
    is what searches believe of an unknown one, and traffic cannot tell it more surely; where that is surely wrong, a
    wide interval is nearer to the truth.
    """

    camera: str
    estimate: OffsetEstimate
    vehicles: float
    through: tuple[str, ...]
    before_s: float | None = None
    """What the archive said before."""
    rate: RateEstimate = RIGHT
    at_s: float = 0.0

    @property
    def at(self) -> datetime:
        """Return the moment of its own for which the estimate is."""
        return datetime.fromtimestamp(self.at_s, UTC)

    @property
    def is_news(self) -> bool:
        """Return whether a person should hear of it: the clock is surely wrong, and was not known to be so."""
        known = self.before_s is not None and self.estimate.low_s <= self.before_s <= self.estimate.high_s
        return self.is_found and not known

    @property
    def is_found(self) -> bool:
        """Return whether it tells how far the clock is off, and not only how far it may be."""
        return self.kept and is_narrow(self.estimate)

    @property
    def kept(self) -> bool:
        """Return whether the archive keeps the estimate."""
        says_more = self.estimate.helps or (self.rate.is_wrong and is_narrow(self.estimate))
        return says_more and self.vehicles >= FEWEST_VEHICLES


def is_narrow(bounds: OffsetEstimate | ClockOffset) -> bool:
    """Return whether an interval is narrow enough to say how far a clock is off."""
    return bounds.high_s - bounds.low_s <= WIDEST_S


def keep_clock(connection: Connection, clock: LearnedClock, view: CameraView, *, whole: bool) -> bool:
    """Store an estimate from a camera's newest sightings, or forget what an estimate over the same ones said before.

    `whole` says that the camera has no other sightings. An estimate that agrees with the last goes on with it: the
    clock did not change, or drifts as it did. If it tells no more than the last, that stays as it is, so that estimates
    far enough apart to tell a drift meet. True tells that something changed.
    """
    first, last = (datetime.fromtimestamp(end(view.clock_s), UTC) for end in (min, max))
    before = next(reversed(of_camera(connection, clock.camera)), None)
    since = ALWAYS if whole and not clock.rate.is_wrong else first
    found = _offset(clock, since, last + BEYOND if clock.rate.is_wrong else None)
    if before is not None and clock.kept:
        line = drifting(before, found)
        if line is None and _agrees(before, clock) and _tells_as_much(before, clock):
            return False
        found = line or found
    if before is not None and _agrees(before, clock):
        found = replace(found, valid_from=min(found.valid_from, before.valid_from))
    return put_found(connection, PASSAGES, clock.camera, found.valid_from, [found] if clock.kept else [])


def drifting(before: ClockOffset, found: ClockOffset) -> ClockOffset | None:
    """Return the line from an earlier estimate of the same recorder through a new one; None where they tell no drift.

    It keeps the moment of the earlier one, so that the next estimate is farther from it, and tells the drift better.
    """
    if before.source != PASSAGES or before.at is None or found.at is None or found.drift != 0.0:
        return None
    if not (is_narrow(before) and is_narrow(found)):
        return None
    between_s = (found.at - before.at).total_seconds()
    doubt_s = float(np.hypot(before.high_s - before.low_s, found.high_s - found.low_s)) / 2
    gained_s = found.offset_s - before.offset_s
    if between_s < APART.total_seconds() or not doubt_s < abs(gained_s) <= MOST_DRIFT * between_s:
        return None
    line = before.with_drift(gained_s / between_s, doubt_s / between_s)
    return replace(line, valid_to=None, evidence=found.evidence)


def _tells_as_much(before: ClockOffset, clock: LearnedClock) -> bool:
    """Return whether an offset is as sure as a new estimate."""
    low_s, high_s = before.bounds_s(clock.at)
    return before.at is not None and high_s - low_s <= WIDER * (clock.estimate.high_s - clock.estimate.low_s)


def _agrees(before: ClockOffset, clock: LearnedClock) -> bool:
    """Return whether an offset and a new estimate can both be true."""
    low, high = clock.rate.drift_bounds
    same_rate = abs(before.drift) <= MOST_DRIFT if not clock.rate.is_wrong else low <= before.drift <= high
    low_s, high_s = before.bounds_s(clock.at)
    doubt_s = float(np.hypot(high_s - low_s, clock.estimate.high_s - clock.estimate.low_s)) / 2
    return same_rate and abs(clock.estimate.offset_s - before.ahead_s(clock.at)) <= doubt_s


def _offset(clock: LearnedClock, since: datetime, until: datetime | None) -> ClockOffset:
    low, high = clock.rate.drift_bounds
    return ClockOffset(
        clock.camera,
        clock.estimate.offset_s,
        clock.estimate.low_s,
        clock.estimate.high_s,
        valid_from=since,
        valid_to=until,
        source=PASSAGES,
        at=clock.at,
        drift=clock.rate.drift,
        drift_low=low,
        drift_high=high,
        evidence=f"about {clock.vehicles:.0f} vehicles, with {', '.join(clock.through)}",
    )
