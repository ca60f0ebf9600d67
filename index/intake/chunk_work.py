"""Do one chunk of footage: watch it, describe what passes, and add it to the archive."""

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from multiprocessing.util import Finalize
from pathlib import Path

from index.archive import Archive, NewChunk
from index.catalogue import cameras, chunks, masks
from index.intake.chunk_log import ChunkLog
from index.intake.claims import WorkerLock
from index.intake.coverage import coverage_of
from index.intake.describing import Describer
from index.intake.registration import Registered, chunk_span
from index.places import road_driven
from index.sighting import NewSighting
from reid.appearance.installed import make_embedder
from reid.detect import make_detector
from reid.detect.still import SparingDetector
from reid.errors import SeeingError
from reid.images import encode_grey
from reid.passages import WatchOptions, watch

SCENE_QUALITY = 75
"""Edges are all that is looked at in a kept scene."""


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
    """What became of a chunk; `taken` is False where another process is at it, `problem` why it could not be done."""

    footage: str
    number: int
    taken: bool
    sightings: int = 0
    seconds: float = 0.0
    frames: int = 0
    damage: tuple[str, ...] = ()
    problem: str | None = None


def do_chunk(task: ChunkTask) -> ChunkDone:
    """Analyse the chunk and add what was seen, unless it is done or another process is at it."""
    archive, worker = _open(task.archive)
    stored = task.file.footage
    with archive.catalogue.writing() as connection:
        if not chunks.claim(connection, stored.id, task.number, worker.name, at=datetime.now(UTC)):
            return ChunkDone(stored.id, task.number, taken=False)
    try:
        return _analyse(archive, task, ChunkLog(stored, task.number, worker))
    except (SeeingError, FileNotFoundError, PermissionError) as error:
        # Of this file alone: the others go on.
        _release(archive, worker)
        problem = f"{stored.path}: {error.strerror}" if isinstance(error, OSError) else str(error)
        return ChunkDone(stored.id, task.number, taken=True, problem=problem)
    except BaseException:
        _release(archive, worker)
        raise


def _release(archive: Archive, worker: WorkerLock) -> None:
    with archive.catalogue.writing() as connection:
        chunks.release(connection, worker.name)


def _analyse(archive: Archive, task: ChunkTask, log: ChunkLog) -> ChunkDone:
    began = time.monotonic()
    stored, timeline = task.file.footage, task.file.timeline
    start_s, end_s = chunk_span(stored, task.number)
    found = _sightings(archive, task, start_s, end_s, log)
    until_s = min(end_s, timeline.duration_s)
    looked_at = coverage_of(stored, timeline, log.scene.stretches(start_s, until_s), start_s, until_s)
    scene = log.scene.empty_scene()
    kept = None if scene is None else encode_grey(scene, SCENE_QUALITY)
    archive.add(NewChunk(stored.id, task.number, tuple(found), tuple(looked_at), kept))
    seconds = time.monotonic() - began
    return ChunkDone(stored.id, task.number, True, len(found), seconds, log.frames, tuple(log.damage))


def _sightings(archive: Archive, task: ChunkTask, start_s: float, end_s: float, log: ChunkLog) -> list[NewSighting]:
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
        regions = masks.at(connection, stored.camera, stored.start)
    camera = placed.get(stored.camera)
    passages = watch(
        task.file.timeline,
        SparingDetector(make_detector(recipe.detector)),
        start_s,
        end_s,
        options=WatchOptions(every_s=recipe.every_s, regions=regions),
        scene=log.scene,
        on_damage=log.damage.append,
        on_frame=log.frame,
    )
    found: list[NewSighting] = []
    for passage in passages:
        sighting = describer.sighting(passage)
        edge = road_driven(camera, sighting.look.heading_deg) if camera else None
        found.append(replace(sighting, edge=edge))
        log.sightings = len(found)
    return found


@cache
def _open(folder: Path) -> tuple[Archive, WorkerLock]:
    """Open the archive once a process, under a name that lives as long."""
    archive = Archive.open(folder)
    worker = WorkerLock(archive.path)
    # Not atexit: the processes of a pool leave without asking it.
    Finalize(None, worker.release, exitpriority=0)
    return archive, worker
