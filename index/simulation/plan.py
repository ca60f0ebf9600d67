"""Decide who drives where in a city, where its cameras stand, and what each of them will film."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from index.simulation.filming import FilmPlan
from index.simulation.fleet import Member, cast_fleet
from index.simulation.motion import AWAY, TOWARDS, Approach, approach
from index.simulation.options import CityOptions
from index.simulation.presets import Preset, preset_named
from index.simulation.siting import choose_spots
from index.simulation.stations import Station, equip
from roadgraph.camera import snap
from roadgraph.geometry import turn_between_deg
from roadgraph.graph import RoadGraph
from roadgraph.passages import Passage, passages
from roadgraph.traffic import TrafficOptions, Trip, simulate

WARM_UP_S = 180.0
"""Traffic runs for so long before the cameras do, so that the roads are not empty when they start."""
AFTERWARDS_S = 600.0
"""It runs on for so long after them, so that it is known where everybody went."""
PARKED_MEDIAN_S = 60.0
"""People of the city are restless, so that few of them are seen often."""
AROUND_M = 130.0
"""So much of a trip before and after a camera decides how a vehicle moves in the picture."""


@dataclass(frozen=True, slots=True)
class CityPlan:
    """A city before it is filmed; the trips are in seconds of the period, which begins with the footage."""

    graph: RoadGraph
    fleet: tuple[Member, ...]
    trips: tuple[Trip, ...]
    stations: tuple[Station, ...]
    films: tuple[FilmPlan, ...]


def plan_city(graph: RoadGraph, options: CityOptions, folder: Path, start: datetime) -> CityPlan:
    """Return the plan of a city whose videos go into a folder; the same options give the same plan."""
    preset = preset_named(options.preset)
    fleet = cast_fleet(options.seed, options.vehicles, preset)
    trips = _traffic(graph, options, preset)
    spots = choose_spots(graph, trips, (0.0, options.period_s), options.cameras, options.seed)
    stations = equip(spots, options, preset)
    placed = snap(graph, [station.camera for station in stations])
    past: dict[str, list[Passage]] = defaultdict(list)
    for passage in passages(graph, trips, placed):
        past[passage.camera].append(passage)
    films = []
    for station in stations:
        approaches = tuple(_approach(graph, trips, fleet, passage) for passage in past[station.camera.id])
        films.append(_film_plan(station, approaches, fleet, options.fps, folder, start))
    return CityPlan(graph, fleet, trips, stations, tuple(films))


def _traffic(graph: RoadGraph, options: CityOptions, preset: Preset) -> tuple[Trip, ...]:
    """Return the trips, at seconds of the period."""
    minutes = (WARM_UP_S + options.period_s + AFTERWARDS_S) / 60
    wanted = TrafficOptions(
        vehicles=options.vehicles,
        minutes=minutes,
        seed=options.seed,
        jams=preset.jams,
        detour_share=preset.detour_share,
        parked_median_s=PARKED_MEDIAN_S,
    )
    return tuple(
        replace(trip, enter_s=trip.enter_s - WARM_UP_S, exit_s=trip.exit_s - WARM_UP_S)
        for trip in simulate(graph, wanted)
    )


def _approach(graph: RoadGraph, trips: Sequence[Trip], fleet: Sequence[Member], passage: Passage) -> Approach:
    away = turn_between_deg(passage.view.heading_deg or 0.0, 0.0) < 90
    return approach(
        trips[passage.trip],
        graph,
        passage,
        direction=AWAY if away else TOWARDS,
        length_m=fleet[passage.vehicle].look.model.length_m,
        around_m=AROUND_M,
    )


def _film_plan(
    station: Station,
    approaches: tuple[Approach, ...],
    fleet: Sequence[Member],
    fps: float,
    folder: Path,
    start: datetime,
) -> FilmPlan:
    """Return what a camera's process needs, and no more: it is sent there as bytes."""
    seen = sorted({approach.vehicle for approach in approaches})
    return FilmPlan(
        station=station,
        folder=folder,
        fps=fps,
        start=start,
        approaches=approaches,
        looks={vehicle: fleet[vehicle].look for vehicle in seen},
        names={vehicle: fleet[vehicle].name for vehicle in seen},
    )
