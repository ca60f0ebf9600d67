"""Turn video files into sightings, each exactly once, however often workers are stopped and started again."""

import time
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from index.access import permissions
from index.access.permissions import Permission
from index.errors import ArchiveError
from index.ingest.camera_moves import find_moves
from index.ingest.chunk import ChunkOptions, ChunkResult, ChunkTask, do_chunk
from index.ingest.describing import weights_for
from index.ingest.ingest_options import IngestOptions
from index.ingest.intake import Intake
from index.ingest.progress import OnProgress, is_dead, reporting
from index.ingest.registration import FootageJob, RegisteredFootage, shown_path
from index.ingest.workers import WorkerDiedError, run_here, run_in_processes, run_on_ray
from index.store.archive import Archive
from index.store.catalogue import footage, models
from index.store.catalogue.models import StoredModel
from index.store.catalogue.people import Person
from reid.appearance.embedders import make_embedder
from reid.detect.detectors import make_detector
from reid.plates.formats import SYNTAXES

WAIT_FOR_OTHERS_S = 0.5

LONGEST_CHUNK_S = 86_400.0


@dataclass(frozen=True, slots=True)
class IngestedFootage:
    """The result of one file: `status` is "done", "known" (nothing to add), "partial" or "failed".

    `path` is the one given; `seconds` is the working time of its chunks, summed over the workers. `doubts` are things
    that a person should check although nothing failed.
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
    archive: Archive,
    jobs: Sequence[FootageJob],
    person: Person,
    options: IngestOptions | None = None,
    *,
    check: bool = False,
    on_progress: OnProgress | None = None,
) -> list[IngestedFootage]:
    """Analyse video files, add the vehicles in them to the archive, and return one result per file, in order.

    Each job names a file, the camera that filmed it and when it starts; the camera must be in the archive. `person`
    needs the permission to ingest. The call can be stopped at any moment: the same call continues where it was, and
    nothing is added twice. A file that cannot be read gets the status "failed" and does not stop the others.
    The first file is worked on while the others are still read. Files that have not changed since they were ingested
    are known by their size, time and a sample of their bytes; with `check` they are read whole. `on_progress` is called
    about twice a second with the progress of every file that was read.
    """
    permissions.require(archive, person, Permission.INGEST)
    options = options or IngestOptions()
    check_options(options)
    options = replace(options, weights=weights_for(archive, options.weights))
    _remember_models(archive, options)
    with Intake(archive, jobs, chunk_s=options.chunk_s, check=check) as intake:
        results = _do_chunks(archive, intake, options, on_progress)
    return [_finish(archive, job, intake, results) for job in jobs]


def check_options(options: IngestOptions) -> None:
    """Refuse options with which nothing can be taken in."""
    if options.workers < 1:
        raise ArchiveError(f"workers is {options.workers}: give 1 or more")
    if not 0 <= options.every_s <= 2:
        raise ArchiveError(f"every is {options.every_s:g} s: give 0 (each frame) to 2 seconds")
    if options.region is not None and options.region not in SYNTAXES:
        raise ArchiveError(f"region is {options.region!r}: give one of {', '.join(SYNTAXES)}, or none")
    if not 1 <= options.chunk_s <= LONGEST_CHUNK_S:
        raise ArchiveError(f"chunk_s is {options.chunk_s:g}: a chunk covers 1 to {LONGEST_CHUNK_S:g} seconds")


def _remember_models(archive: Archive, options: IngestOptions) -> None:
    embedder = make_embedder(options.weights, threads=1)
    used = [StoredModel(embedder.model_id, "appearance", embedder.dims)]
    used.append(StoredModel(make_detector(options.detector).model_id, "detector"))
    with archive.catalogue.writing() as connection:
        models.remember(connection, used, at=datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What this run's chunks have given, by footage, how many frames that took, and the chunks that killed a worker.

    It fills up as results come.
    """

    results: dict[str, list[ChunkResult]] = field(default_factory=lambda: defaultdict(list))
    frames: Counter[str] = field(default_factory=Counter)
    suspects: set[tuple[str, int]] = field(default_factory=set)

    def collect(self, done: Iterable[ChunkResult]) -> bool:
        """Add the results of claimed chunks; say whether there was any."""
        any_claimed = False
        for result in done:
            self.suspects.discard((result.footage, result.number))
            if result.claimed:
                any_claimed = True
                self.results[result.footage].append(result)
                self.frames[result.footage] += result.frames
        return any_claimed

    def without_failures(self, files: Iterable[RegisteredFootage]) -> list[RegisteredFootage]:
        """Return the files of which no chunk has failed."""
        return [file for file in files if not _problems(self.results.get(file.footage.id, ()))]


def _do_chunks(
    archive: Archive, intake: Intake, options: IngestOptions, on_progress: OnProgress | None
) -> dict[str, list[ChunkResult]]:
    """Do all pending chunks, wait for those of other processes, and return this run's results by footage.

    Once a chunk of a file fails, the file's other chunks are left out. When a worker process dies, the chunks that were
    being done are done again one by one, each in a process of its own: one that dies then fails its own file alone.
    """
    chunk_options = ChunkOptions(options.detector, options.weights, options.every_s, options.plates, options.region)
    outcomes = Outcomes()
    if intake.is_single:
        intake.wait()
    with reporting(archive, intake.files, outcomes.frames, on_progress):
        while tasks := _next_tasks(archive, intake, outcomes, chunk_options):
            alone = [task for task in tasks if task.key in outcomes.suspects] if isinstance(tasks, list) else []
            try:
                any_claimed = outcomes.collect(_run(tasks, options, apart=bool(alone)))
            except WorkerDiedError as error:
                any_claimed = True
                held = _held_by_dead(archive, [file.footage.id for file in intake.files])
                if not held:
                    # It died before it began: whatever ends it would end the next one, too.
                    raise
                for task in alone:
                    outcomes.results[task.footage.id].append(_killed(task, error))
                outcomes.suspects.update(held)
            if not any_claimed:
                time.sleep(WAIT_FOR_OTHERS_S)
    return outcomes.results


def _next_tasks(
    archive: Archive, intake: Intake, outcomes: Outcomes, options: ChunkOptions
) -> "list[ChunkTask] | Iterator[ChunkTask | None]":
    """Return one chunk that killed a worker, else the chunks of files as they come, else all that are not done."""
    files = outcomes.without_failures(intake.files)
    suspect = {id_ for id_, _ in outcomes.suspects}
    again = _pending_tasks(archive, [file for file in files if file.footage.id in suspect], options)
    alone = [task for task in again if task.key in outcomes.suspects][:1]
    if alone or intake.has_ended:
        return alone or _pending_tasks(archive, files, options)
    return _arriving_tasks(archive, intake, outcomes, options)


def _arriving_tasks(
    archive: Archive, intake: Intake, outcomes: Outcomes, options: ChunkOptions
) -> Iterator[ChunkTask | None]:
    """Yield the pending chunks of each file as it is registered, None while none is there."""
    for file in intake.arrivals():
        if file is None:
            yield None
            continue
        for task in _pending_tasks(archive, [file], options):
            if outcomes.without_failures([file]):
                yield task


def _run(tasks: Iterable[ChunkTask | None], options: IngestOptions, *, apart: bool) -> Iterator[ChunkResult]:
    """Yield the result of each chunk, done on a cluster, by processes of this machine, or by this process alone.

    Those `apart` are done by a process of their own.
    """
    if options.ray is not None:
        return run_on_ray(do_chunk, tasks, options.ray)
    if apart:
        return run_in_processes(do_chunk, tasks, 1)
    if options.workers <= 1 or (isinstance(tasks, list) and len(tasks) <= 1):
        return run_here(do_chunk, tasks)
    return run_in_processes(do_chunk, tasks, options.workers)


def _killed(task: ChunkTask, error: WorkerDiedError) -> ChunkResult:
    problem = f"{task.footage.path}: {error} while it analysed chunk {task.number}, twice: is there enough memory?"
    return ChunkResult(*task.key, claimed=True, problem=problem)


def _held_by_dead(archive: Archive, footage_ids: Collection[str]) -> set[tuple[str, int]]:
    """Return the (footage, number) of the chunks that workers held when they died."""
    with archive.catalogue.reading() as connection:
        held = footage.claimed_chunks(connection, footage_ids)
    return {(id_, number) for worker, id_, number in held if is_dead(archive.path, worker)}


def _pending_tasks(archive: Archive, files: Sequence[RegisteredFootage], options: ChunkOptions) -> list[ChunkTask]:
    """Return the chunks that are not done, after releasing those of dead workers."""
    unfinished = [file for file in files if file.pending]
    if not unfinished:
        return []
    with archive.catalogue.writing() as connection:
        held = footage.claimed_chunks(connection, [file.footage.id for file in unfinished])
        for worker in sorted({worker for worker, _, _ in held}):
            if is_dead(archive.path, worker):
                footage.release_chunks(connection, worker)
        return [
            ChunkTask(archive.path, file.footage, file.timeline, number, options)
            for file in unfinished
            if file.timeline is not None
            for number in footage.pending_chunks(connection, file.footage.id)
        ]


def _finish(
    archive: Archive, job: FootageJob, intake: Intake, results: Mapping[str, list[ChunkResult]]
) -> IngestedFootage:
    """Store the new status of a file and return its result."""
    refusal = intake.refused.get(job)
    if refusal is not None:
        return IngestedFootage(shown_path(job.path), None, 0, 0.0, refusal.seconds, "failed", refusal.problem)
    file = intake.registered[job]
    stored, own = file.footage, results.get(file.footage.id, ())
    seconds = sum((chunk.seconds for chunk in own), start=0.0)
    failures = _problems(own)
    known_problem = file.timeline.problem if file.timeline and stored.status == "failed" else stored.problem
    problem = failures[0] if failures else _damage(known_problem, own)
    new_status = "failed" if failures else "partial" if problem else "done"
    if (new_status, problem) != (stored.status, stored.problem):
        with archive.catalogue.writing() as connection:
            footage.set_status(connection, stored.id, new_status, problem)
    with archive.catalogue.reading() as connection:
        found = footage.count_sightings(connection, stored.id)
        # Somebody may have moved it meanwhile.
        stored = footage.get(connection, stored.id) or stored
    status = new_status if file.pending else "known"
    doubts = file.doubts + (find_moves(archive, stored) if file.pending else ())
    return IngestedFootage(
        shown_path(job.path), stored.id, found, stored.duration_s, round(seconds, 3), status, problem, doubts
    )


def _problems(results: Sequence[ChunkResult]) -> list[str]:
    return [chunk.problem for chunk in results if chunk.problem is not None]


def _damage(file_problem: str | None, results: Sequence[ChunkResult]) -> str | None:
    """Return what is wrong with the file as a whole, and how many damaged packets were skipped."""
    lines = [line for chunk in results for line in chunk.damage]
    skipped = f"{len(lines)} damaged packets skipped, first: {lines[0]}" if lines else None
    parts = [part for part in (file_problem, skipped) if part]
    return "; ".join(parts) or None
