"""Read many sightings at once, as little of each as a search needs to weigh it: no pictures, no track."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from index.catalogue.among import among
from index.catalogue.sighting_rows import plate_of
from index.catalogue.sightings import count_in_windows, within
from index.catalogue.tables import plates, sightings
from index.sighting import Look, Window
from reid.vehicle import Plate

_AT_ONCE = 500
_FEW_WINDOWS = 8


@dataclass(frozen=True, slots=True)
class Glimpse:
    """Which sighting, where and when by the camera's own clock, and the directed road it took."""

    id: str
    camera: str
    first: datetime
    best: datetime
    last: datetime
    edge: int | None


def in_windows(connection: Connection, windows: Sequence[Window]) -> list[Glimpse]:
    """Return the sightings whose `best` time lies in a window, ordered by id.

    Many windows of one question lie in one stretch of time: reading all of it at once beats a statement for each.
    """
    if len(windows) > _FEW_WINDOWS:
        rows = list(connection.execute(_glimpses().where(_between(windows))))
    else:
        rows = [row for window in windows for row in connection.execute(_glimpses().where(within(window)))]
    by_camera: dict[str, list[Window]] = {}
    for window in windows:
        by_camera.setdefault(window.camera, []).append(window)
    found = {
        row.id: Glimpse(*row)
        for row in rows
        if any(window.start <= row.best <= window.end for window in by_camera.get(row.camera, ()))
    }
    return [found[id_] for id_ in sorted(found)]


def count_near(connection: Connection, windows: Sequence[Window]) -> int:
    """Return how many sightings must be read to find those in the windows: cheap, and never too few."""
    if len(windows) <= _FEW_WINDOWS:
        return count_in_windows(connection, windows)
    alive = sightings.c.deleted_at.is_(None)
    counted = select(func.count()).select_from(sightings).where(alive, _between(windows))
    return int(connection.execute(counted).scalar_one())


def by_ids(connection: Connection, ids: Iterable[str]) -> list[Glimpse]:
    """Return the sightings of the ids that there are, ordered by id."""
    wanted = sorted(set(ids))
    return [Glimpse(*row) for some in _batched(wanted) for row in connection.execute(_of(_glimpses(), some))]


def looks(connection: Connection, ids: Sequence[str]) -> dict[str, Look]:
    """Return what each vehicle looks like."""
    columns = select(sightings.c.id, sightings.c.types, sightings.c.colours, sightings.c.heading_deg)
    rows = (row for some in _batched(ids) for row in connection.execute(_of(columns, some)))
    return {row.id: Look(row.types, row.colours, row.heading_deg) for row in rows}


def plates_of(connection: Connection, ids: Sequence[str]) -> dict[str, Plate]:
    """Return the plate of each sighting that has one; of several readings the most confident."""
    found: dict[str, Plate] = {}
    for some in _batched(ids):
        read = select(plates).where(among(plates.c.sighting, some)).order_by(plates.c.confidence, plates.c.model)
        found.update((row.sighting, plate_of(row)) for row in connection.execute(read))
    return found


def _between(windows: Sequence[Window]) -> ColumnElement[bool]:
    return sightings.c.best.between(min(one.start for one in windows), max(one.end for one in windows))


def _glimpses() -> Select[Any]:
    names = ("id", "camera", "first", "best", "last", "edge")
    return select(*(sightings.c[name] for name in names)).where(sightings.c.deleted_at.is_(None))


def _of(wanted: Select[Any], ids: Sequence[str]) -> Select[Any]:
    return wanted.where(among(sightings.c.id, ids)).order_by(sightings.c.id)


def _batched(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE))
