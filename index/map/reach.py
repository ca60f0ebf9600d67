"""Find what a vehicle can have reached from one camera of an archive: cameras, and the area at the end of the time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from index.errors import ArchiveError
from index.map.places import place_book
from index.store.archive import Archive
from roadgraph.area import polygon, reachable_area
from roadgraph.camera import PlacedCamera
from roadgraph.origin import Origin
from roadgraph.reachability import Hypothesis, ReachOptions, find_placed, reach


@dataclass(frozen=True, slots=True)
class ReachAnswer:
    """The reachable cameras, the area at the end of the horizon as a GeoJSON geometry, and the km of road in it."""

    hypothesis: Hypothesis
    area: Mapping[str, object]
    area_km: float


def reach_from_camera(
    archive: Archive, camera: str, options: ReachOptions, *, at: datetime, edge: int | None = None
) -> ReachAnswer:
    """Return what can be reached from a camera, with every camera where it stood at the time."""
    places = place_book(archive).at(at)
    if places is None:
        raise ArchiveError("the archive has no roads yet: retrace roads import FILE")
    placed = find_placed(places.placed, camera)
    _check_edge(placed, edge)
    origin = Origin.at_camera(placed, edge)
    found = reach(
        places.graph, places.placed, camera, options, edge=edge, times=places.travel.times, travel=places.travel
    )
    backwards = options.direction == "before"
    area = reachable_area(places.graph, origin, options.horizon_s, slack=options.slack, backwards=backwards)
    return ReachAnswer(found, polygon(places.graph, area), area.km(places.graph))


def _check_edge(placed: PlacedCamera, edge: int | None) -> None:
    edges = [view.edge for view in placed.views]
    if edge is not None and edge not in edges:
        known = ", ".join(map(str, edges))
        raise ArchiveError(f"camera {placed.camera.id!r} does not see edge {edge}: it sees {known}")
