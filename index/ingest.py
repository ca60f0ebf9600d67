"""Turn footage into sightings, exactly once: any number of workers, stopped and started at any moment."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from index.catalogue import chunks, footage, models
from index.catalogue.models import Model
from index.catalogue.people import Person
from index.errors import ArchiveError
from index.intake.camera_moves import find_moves
from index.intake.chunk_work import ChunkDone, ChunkTask, Recipe, do_chunk
from index.intake.claims import is_dead
from index.intake.progress import Report, reported
from index.intake.ray_workers import run_on_ray
from index.intake.registration import FootageJob, Registered, register
from index.intake.workers import run
from index.learning.reembedding import weights_for
from index.office import access
from index.office.access import Permission
from reid.appearance.installed import make_embedder
from reid.detect import make_detector
from reid.errors import SeeingError

if TYPE_CHECKING:
    from index.archive import Archive

WAIT_FOR_OTHERS_S = 0.5


@dataclass(frozen=True, slots=True)
class IngestOptions:
    """How footage is taken in: one frame each `every_s` is analysed, a chunk covers `chunk_s` of footage.

    `ray` is the address of a Ray cluster that does the work instead of `workers` processes of this machine.
    """

    workers: int = 1
    detector: str = "learned"
    weights: str = "appearance"
    every_s: float = 0.1
    chunk_s: float = 240.0
    plates: bool = True
    ray: str | None = None


@dataclass(frozen=True, slots=True)
class IngestedFootage:
    """What became of one file: `status` is "done", "known" (nothing to add), "partial" or "failed".

    `path` is as it was given; `seconds` is the time that its chunks took, added up over the workers. `doubts` are
    what a person should look at, though nothing failed.
    """

    path: str
    sha256: str | None
    sightings: int
    seconds_of_video: float
    seconds: float
    status: str
    problem: str | None = None
    doubts: tuple[str, ...] = ()


def ingest(
    archive: "Archive",
    jobs: Sequence[FootageJob],
    person: Person,
    options: IngestOptions,
    report: Report | None = None,
) -> list[IngestedFootage]:
    """Take in the footage and return what became of each file, in the order given."""
    access.require(archive, person, Permission.INGEST)
    _check(options)
    options = replace(options, weights=weights_for(archive, options.weights))
    known, failed = _register(archive, jobs, options)
    files = {file.footage.id: file for file in known.values()}
    _remember_models(archive, options)
    done = _work(archive, list(files.values()), options, report)
    return [failed[job] if job in failed else _outcome(archive, job, known[job], done) for job in jobs]


def _check(options: IngestOptions) -> None:
    if options.workers < 1:
        raise ArchiveError(f"workers is {options.workers}: give 1 or more")
    if not 0 <= options.every_s <= 2:
        raise ArchiveError(f"every is {options.every_s:g} s: give 0 (each frame) to 2 seconds")
    if options.chunk_s < 1:
        raise ArchiveError(f"chunk_s is {options.chunk_s:g}: a chunk covers 1 second or more")


def _register(
    archive: "Archive", jobs: Sequence[FootageJob], options: IngestOptions
) -> tuple[dict[FootageJob, Registered], dict[FootageJob, IngestedFootage]]:
    """Enter each file; one that cannot be taken in does not stop the others."""
    known: dict[FootageJob, Registered] = {}
    failed: dict[FootageJob, IngestedFootage] = {}
    for job in jobs:
        began = time.monotonic()
        try:
            known[job] = register(archive, job, chunk_s=options.chunk_s)
        except (SeeingError, ArchiveError, FileNotFoundError, PermissionError) as error:
            problem = f"{job.path}: no such file" if isinstance(error, FileNotFoundError) else str(error)
            seconds = time.monotonic() - began
            failed[job] = IngestedFootage(str(job.path), None, 0, 0.0, seconds, "failed", problem)
    return known, failed


def _remember_models(archive: "Archive", options: IngestOptions) -> None:
    embedder = make_embedder(options.weights)
    used = [Model(embedder.model_id, "appearance", embedder.dims)]
    used.append(Model(make_detector(options.detector).model_id, "detector"))
    with archive.catalogue.writing() as connection:
        models.remember(connection, used, at=datetime.now(UTC))


def _work(
    archive: "Archive", files: Sequence[Registered], options: IngestOptions, report: Report | None
) -> dict[str, list[ChunkDone]]:
    """Do the chunks that are left until none is, waiting for those that another process is at.

    A file of which a chunk cannot be done is set aside with what is left of it.
    """
    recipe = Recipe(options.detector, options.weights, options.every_s, options.plates)
    done: dict[str, list[ChunkDone]] = {file.footage.id: [] for file in files}
    frames = dict.fromkeys(done, 0)
    with reported(archive, files, frames, report):
        while tasks := _tasks(archive, [file for file in files if not _problems(done[file.footage.id])], recipe):
            taken = False
            for chunk in _results(tasks, options):
                if chunk.taken:
                    taken = True
                    done[chunk.footage].append(chunk)
                    frames[chunk.footage] += chunk.frames
            if not taken:
                time.sleep(WAIT_FOR_OTHERS_S)
    return done


def _results(tasks: Sequence[ChunkTask], options: IngestOptions) -> Iterator[ChunkDone]:
    """Yield what becomes of the chunks, done on a cluster or by processes here."""
    return run(do_chunk, tasks, options.workers) if options.ray is None else run_on_ray(do_chunk, tasks, options.ray)


def _tasks(archive: "Archive", files: Sequence[Registered], recipe: Recipe) -> list[ChunkTask]:
    """Return the chunks that are not done, those of dead workers freed."""
    with archive.catalogue.writing() as connection:
        for worker in chunks.workers_at(connection, [file.footage.id for file in files]):
            if is_dead(archive.path, worker):
                chunks.release(connection, worker)
        return [
            ChunkTask(archive.path, file, number, recipe)
            for file in files
            for number in chunks.pending(connection, file.footage.id)
        ]


def _outcome(
    archive: "Archive", job: FootageJob, file: Registered, done: dict[str, list[ChunkDone]]
) -> IngestedFootage:
    """Write how far the file came, and say it."""
    stored = file.footage
    seconds = sum((chunk.seconds for chunk in done[stored.id]), start=0.0)
    failures = _problems(done[stored.id])
    known = file.timeline.problem if stored.status == "failed" else stored.problem
    problem = failures[0] if failures else _damage(known, done[stored.id])
    reached = "failed" if failures else "partial" if problem else "done"
    with archive.catalogue.writing() as connection:
        footage.set_status(connection, stored.id, reached, problem)
        found = chunks.sightings_of(connection, stored.id)
    status = reached if file.pending else "known"
    length_s = file.timeline.duration_s
    doubts = file.doubts + (find_moves(archive, stored) if file.pending else ())
    return IngestedFootage(str(job.path), stored.id, found, length_s, round(seconds, 3), status, problem, doubts)


def _problems(done: Sequence[ChunkDone]) -> list[str]:
    return [chunk.problem for chunk in done if chunk.problem is not None]


def _damage(known: str | None, done: Sequence[ChunkDone]) -> str | None:
    """Join what is wrong with the file as a whole and how many of its packets were skipped."""
    lines = [line for chunk in done for line in chunk.damage]
    skipped = f"{len(lines)} damaged packets skipped, first: {lines[0]}" if lines else None
    parts = [part for part in (known, skipped) if part]
    return "; ".join(parts) or None
