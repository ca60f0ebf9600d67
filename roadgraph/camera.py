"""Put cameras on the directed roads they look at, by place and bearing."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from roadgraph.errors import RoadError
from roadgraph.geometry import turn_between_deg
from roadgraph.graph import RoadGraph
from roadgraph.nearest import RoadPoint

FARTHEST_SNAP_M = 60.0
AHEAD_M = 8.0
"""A camera looks at the road in front of it, so the road is searched this far ahead along its bearing."""
ASKEW_M = 12.0
"""A road at right angles to the bearing is chosen only if it is this much nearer than one along it."""
BESIDE_M = 14.0
"""The other carriageway of a road is at most this much farther from the camera than the first."""
PARALLEL_DEG = 30.0
"""Directions that differ less than this count as the same."""
UNDECIDED_DEG = 80.0
"""A heading farther than this from every view tells nothing."""


@dataclass(frozen=True, slots=True)
class Camera:
    """Where a camera stands and the bearing in which it looks, clockwise from north; None if unknown."""

    id: str
    lat: float
    lon: float
    bearing_deg: float | None = None


@dataclass(frozen=True, slots=True)
class View:
    """A directed edge that a camera sees, the point on it, and the heading of vehicles in the picture.

    Headings count clockwise from straight away from the camera: 90 is to the right, 180 towards the camera.
    """

    edge: int
    along_m: float
    heading_deg: float | None


@dataclass(frozen=True, slots=True)
class PlacedCamera:
    """A camera with the views it has of the roads, and its distance from the nearest road."""

    camera: Camera
    views: tuple[View, ...]
    snap_m: float

    @property
    def id(self) -> str:
        """Return the id of the camera."""
        return self.camera.id


def snap(graph: RoadGraph, cameras: Sequence[Camera], *, farthest_m: float = FARTHEST_SNAP_M) -> list[PlacedCamera]:
    """Return the cameras with their views of the roads, in the order given; refuse any that cannot be placed."""
    ids: set[str] = set()
    for camera in cameras:
        check_camera(camera)
        if camera.id in ids:
            raise RoadError(f"camera {camera.id!r} is given twice: give each camera an id of its own")
        ids.add(camera.id)
    return [_place(graph, camera, farthest_m) for camera in cameras]


def check_camera(camera: Camera) -> None:
    """Refuse a camera without an id, off the earth, or with an impossible bearing."""
    if not camera.id.strip():
        raise RoadError(f"the camera at {camera.lat}, {camera.lon} has no id: give it one")
    if not (abs(camera.lat) <= 90 and abs(camera.lon) <= 180):
        swapped = abs(camera.lon) <= 90 and abs(camera.lat) <= 180
        hint = "these look swapped" if swapped else "write degrees, latitude -90 to 90, longitude -180 to 180"
        raise RoadError(
            f"camera {camera.id!r} at latitude {camera.lat}, longitude {camera.lon} is not on the earth: {hint}"
        )
    if camera.bearing_deg is not None and not 0 <= camera.bearing_deg <= 360:
        raise RoadError(
            f"camera {camera.id!r} has bearing {camera.bearing_deg}: write 0 to 360 clockwise from north, or nothing"
        )


def edge_of_heading(placed: PlacedCamera, heading_deg: float | None) -> int | None:
    """Return the directed edge of a vehicle with this heading in the picture, None where it is undecided."""
    if len(placed.views) == 1:
        return placed.views[0].edge
    if heading_deg is None or any(view.heading_deg is None for view in placed.views):
        return None
    ranked = sorted(placed.views, key=lambda view: (turn_between_deg(view.heading_deg, heading_deg), view.edge))
    best, second = (float(turn_between_deg(view.heading_deg, heading_deg)) for view in ranked[:2])
    return ranked[0].edge if best < UNDECIDED_DEG and second - best > PARALLEL_DEG else None


def _place(graph: RoadGraph, camera: Camera, farthest_m: float) -> PlacedCamera:
    xy = graph.plane.to_xy(camera.lat, camera.lon)[0]
    snap_m = graph.index.distance_m(xy)
    if snap_m > farthest_m:
        raise RoadError(_too_far(graph, camera, snap_m, farthest_m))
    bearing_deg = camera.bearing_deg
    if bearing_deg is None:
        near = graph.index.near(xy, snap_m + 0.5)
        return PlacedCamera(camera, _views(_same_road(graph, near[0], near), None), snap_m)
    bearing = float(np.radians(bearing_deg))
    ahead = xy + AHEAD_M * np.array([np.sin(bearing), np.cos(bearing)])
    near = graph.index.near(ahead, max(snap_m, farthest_m) + AHEAD_M)
    best = min(near, key=lambda point: (point.distance_m + _askew_m(point, bearing_deg), point.edge))
    return PlacedCamera(camera, _views(_same_road(graph, best, near), bearing_deg), snap_m)


def _askew_m(point: RoadPoint, camera_deg: float) -> float:
    """Return the metres added to the distance of a road that does not run along the camera's bearing."""
    apart = float(turn_between_deg(point.bearing_deg, camera_deg))
    return ASKEW_M * min(apart, 180 - apart) / 90


def _same_road(graph: RoadGraph, best: RoadPoint, near: Sequence[RoadPoint]) -> list[RoadPoint]:
    """Return the best point, the opposite direction of its edge, and the other carriageway of its road."""
    kept = [best]
    for other in near:
        is_known = any(_runs_like(point, other) for point in kept[1:])
        is_reverse = graph.edge_reverse[other.edge] == best.edge
        if is_reverse or (not is_known and _is_other_carriageway(graph, best, other)):
            kept.append(other)
    return kept


def _is_other_carriageway(graph: RoadGraph, best: RoadPoint, other: RoadPoint) -> bool:
    opposite = turn_between_deg(best.bearing_deg, other.bearing_deg) > 180 - PARALLEL_DEG
    both_oneway = graph.edge_reverse[best.edge] < 0 and graph.edge_reverse[other.edge] < 0
    same_class = graph.edge_class[best.edge] == graph.edge_class[other.edge]
    return bool(opposite and both_oneway and same_class and other.distance_m <= best.distance_m + BESIDE_M)


def _runs_like(first: RoadPoint, second: RoadPoint) -> bool:
    return bool(turn_between_deg(first.bearing_deg, second.bearing_deg) < 90)


def _views(points: Sequence[RoadPoint], camera_deg: float | None) -> tuple[View, ...]:
    views = [
        View(
            edge=point.edge,
            along_m=point.along_m,
            heading_deg=None if camera_deg is None else round((point.bearing_deg - camera_deg) % 360, 1),
        )
        for point in points
    ]
    return tuple(sorted(views, key=lambda view: view.edge))


def _too_far(graph: RoadGraph, camera: Camera, snap_m: float, farthest_m: float) -> str:
    """Return the error text: the distance, and whether latitude and longitude look swapped."""
    away = f"camera {camera.id!r} is {_metres_or_km(snap_m)} from the nearest road, more than {farthest_m:.0f} m"
    if abs(camera.lon) <= 90:
        swapped_m = graph.index.distance_m(graph.plane.to_xy(camera.lon, camera.lat)[0])
        if swapped_m <= farthest_m:
            return f"{away}; with latitude and longitude swapped it would be {_metres_or_km(swapped_m)}: swap them"
    return f"{away}: check its place, or import a map that covers it"


def _metres_or_km(metres: float) -> str:
    return f"{metres:.0f} m" if metres < 1000 else f"{metres / 1000:.1f} km"
