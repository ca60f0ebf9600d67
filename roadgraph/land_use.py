"""Say where trips begin and end: at homes, work, shops and car parks, by the hour."""

from dataclasses import dataclass

import numpy as np

from roadgraph.geometry import Floats
from roadgraph.graph import PLACE_KINDS, ROAD_CLASSES, Ints, RoadGraph

LIVED_ON = tuple(ROAD_CLASSES.index(name) for name in ("residential", "living_street", "unclassified", "service"))
REACH_OF_A_TRIP_M = 6000.0
"""Places this far away draw a third of the trips that they would draw next door."""
SHARES_BY_HOUR = (
    (0, {"home": 0.6, "work": 0.1, "shop": 0.1, "parking": 0.2}),
    (6, {"home": 0.1, "work": 0.6, "shop": 0.15, "parking": 0.15}),
    (10, {"home": 0.2, "work": 0.25, "shop": 0.35, "parking": 0.2}),
    (16, {"home": 0.55, "work": 0.05, "shop": 0.25, "parking": 0.15}),
    (20, {"home": 0.7, "work": 0.05, "shop": 0.1, "parking": 0.15}),
)
"""From each hour on, where trips go."""


@dataclass(frozen=True, eq=False)
class TripEnds:
    """Edges on which a vehicle can start or park, how many trips each draws, and where it lies in metres."""

    edge: Ints
    weight: Floats
    xy: Floats

    def pick(self, rng: np.random.Generator, count: int) -> Ints:
        """Return that many ends at random."""
        return self.edge[rng.choice(len(self.edge), size=count, p=self.weight / self.weight.sum())]

    def pick_from(self, rng: np.random.Generator, from_xy: Floats, count: int) -> Ints:
        """Return that many ends at random, near ones rather than far ones."""
        away_m = np.hypot(*(self.xy - from_xy).T)
        pull = self.weight * np.exp(-away_m / REACH_OF_A_TRIP_M)
        if pull.sum() <= 0:
            return self.pick(rng, count)
        return self.edge[rng.choice(len(self.edge), size=count, p=pull / pull.sum())]


def trip_ends(graph: RoadGraph, hour: float) -> TripEnds:
    """Return where trips go at this hour of the day."""
    shares = [shares for start, shares in SHARES_BY_HOUR if start <= hour][-1]
    weight = shares["home"] * _share(_homes(graph))
    for kind, name in enumerate(PLACE_KINDS):
        drawn = np.bincount(graph.place_edge[graph.place_kind == kind], minlength=graph.edges).astype(np.float64)
        weight = weight + shares[name] * _share(drawn)
    edges = np.flatnonzero(weight > 0).astype(np.int32)
    middles = graph.plane.to_xy(
        (graph.node_lat[graph.edge_from[edges]] + graph.node_lat[graph.edge_to[edges]]) / 2,
        (graph.node_lon[graph.edge_from[edges]] + graph.node_lon[graph.edge_to[edges]]) / 2,
    )
    return TripEnds(edges, weight[edges], middles)


def _homes(graph: RoadGraph) -> Floats:
    """Return the length of streets that people live on; all roads where the map has no such streets."""
    lived_on = np.isin(graph.edge_class, LIVED_ON)
    return np.where(lived_on, graph.edge_length_m, 0.0) if lived_on.any() else graph.edge_length_m


def _share(weight: Floats) -> Floats:
    total = float(weight.sum())
    return weight / total if total > 0 else weight
