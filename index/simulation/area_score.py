"""Score the area in which the search expects a vehicle against the vehicle's true position."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from index.access.permissions import local_person
from index.answers import Query
from index.map.places import Places, current_places
from index.search.search import search
from index.simulation import truth
from index.simulation.match_archive import CityTruth, MatchedArchive
from index.simulation.questions import HORIZON_S, KnownSighting
from index.simulation.truth import TruePassage, TruePosition
from index.store.archive import Archive
from reid.arrays import Floats
from reid.evaluation.intervals import Figure, share
from roadgraph.area import fastest_mps, metres_outside, polygon, reachable_area, road_km_in, road_km_in_circle
from roadgraph.camera import PlacedCamera
from roadgraph.graph import RoadGraph
from roadgraph.origin import Origin

MINUTES = (2, 5, 10)
NEAR_M = 30.0
"""A true position this near to the area counts as inside."""
SLACK = 1.3
"""The circle lets a vehicle drive this many times the fastest limit."""

AreaFigures = Mapping[str, Mapping[str, Figure]]
"""Kind of area ("search", "isochrone", "map") -> how often it contains the vehicle, and how large it is."""


@dataclass(frozen=True, slots=True)
class AreaQuestion:
    """A sighting after which the vehicle passes no camera for some minutes, and its true position then."""

    last: KnownSighting
    minutes: int
    at: datetime
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class JudgedArea:
    """Whether one area contains the vehicle, and its length of road over that in the circle."""

    kind: str
    vehicle: str
    contains: bool
    size: float


@dataclass(frozen=True, slots=True)
class VehiclePath:
    """The position of one vehicle over time."""

    times_s: Floats
    lat: Floats
    lon: Floats

    def at(self, time: datetime) -> tuple[float, float] | None:
        """Return the position at a time, None before the vehicle starts and after it is gone."""
        t = time.timestamp()
        if not self.times_s[0] <= t <= self.times_s[-1]:
            return None
        return float(np.interp(t, self.times_s, self.lat)), float(np.interp(t, self.times_s, self.lon))


def area_figures(
    archive: Archive, city: Path, matched: MatchedArchive, city_truth: CityTruth, n: int, seed: int
) -> dict[str, AreaFigures]:
    """Return the figures by minutes since the last sighting, from up to `n` sightings each."""
    places = current_places(archive)
    if places.graph is None:
        return {str(minutes): _figures([]) for minutes in MINUTES}
    paths = vehicle_paths(truth.read(city, TruePosition))
    known = [sighting for sighting in matched.known_sightings(city_truth) if sighting.match.passage is not None]
    return {
        str(minutes): _figures(
            judged
            for question in _draw_questions(known, city_truth.passages, paths, minutes=minutes, n=n, seed=seed)
            for judged in _judge(archive, places, question)
        )
        for minutes in MINUTES
    }


def vehicle_paths(positions: Iterable[TruePosition]) -> dict[str, VehiclePath]:
    """Return the path of each vehicle."""
    by_vehicle: dict[str, list[TruePosition]] = defaultdict(list)
    for position in positions:
        by_vehicle[position.vehicle].append(position)
    return {
        vehicle: VehiclePath(
            np.array([row.time.timestamp() for row in rows]),
            np.array([row.lat for row in rows]),
            np.array([row.lon for row in rows]),
        )
        for vehicle, rows in by_vehicle.items()
    }


def is_inside(graph: RoadGraph, area: Mapping[str, object], lat: float, lon: float) -> bool:
    """Return whether a true position lies in an area, or near enough to it."""
    return metres_outside(graph, area, lat, lon) <= NEAR_M


def _draw_questions(
    known: Sequence[KnownSighting],
    passages: Sequence[TruePassage],
    paths: Mapping[str, VehiclePath],
    *,
    minutes: int,
    n: int,
    seed: int,
) -> list[AreaQuestion]:
    """Draw sightings after which the vehicle passes no camera for some minutes but stays on the map."""
    possible = []
    for last in sorted(known, key=lambda sighting: sighting.id):
        at = last.time + timedelta(minutes=minutes)
        vehicle = last.match.vehicle
        later = (p for p in passages if p.vehicle == vehicle and p.passage != last.match.passage)
        place = paths[vehicle].at(at) if vehicle in paths and vehicle is not None else None
        if place is not None and not any(last.time < p.last and p.first <= at for p in later):
            possible.append(AreaQuestion(last, minutes, at, *place))
    drawn = np.random.default_rng([seed, minutes]).permutation(len(possible))[:n]
    return [possible[i] for i in sorted(drawn)]


def _figures(areas: Iterable[JudgedArea]) -> AreaFigures:
    judged = list(areas)
    return {
        kind: {
            "contains": share(
                [j.vehicle for j in judged if j.kind == kind], [j.contains for j in judged if j.kind == kind]
            ),
            "size": share([j.vehicle for j in judged if j.kind == kind], [j.size for j in judged if j.kind == kind]),
        }
        for kind in ("search", "isochrone", "map")
    }


def _judge(archive: Archive, places: Places, question: AreaQuestion) -> list[JudgedArea]:
    """Judge the search's area, the free-flow isochrone and the whole map on one question."""
    graph = places.roads
    placed = next(camera for camera in places.placed if camera.camera.id == question.last.camera)
    vehicle = question.last.match.vehicle or ""
    elapsed_s = 60.0 * question.minutes
    radius_m = fastest_mps(graph) * SLACK * elapsed_s
    whole_km = road_km_in_circle(graph, placed.camera.lat, placed.camera.lon, radius_m)
    areas = {"isochrone": _isochrone(graph, placed, elapsed_s), "search": _search_area(archive, question)}
    judged = [
        JudgedArea(
            kind,
            vehicle,
            is_inside(graph, area, question.lat, question.lon),
            min(1.0, road_km_in(graph, area) / whole_km),
        )
        for kind, area in areas.items()
        if area is not None
    ]
    return [*judged, JudgedArea("map", vehicle, True, max(1.0, graph.km / whole_km))]


def _isochrone(graph: RoadGraph, placed: PlacedCamera, elapsed_s: float) -> Mapping[str, object]:
    return polygon(graph, reachable_area(graph, Origin.at_camera(placed), elapsed_s))


def _search_area(archive: Archive, question: AreaQuestion) -> Mapping[str, object] | None:
    query = Query(sighting=question.last.id, horizon_s=HORIZON_S, at=question.at, reason="score")
    *_, ranking = search(archive, query, local_person())
    return ranking.area_now
