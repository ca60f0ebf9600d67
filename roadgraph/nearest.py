"""Find the roads near a place, on the network's plane in metres."""

from dataclasses import dataclass

import numpy as np
import shapely
from shapely import STRtree

from roadgraph.arrays import Floats, Ints32
from roadgraph.network import FERRY, RoadNetwork


@dataclass(frozen=True, slots=True)
class RoadPoint:
    """A point on a directed edge, its distance from the query place, and the bearing of the edge there."""

    edge: int
    along_m: float
    distance_m: float
    bearing_deg: float


@dataclass(frozen=True, eq=False)
class RoadIndex:
    """The straight pieces of all edges but ferries in an R-tree; piece i runs from `start_xy[i]` to `end_xy[i]`.

    `start_m` is where each piece starts along its edge on the plane; `scale` is the length of each edge on the earth
    divided by that on the plane.
    """

    tree: STRtree
    piece_edge: Ints32
    start_xy: Floats
    end_xy: Floats
    start_m: Floats
    scale: Floats

    @classmethod
    def of(cls, network: RoadNetwork) -> "RoadIndex":
        """Build the tree of a road network."""
        xy = network.plane.to_xy(network.shape_lat, network.shape_lon)
        edge_of_point = np.repeat(np.arange(network.edges, dtype=np.int32), np.diff(network.shape_start))
        inside = (edge_of_point[1:] == edge_of_point[:-1]) & (network.edge_class[edge_of_point[1:]] != FERRY)
        start_xy, end_xy = xy[:-1][inside], xy[1:][inside]
        piece_edge = edge_of_point[:-1][inside]
        piece_m = np.hypot(*(end_xy - start_xy).T)
        reached_m = np.cumsum(piece_m) - piece_m
        first = np.searchsorted(piece_edge, np.arange(network.edges))
        total_m = np.bincount(piece_edge, weights=piece_m, minlength=network.edges)
        scale = network.edge_length_m / np.maximum(total_m, 1e-9)
        lines = list(shapely.get_parts(shapely.multilinestrings(np.stack([start_xy, end_xy], axis=1))))
        return cls(STRtree(lines), piece_edge, start_xy, end_xy, reached_m - reached_m[first][piece_edge], scale)

    def near(self, xy: Floats, radius_m: float) -> list[RoadPoint]:
        """Return the nearest point of every edge within a radius, nearest first; ties are broken by edge."""
        pieces = self.tree.query(shapely.Point(xy), predicate="dwithin", distance=radius_m)
        best: dict[int, RoadPoint] = {}
        for piece in np.sort(pieces):
            point = self._on_piece(int(piece), xy)
            if point.edge not in best or point.distance_m < best[point.edge].distance_m:
                best[point.edge] = point
        return sorted(best.values(), key=lambda point: (point.distance_m, point.edge))

    def nearest(self, xy: Floats) -> list[RoadPoint]:
        """Return the nearest point of the nearest road, however far it is, on each of its directions."""
        radius_m = self.distance_m(xy)
        return self.near(xy, radius_m * (1 + 1e-9) + 0.01)

    def distance_m(self, xy: Floats) -> float:
        """Return the distance to the nearest road."""
        _, distance = self.tree.query_nearest(shapely.Point(xy), return_distance=True, all_matches=False)
        return float(distance[0])

    def nearest_edges(self, xy: Floats) -> tuple[Ints32, Floats]:
        """Return the nearest edge of each of (n, 2) places, and its distance; ties go to the lowest number."""
        (place, piece), away_m = self.tree.query_nearest(shapely.points(xy), return_distance=True)
        order = np.lexsort((self.piece_edge[piece], place))
        _, first = np.unique(place[order], return_index=True)
        return self.piece_edge[piece[order][first]], away_m[order][first]

    def edges_in(self, area: shapely.Geometry) -> Ints32:
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
