"""Propose when footage starts by the clock burnt into its pictures, and say what speaks against it."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

from index.errors import ArchiveError
from index.intake.times import TimeReader
from reid.burnt_clock import BurntClock
from reid.file_names import name_time
from reid.timeline import Timeline

RECORDER = "the recorder's creation time"

AGREES = timedelta(minutes=1)
"""So far apart, two clocks still say the same."""

NEAR = timedelta(days=1)
"""So far apart, they still mean the same day and month."""


@dataclass(frozen=True, slots=True)
class ClockProposal:
    """What a person is asked: does the footage start then? `other` is the start if day and month are meant otherwise.

    `text` is how the clock reads, `right` of `read` readings agree; `doubts` speak against it, in one line each.
    """

    path: Path
    start: datetime
    other: datetime | None
    text: str
    right: int
    read: int
    doubts: tuple[str, ...]


def propose_start(path: Path, timeline: Timeline, clock: BurntClock, zone: tzinfo | None) -> ClockProposal:
    """Return the start by a burnt-in clock in its zone; the day that the file's name or container says is believed."""
    if zone is None:
        first = next(iter(clock.starts.values())).isoformat(timespec="seconds")
        raise ArchiveError(
            f"{path}: the clock in its picture says {first} but no zone: give --zone, as +02:00 or Europe/Vienna"
        )
    said = _said_elsewhere(path, timeline, zone)
    starts = [_zoned(path, start, zone) for start in clock.starts.values()]
    near = [start for start in starts if any(abs(start - time) < NEAR for time in said.values())]
    start, *others = near or starts
    doubts = tuple(_disagreement(start, source, time) for source, time in said.items() if abs(start - time) > AGREES)
    return ClockProposal(path, start, others[0] if others else None, clock.text, clock.right, clock.read, doubts)


def _said_elsewhere(path: Path, timeline: Timeline, zone: tzinfo) -> dict[str, datetime]:
    """Return what else says when the footage starts."""
    said = {} if timeline.created is None else {RECORDER: timeline.created}
    written = name_time(path)
    # A name that is no time says nothing.
    with suppress(ArchiveError):
        said |= {} if written is None else {"the file's name": TimeReader(zone).read(written)}
    return said


def _zoned(path: Path, start: datetime, zone: tzinfo) -> datetime:
    try:
        return TimeReader(zone).read(start.isoformat())
    except ArchiveError as error:
        raise ArchiveError(f"{path}: {error}; or give --start TIME") from None


def _disagreement(start: datetime, source: str, time: datetime) -> str:
    apart = abs(time - start)
    hours = round(apart / timedelta(hours=1))
    zones = ", whole hours: is the zone right?" if hours and abs(apart - timedelta(hours=hours)) <= AGREES else ""
    way = "later" if time > start else "earlier"
    return f"{source} says {time.isoformat()}, {timedelta(seconds=round(apart.total_seconds()))} {way}{zones}"
