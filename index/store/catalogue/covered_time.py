"""Read what each camera recorded around the windows of a question, as few long stretches instead of many short rows."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import BigInteger, Connection, select, type_coerce

from index.records import Coverage, Window
from index.store.catalogue.columns import among, from_micros, to_micros
from index.store.catalogue.footage import LONGEST
from index.store.catalogue.tables import coverage

_START, _END = (type_coerce(coverage.c[name], BigInteger) for name in ("start", "end"))


def covered_time(connection: Connection, windows: Sequence[Window]) -> dict[str, list[Coverage]]:
    """Return the coverage of the cameras of some windows: stretches joined where they touch or overlap.

    They touch the time from the first window to the last. Those with a problem come again as they are, with what it
    was.
    """
    if not windows:
        return {}
    first, last = min(one.start for one in windows), max(one.end for one in windows)
    near = (
        among(coverage.c.camera, sorted({one.camera for one in windows})),
        # No stretch is longer than LONGEST: those that begin earlier need not be looked at.
        _START.between(to_micros(first - LONGEST), to_micros(last)),
        to_micros(first) < _END,
    )
    rows = select(coverage.c.camera, _START, _END, coverage.c.problem).where(*near)
    # All at once: to fetch row by row takes twice as long.
    return _joined(connection.execute(rows.order_by(coverage.c.camera, coverage.c.start)).all())


def _joined(rows: Iterable[Sequence[Any]]) -> dict[str, list[Coverage]]:
    """Return the stretches of each camera, given in the order of camera and start."""
    joined: list[list[Any]] = []
    troubled = []
    camera, reached_us = None, -1
    for row in rows:
        name, first_us, last_us, problem = row
        if name != camera or first_us > reached_us:
            joined.append([name, first_us, last_us, None])
            camera, reached_us = name, last_us
        elif last_us > reached_us:
            joined[-1][2] = reached_us = last_us
        if problem is not None:
            troubled.append(row)
    found: dict[str, list[Coverage]] = {}
    for name, first_us, last_us, problem in (*joined, *troubled):
        stretch = Coverage(name, from_micros(first_us), from_micros(last_us), problem)
        found.setdefault(name, []).append(stretch)
    return found
