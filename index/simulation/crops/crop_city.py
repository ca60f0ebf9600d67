"""Make a city from crops: its traffic is simulated, and only the pictures that an archive keeps are rendered.

Whatever the search sees was read from a rendered picture by the networks that read real ones. What is missed, and how
wrong the boxes are, is borrowed from filmed cities (`tracking_samples.py`).
"""

import os
import shutil
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from index.ingest.workers import run_in_processes
from index.records import NewChunk
from index.simulation import truth
from index.simulation.city import (
    START,
    CityMade,
    CityPlan,
    new_city_folder,
    numbered,
    plan_city,
    write_plan,
    write_roads,
)
from index.simulation.crops.crop_camera import CropTask, CropTruth, make_camera
from index.simulation.crops.tracking_samples import TrackingSamples, packaged_samples
from index.simulation.filming import FilmPlan
from index.simulation.options import CityOptions
from index.simulation.synthetic.passings import place_stations
from index.simulation.synthetic.sightings import recorded
from index.simulation.truth import TruePassage, TrueSighting
from index.store.archive import Archive
from roadgraph.imports import read_roads

HALF_MADE = ".crops-"
"""Prefix of the folder in which an unfinished city keeps what its finished parts gave."""

Progress = Callable[[str], None]


def make_crop_city(
    folder: Path,
    options: CityOptions,
    archive: Archive,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
) -> CityMade:
    """Write a city's sightings into an archive and its truth into a folder; a second call goes on where one stopped.

    Any number of workers, and any number of interruptions, give the same sightings.
    """
    began, say = time.monotonic(), progress or (lambda line: None)
    with new_city_folder(folder):
        roads = write_roads(folder, options)
        plan = plan_city(read_roads(roads, there_and_back=True).graph, options, folder, START)
        place_stations(archive, roads, plan.stations)
        borrowed = packaged_samples()
        scratch = folder / f"{HALF_MADE}{_fingerprint(options, archive, borrowed)}"
        scratch.mkdir(exist_ok=True)
        tasks = [CropTask(archive.path, scratch, film, borrowed, options.seed) for film in _busiest_first(plan)]
        write_plan(folder, options, plan)
        made = _run(tasks, workers or len(os.sched_getaffinity(0)), say)
        archive.add(NewChunk(None, None, (), tuple(recorded(plan.stations, options))))
        passed = _write_truth(folder, made)
        for leftover in folder.glob(f"{HALF_MADE}*"):
            shutil.rmtree(leftover)
    return CityMade(folder, len(plan.stations), passed, options.vehicles, time.monotonic() - began)


def _fingerprint(options: CityOptions, archive: Archive, samples: TrackingSamples) -> str:
    """Return a name that changes with whatever makes other sightings."""
    return sha256(f"{options} {archive.id} {samples}".encode()).hexdigest()[:16]


def _busiest_first(plan: CityPlan) -> list[FilmPlan]:
    return sorted(plan.films, key=lambda film: (-len(film.approaches), film.station.camera.id))


def _run(tasks: Sequence[CropTask], workers: int, say: Progress) -> list[CropTruth]:
    """Make every camera in worker processes, and return the results by camera."""
    made = []
    for result in run_in_processes(make_camera, tasks, workers):
        made.append(result)
        counts = f"{len(result.passages)} passages, {len(result.sightings)} sightings"
        say(f"{result.camera}, {len(made)} of {len(tasks)}: {counts}")
    return sorted(made, key=lambda result: result.camera)


def _write_truth(folder: Path, made: Iterable[CropTruth]) -> int:
    """Write the passages, numbered over all cameras, and the passage of each sighting."""
    cameras = list(made)
    passages = [passage for camera in cameras for passage in camera.passages]
    final = numbered(passages)
    ordered = sorted(passages, key=lambda passage: (passage.first, passage.camera, passage.vehicle))
    name_of = {own.passage: named.passage for own, named in zip(ordered, final, strict=True)}
    truth.write(folder, TruePassage, final)
    rows = [row for camera in cameras for row in camera.sightings]
    truth.write(
        folder, TrueSighting, (replace(row, passage=name_of[row.passage] if row.passage else None) for row in rows)
    )
    return len(final)
