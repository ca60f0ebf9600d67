"""Enter a video file into the archive: what it is, whose it is, and into which chunks its analysis is cut."""

import hashlib
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from index.catalogue import cameras, chunks, footage
from index.catalogue.footage import Footage
from index.errors import ArchiveError
from reid.timeline import Timeline, read_timeline

if TYPE_CHECKING:
    from index.archive import Archive


@dataclass(frozen=True, slots=True)
class FootageJob:
    """A file to take in; `start` is the camera's clock at its first frame."""

    path: Path
    camera: str
    start: datetime


@dataclass(frozen=True, slots=True)
class Registered:
    """A file that the archive knows, and the chunks that are still to do."""

    footage: Footage
    timeline: Timeline
    pending: tuple[int, ...]


def register(archive: "Archive", job: FootageJob, *, chunk_s: float) -> Registered:
    """Read the file, refuse what cannot be taken in as asked, and plan its chunks."""
    id_ = sha256_of(job.path)
    timeline = read_timeline(job.path)
    with archive.catalogue.writing() as connection:
        cameras.known(connection, job.camera)
        stored = footage.get(connection, id_)
        if stored is None:
            stored = _as_footage(id_, job, timeline, chunk_s)
            footage.add(connection, stored, at=datetime.now(UTC))
        _refuse_change(stored, job)
        chunks.plan(connection, id_, chunk_count(stored))
        pending = tuple(chunks.pending(connection, id_))
    return Registered(stored, timeline, pending)


def chunk_count(stored: Footage) -> int:
    """Return into how many chunks the file is cut."""
    return max(1, math.ceil(stored.duration_s / _chunk_s(stored) - 1e-9))


def chunk_span(stored: Footage, number: int) -> tuple[float, float]:
    """Return the seconds of footage that a chunk covers; the last one has no end of its own."""
    length_s = _chunk_s(stored)
    last = number == chunk_count(stored) - 1
    return number * length_s, math.inf if last else (number + 1) * length_s


def sha256_of(path: Path) -> str:
    """Return the hash of a file's bytes, which is its id."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _as_footage(id_: str, job: FootageJob, timeline: Timeline, chunk_s: float) -> Footage:
    return Footage(
        id=id_,
        path=str(job.path.resolve()),
        camera=job.camera,
        start=job.start,
        duration_s=timeline.duration_s,
        fps=timeline.fps,
        width=timeline.width,
        height=timeline.height,
        frames=timeline.frames,
        chunk_s=chunk_s,
        problem=timeline.problem,
    )


def _chunk_s(stored: Footage) -> float:
    return stored.chunk_s or stored.duration_s


def _refuse_change(stored: Footage, job: FootageJob) -> None:
    """Refuse to take the same footage for another camera or another time."""
    if stored.camera != job.camera:
        raise ArchiveError(
            f"{job.path} is in the archive as footage of camera {stored.camera!r}, not {job.camera!r}: "
            f"to change that, run `retrace footage move {stored.id[:12]} --camera {job.camera}`"
        )
    if stored.start != job.start:
        raise ArchiveError(
            f"{job.path} is in the archive with start {stored.start.isoformat()}, not {job.start.isoformat()}: "
            f"to change that, run `retrace footage move {stored.id[:12]} --start {job.start.isoformat()}`"
        )
