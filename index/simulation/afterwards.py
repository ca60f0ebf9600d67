"""Tell where the vehicles of a city were all the time, and by which roads they went."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

import numpy as np
import numpy.typing as npt

from index.simulation.population import Block
from index.simulation.truth import TruePosition, TrueStep
from roadgraph.graph import RoadGraph
from roadgraph.traffic import Trip
from roadgraph.whole_days import EdgePlaces, whole_day

MOST_ROWS = 2_000_000
LONGEST_STEP_S = 10.0


@dataclass(frozen=True, slots=True)
class Telling:
    """At which seconds of the period, and of which vehicles, it is told where they are: every `nth` one."""

    seconds: npt.NDArray[np.float64]
    nth: int

    @classmethod
    def of(cls, vehicles: int, until_s: float) -> "Telling":
        """Tell of all vehicles each second; of very many more seldom, then of fewer, so that MOST_ROWS are enough."""
        every_s = min(max(1.0, math.ceil(vehicles * until_s / MOST_ROWS)), LONGEST_STEP_S)
        seconds = np.arange(0.0, until_s + every_s, every_s)
        return cls(seconds, max(1, math.ceil(vehicles * len(seconds) / MOST_ROWS)))

    def trips_of(self, block: Block) -> Iterator[tuple[str, Sequence[Trip]]]:
        """Yield the name and the trips of each vehicle of a block that is told of."""
        for vehicle, trips in groupby(block.trips, key=lambda trip: trip.vehicle):
            if vehicle % self.nth == 0:
                yield block.member(vehicle).name, list(trips)


def positions(graph: RoadGraph, block: Block, telling: Telling, start: datetime) -> Iterator[TruePosition]:
    """Yield where each vehicle is from the start on; parked ones stay where they are."""
    places = EdgePlaces(graph)
    times = [start + timedelta(seconds=second) for second in telling.seconds.tolist()]
    for name, trips in telling.trips_of(block):
        lat, lon = whole_day(places, graph, trips, telling.seconds)
        rows = zip(times, lat.round(7).tolist(), lon.round(7).tolist(), strict=True)
        yield from (TruePosition(name, *row) for row in rows)


def steps(graph: RoadGraph, block: Block, telling: Telling, start: datetime) -> Iterator[TrueStep]:
    """Yield the roads of each trip in order."""
    for vehicle, trips in telling.trips_of(block):
        for number, trip in enumerate(trips, start=1):
            for edge, entered_s in zip(trip.edges.tolist(), trip.enter_s.tolist(), strict=True):
                time = start + timedelta(seconds=round(entered_s, 3))
                name = graph.names[int(graph.edge_name[edge])] or None
                yield TrueStep(vehicle, number, time, edge, name)
