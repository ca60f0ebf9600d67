"""Say where trips begin and end: at homes, work, shops and car parks, by the hour."""

from dataclasses import dataclass

import numpy as np

from roadgraph.arrays import Floats, Ints32
from roadgraph.graph import RoadGraph
from roadgraph.network import PLACE_KINDS, ROAD_CLASSES

HOME_CLASSES = tuple(ROAD_CLASSES.index(name) for name in ("residential", "living_street", "unclassified", "service"))
"""The classes of streets that people live on."""
TRIP_REACH_M = 6000.0
"""A place this far away attracts a third of the trips that it would attract next door."""
SHARES_BY_HOUR = (
    (0, {"home": 0.6, "work": 0.1, "shop": 0.1, "parking": 0.2}),
    (6, {"home": 0.1, "work": 0.6, "shop": 0.15, "parking": 0.15}),
    (10, {"home": 0.2, "work": 0.25, "shop": 0.35, "parking": 0.2}),
    (16, {"home": 0.55, "work": 0.05, "shop": 0.25, "parking": 0.15}),
    (20, {"home": 0.7, "work": 0.05, "shop": 0.1, "parking": 0.15}),
)
"""The shares of trips to each kind of place, from each hour on."""


@dataclass(frozen=True, eq=False)
class TripEnds:
    """The edges on which a vehicle can start or park, the weight of trips to each, and its place in metres."""

    edge: Ints32
    weight: Floats
    xy: Floats

    def pick(self, rng: "np.random.Generator", count: int) -> Ints32:
        """Return random ends, by weight."""
        return self.edge[rng.choice(len(self.edge), size=count, p=self.weight / self.weight.sum())]

    def pick_from(self, rng: "np.random.Generator", from_xy: Floats, count: int) -> Ints32:
        """Return random ends, by weight and nearness to a place."""
        away_m = np.hypot(*(self.xy - from_xy).T)
        pull = self.weight * np.exp(-away_m / TRIP_REACH_M)
        if pull.sum() <= 0:
            return self.pick(rng, count)
        return self.edge[rng.choice(len(self.edge), size=count, p=pull / pull.sum())]


def trip_ends(graph: RoadGraph, hour: float) -> TripEnds:
    """Return where trips end at this hour of the day."""
    shares = [shares for start, shares in SHARES_BY_HOUR if start <= hour][-1]
    weight = shares["home"] * _share(_home_length_m(graph))
    for kind, name in enumerate(PLACE_KINDS):
        places = np.bincount(graph.place_edge[graph.place_kind == kind], minlength=graph.edges).astype(np.float64)
        weight = weight + shares[name] * _share(places)
    edges = np.flatnonzero(weight > 0).astype(np.int32)
    middles = graph.plane.to_xy(
        (graph.node_lat[graph.edge_from[edges]] + graph.node_lat[graph.edge_to[edges]]) / 2,
        (graph.node_lon[graph.edge_from[edges]] + graph.node_lon[graph.edge_to[edges]]) / 2,
    )
    return TripEnds(edges, weight[edges], middles)


def _home_length_m(graph: RoadGraph) -> Floats:
    """Return the length of each street that people live on, 0 for other roads; of all roads if there is no such."""
    has_homes = np.isin(graph.edge_class, HOME_CLASSES)
    return np.where(has_homes, graph.edge_length_m, 0.0) if has_homes.any() else graph.edge_length_m


def _share(weight: Floats) -> Floats:
    total = float(weight.sum())
    return weight / total if total > 0 else weight
