"""Tell where every vehicle of a city was all the time, and by which roads it went."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import numpy as np

from index.simulation.truth import TruePosition, TrueStep
from roadgraph.graph import RoadGraph
from roadgraph.passages import vehicle_whereabouts
from roadgraph.traffic import Trip

MOST_ROWS = 400_000
"""Positions are told each second, or so seldom that there are no more of them than this."""


def positions(
    graph: RoadGraph, trips: Sequence[Trip], names: Sequence[str], start: datetime, until_s: float
) -> Iterator[TruePosition]:
    """Yield where each vehicle is from the start on; parked ones stay where they are."""
    by_vehicle = _by_vehicle(trips)
    every_s = max(1.0, float(np.ceil(len(by_vehicle) * until_s / MOST_ROWS)))
    for vehicle, own in sorted(by_vehicle.items()):
        for second in np.arange(0.0, until_s + every_s, every_s).tolist():
            where = vehicle_whereabouts(graph, own, second)
            if where is not None:
                time = start + timedelta(seconds=second)
                yield TruePosition(names[vehicle], time, round(where.lat, 7), round(where.lon, 7))


def steps(graph: RoadGraph, trips: Sequence[Trip], names: Sequence[str], start: datetime) -> Iterator[TrueStep]:
    """Yield the roads of each trip in order."""
    for vehicle, own in sorted(_by_vehicle(trips).items()):
        for number, trip in enumerate(own, start=1):
            for edge, entered_s in zip(trip.edges.tolist(), trip.enter_s.tolist(), strict=True):
                time = start + timedelta(seconds=round(entered_s, 3))
                name = graph.names[int(graph.edge_name[edge])] or None
                yield TrueStep(names[vehicle], number, time, edge, name)


def _by_vehicle(trips: Sequence[Trip]) -> Mapping[int, list[Trip]]:
    found: dict[int, list[Trip]] = defaultdict(list)
    for trip in trips:
        found[trip.vehicle].append(trip)
    return found
