"""Draw the part of the map where a vehicle can be some time after it was seen, cut to the roads."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely

from roadgraph.geometry import Floats
from roadgraph.graph import Ints, RoadGraph
from roadgraph.origin import Origin
from roadgraph.spread import Spread, spread

CELL_M = 30.0
"""The polygon is made of cells of this size, or larger ones, so that a city takes as long to draw as a street."""
CELLS_ACROSS = 250


@dataclass(frozen=True, eq=False)
class RoadArea:
    """The stretches of directed road where a vehicle can be: edge, from and to along it."""

    edge: Ints
    from_m: Floats
    to_m: Floats

    def km(self, graph: RoadGraph) -> float:
        """Return the length of road in the area, the two directions of a road counted once."""
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
    """Return the roads that can be reached in the time at `slack` times the limits; backwards: that it can come from.

    With a slack of 1 this is the free-flow isochrone.
    """
    budget_s = elapsed_s * slack
    reached = spread(graph, origin, graph.free_flow, limit=budget_s, backwards=backwards)
    return _stretches(graph, reached, budget_s)


def _stretches(graph: RoadGraph, reached: Spread, budget_s: float) -> RoadArea:
    """Return each edge as far as the budget lets one drive onto it."""
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


def polygon(graph: RoadGraph, area: RoadArea) -> Mapping[str, object]:
    """Return the area as a GeoJSON MultiPolygon of cells along its roads."""
    if not len(area.edge):
        return {"type": "MultiPolygon", "coordinates": []}
    ends = np.concatenate([graph.chain.xy_at(area.edge, area.from_m), graph.chain.xy_at(area.edge, area.to_m)])
    cell_m = max(CELL_M, float(np.ptp(ends, axis=0).max()) / CELLS_ACROSS)
    xy = _points_along(graph, area, cell_m / 2)
    shape = _cells(xy, cell_m)
    lonlat = shapely.transform(shape, lambda points: graph.plane.to_latlon(points)[:, ::-1])
    return {"type": "MultiPolygon", "coordinates": [_rings(part) for part in shapely.get_parts(lonlat)]}


def _cells(xy: Floats, cell_m: float) -> shapely.Geometry:
    """Return the cells of a grid that have any of the points, joined.

    Corners are looked up, not computed cell by cell, so that they agree and the cells can be joined as a coverage.
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


def _points_along(graph: RoadGraph, area: RoadArea, step_m: float) -> Floats:
    """Return points every so many metres along the stretches of the area, by the shape of the roads."""
    length_m = area.to_m - area.from_m
    count = 2 + (length_m / step_m).astype(np.int64)
    which = np.repeat(np.arange(len(count)), count)
    step = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    along_m = area.from_m[which] + length_m[which] * step / (count[which] - 1)
    return graph.chain.xy_at(area.edge[which], along_m)
