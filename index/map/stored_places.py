"""Turn cameras as the catalogue stores them into cameras on the roads of a map, and back."""

from collections.abc import Sequence

from index.store.catalogue.cameras import StoredCamera
from roadgraph.camera import PARALLEL_DEG, Camera, PlacedCamera, View, check_camera, edge_of_heading, snap
from roadgraph.errors import RoadError
from roadgraph.geometry import turn_between_deg
from roadgraph.graph import RoadGraph


def road_driven(camera: StoredCamera, heading_deg: float | None) -> int | None:
    """Return the directed edge of a vehicle by its heading in the camera's picture, None where it is unknown."""
    return edge_of_heading(placed_camera(camera), heading_deg) if camera.views else None


def snapped(graph: RoadGraph | None, cameras: Sequence[Camera]) -> Sequence[PlacedCamera | None]:
    """Return cameras on the roads, None of each where there are no roads; refuse one that is far from all of them."""
    if graph is not None:
        return snap(graph, cameras)
    for camera in cameras:
        check_camera(camera)
    return [None] * len(cameras)


def snapped_or_none(graph: RoadGraph, camera: Camera) -> PlacedCamera | None:
    """Return a camera on the roads, None where it is too far from them."""
    try:
        return snap(graph, [camera])[0]
    except RoadError:
        return None


def as_stored(camera: Camera, placed: PlacedCamera | None, graph: RoadGraph | None) -> StoredCamera:
    """Return a camera as the catalogue stores it; each view names the road map that its edge belongs to."""
    roads = graph.fingerprint if graph else None
    views = placed.views if placed else ()
    return StoredCamera(
        id=camera.id,
        lat=camera.lat,
        lon=camera.lon,
        bearing_deg=camera.bearing_deg,
        snap_m=placed.snap_m if placed else None,
        views=tuple(
            {"edge": v.edge, "along_m": v.along_m, "heading_deg": v.heading_deg, "roads": roads} for v in views
        ),
    )


def stored_on(graph: RoadGraph | None, cameras: Sequence[Camera]) -> list[StoredCamera]:
    """Return cameras on the roads as the catalogue stores them; refuse one that is far from all of them."""
    return [as_stored(camera, on, graph) for camera, on in zip(cameras, snapped(graph, cameras), strict=True)]


def camera_of(stored: StoredCamera) -> Camera:
    """Return a camera as a map sees it."""
    return Camera(stored.id, stored.lat, stored.lon, stored.bearing_deg)


def placed_camera(stored: StoredCamera) -> PlacedCamera:
    """Return a camera on the roads that its views name."""
    views = tuple(View(int(v["edge"]), float(v["along_m"]), v["heading_deg"]) for v in stored.views)
    return PlacedCamera(camera_of(stored), views, float(stored.snap_m or 0.0))


def same_roads(old: StoredCamera, new: StoredCamera) -> dict[int, int | None]:
    """Return the number on the new map of each road that a camera saw on the old one, None where none is like it.

    Roads are told apart by the heading of their vehicles in the picture; a single road needs none.
    """
    if len(old.views) == len(new.views) == 1:
        return {int(old.views[0]["edge"]): int(new.views[0]["edge"])}
    return {int(view["edge"]): _alike(view["heading_deg"], new) for view in old.views}


def _alike(heading_deg: float | None, camera: StoredCamera) -> int | None:
    apart = [
        (float(turn_between_deg(heading_deg, view["heading_deg"])), int(view["edge"]))
        for view in camera.views
        if heading_deg is not None and view["heading_deg"] is not None
    ]
    nearest = min(apart, default=(180.0, -1))
    return nearest[1] if nearest[0] <= PARALLEL_DEG else None
