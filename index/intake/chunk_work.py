"""Do one chunk of footage: watch it, describe what passes, and add it to the archive."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from multiprocessing.util import Finalize
from pathlib import Path

from index.archive import Archive, NewChunk
from index.catalogue import cameras, chunks
from index.catalogue.chunks import Coverage
from index.catalogue.footage import Footage
from index.intake.claims import WorkerLock
from index.intake.describing import Describer
from index.intake.registration import Registered, chunk_span
from index.places import road_driven
from index.sighting import NewSighting
from reid.appearance.embedder import make_embedder
from reid.detect import make_detector
from reid.passages import WatchOptions, watch
from reid.scene_log import SceneLog, Stretch, holes
from reid.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Recipe:
    """How footage is analysed: names of models, and one frame each `every_s`."""

    detector: str
    embedder: str
    every_s: float
    plates: bool


@dataclass(frozen=True, slots=True)
class ChunkTask:
    """One chunk to do, by a process of its own."""

    archive: Path
    file: Registered
    number: int
    recipe: Recipe


@dataclass(frozen=True, slots=True)
class ChunkDone:
    """What became of a chunk; `taken` is False where another process is at it."""

    footage: str
    number: int
    taken: bool
    sightings: int = 0
    seconds: float = 0.0
    damage: tuple[str, ...] = ()


def do_chunk(task: ChunkTask) -> ChunkDone:
    """Analyse the chunk and add what was seen, unless it is done or another process is at it."""
    archive, worker = _open(task.archive)
    stored = task.file.footage
    with archive.catalogue.writing() as connection:
        if not chunks.claim(connection, stored.id, task.number, worker.name, at=datetime.now(UTC)):
            return ChunkDone(stored.id, task.number, taken=False)
    try:
        return _analyse(archive, task)
    except BaseException:
        with archive.catalogue.writing() as connection:
            chunks.release(connection, worker.name)
        raise


def _analyse(archive: Archive, task: ChunkTask) -> ChunkDone:
    began = time.monotonic()
    stored, timeline = task.file.footage, task.file.timeline
    start_s, end_s = chunk_span(stored, task.number)
    scene, damage = SceneLog(), list[str]()
    found = _sightings(archive, task, start_s, end_s, scene, damage)
    until_s = min(end_s, timeline.duration_s)
    looked_at = _coverage(stored, timeline, scene.stretches(start_s, until_s), start_s, until_s)
    archive.add(NewChunk(stored.id, task.number, tuple(found), tuple(looked_at)))
    return ChunkDone(stored.id, task.number, True, len(found), time.monotonic() - began, tuple(damage))


def _sightings(
    archive: Archive, task: ChunkTask, start_s: float, end_s: float, scene: SceneLog, damage: list[str]
) -> list[NewSighting]:
    stored, recipe = task.file.footage, task.recipe
    describer = Describer(
        footage=stored.id,
        camera=stored.camera,
        start=stored.start,
        width_px=task.file.timeline.width,
        height_px=task.file.timeline.height,
        embedder=make_embedder(recipe.embedder, threads=1),
        reads_plates=recipe.plates,
    )
    with archive.catalogue.reading() as connection:
        placed = {camera.id: camera for camera in cameras.listing(connection, at=stored.start)}
    camera = placed.get(stored.camera)
    passages = watch(
        task.file.timeline,
        make_detector(recipe.detector),
        start_s,
        end_s,
        options=WatchOptions(every_s=recipe.every_s),
        scene=scene,
        on_damage=damage.append,
    )
    found = (describer.sighting(passage) for passage in passages)
    if camera is None:
        return list(found)
    return [replace(sighting, edge=road_driven(camera, sighting.look.heading_deg)) for sighting in found]


def _coverage(
    stored: Footage, timeline: Timeline, seen: Sequence[Stretch], start_s: float, end_s: float
) -> list[Coverage]:
    """Return what was looked at, on the camera's clock; where frames are missing, that is said instead."""
    missing = [
        hole for hole in holes(timeline.times_s, timeline.frame_s) if hole.start_s < end_s and hole.end_s > start_s
    ]
    stretches = list(seen)
    for hole in missing:
        stretches = [part for stretch in stretches for part in _without(stretch, hole)]
    stretches += [Stretch(max(hole.start_s, start_s), min(hole.end_s, end_s), hole.problem) for hole in missing]
    return [
        Coverage(
            stored.camera,
            stored.start + timedelta(seconds=stretch.start_s),
            stored.start + timedelta(seconds=stretch.end_s),
            stretch.problem,
        )
        for stretch in sorted(stretches, key=lambda stretch: stretch.start_s)
    ]


def _without(stretch: Stretch, hole: Stretch) -> list[Stretch]:
    """Return what is left of a stretch outside a hole."""
    before = replace(stretch, end_s=min(stretch.end_s, hole.start_s))
    after = replace(stretch, start_s=max(stretch.start_s, hole.end_s))
    return [part for part in (before, after) if part.end_s > part.start_s]


@cache
def _open(folder: Path) -> tuple[Archive, WorkerLock]:
    """Open the archive once a process, under a name that lives as long."""
    archive = Archive.open(folder)
    worker = WorkerLock(archive.path)
    # Not atexit: the processes of a pool leave without asking it.
    Finalize(None, worker.release, exitpriority=0)
    return archive, worker
