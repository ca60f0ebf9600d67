"""Make a city: roads, traffic, cameras, their videos, and all that is true of them."""

import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

from index.errors import ArchiveError
from index.intake.workers import settle_in
from index.simulation import truth
from index.simulation.chronicle import write_stations, writing_blocks
from index.simulation.filming import Filmed, FilmPlan, film_camera
from index.simulation.options import CityOptions
from index.simulation.plan import CityPlan, plan_city
from index.simulation.town import make_town, write_osm
from index.simulation.truth import FootageRow, TrueBox, TruePassage
from roadgraph.imports import read_roads

START = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
"""When the period of every city begins, in true time."""

SCRATCH = ".scratch-"
"""What the name of a folder begins with that is there only while a city is made."""
OURS = ("roads.*", "cameras.geojson", "footage.csv", "cam*.mp4", "truth", f"{SCRATCH}*")
"""What a city's folder holds."""
UNFINISHED = ".unfinished"
"""Lies in the folder while the city is being made."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class CityMade:
    """What was made: `passages` counts those that a camera filmed, `seconds` is how long it took."""

    folder: Path
    cameras: int
    passages: int
    vehicles: int
    seconds: float


def make_city(folder: Path, options: CityOptions, progress: Progress | None = None) -> CityMade:
    """Make a city in a new folder; the same options give the same truth, byte by byte."""
    began = time.monotonic()
    say = progress or (lambda line: None)
    with making(folder):
        graph = read_roads(lay_roads(folder, options)).graph
        plan = plan_city(graph, options, folder, START)
        filmed = _film(plan.films, say, meanwhile=lambda: _write_plan(folder, options, plan))
        passages = numbered(passage for one in filmed for passage in one.passages)
        truth.write(folder, FootageRow, [row for station in plan.stations for row in station.footage(START)])
        truth.write(folder, TrueBox, (box for one in filmed for box in one.boxes))
        truth.write(folder, TruePassage, passages)
    return CityMade(folder, len(plan.stations), len(passages), options.vehicles, time.monotonic() - began)


@contextmanager
def making(folder: Path) -> Iterator[None]:
    """Lend a folder for a new city; what an unfinished attempt left there is removed, a finished city never is."""
    marker = folder / UNFINISHED
    old = [path for name in OURS for path in sorted(folder.glob(name))]
    if old and not marker.exists():
        raise ArchiveError(f"{folder} holds {old[0].name} already: choose another folder, or remove that city first")
    for path in old:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    marker.touch()
    yield
    marker.unlink()


def lay_roads(folder: Path, options: CityOptions) -> Path:
    """Write or copy the map to drive on."""
    if options.roads is None:
        path = folder / "roads.osm"
        write_osm(make_town(options.seed, options.cameras), path)
        return path
    path = folder / f"roads{''.join(options.roads.suffixes)}"
    shutil.copyfile(options.roads, path)
    return path


def _film(films: Sequence[FilmPlan], say: Progress, *, meanwhile: Callable[[], None]) -> list[Filmed]:
    """Film with every camera, each in a process of its own, as many at a time as there are cores.

    The busiest cameras take longest and come first, so that no core waits long for another at the end.
    """
    workers = min(len(films), len(os.sched_getaffinity(0)))
    busiest_first = sorted(films, key=lambda plan: (-len(plan.approaches), plan.station.camera.id))
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=settle_in) as pool:
        running = {pool.submit(film_camera, plan): plan for plan in busiest_first}
        meanwhile()
        for number, done in enumerate(as_completed(running), start=1):
            camera, seen = running[done].station.camera.id, len(done.result().passages)
            say(f"{camera} filmed, {number} of {len(films)}: {seen} passages")
    by_camera = {plan.station.camera.id: future.result() for future, plan in running.items()}
    return [by_camera[plan.station.camera.id] for plan in films]


def numbered(passages: Iterable[TruePassage]) -> list[TruePassage]:
    """Return the passages of all cameras in order of time, each with a name."""
    ordered = sorted(passages, key=lambda passage: (passage.first, passage.camera, passage.vehicle))
    return [replace(passage, passage=f"p{number:05d}") for number, passage in enumerate(ordered, start=1)]


def _write_plan(folder: Path, options: CityOptions, plan: CityPlan) -> None:
    """Write all that was true before the first frame was filmed."""
    write_stations(folder, options, plan.stations, START)
    with writing_blocks(folder, plan.graph, options, START) as add:
        for block in plan.blocks:
            add(block)
