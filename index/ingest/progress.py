"""Track how far ingest is: each worker writes its progress into its lock file, and these are added up for people."""

import errno
import json
import os
import secrets
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from index.errors import ArchiveError
from index.ingest.registration import RegisteredFootage, chunk_span
from index.store.archive import Archive
from index.store.archive_file import FILE_MODE, WORKERS, make_folder, try_lock
from index.store.catalogue import footage

REPORT_EVERY_S = 0.5

_NO_LOCK = {errno.ENOENT, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG}
"""Said of what cannot be the lock of a worker."""

NOTE_BYTES = 256
"""The fixed length of a worker's note: it is written in one piece, so that no reader gets half of it."""


@dataclass(frozen=True, slots=True)
class IngestProgress:
    """How far a file is, in seconds of its footage; `frames` were analysed in this run."""

    path: str
    done_s: float
    total_s: float
    sightings: int
    frames: int


OnProgress = Callable[[Sequence[IngestProgress]], None]


@dataclass(frozen=True, slots=True)
class ChunkProgress:
    """How far a worker is in a chunk: seconds of its footage, frames analysed, sightings so far."""

    footage: str
    number: int
    seconds: float
    frames: int
    sightings: int


class WorkerLock:
    """A worker's name that lives exactly as long as its process: the system frees the lock however the process ends."""

    def __init__(self, archive_folder: Path) -> None:
        self._folder = archive_folder / WORKERS
        make_folder(self._folder)
        self.name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self._descriptor = os.open(self._folder / self.name, os.O_RDWR | os.O_CREAT, FILE_MODE)
        try_lock(self._descriptor)

    def write_progress(self, progress: ChunkProgress) -> None:
        """Write this worker's progress into its lock file."""
        os.pwrite(self._descriptor, json.dumps(asdict(progress)).ljust(NOTE_BYTES).encode(), 0)

    def release(self) -> None:
        """Give the name up."""
        (self._folder / self.name).unlink(missing_ok=True)
        os.close(self._descriptor)


def is_dead(archive_folder: Path, worker: str) -> bool:
    """Say whether a worker of this machine has ended; workers of other machines count as alive.

    The name comes from the catalogue, which may be somebody else's: one that leads elsewhere is no worker's.
    """
    if not worker.startswith(f"{socket.gethostname()}-"):
        return False
    if "/" in worker or "\0" in worker:
        return True
    path = archive_folder / WORKERS / worker
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if error.errno not in _NO_LOCK:
            raise
        return True
    try:
        ended = try_lock(descriptor)
        if ended:
            path.unlink(missing_ok=True)
        return ended
    finally:
        os.close(descriptor)


def chunks_in_progress(archive_folder: Path) -> list[ChunkProgress]:
    """Return the last progress that each worker wrote, that of dead workers included."""
    return [note for path in (archive_folder / WORKERS).glob("*") if (note := _note(path)) is not None]


def current_progress(
    archive: Archive, files: Sequence[RegisteredFootage], frames: Mapping[str, int]
) -> list[IngestProgress]:
    """Return how far each file is now; `frames` are those of this run's finished chunks, by footage."""
    # Files may be registered meanwhile.
    files = tuple(files)
    with archive.catalogue.reading() as connection:
        states = footage.chunk_states(connection, [file.footage.id for file in files])
    unfinished = {(chunk.footage, chunk.number): chunk for chunk in chunks_in_progress(archive.path)}
    return [_of_file(file, states[file.footage.id], unfinished, frames.get(file.footage.id, 0)) for file in files]


@contextmanager
def reporting(
    archive: Archive, files: Sequence[RegisteredFootage], frames: Mapping[str, int], on_progress: OnProgress | None
) -> Iterator[None]:
    """Report the progress of the files now and then while a block runs, and once at its end.

    `frames` counts those of finished chunks, by footage; the block keeps it up to date.
    """
    if on_progress is None:
        yield
        return

    def report() -> None:
        # A busy database only costs this one report.
        with suppress(ArchiveError):
            on_progress(current_progress(archive, files, frames))

    with repeatedly(report, every_s=REPORT_EVERY_S):
        yield
    on_progress(current_progress(archive, files, frames))


def _note(path: Path) -> ChunkProgress | None:
    """Return the note of a worker; None where it has written nothing yet, is gone, or is of no worker."""
    try:
        # As long as a note and no longer: what lies here may have come with somebody's archive.
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW), "rb") as file:
            progress = ChunkProgress(**json.loads(file.read(NOTE_BYTES)))
    except (ValueError, TypeError, OSError, RecursionError):
        return None
    counts = (progress.number, progress.frames, progress.sightings)
    is_note = isinstance(progress.footage, str) and all(type(count) is int for count in counts)
    return progress if is_note and isinstance(progress.seconds, int | float) else None


@contextmanager
def repeatedly(action: Callable[[], None], *, every_s: float) -> Iterator[None]:
    """Call an action every so many seconds, from a thread of its own, while a block runs."""
    ended = threading.Event()

    def repeat() -> None:
        while not ended.wait(every_s):
            action()

    thread = threading.Thread(target=repeat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _of_file(
    file: RegisteredFootage,
    states: Sequence[tuple[int, int | None]],
    unfinished: Mapping[tuple[str, int], ChunkProgress],
    frames: int,
) -> IngestProgress:
    """Add up the finished chunks of a file and the progress of the others."""
    # Chunks are only where frames are, so their lengths are the total.
    done_s, total_s, found = 0.0, 0.0, 0
    for number, sightings in states:
        progress = unfinished.get((file.footage.id, number))
        start_s, end_s = chunk_span(file.footage, number)
        length_s = max(0.0, min(end_s, file.footage.duration_s) - start_s)
        total_s += length_s
        if sightings is not None:
            done_s += length_s
            found += sightings
        elif progress is not None:
            done_s += progress.seconds
            found += progress.sightings
            frames += progress.frames
    return IngestProgress(file.footage.path, min(done_s, total_s), total_s, found, frames)
