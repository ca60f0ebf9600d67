"""Decide who drives where in a city, where its cameras stand, and what each of them will film."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from index.simulation.filming import FilmPlan
from index.simulation.motion import AWAY, TOWARDS, Approach, approach
from index.simulation.options import CityOptions
from index.simulation.population import Block, populate
from index.simulation.presets import preset_named
from index.simulation.siting import choose_spots
from index.simulation.stations import Station, equip
from reid.render.vehicles.bodies import Vehicle
from roadgraph.camera import snap
from roadgraph.geometry import turn_between_deg
from roadgraph.graph import RoadGraph
from roadgraph.passages import Passage, passages

AROUND_M = 130.0
"""So much of a trip before and after a camera decides how a vehicle moves in the picture."""


@dataclass(frozen=True, slots=True)
class CityPlan:
    """A city before it is filmed."""

    graph: RoadGraph
    blocks: tuple[Block, ...]
    stations: tuple[Station, ...]
    films: tuple[FilmPlan, ...]


def plan_city(graph: RoadGraph, options: CityOptions, folder: Path, start: datetime) -> CityPlan:
    """Return the plan of a city whose videos go into a folder; the same options give the same plan."""
    preset = preset_named(options.preset)
    blocks = tuple(populate(graph, options, preset))
    spots = choose_spots(graph, blocks[0].trips, (0.0, options.period_s), options.cameras, options.seed)
    stations = equip(spots, options, preset)
    placed = snap(graph, [station.camera for station in stations])
    past: dict[str, list[Approach]] = defaultdict(list)
    looks: dict[int, Vehicle] = {}
    names: dict[int, str] = {}
    for block in blocks:
        for passage in passages(graph, block.trips, placed):
            member = block.member(passage.vehicle)
            looks[passage.vehicle], names[passage.vehicle] = member.look, member.name
            past[passage.camera].append(_approach(graph, block, passage))
    films = (_film_plan(one, past[one.camera.id], looks, names, options.fps, folder, start) for one in stations)
    return CityPlan(graph, blocks, stations, tuple(films))


def direction_of(passage: Passage) -> int:
    """Return whether a vehicle drives AWAY from the camera that it passes or TOWARDS it."""
    return AWAY if turn_between_deg(passage.view.heading_deg or 0.0, 0.0) < 90 else TOWARDS


def _approach(graph: RoadGraph, block: Block, passage: Passage) -> Approach:
    return approach(
        block.trips[passage.trip],
        graph,
        passage,
        direction=direction_of(passage),
        length_m=block.member(passage.vehicle).look.model.length_m,
        around_m=AROUND_M,
    )


def _film_plan(
    station: Station,
    approaches: Sequence[Approach],
    looks: Mapping[int, Vehicle],
    names: Mapping[int, str],
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
        approaches=tuple(approaches),
        looks={vehicle: looks[vehicle] for vehicle in seen},
        names={vehicle: names[vehicle] for vehicle in seen},
    )
