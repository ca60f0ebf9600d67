"""Let the rate of a clock that was kept from the pictures of a file follow where that file is moved."""

from dataclasses import replace
from datetime import timedelta

from index.store.catalogue import Connection, clocks
from index.store.catalogue.clocks import PICTURE, START_DOUBT_S, TRUE_OFFSET, ClockOffset
from index.store.catalogue.footage import Footage


def steady_clock(film: Footage, before: ClockOffset | None) -> ClockOffset:
    """Return the clock during a file, off by what was known `before` where it starts."""
    known = before or replace(TRUE_OFFSET, low_s=-START_DOUBT_S, high_s=START_DOUBT_S)
    low_s, high_s = known.bounds_s(film.start)
    end = film.start + timedelta(seconds=film.duration_s)
    return ClockOffset(film.camera, known.ahead_s(film.start), low_s, high_s, film.start, end, PICTURE, film.start)


def move_kept_rate(connection: Connection, before: Footage, moved: Footage) -> bool:
    """Take the rate of a file from where it was to where it is now, and tell whether it had one."""
    kept = [one for one in clocks.of_camera(connection, before.camera) if _is_of(one, before)]
    if not kept:
        return False
    clocks.take_out(connection, before.camera, kept)
    steady = steady_clock(moved, clocks.offsets(connection, moved.start).get(moved.camera))
    line = kept[0]
    clocks.insert_offset(
        connection,
        replace(
            steady,
            drift=line.drift,
            drift_low=line.drift_low,
            drift_high=line.drift_high,
            evidence=line.evidence,
        ),
    )
    return True


def _is_of(line: ClockOffset, film: Footage) -> bool:
    return line.source == PICTURE and line.at == film.start
