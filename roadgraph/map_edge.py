"""Tell whether an area of roads comes to the edge of the map, where vehicles leave it for roads that nobody knows."""

import math
from functools import lru_cache

import numpy as np
import shapely

from roadgraph.area import RoadArea
from roadgraph.graph import RoadGraph

EDGE_SHARE = 0.05
"""The edge is as broad as this share of the side of a square that is as large as the map: maps end in bays, too."""

LEAST_EDGE_M = 100.0


def comes_to_edge(graph: RoadGraph, area: RoadArea) -> bool:
    """Return whether any end of the stretches lies at the edge of the map; on an island that is only the shore."""
    if not len(area.edge):
        return False
    edge, margin_m = _edge(graph)
    ends = np.concatenate([graph.chain.xy_at(area.edge, area.from_m), graph.chain.xy_at(area.edge, area.to_m)])
    return bool((shapely.distance(edge, shapely.points(ends)) <= margin_m).any())


@lru_cache(maxsize=2)
def _edge(graph: RoadGraph) -> tuple[shapely.Geometry, float]:
    """Return the outline around all roads, a line where they lie on one; kept, as one map is asked about many times."""
    points = graph.plane.to_xy(graph.shape_lat, graph.shape_lon)
    hull = shapely.MultiPoint(points).convex_hull
    return hull.boundary, max(LEAST_EDGE_M, EDGE_SHARE * math.sqrt(hull.area))
