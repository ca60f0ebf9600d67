"""Lay all edges one behind the other, so that points along many of them are found at once."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from roadgraph.geometry import Floats

if TYPE_CHECKING:
    from roadgraph.graph import Ints, RoadGraph

GAP_M = 1.0
"""Between one edge and the next, so that no point belongs to two."""


@dataclass(frozen=True, eq=False)
class Chain:
    """Every shape point of the network: how far it is along the chain, and where it lies on the plane in metres.

    `start_m` is where each edge starts on the chain, `scale` its length on the plane beside that on the earth.
    """

    reached_m: Floats
    xy: Floats
    start_m: Floats
    scale: Floats

    @classmethod
    def of(cls, graph: "RoadGraph") -> "Chain":
        """Lay out a network."""
        xy = graph.plane.to_xy(graph.shape_lat, graph.shape_lon)
        step_m = np.hypot(*np.diff(xy, axis=0).T)
        step_m[graph.shape_start[1:-1] - 1] = GAP_M
        reached_m = np.concatenate([[0.0], np.cumsum(step_m)])
        start_m, end_m = reached_m[graph.shape_start[:-1]], reached_m[graph.shape_start[1:] - 1]
        return cls(reached_m, xy, start_m, (end_m - start_m) / graph.edge_length_m)

    def xy_at(self, edge: "Ints", along_m: Floats) -> Floats:
        """Return the (n, 2) places of points along edges."""
        at_m = self.start_m[edge] + along_m * self.scale[edge]
        return np.stack([np.interp(at_m, self.reached_m, self.xy[:, axis]) for axis in (0, 1)], axis=-1)
