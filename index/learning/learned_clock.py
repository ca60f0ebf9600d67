"""Say what was learned of a clock, and keep it with the archive, joined with what was learned before."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from index.learning.camera_views import CameraView
from index.store.catalogue import Connection
from index.store.catalogue import clocks as stored_clocks
from index.store.catalogue.cameras import ALWAYS
from index.store.catalogue.clocks import ClockOffset
from roadgraph.clock_rates import RIGHT, RateEstimate
from roadgraph.clocks import OffsetEstimate

LEARNED = "passages"
"""The source of clock offsets learned here; offsets of other sources are believed and left as they are."""

APART = timedelta(hours=2)
"""Two estimates so far apart tell how a recorder drifts."""

MOST_DRIFT = 120 / 86_400
"""Recorders do not drift more; if the offset changed more, somebody set the clock."""

BEYOND = timedelta(minutes=10)
"""A clock that lies about its rate is put right until so long after the last sighting, and no longer."""


WIDEST_S = 20.0
"""An offset with a wider interval would widen search windows more than it corrects them."""

FEWEST_VEHICLES = 3.0


@dataclass(frozen=True, slots=True)
class LearnedClock:
    """The estimate of a clock at a moment `at_s` of its own, and of its rate where it surely does not keep true time.

    `vehicles` is the number of vehicles that it rests on, `through` the cameras that saw them too. It is `kept` only
    if the interval is narrow, it helps or the rate is wrong, and enough vehicles speak for it. That a clock is right is
    what searches believe of an unknown one, and traffic cannot tell it more surely.
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
        return self.kept and not known

    @property
    def kept(self) -> bool:
        """Return whether the archive keeps the estimate."""
        is_narrow = self.estimate.high_s - self.estimate.low_s <= WIDEST_S
        return is_narrow and (self.rate.is_wrong or self.estimate.helps) and self.vehicles >= FEWEST_VEHICLES


def keep_clock(connection: Connection, clock: LearnedClock, view: CameraView, *, whole: bool) -> None:
    """Store an estimate from a camera's newest sightings, or forget what an estimate over the same ones said before.

    `whole` says that the camera has no other sightings. An estimate that agrees with the last goes on with it: the
    clock did not change, or drifts as it did.
    """
    first, last = (datetime.fromtimestamp(end(view.clock_s), UTC) for end in (min, max))
    before = stored_clocks.offsets(connection).get(clock.camera)
    since = ALWAYS if whole and not clock.rate.is_wrong else first
    if before is not None and _agrees(before, clock) and since > before.valid_from:
        since = before.valid_from
    stored_clocks.forget_offsets(connection, LEARNED, camera=clock.camera, since=since)
    if clock.kept:
        offset = _offset(clock, since, None if not clock.rate.is_wrong else last + BEYOND)
        stored_clocks.set_offset(connection, offset if before is None else drifting(before, offset))


def drifting(before: ClockOffset, offset: ClockOffset) -> ClockOffset:
    """Return an offset with the drift since an earlier estimate of the same recorder, where the two tell one."""
    if before.at is None or offset.at is None or offset.at - before.at < APART or offset.drift != 0.0:
        return offset
    between_s = (offset.at - before.at).total_seconds()
    doubt_s = ((before.high_s - before.low_s) ** 2 + (offset.high_s - offset.low_s) ** 2) ** 0.5 / 2
    drift, doubt = (offset.offset_s - before.offset_s) / between_s, doubt_s / between_s
    if before.source != LEARNED or abs(drift) > MOST_DRIFT or abs(drift) <= doubt:
        return offset
    return replace(offset, drift=drift, drift_low=drift - doubt, drift_high=drift + doubt)


def _agrees(before: ClockOffset, clock: LearnedClock) -> bool:
    low, high = clock.rate.drift_bounds
    ahead_s = before.ahead_s(clock.at)
    same_rate = abs(before.drift) <= MOST_DRIFT if not clock.rate.is_wrong else low <= before.drift <= high
    return same_rate and clock.estimate.low_s <= ahead_s <= clock.estimate.high_s


def _offset(clock: LearnedClock, since: datetime, until: datetime | None) -> ClockOffset:
    low, high = clock.rate.drift_bounds
    return ClockOffset(
        clock.camera,
        clock.estimate.offset_s,
        clock.estimate.low_s,
        clock.estimate.high_s,
        valid_from=since,
        valid_to=until,
        source=LEARNED,
        at=clock.at,
        drift=clock.rate.drift,
        drift_low=low,
        drift_high=high,
        evidence=f"about {clock.vehicles:.0f} vehicles, with {', '.join(clock.through)}",
    )
