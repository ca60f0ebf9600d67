"""Find points along many edges at once: all edges are laid end to end, and every point is a distance along them."""

from dataclasses import dataclass

import numpy as np

from roadgraph.arrays import Floats, Ints32
from roadgraph.network import RoadNetwork

GAP_M = 1.0
"""Between one edge and the next, so that no point belongs to two."""


@dataclass(frozen=True, eq=False)
class EdgeChain:
    """The shape points of all edges: distance along the chain, metres on the network's plane, latitude, longitude.

    `start_m` and `end_m` are where each edge starts and ends on the chain. `scale` is the length of each edge on the
    plane divided by its length on the earth.
    """

    reached_m: Floats
    xy: Floats
    lat: Floats
    lon: Floats
    start_m: Floats
    end_m: Floats
    scale: Floats

    @classmethod
    def of(cls, network: RoadNetwork) -> "EdgeChain":
        """Lay out a network."""
        lat, lon = network.shape_lat, network.shape_lon
        xy = network.plane.to_xy(lat, lon)
        step_m = np.hypot(*np.diff(xy, axis=0).T)
        step_m[network.shape_start[1:-1] - 1] = GAP_M
        reached_m = np.concatenate([[0.0], np.cumsum(step_m)])
        start_m, end_m = reached_m[network.shape_start[:-1]], reached_m[network.shape_start[1:] - 1]
        return cls(reached_m, xy, lat, lon, start_m, end_m, (end_m - start_m) / network.edge_length_m)

    def xy_at(self, edge: Ints32, along_m: Floats) -> Floats:
        """Return the (n, 2) plane coordinates of points along edges."""
        at_m = self.start_m[edge] + along_m * self.scale[edge]
        return np.stack([np.interp(at_m, self.reached_m, self.xy[:, axis]) for axis in (0, 1)], axis=-1)

    def latlon_at(self, edge: Ints32, along_m: Floats) -> tuple[Floats, Floats]:
        """Return the latitudes and longitudes of points along edges, as `RoadNetwork.position` does for one."""
        at_m = np.clip(self.start_m[edge] + along_m * self.scale[edge], self.start_m[edge], self.end_m[edge])
        return np.interp(at_m, self.reached_m, self.lat), np.interp(at_m, self.reached_m, self.lon)
