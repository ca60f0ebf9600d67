"""Read and write how the clock of each camera is off: a line over its own time, for each stretch of it."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import BigInteger, Connection, Select, select, type_coerce

from index.store.catalogue import digest_kinds
from index.store.catalogue.about import mark_changed
from index.store.catalogue.cameras import ALWAYS
from index.store.catalogue.columns import from_micros
from index.store.catalogue.database import insert_many
from index.store.catalogue.row_digests import renewed
from index.store.catalogue.tables import clock_offsets
from index.store.catalogue.validity import deleted_from, ended, named, time_or_none, valid_at, validity

CLOCKS = "camera clocks"
"""What has a revision here."""

PASSAGES, FILES = "passages", "files"
FOUND = (PASSAGES, FILES)
"""What was found of clocks without anybody, the more believed last; what people say and keep is believed more."""

PICTURE = "picture"
"""What was kept of a file from the clock in its pictures."""

START_DOUBT_S = 1.0
"""A file's start is often told in whole seconds."""

_FIELDS = ("camera", "offset_s", "low_s", "high_s", "source", "drift", "drift_low", "drift_high", "evidence")


@dataclass(frozen=True, slots=True)
class ClockOffset:
    """Camera clock minus true time: `offset_s` when that clock shows `at`, surely between `low_s` and `high_s`.

    With each second of the clock it grows by `drift`, surely between `drift_low` and `drift_high`; without `at` the
    clock keeps its rate. `source` says who found it, `evidence` from what.
    """

    camera: str
    offset_s: float
    low_s: float
    high_s: float
    valid_from: datetime = ALWAYS
    valid_to: datetime | None = None
    source: str = "given"
    at: datetime | None = None
    drift: float = 0.0
    drift_low: float = 0.0
    drift_high: float = 0.0
    evidence: str = ""

    def with_drift(self, drift: float, doubt: float) -> "ClockOffset":
        """Return the offset with a drift, which is surely not farther off than the doubt."""
        return replace(self, drift=drift, drift_low=drift - doubt, drift_high=drift + doubt)

    def ahead_s(self, time: datetime) -> float:
        """Return how far the clock is ahead when it shows `time`."""
        return self.offset_s + self.drift * self._since_s(time)

    def bounds_s(self, time: datetime) -> tuple[float, float]:
        """Return between which bounds that is known; the doubts of offset and drift are independent."""
        since_s, ahead_s = self._since_s(time), self.ahead_s(time)
        below, above = (self.drift_low, self.drift_high) if since_s >= 0 else (self.drift_high, self.drift_low)
        low_s = _both(self.low_s - self.offset_s, (below - self.drift) * since_s)
        high_s = _both(self.high_s - self.offset_s, (above - self.drift) * since_s)
        return ahead_s - low_s, ahead_s + high_s

    def true_time(self, time: datetime) -> datetime:
        """Return the true time when the clock shows `time`."""
        return time - timedelta(seconds=self.ahead_s(time))

    def shown_at(self, true: datetime) -> datetime:
        """Return what the clock shows at a true time."""
        since_s = self._since_s(true)
        return true + timedelta(seconds=(self.offset_s + self.drift * since_s) / (1 - self.drift))

    def shown_during(self, start: datetime, end: datetime) -> tuple[datetime, datetime]:
        """Return between which times the clock can have shown itself in a stretch of true time, while this holds."""
        first, last = self.shown_at(start), self.shown_at(end)
        first -= timedelta(seconds=self.ahead_s(first) - self.bounds_s(first)[0])
        last += timedelta(seconds=self.bounds_s(last)[1] - self.ahead_s(last))
        return max(first, self.valid_from), last if self.valid_to is None else min(last, self.valid_to)

    def _since_s(self, time: datetime) -> float:
        return 0.0 if self.at is None else (time - self.at).total_seconds()


TRUE_OFFSET = ClockOffset("", 0.0, 0.0, 0.0)
"""The offset of a clock that nobody compared: it is taken as right."""


@dataclass(frozen=True, slots=True)
class CameraClock:
    """All that is known of one camera's clock: offsets for stretches of its own time, in order."""

    offsets: tuple[ClockOffset, ...] = ()

    def at(self, time: datetime) -> ClockOffset | None:
        """Return the offset that holds when the clock shows `time`, None where nothing is known."""
        number = bisect_right(self.offsets, time, key=attrgetter("valid_from")) - 1
        if number < 0:
            return None
        found = self.offsets[number]
        return found if found.valid_to is None or found.valid_to > time else None

    def ahead_s(self, time: datetime) -> float:
        """Return how far it is ahead when it shows `time`; 0 where nothing is known."""
        return (self.at(time) or TRUE_OFFSET).ahead_s(time)

    def true_times(self, times: Iterable[datetime]) -> list[datetime]:
        """Return the true time at each time that the clock shows."""
        return [time - timedelta(seconds=self.ahead_s(time)) for time in times]

    def shown_during(self, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
        """Return the stretches that the clock can have shown between two true times, in order."""
        if not self.offsets:
            return [(start, end)]
        found: list[tuple[datetime, datetime]] = []
        for offset in self._with_gaps():
            first, last = offset.shown_during(start, end)
            if first > last or (first == last and start < end):
                continue
            if found and first <= found[-1][1]:
                first, last = found[-1][0], max(last, found.pop()[1])
            found.append((first, last))
        return found

    def _with_gaps(self) -> Iterator[ClockOffset]:
        """Yield the offsets, and between them the stretches in which nothing is known, as right."""
        known_to: datetime | None = ALWAYS
        for offset in self.offsets:
            if known_to is not None and known_to < offset.valid_from:
                yield replace(TRUE_OFFSET, valid_from=known_to, valid_to=offset.valid_from)
            yield offset
            known_to = offset.valid_to
        if known_to is not None:
            yield replace(TRUE_OFFSET, valid_from=known_to)


TRUE_CLOCK = CameraClock()
"""A clock of which nothing is known: it is taken as right."""


def by_camera(offsets: Iterable[ClockOffset]) -> dict[str, CameraClock]:
    """Return the clock of each camera from offsets ordered by camera and time."""
    return {camera: CameraClock(tuple(own)) for camera, own in groupby(offsets, key=attrgetter("camera"))}


def set_offset(connection: Connection, offset: ClockOffset) -> None:
    """Write how far a camera's clock is off from a time on, replacing what was known of later times."""
    with renewed(connection, digest_kinds.CLOCKS, [offset.camera]):
        connection.execute(deleted_from(clock_offsets, offset.camera, offset.valid_from))
        connection.execute(ended(clock_offsets, offset.camera, offset.valid_from))
        connection.execute(clock_offsets.insert().values(**_values(offset)))
    mark_changed(connection, CLOCKS)


def insert_offset(connection: Connection, offset: ClockOffset) -> None:
    """Write how far a camera's clock is off for a stretch; what was known of the time around it stays."""
    _write(connection, offset.camera, [*_outside(of_camera(connection, offset.camera), [offset]), offset])


def take_out(connection: Connection, camera: str, lines: Sequence[ClockOffset]) -> None:
    """Forget these lines of a clock; what was known before each holds on in its place."""
    whole: list[ClockOffset] = []
    for line in of_camera(connection, camera):
        last = whole[-1] if whole else None
        holds_on = last is not None and last.source != PICTURE and last.valid_to == line.valid_from
        if line not in lines:
            if (
                last is not None
                and holds_on
                and line == replace(last, valid_from=line.valid_from, valid_to=line.valid_to)
            ):
                whole[-1] = replace(last, valid_to=line.valid_to)
            else:
                whole.append(line)
        elif last is not None and holds_on:
            whole[-1] = replace(last, valid_to=line.valid_to)
    _write(connection, camera, whole)


def put_found(connection: Connection, source: str, camera: str, since: datetime, found: Sequence[ClockOffset]) -> bool:
    """Replace what a source of FOUND said of a clock from a time on, and tell whether that changed anything.

    Where more is believed, that stays.
    """
    known = of_camera(connection, camera)
    old = [one for one in known if one.source == source and one.valid_from >= since]
    others = [one for one in known if one not in old]
    new = _outside(found, [one for one in others if _belief(one.source) > _belief(source)])
    if new == old:
        return False
    _write(connection, camera, [*_outside(others, new), *new])
    return True


def forget_offsets(connection: Connection, *, camera: str, since: datetime) -> None:
    """Delete all offsets of a camera that begin at `since` or later."""
    with renewed(connection, digest_kinds.CLOCKS, [camera]):
        deleted = connection.execute(deleted_from(clock_offsets, camera, since))
    if deleted.rowcount:
        mark_changed(connection, CLOCKS)


def all_offsets(connection: Connection) -> list[ClockOffset]:
    """Return every offset that any camera had, ordered by camera and time."""
    return [_offset(row) for row in connection.execute(_offset_rows())]


def of_camera(connection: Connection, camera: str) -> list[ClockOffset]:
    """Return every offset of one camera, ordered by time."""
    return [_offset(row) for row in connection.execute(_offset_rows().where(clock_offsets.c.camera == camera))]


def offsets(connection: Connection, at: datetime | None = None) -> dict[str, ClockOffset]:
    """Return the offset of each camera that has one, at a time (None: the newest)."""
    rows = _offset_rows() if at is None else _offset_rows().where(*valid_at(clock_offsets, at))
    return {row[0]: _offset(row) for row in connection.execute(rows)}


def _values(offset: ClockOffset) -> dict[str, Any]:
    return {name: getattr(offset, name) for name in ClockOffset.__dataclass_fields__}


def _write(connection: Connection, camera: str, whole: Iterable[ClockOffset]) -> None:
    """Replace all that is known of a camera's clock."""
    with renewed(connection, digest_kinds.CLOCKS, [camera]):
        connection.execute(clock_offsets.delete().where(clock_offsets.c.camera == camera))
        insert_many(connection, clock_offsets, [_values(one) for one in sorted(whole, key=attrgetter("valid_from"))])
    mark_changed(connection, CLOCKS)


def _belief(source: str) -> int:
    """Return how far a source is believed."""
    return FOUND.index(source) if source in FOUND else len(FOUND)


def _outside(lines: Iterable[ClockOffset], stretches: Sequence[ClockOffset]) -> list[ClockOffset]:
    """Return the parts of lines that lie outside of the stretches of others."""
    left = list(lines)
    for other in stretches:
        left = [part for line in left for part in _around(line, other.valid_from, other.valid_to)]
    return left


def _around(line: ClockOffset, start: datetime, end: datetime | None) -> Iterator[ClockOffset]:
    """Yield the parts of a line before a stretch and after it."""
    if line.valid_from < start:
        yield line if line.valid_to is not None and line.valid_to <= start else replace(line, valid_to=start)
    if end is not None and (line.valid_to is None or line.valid_to > end):
        yield replace(line, valid_from=max(line.valid_from, end))


def _both(first_s: float, second_s: float) -> float:
    """Return how far two independent doubts reach together."""
    return float((first_s**2 + second_s**2) ** 0.5)


def _offset_rows() -> Select[Any]:
    """Select the columns that `_offset` reads, times as they are stored."""
    at = type_coerce(clock_offsets.c.at, BigInteger)
    columns = (*named(clock_offsets, *_FIELDS), *validity(clock_offsets), at)
    return select(*columns).order_by(clock_offsets.c.camera, clock_offsets.c.valid_from)


def _offset(row: Sequence[Any]) -> ClockOffset:
    *values, start, end, at = row
    fields = dict(zip(_FIELDS, values, strict=True))
    return ClockOffset(**fields, valid_from=from_micros(start), valid_to=time_or_none(end), at=time_or_none(at))
