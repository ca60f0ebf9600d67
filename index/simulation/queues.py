"""Hold vehicles up where the lane past a camera is full, and everywhere they drive after that.

Trips are simulated without regard to one another, but no picture shows a vehicle inside another (`motion.py`). If only
the picture knew of a queue, whoever waited in it would reach the next camera sooner than anybody can drive.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heappush

import numpy as np

from index.simulation.fleet import FleetBlock
from index.simulation.motion import BETWEEN_M, REACTION_S
from roadgraph.camera import PlacedCamera
from roadgraph.graph import RoadGraph
from roadgraph.passages import SimulatedPassage, passages
from roadgraph.traffic import Trip

MADE_UP_S = 2.0
"""Who waits no longer makes it up on the way to the next camera."""

Waits = Mapping[tuple[int, int], Sequence[tuple[int, float]]]
"""By vehicle and trip of its block: before which edge of the trip it waits, and how long."""


@dataclass(frozen=True, slots=True)
class _Arrival:
    """A vehicle at a camera: its length, and the place in its trip of the edge that the camera sees."""

    passage: SimulatedPassage
    length_m: float
    place: int


def with_queues(
    graph: RoadGraph, blocks: Sequence[FleetBlock], placed: Sequence[PlacedCamera], lanes: Mapping[str, int]
) -> tuple[FleetBlock, ...]:
    """Return the blocks with each vehicle as late as the queues before cameras make it; `lanes` is per camera."""
    arrivals: dict[int, list[_Arrival]] = defaultdict(list)
    for block in blocks:
        for passage in passages(graph, block.trips, placed):
            length_m = block.member(passage.vehicle).body.model.length_m
            arrivals[passage.vehicle].append(_Arrival(passage, length_m, _place(block.trips[passage.trip], passage)))
    waits = _waits(arrivals, lanes)
    return tuple(replace(block, trips=tuple(_held_up(block.trips, waits))) for block in blocks)


def _place(trip: Trip, passage: SimulatedPassage) -> int:
    on_edge = trip.edges == passage.view.edge
    return int(np.flatnonzero(on_edge & (trip.enter_s <= passage.time_s) & (passage.time_s <= trip.exit_s))[0])


def _waits(arrivals: Mapping[int, Sequence[_Arrival]], lanes: Mapping[str, int]) -> Waits:
    """Let the vehicles arrive in order of time, each as late as its waits so far, and return where it waits.

    In a lane one follows the other as `motion.py` has it: after REACTION_S and the time for their lengths.
    """
    late_s: dict[int, float] = defaultdict(float)
    ahead: dict[tuple[str, int, int], tuple[float, float]] = {}
    waits: dict[tuple[int, int], list[tuple[int, float]]] = defaultdict(list)
    coming = [(own[0].passage.time_s, vehicle, 0) for vehicle, own in arrivals.items()]
    heapify(coming)
    while coming:
        at_s, vehicle, number = heappop(coming)
        arrival, passage = arrivals[vehicle][number], arrivals[vehicle][number].passage
        lane = passage.camera, passage.view.edge, vehicle % lanes[passage.camera]
        passed_s, length_m = ahead.get(lane, (-np.inf, 0.0))
        room_m = (arrival.length_m + length_m) / 2 + BETWEEN_M
        wait_s = max(passed_s + REACTION_S + room_m / passage.speed_mps - at_s, 0.0)
        ahead[lane] = at_s + wait_s, arrival.length_m
        if wait_s > MADE_UP_S:
            waits[vehicle, passage.trip].append((arrival.place, wait_s))
            late_s[vehicle] += wait_s
        if number + 1 < len(arrivals[vehicle]):
            following = arrivals[vehicle][number + 1]
            heappush(coming, (following.passage.time_s + late_s[vehicle], vehicle, number + 1))
    return waits


def _held_up(trips: Sequence[Trip], waits: Waits) -> Iterator[Trip]:
    """Yield the trips, which are ordered by vehicle and time, as late as the waits make them."""
    vehicle, late_s = -1, 0.0
    for number, trip in enumerate(trips):
        late_s = late_s if trip.vehicle == vehicle else 0.0
        vehicle = trip.vehicle
        own = waits.get((vehicle, number), ())
        if late_s == 0.0 and not own:
            yield trip
            continue
        later_s = np.full(len(trip.edges), late_s)
        for place, wait_s in own:
            later_s[place:] += wait_s
        late_s = float(later_s[-1])
        yield replace(trip, enter_s=trip.enter_s + later_s, exit_s=trip.exit_s + later_s)
