"""Say where a vehicle was at the start of a question: at a camera, near a place, or somewhere in an area."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import shape

from roadgraph.camera import PlacedCamera
from roadgraph.errors import RoadError
from roadgraph.geometry import Floats
from roadgraph.graph import Ints, RoadGraph


@dataclass(frozen=True, eq=False)
class Origin:
    """The stretches of directed road a vehicle may have been on: edge, and from where to where along it.

    `way_known` says that it drove on along these edges and did not turn round on the spot.
    """

    edge: Ints
    from_m: Floats
    to_m: Floats
    way_known: bool = False

    @classmethod
    def at_camera(cls, placed: PlacedCamera, edge: int | None = None) -> "Origin":
        """Return the places a camera sees, only that on one edge where the road taken is known."""
        views = [view for view in placed.views if edge is None or view.edge == edge] or list(placed.views)
        along_m = np.array([view.along_m for view in views])
        known = len(views) == 1
        return cls(np.array([view.edge for view in views], dtype=np.int32), along_m, along_m, way_known=known)

    @classmethod
    def around(cls, graph: RoadGraph, lat: float, lon: float, radius_m: float = 0.0) -> "Origin":
        """Return the roads within a radius of a place; the nearest road where there is none."""
        if not (abs(lat) <= 90 and abs(lon) <= 180):
            raise RoadError(f"the place {lat}, {lon} is not on the earth: write LAT,LON in degrees")
        xy = graph.plane.to_xy(lat, lon)[0]
        near = graph.index.near(xy, radius_m) or graph.index.nearest(xy)
        edge = np.array([point.edge for point in near], dtype=np.int32)
        along_m = np.array([point.along_m for point in near])
        reach_m = np.sqrt(np.maximum(radius_m**2 - np.array([point.distance_m for point in near]) ** 2, 0.0))
        return cls(edge, np.maximum(along_m - reach_m, 0.0), np.minimum(along_m + reach_m, graph.edge_length_m[edge]))

    @classmethod
    def within(cls, graph: RoadGraph, area: Mapping[str, object]) -> "Origin":
        """Return the roads that touch a GeoJSON polygon, each from end to end."""
        try:
            lonlat = shape(dict(area))
        except Exception as error:  # shapely raises whatever its parsing stumbles over
            raise RoadError(f"the area is not a GeoJSON geometry ({error}): give a Polygon") from error
        on_plane = shapely.transform(lonlat, lambda points: graph.plane.to_xy(points[:, 1], points[:, 0]))
        edges = graph.index.edges_in(on_plane)
        if not len(edges):
            raise RoadError("no road lies in the area: is it [longitude, latitude], and on the imported map?")
        return cls(edges, np.zeros(len(edges)), graph.edge_length_m[edges])

    def middle_xy(self, graph: RoadGraph) -> Floats:
        """Return the middle of it on the network's plane."""
        middles = [
            graph.position(int(e), float(m)) for e, m in zip(self.edge, (self.from_m + self.to_m) / 2, strict=True)
        ]
        lat, lon = np.mean(middles, axis=0)
        return np.asarray(graph.plane.to_xy(lat, lon)[0])
