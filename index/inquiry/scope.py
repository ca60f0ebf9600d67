"""Bound a question: which cameras may be looked at, and when each can have seen the vehicle by the road map."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from index.catalogue import cameras
from index.catalogue.cameras import StoredCamera
from index.errors import ArchiveError
from index.inquiry.area import contains
from index.inquiry.hypothesis import TRUE_CLOCK, Clock, Earliest, windows
from index.inquiry.wanted import Wanted
from index.places import Places
from index.sighting import Query, Window
from roadgraph.graph import RoadGraph
from roadgraph.origin import Origin
from roadgraph.reachability import ReachOptions, reach

if TYPE_CHECKING:
    from index.archive import Archive

_BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)
_AFTER_ALL = datetime(2200, 1, 1, tzinfo=UTC)

FARTHEST_OFF_ROADS_M = 5000.0
"""Farther from every road than this beyond its radius, a place is not on the map."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Where and when to look; `windows` are None where nothing bounds the time: the whole archive."""

    cameras: tuple[str, ...]
    clocks: Mapping[str, Clock]
    windows: tuple[Window, ...] | None

    def true_time(self, camera: str, time: datetime) -> datetime:
        """Return the true time of a moment on a camera's clock."""
        return time - timedelta(seconds=self.clocks.get(camera, TRUE_CLOCK).offset_s)


def scope_of(
    archive: "Archive", places: Places | None, query: Query, wanted: Wanted, reaching: ReachOptions | None
) -> Scope:
    """Return the scope of a question; without a time, or without `reaching`, the roads bound nothing."""
    with archive.catalogue.reading() as connection:
        stored = cameras.listing(connection, wanted.time)
        offsets = cameras.offsets(connection, wanted.time)
        for asked in (*query.cameras, *([] if query.camera is None else [query.camera])):
            cameras.known(connection, asked)
    clocks = {id_: Clock(found.offset_s, found.low_s, found.high_s) for id_, found in offsets.items()}
    allowed = _allowed(query, stored)
    if wanted.time is None:
        return Scope(allowed, clocks, _always(allowed) if len(allowed) < len(stored) else None)
    earliest = _anywhere(allowed)
    if reaching is not None:
        earliest = _reached(places, query, wanted, allowed, reaching)
    return Scope(tuple(sorted(earliest)), clocks, windows(query, wanted.time, earliest, clocks))


def _allowed(query: Query, stored: Sequence[StoredCamera]) -> tuple[str, ...]:
    """Return the cameras that the question does not exclude, by id or by area."""
    return tuple(
        camera.id
        for camera in stored
        if (not query.cameras or camera.id in query.cameras)
        and (query.area is None or contains(query.area, camera.lat, camera.lon))
    )


def _anywhere(allowed: Sequence[str]) -> dict[str, Earliest]:
    return {camera: Earliest() for camera in allowed}


def _always(allowed: Sequence[str]) -> tuple[Window, ...]:
    return tuple(Window(camera, _BEFORE_ALL, _AFTER_ALL) for camera in allowed)


def _reached(
    places: Places | None, query: Query, wanted: Wanted, allowed: Sequence[str], options: ReachOptions
) -> dict[str, Earliest]:
    """Return the cameras that can be reached by the map; those the map does not have may be reached at once."""
    if places is None:
        return _anywhere(allowed)
    on_roads = {placed.camera.id for placed in places.placed}
    start = _start(places, query, wanted, on_roads)
    if start is None:
        return _anywhere(allowed)
    found = reach(places.graph, places.placed, start, options, times=places.travel.times, travel=places.travel)
    way = {(one.camera, one.direction): one.earliest_s for one in found.cameras}
    earliest = {camera: Earliest() for camera in allowed if camera not in on_roads}
    for camera in set(allowed) & on_roads:
        before_s, after_s = (way.get((camera, direction), math.inf) for direction in ("before", "after"))
        if camera == wanted.camera:
            # The very next picture on the same camera can be the rest of the same passage.
            before_s = after_s = 0.0
        if min(before_s, after_s) < math.inf:
            earliest[camera] = Earliest(before_s, after_s)
    return earliest


def _start(places: Places, query: Query, wanted: Wanted, on_roads: Collection[str]) -> str | Origin | None:
    if wanted.camera is not None:
        return wanted.camera if wanted.camera in on_roads else None
    if query.place is not None:
        _check_near(places.graph, *query.place, query.radius_m)
        return Origin.around(places.graph, *query.place, query.radius_m)
    return None


def _check_near(graph: RoadGraph, lat: float, lon: float, radius_m: float) -> None:
    """Refuse a place that the map does not reach: every answer from there would be an empty one."""
    away_m = graph.index.distance_m(graph.plane.to_xy(lat, lon)[0])
    if away_m > radius_m + FARTHEST_OFF_ROADS_M:
        raise ArchiveError(
            f"the place {lat:g},{lon:g} is {away_m / 1000:.0f} km from the nearest road of the archive: "
            "write LAT,LON in this order, or import a map that covers it"
        )
