"""Tell where the vehicles of simulated trips are, and when they pass cameras."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from roadgraph.arrays import Floats
from roadgraph.camera import PlacedCamera, View
from roadgraph.graph import RoadGraph
from roadgraph.traffic import Trip


@dataclass(frozen=True, slots=True)
class SimulatedPassage:
    """One vehicle passing the point of the road that a camera looks at; `trip` is the index of its trip."""

    vehicle: int
    trip: int
    camera: str
    view: View
    time_s: float
    speed_mps: float


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """A point on a directed edge, and its latitude and longitude."""

    edge: int
    along_m: float
    lat: float
    lon: float


def passages(graph: RoadGraph, trips: Sequence[Trip], placed: Sequence[PlacedCamera]) -> list[SimulatedPassage]:
    """Return every passage of every trip past every camera, in order of time."""
    if not trips or not placed:
        return []
    views = [(view, camera.id) for camera in placed for view in camera.views]
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
    for view, camera_id in views:
        low, high = np.searchsorted(edges[order], [view.edge, view.edge + 1])
        for at in order[low:high].tolist():
            if low_m[at] <= view.along_m <= high_m[at] and exit_s[at] > enter_s[at]:
                speed_mps = (high_m[at] - low_m[at]) / (exit_s[at] - enter_s[at])
                time_s = enter_s[at] + (view.along_m - low_m[at]) / speed_mps
                trip = int(owner[at])
                vehicle = trips[trip].vehicle
                found.append(SimulatedPassage(vehicle, trip, camera_id, view, float(time_s), float(speed_mps)))
    return sorted(found, key=lambda passage: (passage.time_s, passage.vehicle, passage.camera))


def whereabouts(graph: RoadGraph, trip: Trip, time_s: float) -> Whereabouts:
    """Return where the vehicle of a trip is: at the start before it sets off, at the end after it has arrived."""
    number = int(np.clip(np.searchsorted(trip.enter_s, time_s, side="right") - 1, 0, len(trip.edges) - 1))
    edge = int(trip.edges[number])
    low_m = trip.from_m if number == 0 else 0.0
    high_m = trip.to_m if number == len(trip.edges) - 1 else float(graph.edge_length_m[edge])
    driven_s = float(trip.exit_s[number] - trip.enter_s[number])
    share = 1.0 if driven_s <= 0 else float(np.clip((time_s - trip.enter_s[number]) / driven_s, 0.0, 1.0))
    along_m = low_m + share * (high_m - low_m)
    return Whereabouts(edge, along_m, *graph.position(edge, along_m))


def vehicle_whereabouts(graph: RoadGraph, trips: Sequence[Trip], time_s: float) -> Whereabouts | None:
    """Return where a vehicle is, parked or driving, given its trips in order of time; None without trips."""
    begun = [trip for trip in trips if trip.start_s <= time_s] or list(trips[:1])
    return whereabouts(graph, begun[-1], time_s) if begun else None


def whereabouts_at_times(graph: RoadGraph, trips: Sequence[Trip], times_s: Floats) -> tuple[Floats, Floats]:
    """Return the latitudes and longitudes of one vehicle at many times, given its trips in order of time."""
    edges = np.concatenate([trip.edges for trip in trips])
    enter_s = np.concatenate([trip.enter_s for trip in trips])
    exit_s = np.concatenate([trip.exit_s for trip in trips])
    low_m, high_m = np.zeros(len(edges)), graph.edge_length_m[edges].astype(np.float64)
    last = np.cumsum([len(trip.edges) for trip in trips]) - 1
    low_m[[0, *(last[:-1] + 1).tolist()]] = [trip.from_m for trip in trips]
    high_m[last] = [trip.to_m for trip in trips]
    number = np.maximum(np.searchsorted(enter_s, times_s, side="right") - 1, 0)
    driven_s = (exit_s - enter_s)[number]
    share = np.where(driven_s > 0, (times_s - enter_s[number]) / np.where(driven_s > 0, driven_s, 1.0), 1.0)
    along_m = low_m[number] + np.clip(share, 0.0, 1.0) * (high_m - low_m)[number]
    return graph.chain.latlon_at(edges[number], along_m)
