"""Do one chunk of footage: claim it, watch it, describe the vehicles that pass, and add them to the archive."""

import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from multiprocessing.util import Finalize
from pathlib import Path

from index.errors import ArchiveError
from index.ingest.describing import Describer
from index.ingest.progress import ChunkProgress, WorkerLock, repeatedly
from index.ingest.registration import chunk_span
from index.map.sighting_roads import roads_taken
from index.map.stored_places import road_driven
from index.records import Coverage, NewChunk, NewSighting
from index.store.archive import Archive
from index.store.catalogue import cameras, footage
from index.store.catalogue.footage import Footage
from index.store.fitting import FootageGoneError
from reid.appearance.embedders import make_embedder
from reid.detect.detectors import SparingDetector, make_detector
from reid.errors import SeeingError
from reid.images import encode_grey
from reid.passages import WatchOptions, watch
from reid.scene.scene_log import SceneLog, Stretch, holes
from reid.video.timeline import Timeline

_log = logging.getLogger(__name__)

SCENE_QUALITY = 75
"""The JPEG quality of a stored scene, of which only the edges are used."""

WRITE_PROGRESS_EVERY_S = 0.5


@dataclass(frozen=True, slots=True)
class ChunkOptions:
    """How a chunk is analysed: the names of the models, one frame every `every_s`, and where most plates are from."""

    detector: str
    embedder: str
    every_s: float
    plates: bool
    region: str | None = None


@dataclass(frozen=True, slots=True)
class ChunkTask:
    """One chunk to do, with all that a process of its own needs to know."""

    archive: Path
    footage: Footage
    timeline: Timeline
    number: int
    options: ChunkOptions

    @property
    def key(self) -> tuple[str, int]:
        """Return the footage and the number, which name the chunk."""
        return self.footage.id, self.number


@dataclass(frozen=True, slots=True)
class ChunkResult:
    """The result of a chunk: `claimed` is False if another process has it, `problem` says why it failed."""

    footage: str
    number: int
    claimed: bool
    sightings: int = 0
    seconds: float = 0.0
    frames: int = 0
    damage: tuple[str, ...] = ()
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class ChunkLog:
    """What watching a chunk has given so far; it fills up while another thread reads how far it is."""

    scene: SceneLog = field(default_factory=SceneLog)
    damage: list[str] = field(default_factory=list)
    frame_times_s: list[float] = field(default_factory=list)
    sightings: list[NewSighting] = field(default_factory=list)


def do_chunk(task: ChunkTask) -> ChunkResult:
    """Analyse the chunk and add its sightings, unless it is done or another process has it."""
    archive, worker = _open(task.archive)
    stored = task.footage
    with archive.catalogue.writing() as connection:
        if not footage.claim_chunk(connection, stored.id, task.number, worker.name, at=datetime.now(UTC)):
            return ChunkResult(stored.id, task.number, claimed=False)
        # Somebody may have moved it since it was registered.
        stored = footage.get(connection, stored.id) or stored
    task = replace(task, footage=stored)
    log = ChunkLog()
    try:
        with repeatedly(lambda: _write_progress(worker, task, log), every_s=WRITE_PROGRESS_EVERY_S):
            return _analyse(archive, task, log)
    except (SeeingError, FootageGoneError, FileNotFoundError, PermissionError) as error:
        # Only this file has failed: the others go on.
        _release(archive, worker)
        problem = f"{stored.path}: {error.strerror}" if isinstance(error, OSError) else str(error)
        return ChunkResult(stored.id, task.number, claimed=True, problem=problem)
    except MemoryError:
        _release(archive, worker)
        problem = f"{stored.path}: a chunk takes more memory than there is: the others go on without it"
        return ChunkResult(stored.id, task.number, claimed=True, problem=problem)
    except (ArchiveError, OSError):
        _release(archive, worker)
        raise
    except Exception as error:
        # Whatever nobody foresaw is a fault of this file: a watch goes on with the next one.
        _log.exception("chunk %d of %s", task.number, stored.path)
        _release(archive, worker)
        problem = f"{stored.path} cannot be analysed, please report it ({type(error).__name__}: {error})"
        return ChunkResult(stored.id, task.number, claimed=True, problem=problem)
    except BaseException:
        _release(archive, worker)
        raise


@cache
def _open(folder: Path) -> tuple[Archive, WorkerLock]:
    """Open the archive once per process, under a worker name that lives as long as the process."""
    archive = Archive.open(folder)
    worker = WorkerLock(archive.path)
    # Not atexit: the processes of a pool end without calling it.
    Finalize(None, worker.release, exitpriority=0)
    return archive, worker


def _write_progress(worker: WorkerLock, task: ChunkTask, log: ChunkLog) -> None:
    """Write how far the chunk is, once a frame of it was analysed."""
    frames = len(log.frame_times_s)
    if frames == 0:
        return
    start_s, _ = chunk_span(task.footage, task.number)
    done_s = round(log.frame_times_s[frames - 1] - start_s, 1)
    # A full disk stops the chunk when its results are written; until then only the progress is missing.
    with suppress(OSError):
        worker.write_progress(
            ChunkProgress(task.footage.id, task.number, done_s, frames, len(log.sightings)),
        )


def _release(archive: Archive, worker: WorkerLock) -> None:
    with archive.catalogue.writing() as connection:
        footage.release_chunks(connection, worker.name)


def _analyse(archive: Archive, task: ChunkTask, log: ChunkLog) -> ChunkResult:
    began = time.monotonic()
    stored, timeline = task.footage, task.timeline
    start_s, end_s = chunk_span(stored, task.number)
    _watch(archive, task, start_s, end_s, log)
    until_s = min(end_s, timeline.duration_s)
    coverage = _coverage(stored, timeline, log.scene.stretches(start_s, until_s), start_s, until_s)
    scene = log.scene.empty_scene()
    jpeg = None if scene is None else encode_grey(scene, SCENE_QUALITY)
    filmed = stored.camera, stored.start
    chunk = NewChunk(stored.id, task.number, tuple(log.sightings), tuple(coverage), jpeg, filmed)
    archive.add(chunk, record=roads_taken(log.sightings))
    seconds = time.monotonic() - began
    frames = len(log.frame_times_s)
    return ChunkResult(stored.id, task.number, True, len(log.sightings), seconds, frames, tuple(log.damage))


def _watch(archive: Archive, task: ChunkTask, start_s: float, end_s: float, log: ChunkLog) -> None:
    """Watch the chunk and describe each passage that begins in it."""
    stored, options = task.footage, task.options
    describer = Describer(
        footage=stored.id,
        camera=stored.camera,
        start=stored.start,
        width_px=task.timeline.width,
        height_px=task.timeline.height,
        embedder=make_embedder(options.embedder, threads=1),
        reads_plates=options.plates,
        region=options.region,
    )
    with archive.catalogue.reading() as connection:
        placed = {camera.id: camera for camera in cameras.listing(connection, at=stored.start)}
        regions = cameras.mask_at(connection, stored.camera, stored.start)
    camera = placed.get(stored.camera)
    passages = watch(
        task.timeline,
        SparingDetector(make_detector(options.detector)),
        start_s,
        end_s,
        options=WatchOptions(every_s=options.every_s, regions=regions),
        scene=log.scene,
        on_damage=log.damage.append,
        on_frame=log.frame_times_s.append,
    )
    for passage in passages:
        sighting = describer.sighting(passage)
        edge = road_driven(camera, sighting.attributes.heading_deg) if camera and camera.views else None
        log.sightings.append(replace(sighting, edge=edge))


def _coverage(
    stored: Footage, timeline: Timeline, stretches: Sequence[Stretch], start_s: float, end_s: float
) -> list[Coverage]:
    """Return what the camera recorded by its own clock; where frames are missing, the problem says so."""
    missing = [
        hole for hole in holes(timeline.times_s, timeline.frame_s) if hole.start_s < end_s and hole.end_s > start_s
    ]
    parts = list(stretches)
    for hole in missing:
        parts = [part for stretch in parts for part in _without(stretch, hole)]
    parts += [Stretch(max(hole.start_s, start_s), min(hole.end_s, end_s), hole.problem) for hole in missing]
    return [
        Coverage(
            stored.camera,
            stored.start + timedelta(seconds=part.start_s),
            stored.start + timedelta(seconds=part.end_s),
            part.problem,
        )
        for part in sorted(parts, key=lambda part: part.start_s)
    ]


def _without(stretch: Stretch, hole: Stretch) -> list[Stretch]:
    """Return what is left of a stretch outside a hole."""
    before = replace(stretch, end_s=min(stretch.end_s, hole.start_s))
    after = replace(stretch, start_s=max(stretch.start_s, hole.end_s))
    return [part for part in (before, after) if part.end_s > part.start_s]
