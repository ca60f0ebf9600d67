"""Score the area in which the search expects a vehicle against the vehicle's true position."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from index.access.permissions import local_person
from index.answers import Query, Ranking
from index.map.places import Places, current_places
from index.search.question import SearchOptions
from index.search.search import search
from index.search.target import true_time_of
from index.search.whereabouts import Passed, area_at
from index.simulation import truth
from index.simulation.match_archive import CityTruth, MatchedArchive
from index.simulation.questions import HORIZON_S, KnownSighting
from index.simulation.truth import TruePassage, TruePosition
from index.store.archive import Archive
from index.store.catalogue import sightings
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
    archive: Archive,
    city: Path,
    matched: MatchedArchive,
    city_truth: CityTruth,
    n: int,
    seed: int,
    options: SearchOptions,
) -> dict[str, AreaFigures]:
    """Return the figures by minutes since the last sighting, from up to `n` sightings each.

    A sighting is asked about once, whatever the minutes: where the vehicle can be follows from its story.
    """
    places = current_places(archive)
    if places.graph is None:
        return {str(minutes): _figures([]) for minutes in MINUTES}
    paths = vehicle_paths(truth.read(city, TruePosition))
    known = [sighting for sighting in matched.known_sightings(city_truth) if sighting.match.passage is not None]
    grounds: dict[tuple[str, int], _Compared] = {}
    answers: dict[str, Ranking] = {}
    return {
        str(minutes): _figures(
            judged
            for question in _draw_questions(known, city_truth.passages, paths, minutes=minutes, n=n, seed=seed)
            for judged in _judge(
                archive,
                places,
                question,
                _compared(places, question, grounds),
                _answer(archive, question, answers, options),
            )
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
    """Draw sightings after which the vehicle passes no camera for some minutes but stays on the map.

    They are taken from one order of all sightings, so that the same are drawn for different minutes where possible.
    """
    possible: list[AreaQuestion] = []
    ordered = sorted(known, key=lambda sighting: sighting.id)
    for last in (ordered[i] for i in np.random.default_rng(seed).permutation(len(ordered))):
        if len(possible) == n:
            break
        at = last.time + timedelta(minutes=minutes)
        vehicle = last.match.vehicle
        later = (p for p in passages if p.vehicle == vehicle and p.passage != last.match.passage)
        place = paths[vehicle].at(at) if vehicle in paths and vehicle is not None else None
        if place is not None and not any(last.time < p.last and p.first <= at for p in later):
            possible.append(AreaQuestion(last, minutes, at, *place))
    return possible


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


@dataclass(frozen=True, slots=True)
class _Compared:
    """What every question past one camera shares: the isochrone, its share of the circle, and the circle's roads."""

    isochrone: Mapping[str, object]
    share: float
    circle_km: float


def _compared(places: Places, question: AreaQuestion, grounds: dict[tuple[str, int], _Compared]) -> _Compared:
    """Return the ground of a question, from `grounds` if it was made before."""
    graph, key = places.roads, (question.last.camera, question.minutes)
    if key not in grounds:
        placed = next(camera for camera in places.placed if camera.camera.id == question.last.camera)
        elapsed_s = 60.0 * question.minutes
        radius_m = fastest_mps(graph) * SLACK * elapsed_s
        circle_km = road_km_in_circle(graph, placed.camera.lat, placed.camera.lon, radius_m)
        isochrone = _isochrone(graph, placed, elapsed_s)
        grounds[key] = _Compared(isochrone, min(1.0, road_km_in(graph, isochrone) / circle_km), circle_km)
    return grounds[key]


def _judge(
    archive: Archive, places: Places, question: AreaQuestion, ground: _Compared, answer: Ranking
) -> list[JudgedArea]:
    """Judge the search's area, the free-flow isochrone and the whole map on one question."""
    graph, vehicle, lat, lon = places.roads, question.last.match.vehicle or "", question.lat, question.lon
    judged = [
        JudgedArea("isochrone", vehicle, is_inside(graph, ground.isochrone, lat, lon), ground.share),
        JudgedArea("map", vehicle, True, max(1.0, graph.km / ground.circle_km)),
    ]
    area = _search_area(archive, question, answer)
    if area is None:
        return judged
    size = min(1.0, road_km_in(graph, area) / ground.circle_km)
    return [*judged, JudgedArea("search", vehicle, is_inside(graph, area, lat, lon), size)]


def _isochrone(graph: RoadGraph, placed: PlacedCamera, elapsed_s: float) -> Mapping[str, object]:
    return polygon(graph, reachable_area(graph, Origin.at_camera(placed), elapsed_s))


def _answer(archive: Archive, question: AreaQuestion, answers: dict[str, Ranking], options: SearchOptions) -> Ranking:
    """Return the answer about a sighting, from `answers` if it was asked about before."""
    id_ = question.last.id
    if id_ not in answers:
        *_, answers[id_] = search(
            archive, Query(sighting=id_, horizon_s=HORIZON_S, reason="score"), local_person(), options
        )
    return answers[id_]


def _search_area(archive: Archive, question: AreaQuestion, answer: Ranking) -> Mapping[str, object] | None:
    """Return the area that the search gives for the moment, from the last certain stop of its story before it."""
    with archive.catalogue.reading() as connection:
        sighting = sightings.get(connection, question.last.id)
    stops = answer.itinerary.stops if answer.itinerary else ()
    certain = [stop for stop in stops if stop.probability >= SearchOptions().area_probability]
    passed = [Passed(stop.camera, stop.time, stop.sighting) for stop in certain if stop.time <= question.at]
    passed.append(Passed(question.last.camera, true_time_of(archive, sighting), question.last.id))
    return area_at(archive, local_person(), max(passed, key=lambda one: one.time), question.at)
