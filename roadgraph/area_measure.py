"""Measure an area against the roads: how much road lies in it, and how far a place is from it."""

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import shapely
from shapely.geometry import shape

from roadgraph.errors import RoadError
from roadgraph.graph import RoadGraph


def road_km_in(graph: RoadGraph, area: Mapping[str, object]) -> float:
    """Return the length of road inside a GeoJSON geometry, both directions of a road counted once."""
    return _road_km(graph, _on_plane(graph, area))


def road_km_in_circle(graph: RoadGraph, lat: float, lon: float, radius_m: float) -> float:
    """Return the length of road within a radius of a place, as far as the map goes."""
    return _road_km(graph, shapely.Point(graph.plane.to_xy(lat, lon)[0]).buffer(radius_m, quad_segs=32))


def metres_outside(graph: RoadGraph, area: Mapping[str, object], lat: float, lon: float) -> float:
    """Return how far a place lies outside a GeoJSON geometry, 0 inside, infinite if the geometry is empty."""
    ground = _on_plane(graph, area)
    if shapely.is_empty(ground):
        return float("inf")
    return float(shapely.distance(ground, shapely.Point(graph.plane.to_xy(lat, lon)[0])))


def fastest_mps(graph: RoadGraph) -> float:
    """Return the free-flow speed of the fastest road."""
    return float(graph.edge_speed_kmh.max() / 3.6)


def _on_plane(graph: RoadGraph, area: Mapping[str, object]) -> shapely.Geometry:
    try:
        lonlat = shape(dict(area))
    except Exception as error:  # shapely raises whatever its parsing stumbles over
        raise RoadError(f"the area is not a GeoJSON geometry ({error}): give a Polygon or MultiPolygon") from error
    return shapely.transform(lonlat, lambda points: graph.plane.to_xy(points[:, 1], points[:, 0]))


def _road_km(graph: RoadGraph, ground: shapely.Geometry) -> float:
    shapely.prepare(ground)
    return float(shapely.length(shapely.intersection(_lines(graph), ground)).sum() / 1000)


@lru_cache(maxsize=2)
def _lines(graph: RoadGraph) -> tuple[shapely.LineString, ...]:
    """Return every road once; an area is measured again and again on one map."""
    once = np.flatnonzero(graph.road_of_edge == np.arange(graph.edges))
    return tuple(shapely.LineString(graph.edge_xy(int(edge))) for edge in once)
