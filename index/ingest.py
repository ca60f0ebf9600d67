"""Turn footage into sightings, exactly once: any number of workers, stopped and started at any moment."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from index.catalogue import chunks, footage, models
from index.catalogue.models import Model
from index.catalogue.people import Person
from index.errors import ArchiveError
from index.intake.chunk_work import ChunkDone, ChunkTask, Recipe, do_chunk
from index.intake.claims import is_dead
from index.intake.registration import FootageJob, Registered, chunk_count, register
from index.intake.workers import run
from index.office import access
from index.office.access import Permission
from reid.appearance.embedder import make_embedder
from reid.detect import make_detector
from reid.errors import SeeingError

if TYPE_CHECKING:
    from index.archive import Archive

WAIT_FOR_OTHERS_S = 0.5


@dataclass(frozen=True, slots=True)
class IngestOptions:
    """How footage is taken in: one frame each `every_s` is analysed, a chunk covers `chunk_s` of footage."""

    workers: int = 1
    detector: str = "motion"
    weights: str = "appearance"
    every_s: float = 0.1
    chunk_s: float = 240.0
    plates: bool = True


@dataclass(frozen=True, slots=True)
class IngestedFootage:
    """What became of one file: `status` is "done", "known" (nothing to add), "partial" or "failed".

    `path` is as it was given; `seconds` is the time that its chunks took, added up over the workers.
    """

    path: str
    sha256: str | None
    sightings: int
    seconds_of_video: float
    seconds: float
    status: str
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class IngestProgress:
    """How far a file is, in seconds of its footage."""

    path: str
    done_s: float
    total_s: float
    sightings: int


Report = Callable[[IngestProgress], None]


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
    known, failed = _register(archive, jobs, options)
    files = {file.footage.id: file for file in known.values()}
    _remember_models(archive, options)
    done = _work(archive, list(files.values()), options, report or _say_nothing)
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
    archive: "Archive", files: Sequence[Registered], options: IngestOptions, report: Report
) -> dict[str, list[ChunkDone]]:
    """Do the chunks that are left until none is, waiting for those that another process is at."""
    recipe = Recipe(options.detector, options.weights, options.every_s, options.plates)
    done: dict[str, list[ChunkDone]] = {file.footage.id: [] for file in files}
    while tasks := _tasks(archive, files, recipe):
        taken = False
        for chunk in run(do_chunk, tasks, options.workers):
            if chunk.taken:
                taken = True
                done[chunk.footage].append(chunk)
                _report(archive, files, chunk, report)
        if not taken:
            time.sleep(WAIT_FOR_OTHERS_S)
    return done


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


def _report(archive: "Archive", files: Sequence[Registered], chunk: ChunkDone, report: Report) -> None:
    file = next(file for file in files if file.footage.id == chunk.footage)
    with archive.catalogue.reading() as connection:
        left = len(chunks.pending(connection, chunk.footage))
        found = chunks.sightings_of(connection, chunk.footage)
    total_s = file.timeline.duration_s
    share = 1.0 - left / chunk_count(file.footage)
    report(IngestProgress(file.footage.path, total_s * share, total_s, found))


def _outcome(
    archive: "Archive", job: FootageJob, file: Registered, done: dict[str, list[ChunkDone]]
) -> IngestedFootage:
    """Write how far the file came, and say it."""
    stored = file.footage
    seconds = sum((chunk.seconds for chunk in done[stored.id]), start=0.0)
    damage = [line for chunk in done[stored.id] for line in chunk.damage]
    problem = _problem(stored.problem, damage)
    with archive.catalogue.writing() as connection:
        footage.set_status(connection, stored.id, "partial" if problem else "done", problem)
        found = chunks.sightings_of(connection, stored.id)
    status = "known" if not file.pending else "partial" if problem else "done"
    length_s = file.timeline.duration_s
    return IngestedFootage(str(job.path), stored.id, found, length_s, round(seconds, 3), status, problem)


def _problem(known: str | None, damage: Sequence[str]) -> str | None:
    """Join what is wrong with the file as a whole and how many of its packets were skipped."""
    skipped = f"{len(damage)} damaged packets skipped, first: {damage[0]}" if damage else None
    parts = [part for part in (known, skipped) if part]
    return "; ".join(parts) or None


def _say_nothing(_: IngestProgress) -> None:
    """Report to nobody."""
