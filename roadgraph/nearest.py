"""Find the roads near a place, quickly, on the network's plane in metres."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import STRtree

from roadgraph.geometry import Floats
from roadgraph.graph import Ints

if TYPE_CHECKING:
    from roadgraph.graph import RoadGraph


@dataclass(frozen=True, slots=True)
class RoadPoint:
    """A point on a directed edge, how far it is from the place asked for, and which way the edge runs there."""

    edge: int
    along_m: float
    distance_m: float
    bearing_deg: float


@dataclass(frozen=True, eq=False)
class RoadIndex:
    """The straight pieces of every edge, in a tree of their boxes; piece i runs from `start_xy[i]` to `end_xy[i]`."""

    tree: STRtree
    piece_edge: Ints
    start_xy: Floats
    end_xy: Floats
    start_m: Floats
    scale: Floats

    @classmethod
    def of(cls, graph: "RoadGraph") -> "RoadIndex":
        """Build the tree of a road network."""
        xy = graph.plane.to_xy(graph.shape_lat, graph.shape_lon)
        edge_of_point = np.repeat(np.arange(graph.edges, dtype=np.int32), np.diff(graph.shape_start))
        inside = edge_of_point[1:] == edge_of_point[:-1]
        start_xy, end_xy = xy[:-1][inside], xy[1:][inside]
        piece_edge = edge_of_point[:-1][inside]
        piece_m = np.hypot(*(end_xy - start_xy).T)
        reached_m = np.cumsum(piece_m) - piece_m
        first = np.searchsorted(piece_edge, np.arange(graph.edges))
        total_m = np.bincount(piece_edge, weights=piece_m, minlength=graph.edges)
        scale = graph.edge_length_m / np.maximum(total_m, 1e-9)
        lines = list(shapely.get_parts(shapely.multilinestrings(np.stack([start_xy, end_xy], axis=1))))
        return cls(STRtree(lines), piece_edge, start_xy, end_xy, reached_m - reached_m[first][piece_edge], scale)

    def near(self, xy: Floats, radius_m: float) -> list[RoadPoint]:
        """Return the nearest point of every edge within a radius, nearest first; ties in order of edge."""
        pieces = self.tree.query(shapely.Point(xy), predicate="dwithin", distance=radius_m)
        best: dict[int, RoadPoint] = {}
        for piece in np.sort(pieces):
            point = self._on_piece(int(piece), xy)
            if point.edge not in best or point.distance_m < best[point.edge].distance_m:
                best[point.edge] = point
        return sorted(best.values(), key=lambda point: (point.distance_m, point.edge))

    def nearest(self, xy: Floats) -> list[RoadPoint]:
        """Return the nearest point of the nearest edges, however far they are: both directions of one road."""
        radius_m = self.distance_m(xy)
        return self.near(xy, radius_m * (1 + 1e-9) + 0.01)

    def distance_m(self, xy: Floats) -> float:
        """Return how far the nearest road is."""
        _, distance = self.tree.query_nearest(shapely.Point(xy), return_distance=True, all_matches=False)
        return float(distance[0])

    def nearest_edges(self, xy: Floats) -> tuple[Ints, Floats]:
        """Return one nearest edge for each of (n, 2) places, and how far it is; of equals the lowest number."""
        (place, piece), away_m = self.tree.query_nearest(shapely.points(xy), return_distance=True)
        order = np.lexsort((self.piece_edge[piece], place))
        _, first = np.unique(place[order], return_index=True)
        return self.piece_edge[piece[order][first]], away_m[order][first]

    def edges_in(self, area: shapely.Geometry) -> Ints:
        """Return the edges that touch a geometry on the plane."""
        return np.unique(self.piece_edge[self.tree.query(area, predicate="intersects")])

    def _on_piece(self, piece: int, xy: Floats) -> RoadPoint:
        start, run = self.start_xy[piece], self.end_xy[piece] - self.start_xy[piece]
        length_m = float(np.hypot(*run))
        share = 0.0 if length_m == 0 else float(np.clip(np.dot(xy - start, run) / length_m**2, 0, 1))
        edge = int(self.piece_edge[piece])
        return RoadPoint(
            edge=edge,
            along_m=float((self.start_m[piece] + share * length_m) * self.scale[edge]),
            distance_m=float(np.hypot(*(start + share * run - xy))),
            bearing_deg=float(np.degrees(np.arctan2(run[0], run[1])) % 360),
        )
