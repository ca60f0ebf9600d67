"""Score where a vehicle is said to be now against where it truly is."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.archive import Archive
from index.office.access import local_person
from index.places import Places
from index.search import search
from index.sighting import Query
from index.simulation import truth
from index.simulation.questions import HORIZON_S, KnownSighting
from index.simulation.recall import CityTruth, Remembered
from index.simulation.truth import TruePassage, TruePosition
from reid.evaluation.intervals import Figure, share
from roadgraph.area import polygon, reachable_area
from roadgraph.area_measure import fastest_mps, metres_outside, road_km_in, road_km_in_circle
from roadgraph.camera import PlacedCamera
from roadgraph.graph import RoadGraph
from roadgraph.origin import Origin

MINUTES = (2, 5, 10)
NEAR_M = 30.0
"""So near to the area the true position counts as inside."""
SLACK = 1.3
"""How many times faster than the limits the circle lets a vehicle drive."""

Kinds = Mapping[str, Mapping[str, Figure]]
"""By kind of area ("search", "isochrone", "map"): how often it contains the vehicle, and how large it is."""


@dataclass(frozen=True, slots=True)
class AreaQuestion:
    """A sighting after which the vehicle passes no camera for some minutes, and where it truly is then."""

    seen: KnownSighting
    minutes: int
    at: datetime
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Judged:
    """Whether one area contains the vehicle, and its share of the road in circle and map."""

    kind: str
    vehicle: str
    contains: bool
    size: float


@dataclass(frozen=True, slots=True)
class Drive:
    """Where one vehicle is over time."""

    times_s: npt.NDArray[np.float64]
    lat: npt.NDArray[np.float64]
    lon: npt.NDArray[np.float64]

    def at(self, time: datetime) -> tuple[float, float] | None:
        """Return the place at a time, None before the vehicle starts and after it is gone."""
        t = time.timestamp()
        if not self.times_s[0] <= t <= self.times_s[-1]:
            return None
        return float(np.interp(t, self.times_s, self.lat)), float(np.interp(t, self.times_s, self.lon))


def area_figures(
    archive: Archive, city: Path, remembered: Remembered, true: CityTruth, n: int, seed: int
) -> dict[str, Kinds]:
    """Return the figures by minutes after the last seen passage, on up to `n` sightings each."""
    places = archive.places
    if places is None:
        return {str(minutes): _figures([]) for minutes in MINUTES}
    paths = _paths(truth.read(city, TruePosition))
    known = [sighting for sighting in remembered.known(true.clocks) if sighting.match.passage is not None]
    return {
        str(minutes): _figures(
            judged
            for question in _asked(known, true.passages, paths, minutes=minutes, n=n, seed=seed)
            for judged in _judge(archive, places, question)
        )
        for minutes in MINUTES
    }


def _asked(
    known: Sequence[KnownSighting],
    passages: Sequence[TruePassage],
    paths: Mapping[str, Drive],
    *,
    minutes: int,
    n: int,
    seed: int,
) -> list[AreaQuestion]:
    """Draw sightings after which the vehicle is seen no more for so long, and is still on the map then."""
    fair = []
    for seen in sorted(known, key=lambda sighting: sighting.id):
        at = seen.time + timedelta(minutes=minutes)
        vehicle = seen.match.vehicle
        later = (p for p in passages if p.vehicle == vehicle and p.passage != seen.match.passage)
        place = paths[vehicle].at(at) if vehicle in paths and vehicle is not None else None
        if place is not None and not any(seen.time < p.last and p.first <= at for p in later):
            fair.append(AreaQuestion(seen, minutes, at, *place))
    drawn = np.random.default_rng([seed, minutes]).permutation(len(fair))[:n]
    return [fair[i] for i in sorted(drawn)]


def _figures(judged_ones: Iterable[Judged]) -> Kinds:
    judged = list(judged_ones)
    return {
        kind: {
            "contains": share(
                [j.vehicle for j in judged if j.kind == kind], [j.contains for j in judged if j.kind == kind]
            ),
            "size": share([j.vehicle for j in judged if j.kind == kind], [j.size for j in judged if j.kind == kind]),
        }
        for kind in ("search", "isochrone", "map")
    }


def _judge(archive: Archive, places: Places, question: AreaQuestion) -> list[Judged]:
    """Return how the area of the search, the free-flow isochrone and the whole map do on one question."""
    graph = places.graph
    placed = next(one for one in places.placed if one.camera.id == question.seen.camera)
    vehicle = question.seen.match.vehicle or ""
    elapsed_s = 60.0 * question.minutes
    radius_m = fastest_mps(graph) * SLACK * elapsed_s
    whole_km = road_km_in_circle(graph, placed.camera.lat, placed.camera.lon, radius_m)
    areas = {"isochrone": _isochrone(graph, placed, elapsed_s), "search": _said(archive, question)}
    judged = [
        Judged(
            kind,
            vehicle,
            metres_outside(graph, area, question.lat, question.lon) <= NEAR_M,
            min(1.0, road_km_in(graph, area) / whole_km),
        )
        for kind, area in areas.items()
        if area is not None
    ]
    return [*judged, Judged("map", vehicle, True, max(1.0, graph.km / whole_km))]


def _isochrone(graph: RoadGraph, placed: PlacedCamera, elapsed_s: float) -> Mapping[str, object]:
    return polygon(graph, reachable_area(graph, Origin.at_camera(placed), elapsed_s))


def _said(archive: Archive, question: AreaQuestion) -> Mapping[str, object] | None:
    query = Query(sighting=question.seen.id, horizon_s=HORIZON_S, at=question.at, reason="score")
    *_, last = search(archive, query, local_person())
    return last.area_now


def _paths(positions: Sequence[TruePosition]) -> dict[str, Drive]:
    by_vehicle: dict[str, list[TruePosition]] = defaultdict(list)
    for position in positions:
        by_vehicle[position.vehicle].append(position)
    return {
        vehicle: Drive(
            np.array([row.time.timestamp() for row in rows]),
            np.array([row.lat for row in rows]),
            np.array([row.lon for row in rows]),
        )
        for vehicle, rows in by_vehicle.items()
    }
