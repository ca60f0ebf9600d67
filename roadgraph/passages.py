"""Say where vehicles of simulated trips are, and when they pass cameras."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from roadgraph.camera import PlacedCamera, View
from roadgraph.graph import RoadGraph
from roadgraph.traffic import Trip


@dataclass(frozen=True, slots=True)
class Passage:
    """One vehicle passing the point of the road that a camera looks at, and how fast."""

    vehicle: int
    trip: int
    camera: str
    view: View
    time_s: float
    speed_mps: float


def passages(graph: RoadGraph, trips: Sequence[Trip], placed: Sequence[PlacedCamera]) -> list[Passage]:
    """Return every passage of every trip past every camera, in order of time; `trip` is the index in `trips`."""
    if not trips or not placed:
        return []
    views = [(view, one.camera.id) for one in placed for view in one.views]
    edges = np.concatenate([trip.edges for trip in trips])
    owner = np.repeat(np.arange(len(trips)), [len(trip.edges) for trip in trips])
    enter_s = np.concatenate([trip.enter_s for trip in trips])
    exit_s = np.concatenate([trip.exit_s for trip in trips])
    first = np.concatenate([[True], owner[1:] != owner[:-1]])
    last = np.concatenate([owner[1:] != owner[:-1], [True]])
    low_m = np.where(first, np.array([trip.from_m for trip in trips])[owner], 0.0)
    high_m = np.where(last, np.array([trip.to_m for trip in trips])[owner], graph.edge_length_m[edges])
    order = np.argsort(edges, kind="stable")
    found = []
    for view, camera in views:
        low, high = np.searchsorted(edges[order], [view.edge, view.edge + 1])
        for at in order[low:high].tolist():
            if low_m[at] <= view.along_m <= high_m[at] and exit_s[at] > enter_s[at]:
                speed_mps = (high_m[at] - low_m[at]) / (exit_s[at] - enter_s[at])
                time_s = enter_s[at] + (view.along_m - low_m[at]) / speed_mps
                trip = int(owner[at])
                found.append(Passage(trips[trip].vehicle, trip, camera, view, float(time_s), float(speed_mps)))
    return sorted(found, key=lambda passage: (passage.time_s, passage.vehicle, passage.camera))


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """A point on a directed edge, and the place of it."""

    edge: int
    along_m: float
    lat: float
    lon: float


def whereabouts(graph: RoadGraph, trip: Trip, time_s: float) -> Whereabouts:
    """Return where the vehicle of a trip is: at its start before it sets off, at its end once it has arrived."""
    number = int(np.clip(np.searchsorted(trip.enter_s, time_s, side="right") - 1, 0, len(trip.edges) - 1))
    edge = int(trip.edges[number])
    low_m = trip.from_m if number == 0 else 0.0
    high_m = trip.to_m if number == len(trip.edges) - 1 else float(graph.edge_length_m[edge])
    driven_s = float(trip.exit_s[number] - trip.enter_s[number])
    share = 1.0 if driven_s <= 0 else float(np.clip((time_s - trip.enter_s[number]) / driven_s, 0.0, 1.0))
    along_m = low_m + share * (high_m - low_m)
    return Whereabouts(edge, along_m, *graph.position(edge, along_m))


def vehicle_whereabouts(graph: RoadGraph, trips: Sequence[Trip], time_s: float) -> Whereabouts | None:
    """Return where one vehicle is, parked or driving, given its trips in order of time; None without trips."""
    begun = [trip for trip in trips if trip.start_s <= time_s] or list(trips[:1])
    return whereabouts(graph, begun[-1], time_s) if begun else None
