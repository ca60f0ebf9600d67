"""Turn video files into sightings, each exactly once, however often workers are stopped and started again."""

import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from index.access import permissions
from index.access.permissions import Permission
from index.errors import ArchiveError
from index.ingest.chunk import ChunkOptions, ChunkResult, ChunkTask, do_chunk
from index.ingest.describing import weights_for
from index.ingest.progress import OnProgress, is_dead, reporting
from index.ingest.registration import FootageJob, RegisteredFootage, register, shown_path
from index.ingest.workers import WorkerDiedError, run_in_processes, run_on_ray
from index.store.archive import Archive
from index.store.catalogue import Connection, cameras, footage, models
from index.store.catalogue.cameras import StoredScene
from index.store.catalogue.footage import Footage
from index.store.catalogue.models import StoredModel
from index.store.catalogue.people import Person
from reid.appearance.embedders import make_embedder
from reid.detect.detectors import make_detector
from reid.errors import SeeingError
from reid.images import decode_grey
from reid.scene.moved_camera import CameraMove, suspect_move

WAIT_FOR_OTHERS_S = 0.5

LONGEST_CHUNK_S = 86_400.0


@dataclass(frozen=True, slots=True)
class IngestOptions:
    """How footage is analysed: one frame every `every_s` (0: each frame), in chunks of `chunk_s` of footage.

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
    on_progress: OnProgress | None = None,
) -> list[IngestedFootage]:
    """Analyse video files, add the vehicles in them to the archive, and return one result per file, in order.

    Each job names a file, the camera that filmed it and when it starts; the camera must be in the archive. `person`
    needs the permission to ingest. The call can be stopped at any moment: the same call continues where it was, and
    nothing is added twice. A file that cannot be read gets the status "failed" and does not stop the others.
    `on_progress` is called about twice a second with the progress of every file.
    """
    permissions.require(archive, person, Permission.INGEST)
    options = options or IngestOptions()
    _check_options(options)
    options = replace(options, weights=weights_for(archive, options.weights))
    registered, failed = _register_all(archive, jobs, options)
    files = {file.footage.id: file for file in registered.values()}
    _remember_models(archive, options)
    results = _do_chunks(archive, list(files.values()), options, on_progress)
    return [failed[job] if job in failed else _finish(archive, job, registered[job], results) for job in jobs]


def find_moves(archive: Archive, stored: Footage) -> tuple[str, ...]:
    """Mark the chunks in which the camera may have been moved, and return a line about the first of them.

    The empty scene of each chunk is compared with the latest unsuspected one since the camera was last placed. After a
    move all footage is suspect, until somebody says where the camera stands now.
    """
    moves: list[tuple[StoredScene, StoredScene, CameraMove]] = []
    with archive.catalogue.reading() as connection:
        own_scenes = cameras.scenes_of_footage(connection, stored.id)
    for scene in own_scenes:
        with archive.catalogue.writing() as connection:
            since = _placed_since(connection, stored.camera, scene.start)
            before = cameras.trusted_scene_before(connection, stored.camera, scene.start, since)
            move = None if before is None else suspect_move(decode_grey(before.jpeg), decode_grey(scene.jpeg))
            if before is not None and move is not None:
                cameras.suspect_move(connection, stored.id, scene.number)
                moves.append((scene, before, move))
    return tuple(_describe_move(stored, *move) for move in moves[:1])


def _check_options(options: IngestOptions) -> None:
    if options.workers < 1:
        raise ArchiveError(f"workers is {options.workers}: give 1 or more")
    if not 0 <= options.every_s <= 2:
        raise ArchiveError(f"every is {options.every_s:g} s: give 0 (each frame) to 2 seconds")
    if not 1 <= options.chunk_s <= LONGEST_CHUNK_S:
        raise ArchiveError(f"chunk_s is {options.chunk_s:g}: a chunk covers 1 to {LONGEST_CHUNK_S:g} seconds")


def _register_all(
    archive: Archive, jobs: Sequence[FootageJob], options: IngestOptions
) -> tuple[dict[FootageJob, RegisteredFootage], dict[FootageJob, IngestedFootage]]:
    """Register each file; one that cannot be registered does not stop the others."""
    registered: dict[FootageJob, RegisteredFootage] = {}
    failed: dict[FootageJob, IngestedFootage] = {}
    for job in jobs:
        began = time.monotonic()
        try:
            registered[job] = register(archive, job, chunk_s=options.chunk_s)
        except (SeeingError, ArchiveError) as error:
            seconds = time.monotonic() - began
            failed[job] = IngestedFootage(shown_path(job.path), None, 0, 0.0, seconds, "failed", str(error))
    return registered, failed


def _remember_models(archive: Archive, options: IngestOptions) -> None:
    embedder = make_embedder(options.weights)
    used = [StoredModel(embedder.model_id, "appearance", embedder.dims)]
    used.append(StoredModel(make_detector(options.detector).model_id, "detector"))
    with archive.catalogue.writing() as connection:
        models.remember(connection, used, at=datetime.now(UTC))


def _do_chunks(
    archive: Archive, files: Sequence[RegisteredFootage], options: IngestOptions, on_progress: OnProgress | None
) -> dict[str, list[ChunkResult]]:
    """Do all pending chunks, wait for those of other processes, and return this run's results by footage.

    Once a chunk of a file fails, the file's other chunks are left out. When a worker process dies, the chunks that were
    being done are done again one by one, each in a process of its own: one that dies then fails its own file alone.
    """
    chunk_options = ChunkOptions(options.detector, options.weights, options.every_s, options.plates)
    results: dict[str, list[ChunkResult]] = {file.footage.id: [] for file in files}
    frames = dict.fromkeys(results, 0)
    suspects: set[tuple[str, int]] = set()
    with reporting(archive, files, frames, on_progress):
        while tasks := _pending_tasks(archive, _without_failures(files, results), chunk_options):
            any_claimed = False
            alone = [task for task in tasks if task.key in suspects][:1]
            try:
                for result in _run(
                    alone or tasks, replace(options, workers=1 if alone else options.workers), bool(alone)
                ):
                    suspects.discard((result.footage, result.number))
                    if result.claimed:
                        any_claimed = True
                        results[result.footage].append(result)
                        frames[result.footage] += result.frames
            except WorkerDiedError as error:
                any_claimed = True
                held = _held_by_dead(archive, results)
                if not held:
                    # It died before it began: whatever ends it would end the next one, too.
                    raise
                for task in alone:
                    results[task.file.footage.id].append(_killed(task, error))
                suspects |= held
            if not any_claimed:
                time.sleep(WAIT_FOR_OTHERS_S)
    return results


def _run(tasks: Sequence[ChunkTask], options: IngestOptions, apart: bool) -> Iterator[ChunkResult]:
    """Yield the result of each chunk, done on a cluster, by processes of this machine, or by this process alone."""
    if options.ray is not None:
        return run_on_ray(do_chunk, tasks, options.ray)
    if not apart and (options.workers <= 1 or len(tasks) <= 1):
        return map(do_chunk, tasks)
    return run_in_processes(do_chunk, tasks, options.workers)


def _killed(task: ChunkTask, error: WorkerDiedError) -> ChunkResult:
    problem = f"{task.file.footage.path}: {error} while it analysed chunk {task.number}, twice: is there enough memory?"
    return ChunkResult(*task.key, claimed=True, problem=problem)


def _held_by_dead(archive: Archive, footage_ids: Collection[str]) -> set[tuple[str, int]]:
    """Return the (footage, number) of the chunks that workers held when they died."""
    with archive.catalogue.reading() as connection:
        held = footage.claimed_chunks(connection, footage_ids)
    return {(id_, number) for worker, id_, number in held if is_dead(archive.path, worker)}


def _pending_tasks(archive: Archive, files: Sequence[RegisteredFootage], options: ChunkOptions) -> list[ChunkTask]:
    """Return the chunks that are not done, after releasing those of dead workers."""
    with archive.catalogue.writing() as connection:
        held = footage.claimed_chunks(connection, [file.footage.id for file in files])
        for worker in sorted({worker for worker, _, _ in held}):
            if is_dead(archive.path, worker):
                footage.release_chunks(connection, worker)
        return [
            ChunkTask(archive.path, file, number, options)
            for file in files
            for number in footage.pending_chunks(connection, file.footage.id)
        ]


def _without_failures(
    files: Sequence[RegisteredFootage], results: dict[str, list[ChunkResult]]
) -> list[RegisteredFootage]:
    return [file for file in files if not _problems(results[file.footage.id])]


def _finish(
    archive: Archive, job: FootageJob, file: RegisteredFootage, results: dict[str, list[ChunkResult]]
) -> IngestedFootage:
    """Store the new status of a file and return its result."""
    stored, own = file.footage, results[file.footage.id]
    seconds = sum((chunk.seconds for chunk in own), start=0.0)
    failures = _problems(own)
    known_problem = file.timeline.problem if stored.status == "failed" else stored.problem
    problem = failures[0] if failures else _damage(known_problem, own)
    new_status = "failed" if failures else "partial" if problem else "done"
    with archive.catalogue.writing() as connection:
        footage.set_status(connection, stored.id, new_status, problem)
        found = footage.count_sightings(connection, stored.id)
    status = new_status if file.pending else "known"
    length_s = file.timeline.duration_s
    doubts = file.doubts + (find_moves(archive, stored) if file.pending else ())
    return IngestedFootage(shown_path(job.path), stored.id, found, length_s, round(seconds, 3), status, problem, doubts)


def _problems(results: Sequence[ChunkResult]) -> list[str]:
    return [chunk.problem for chunk in results if chunk.problem is not None]


def _damage(file_problem: str | None, results: Sequence[ChunkResult]) -> str | None:
    """Return what is wrong with the file as a whole, and how many damaged packets were skipped."""
    lines = [line for chunk in results for line in chunk.damage]
    skipped = f"{len(lines)} damaged packets skipped, first: {lines[0]}" if lines else None
    parts = [part for part in (file_problem, skipped) if part]
    return "; ".join(parts) or None


def _placed_since(connection: Connection, camera: str, at: datetime) -> datetime:
    """Return since when the camera has stood where it stands at a time."""
    begins = (place.valid_from for place in cameras.places(connection, camera) if place.valid_from <= at)
    return max(begins, default=cameras.ALWAYS)


def _describe_move(stored: Footage, scene: StoredScene, before: StoredScene, move: CameraMove) -> str:
    how = (
        "it shows another view"
        if move.share is None
        else f"what stands still lies {move.share:.1%} of the picture's width away"
    )
    since, earlier = (shown.start.isoformat(timespec="seconds") for shown in (scene, before))
    return (
        f"camera {stored.camera!r} may have been moved or turned by {since}: {how} from where it was at "
        f"{earlier} in {before.path}; if so, `retrace cameras move {stored.camera} --since "
        f"{since}` with its new --bearing or place"
    )
