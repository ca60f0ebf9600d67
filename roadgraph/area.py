"""Find the roads that a vehicle can have reached, draw them as an area of the map, and measure roads inside an area."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import shapely

from roadgraph.arrays import Floats, Ints32
from roadgraph.geojson_area import on_plane
from roadgraph.graph import RoadGraph
from roadgraph.origin import LeastCosts, Origin, least_costs

CELL_M = 30.0
"""The smallest size of the cells that a polygon is made of."""
CELLS_ACROSS = 250
"""Larger areas get larger cells, at most this many across, so that a city is drawn as fast as a street."""


@dataclass(frozen=True, eq=False)
class RoadArea:
    """Stretches of directed road where a vehicle can be: the edge, and from and to where along it."""

    edge: Ints32
    from_m: Floats
    to_m: Floats

    def km(self, graph: RoadGraph) -> float:
        """Return the length of road in the area, both directions of a road counted once."""
        road = graph.road_of_edge[self.edge]
        against = road != self.edge
        length_m = graph.edge_length_m[self.edge]
        low = np.where(against, length_m - self.to_m, self.from_m)
        high = np.where(against, length_m - self.from_m, self.to_m)
        order = np.lexsort((low, road))
        total_m, covered, last = 0.0, 0.0, -1
        for number in order.tolist():
            if road[number] != last:
                last, covered = int(road[number]), 0.0
            total_m += max(0.0, float(high[number]) - max(float(low[number]), covered))
            covered = max(covered, float(high[number]))
        return total_m / 1000


def reachable_area(
    graph: RoadGraph, origin: Origin, elapsed_s: float, *, slack: float = 1.0, backwards: bool = False
) -> RoadArea:
    """Return the roads within reach of the origin in the elapsed time, at `slack` times the speed limits.

    With a slack of 1 this is the free-flow isochrone. Backwards, it is the roads from which the origin can be reached.
    """
    budget_s = elapsed_s * slack
    reached = least_costs(graph, origin, graph.free_flow, limit=budget_s, backwards=backwards)
    return _stretches(graph, reached, budget_s)


def polygon(graph: RoadGraph, area: RoadArea) -> Mapping[str, object]:
    """Return the area as a GeoJSON MultiPolygon of square cells along its roads."""
    if not len(area.edge):
        return {"type": "MultiPolygon", "coordinates": []}
    ends = np.concatenate([graph.chain.xy_at(area.edge, area.from_m), graph.chain.xy_at(area.edge, area.to_m)])
    cell_m = max(CELL_M, float(np.ptp(ends, axis=0).max()) / CELLS_ACROSS)
    cells = _cells(_points_along(graph, area, cell_m / 2), cell_m)
    lonlat = shapely.transform(cells, lambda points: graph.plane.to_latlon(points)[:, ::-1])
    return {"type": "MultiPolygon", "coordinates": [_rings(part) for part in shapely.get_parts(lonlat)]}


def road_km_in(graph: RoadGraph, area: Mapping[str, object]) -> float:
    """Return the length of road inside a GeoJSON area, both directions of a road counted once."""
    return _road_km(graph, on_plane(area, graph.plane))


def road_km_in_circle(graph: RoadGraph, lat: float, lon: float, radius_m: float) -> float:
    """Return the length of road within a radius of a place, as far as the map goes."""
    return _road_km(graph, shapely.Point(graph.plane.to_xy(lat, lon)[0]).buffer(radius_m, quad_segs=32))


def metres_outside(graph: RoadGraph, area: Mapping[str, object], lat: float, lon: float) -> float:
    """Return the distance from a place to a GeoJSON area: 0 inside, infinite if the area is empty."""
    ground = on_plane(area, graph.plane)
    if shapely.is_empty(ground):
        return float("inf")
    return float(shapely.distance(ground, shapely.Point(graph.plane.to_xy(lat, lon)[0])))


def fastest_mps(graph: RoadGraph) -> float:
    """Return the free-flow speed of the fastest road."""
    return float(graph.edge_speed_kmh.max() / 3.6)


def _stretches(graph: RoadGraph, reached: LeastCosts, budget_s: float) -> RoadArea:
    """Return the part of each edge that can be driven within the budget."""
    edge = np.flatnonzero(reached.enter < budget_s).astype(np.int32)
    length_m, own_length_m = graph.edge_length_m[edge], graph.edge_length_m[reached.origin.edge]
    driven_m = np.minimum((budget_s - reached.enter[edge]) / reached.edge_cost[edge], 1.0) * length_m
    own = reached.origin
    own_driven_m = budget_s / reached.edge_cost[own.edge] * own_length_m
    if reached.backwards:
        from_m, own_from_m = length_m - driven_m, np.maximum(own.from_m - own_driven_m, 0.0)
        to_m, own_to_m = length_m, own.to_m
    else:
        from_m, own_from_m = np.zeros(len(edge)), own.from_m
        to_m, own_to_m = driven_m, np.minimum(own.to_m + own_driven_m, own_length_m)
    joined = ((edge, own.edge), (from_m, own_from_m), (to_m, own_to_m))
    return RoadArea(*(np.concatenate(pair) for pair in joined))


def _points_along(graph: RoadGraph, area: RoadArea, step_m: float) -> Floats:
    """Return points on the stretches of the area, at most `step_m` apart, on the network's plane."""
    length_m = area.to_m - area.from_m
    count = 2 + (length_m / step_m).astype(np.int64)
    which = np.repeat(np.arange(len(count)), count)
    step = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    along_m = area.from_m[which] + length_m[which] * step / (count[which] - 1)
    return graph.chain.xy_at(area.edge[which], along_m)


def _cells(xy: Floats, cell_m: float) -> shapely.Geometry:
    """Return the union of the grid cells that contain any of the points.

    Neighbouring cells share the very same corner numbers, which is what lets them be joined as a coverage.
    """
    low = xy.min(axis=0)
    column, row = np.floor((xy - low) / cell_m).astype(np.int64).T
    column, row = np.divmod(np.unique(column * (row.max() + 1) + row), row.max() + 1)
    east = low[0] + np.arange(column.max() + 2) * cell_m
    north = low[1] + np.arange(row.max() + 2) * cell_m
    return shapely.coverage_union_all(shapely.box(east[column], north[row], east[column + 1], north[row + 1]))


def _rings(part: shapely.Polygon) -> list[list[list[float]]]:
    rings = (part.exterior, *part.interiors)
    return [np.round(shapely.get_coordinates(ring), 6).tolist() for ring in rings]


def _road_km(graph: RoadGraph, ground: shapely.Geometry) -> float:
    shapely.prepare(ground)
    return float(shapely.length(shapely.intersection(_lines(graph), ground)).sum() / 1000)


@lru_cache(maxsize=2)
def _lines(graph: RoadGraph) -> tuple[shapely.LineString, ...]:
    """Return every road once; kept, because one map is measured many times."""
    once = np.flatnonzero(graph.road_of_edge == np.arange(graph.edges))
    return tuple(shapely.LineString(graph.edge_xy(int(edge))) for edge in once)
