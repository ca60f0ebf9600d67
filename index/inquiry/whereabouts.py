"""Put a story on the road map: the way it took, and the part of the map where the vehicle can be now."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from index.places import Places
from index.sighting import Stop
from roadgraph.area import polygon, reachable_area
from roadgraph.errors import RoadError
from roadgraph.origin import Origin
from roadgraph.routes import through

Call = tuple[str, datetime, int | None]
"""A camera that the vehicle passed, when, and the directed edge it took, None where that is not known."""


def route_of(places: Places | None, calls: Sequence[Call]) -> tuple[tuple[float, float], ...]:
    """Return the likeliest way past the cameras as [lon, lat] points; nothing where the map knows no way."""
    if places is None:
        return ()
    placed = {one.camera.id: one for one in places.placed}
    stops = [(placed[camera], edge) for camera, _, edge in calls if camera in placed]
    if len(stops) < 2:
        return ()
    try:
        return tuple((lon, lat) for lat, lon in through(places.graph, stops).points)
    except RoadError:
        return ()


def area_now(
    places: Places | None, calls: Sequence[Call], at: datetime | None, slack: float
) -> Mapping[str, object] | None:
    """Return the roads that can be reached by `at` from the last call before it, as GeoJSON; None where unknown."""
    if places is None or at is None:
        return None
    placed = {one.camera.id: one for one in places.placed}
    earlier = [call for call in calls if call[1] <= at and call[0] in placed]
    if not earlier:
        return None
    camera, time, edge = max(earlier, key=lambda call: call[1])
    origin = Origin.at_camera(placed[camera], edge)
    return polygon(places.graph, reachable_area(places.graph, origin, (at - time).total_seconds(), slack=slack))


def calls_of(stops: Sequence[Stop], edges: Mapping[str, int | None]) -> list[Call]:
    """Return the calls of a story; `edges` has the road that each sighting took."""
    return [(stop.camera, stop.time, edges[stop.sighting]) for stop in stops]
