"""Read what each camera recorded around the windows of a question, as few long stretches instead of many short rows."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter
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
    stretches = connection.execute(rows.order_by(coverage.c.camera, coverage.c.start)).all()
    return {camera: _joined(camera, own) for camera, own in groupby(stretches, key=itemgetter(0))}


def _joined(camera: str, rows: Iterable[Sequence[Any]]) -> list[Coverage]:
    """Return the stretches of one camera, given in the order of their start."""
    begins: list[int] = []
    ends: list[int] = []
    troubled = []
    reached_us = -1
    for _, first_us, last_us, problem in rows:
        if first_us > reached_us:
            begins.append(first_us)
            ends.append(last_us)
            reached_us = last_us
        elif last_us > reached_us:
            ends[-1] = reached_us = last_us
        if problem is not None:
            troubled.append((first_us, last_us, problem))
    parts = [*((first_us, last_us, None) for first_us, last_us in zip(begins, ends, strict=True)), *troubled]
    return [
        Coverage(camera, from_micros(first_us), from_micros(last_us), problem) for first_us, last_us, problem in parts
    ]
