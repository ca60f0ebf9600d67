"""Make a city: plan its traffic and cameras, film every camera, and write the videos with their truth."""

import os
import shutil
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

from index.errors import ArchiveError
from index.ingest.workers import set_up_worker
from index.simulation import truth
from index.simulation.cameras import Station, choose_spots, equip_stations
from index.simulation.filming import CameraTruth, FilmPlan, film_camera
from index.simulation.fleet import FleetBlock, populate
from index.simulation.motion import AWAY, TOWARDS, Approach, approach
from index.simulation.options import RECORD_FILE, CityOptions, preset_named
from index.simulation.queues import with_queues
from index.simulation.town import make_town, write_osm
from index.simulation.truth import FootageRow, TrueBox, TrueMiss, TruePassage
from index.simulation.truth_writer import write_stations, writing_blocks
from index.store.archive_file import locked_if_free
from reid.render.scene import street_of
from reid.render.vehicles.bodies import Vehicle
from roadgraph.camera import snap
from roadgraph.geometry import turn_between_deg
from roadgraph.graph import RoadGraph
from roadgraph.imports import read_roads
from roadgraph.passages import SimulatedPassage, passages

START = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
"""The beginning of every city's period, in true time."""
AROUND_M = 130.0
"""A vehicle's motion in the picture follows its trip from this far before the camera to this far past it."""
SCRATCH = ".scratch-"
"""Prefix of a folder that exists only while a city is being made."""
CITY_FILES = ("roads.*", "cameras.geojson", "footage.csv", "cam*.mp4", "truth", f"{SCRATCH}*")
"""The files of a city's folder."""
UNFINISHED = ".unfinished"
"""Marks the folder while the city is being made."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class CityMade:
    """A finished city: `passages` counts the filmed ones, `seconds` is how long the making took."""

    folder: Path
    cameras: int
    passages: int
    vehicles: int
    seconds: float


@dataclass(frozen=True, slots=True)
class CityPlan:
    """A city before it is filmed."""

    graph: RoadGraph
    blocks: tuple[FleetBlock, ...]
    stations: tuple[Station, ...]
    films: tuple[FilmPlan, ...]


def make_city(folder: Path, options: CityOptions, progress: Progress | None = None) -> CityMade:
    """Make a city in a new folder; the same options give the same truth, byte for byte."""
    began = time.monotonic()
    say = progress or (lambda line: None)
    with new_city_folder(folder):
        graph = read_roads(write_roads(folder, options), there_and_back=True).graph
        plan = plan_city(graph, options, folder, START)
        filmed = _film(plan.films, say, meanwhile=lambda: write_plan(folder, options, plan))
        filmed_passages = numbered(passage for camera in filmed for passage in camera.passages)
        truth.write(folder, FootageRow, [row for station in plan.stations for row in station.footage(START)])
        truth.write(folder, TrueBox, (box for camera in filmed for box in camera.boxes))
        truth.write(folder, TruePassage, filmed_passages)
    return CityMade(folder, len(plan.stations), len(filmed_passages), options.vehicles, time.monotonic() - began)


def is_finished(folder: Path) -> bool:
    """Return whether a folder holds a city that is made to its end."""
    return (folder / RECORD_FILE).is_file() and not (folder / UNFINISHED).exists()


@contextmanager
def new_city_folder(folder: Path) -> Iterator[None]:
    """Prepare a folder for a new city: remove what an unfinished attempt left, and refuse a finished city."""
    marker = folder / UNFINISHED
    old = [path for name in CITY_FILES for path in sorted(folder.glob(name))]
    if old and not marker.exists():
        raise ArchiveError(f"{folder} holds {old[0].name} already: choose another folder, or remove that city first")
    folder.mkdir(parents=True, exist_ok=True)
    with locked_if_free(marker) as is_free:
        if not is_free:
            raise ArchiveError(f"another process is making a city in {folder}: wait for it, or choose another folder")
        for path in old:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        yield
        marker.unlink()


def write_roads(folder: Path, options: CityOptions) -> Path:
    """Copy the given map into the folder, or write that of a generated town."""
    if options.roads is None:
        path = folder / "roads.osm"
        write_osm(make_town(options.seed, options.cameras, block_scale=options.block_scale), path)
        return path
    path = folder / f"roads{''.join(options.roads.suffixes)}"
    shutil.copyfile(options.roads, path)
    return path


def plan_city(graph: RoadGraph, options: CityOptions, folder: Path, start: datetime) -> CityPlan:
    """Return the plan of a city whose videos go into a folder; the same options give the same plan."""
    preset = preset_named(options.preset)
    blocks = tuple(populate(graph, options, preset))
    spots = choose_spots(graph, blocks[0].trips, (0.0, options.period_s), options.cameras, options.seed)
    stations = equip_stations(spots, options, preset)
    placed = snap(graph, [station.camera for station in stations])
    lanes = {station.camera.id: street_of(station.site_seed, station.site).lanes_each_way for station in stations}
    blocks = with_queues(graph, blocks, placed, lanes)
    approaches: dict[str, list[Approach]] = defaultdict(list)
    bodies: dict[int, Vehicle] = {}
    names: dict[int, str] = {}
    for block in blocks:
        for passage in passages(graph, block.trips, placed):
            member = block.member(passage.vehicle)
            bodies[passage.vehicle], names[passage.vehicle] = member.body, member.name
            approaches[passage.camera].append(_approach(graph, block, passage))
    films = (
        _film_plan(station, approaches[station.camera.id], bodies, names, options.fps, folder, start)
        for station in stations
    )
    return CityPlan(graph, blocks, stations, tuple(films))


def direction_of(passage: SimulatedPassage) -> int:
    """Return whether the passing vehicle drives AWAY from the camera or TOWARDS it."""
    return AWAY if turn_between_deg(passage.view.heading_deg or 0.0, 0.0) < 90 else TOWARDS


def _approach(graph: RoadGraph, block: FleetBlock, passage: SimulatedPassage) -> Approach:
    return approach(
        block.trips[passage.trip],
        graph,
        passage,
        direction=direction_of(passage),
        length_m=block.member(passage.vehicle).body.model.length_m,
        around_m=AROUND_M,
    )


def _film_plan(
    station: Station,
    approaches: Sequence[Approach],
    bodies: Mapping[int, Vehicle],
    names: Mapping[int, str],
    fps: float,
    folder: Path,
    start: datetime,
) -> FilmPlan:
    """Return only what the camera's process needs, because it is pickled and sent there."""
    vehicles = sorted({approach.vehicle for approach in approaches})
    return FilmPlan(
        station=station,
        folder=folder,
        fps=fps,
        start=start,
        approaches=tuple(approaches),
        bodies={vehicle: bodies[vehicle] for vehicle in vehicles},
        names={vehicle: names[vehicle] for vehicle in vehicles},
    )


def _film(films: Sequence[FilmPlan], say: Progress, *, meanwhile: Callable[[], None]) -> list[CameraTruth]:
    """Film every camera in a process of its own, one process per core.

    The busiest cameras take longest and start first, so that no core idles long at the end.
    """
    workers = min(len(films), len(os.sched_getaffinity(0)))
    busiest_first = sorted(films, key=lambda plan: (-len(plan.approaches), plan.station.camera.id))
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=set_up_worker) as pool:
        running = {pool.submit(film_camera, plan): plan for plan in busiest_first}
        meanwhile()
        for number, done in enumerate(as_completed(running), start=1):
            camera, count = running[done].station.camera.id, len(done.result().passages)
            say(f"{camera} filmed, {number} of {len(films)}: {count} passages")
    by_camera = {plan.station.camera.id: future.result() for future, plan in running.items()}
    return [by_camera[plan.station.camera.id] for plan in films]


def numbered(filmed: Iterable[TruePassage]) -> list[TruePassage]:
    """Return the passages of all cameras ordered by time, each with a name."""
    ordered = sorted(filmed, key=lambda passage: (passage.first, passage.camera, passage.vehicle))
    return [replace(passage, passage=f"p{number:05d}") for number, passage in enumerate(ordered, start=1)]


def write_plan(folder: Path, options: CityOptions, plan: CityPlan) -> None:
    """Write the part of the truth that is known before filming."""
    write_stations(folder, options, plan.stations, START)
    with writing_blocks(folder, plan.graph, options, START) as add:
        for block in plan.blocks:
            add(block)
    truth.write(folder, TrueMiss, sorted(_missed(plan.films, options), key=lambda one: (one.time, one.camera)))


def _missed(films: Iterable[FilmPlan], options: CityOptions) -> Iterator[TrueMiss]:
    """Yield who passes each camera while that does not film."""
    for film in films:
        for passing in film.approaches:
            missed = film.station.miss(film.names[passing.vehicle], passing.passes_s, options, START)
            if missed is not None:
                yield missed
