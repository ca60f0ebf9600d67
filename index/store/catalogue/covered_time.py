"""Read what each camera recorded around the windows of a question, as few long stretches instead of many short rows."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Connection, select, type_coerce

from index.records import Window
from index.store.catalogue.columns import MICROSECOND, among
from index.store.catalogue.footage import LONGEST
from index.store.catalogue.tables import coverage
from index.store.catalogue.windows import Windows

_START, _END = (type_coerce(coverage.c[name], BigInteger) for name in ("start", "end"))


class Recorded(NamedTuple):
    """A stretch that a camera recorded, in microseconds of its clock; `problem` says why it could not be analysed."""

    first_us: int
    last_us: int
    problem: str | None = None


def covered_time(connection: Connection, windows: Sequence[Window]) -> dict[str, list[Recorded]]:
    """Return the coverage of the cameras of some windows in order: usable ones joined where they touch or overlap.

    They touch the time from the first window to the last. Those with a problem stand as they are, with what it was.
    """
    if not windows:
        return {}
    columns = Windows.of(windows)
    first, last = int(columns.times[:, 0].min()), int(columns.times[:, 1].max())
    near = (
        among(coverage.c.camera, sorted(set(columns.cameras))),
        # No stretch is longer than LONGEST: those that begin earlier need not be looked at.
        _START.between(first - LONGEST // MICROSECOND, last),
        first < _END,
    )
    rows = select(coverage.c.camera, _START, _END, coverage.c.problem).where(*near)
    # All at once: to fetch row by row takes twice as long.
    return _joined(connection.execute(rows.order_by(coverage.c.camera, coverage.c.start)).all())


def _joined(rows: Iterable[Sequence[Any]]) -> dict[str, list[Recorded]]:
    """Return the stretches of each camera, given in the order of camera and start."""
    joined: list[list[Any]] = []
    troubled = []
    camera, reached_us = None, -1
    for row in rows:
        name, first_us, last_us, problem = row
        if problem is not None:
            troubled.append(row)
        elif name != camera or first_us > reached_us:
            joined.append([name, first_us, last_us])
            camera, reached_us = name, last_us
        elif last_us > reached_us:
            joined[-1][2] = reached_us = last_us
    found: dict[str, list[Recorded]] = {}
    for name, first_us, last_us in joined:
        found.setdefault(name, []).append(Recorded(first_us, last_us))
    for name, *stretch in troubled:
        found.setdefault(name, []).append(Recorded(*stretch))
    for name in {row[0] for row in troubled}:
        found[name].sort(key=lambda one: one[:2])
    return found
