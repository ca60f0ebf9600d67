"""Answer what a vehicle can have reached from one camera of an archive: the cameras, and the roads at the end."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from index.errors import ArchiveError
from index.places import PlaceBook
from roadgraph.area import polygon, reachable_area
from roadgraph.camera import PlacedCamera
from roadgraph.origin import Origin
from roadgraph.reachability import Hypothesis, ReachOptions, find_placed, reach


@dataclass(frozen=True, slots=True)
class ReachAnswer:
    """The hypothesis, the area at the end of its horizon as a GeoJSON geometry, and how much road lies in that."""

    hypothesis: Hypothesis
    area: Mapping[str, object]
    area_km: float


def reach_from_camera(
    book: PlaceBook, camera: str, options: ReachOptions, *, at: datetime, edge: int | None = None
) -> ReachAnswer:
    """Return what can be reached from a camera, with every camera where it stood at the time."""
    places = book.at(at)
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
    seen = [view.edge for view in placed.views]
    if edge is not None and edge not in seen:
        known = ", ".join(map(str, seen))
        raise ArchiveError(f"camera {placed.camera.id!r} does not see edge {edge}: it sees {known}")
