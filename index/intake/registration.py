"""Enter a video file into the archive: what it is, whose it is, and into which chunks its analysis is cut."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from index.catalogue import cameras, chunks, footage
from index.catalogue.footage import Footage
from index.errors import ArchiveError
from index.intake.start_time import PICTURE, FoundStart, StartRule, find_start
from reid.picture_folder import pictures_in
from reid.timeline import Timeline, read_timeline

if TYPE_CHECKING:
    from index.archive import Archive


@dataclass(frozen=True, slots=True)
class FootageJob:
    """A file to take in; `start` is the camera's clock at its first frame, None where the file tells it by `rule`."""

    path: Path
    camera: str
    start: datetime | None = None
    rule: StartRule = field(default_factory=StartRule)


@dataclass(frozen=True, slots=True)
class Registered:
    """A file that the archive knows, and the chunks that are still to do; `doubts` are what a person should look at."""

    footage: Footage
    timeline: Timeline
    pending: tuple[int, ...]
    doubts: tuple[str, ...] = ()


def register(archive: "Archive", job: FootageJob, *, chunk_s: float) -> Registered:
    """Read the file, refuse what cannot be taken in as asked, and plan its chunks."""
    id_ = sha256_of(job.path)
    timeline = read_timeline(job.path)
    with archive.catalogue.reading() as connection:
        cameras.known(connection, job.camera)
        stored = footage.get(connection, id_)
    known = None if stored is None else stored.start
    found = FoundStart(job.start) if job.start else find_start(job.path, timeline, job.rule, known)
    with archive.catalogue.writing() as connection:
        stored = footage.get(connection, id_)
        if stored is None:
            stored = _as_footage(id_, job, found.time, timeline, chunk_s)
            footage.add(connection, stored, at=datetime.now(UTC))
        _refuse_change(stored, job, found.time)
        chunks.plan(connection, id_, chunk_count(stored))
        pending = tuple(chunks.pending(connection, id_))
        doubts = _doubts(found, stored, footage.listing(connection, stored.camera))
    return Registered(stored, timeline, pending, doubts)


def chunk_count(stored: Footage) -> int:
    """Return into how many chunks the file is cut."""
    return max(1, math.ceil(stored.duration_s / _chunk_s(stored) - 1e-9))


def chunk_span(stored: Footage, number: int) -> tuple[float, float]:
    """Return the seconds of footage that a chunk covers; the last one has no end of its own."""
    length_s = _chunk_s(stored)
    last = number == chunk_count(stored) - 1
    return number * length_s, math.inf if last else (number + 1) * length_s


def sha256_of(path: Path) -> str:
    """Return the hash of a file's bytes, which is its id; of a folder, that of its pictures' names and hashes."""
    if path.is_dir():
        lines = [f"{picture.name} {sha256_of(picture)}\n" for picture in pictures_in(path)]
        return hashlib.sha256("".join(lines).encode()).hexdigest()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _as_footage(id_: str, job: FootageJob, start: datetime, timeline: Timeline, chunk_s: float) -> Footage:
    return Footage(
        id=id_,
        path=str(job.path.resolve()),
        camera=job.camera,
        start=start,
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


def _doubts(found: FoundStart, stored: Footage, same_camera: Sequence[Footage]) -> tuple[str, ...]:
    """Say where the start comes from if nobody gave it, and which other footage shows the same time."""
    doubts = []
    if found.source:
        check = "" if found.source == PICTURE else "; check that this is right"
        doubts.append(f"starts {stored.start.isoformat()} by {found.source}{check}")
    doubts += [f"starts {stored.start.isoformat()}, but {doubt}" for doubt in found.doubts]
    others = [
        one for one in same_camera if one.id != stored.id and one.start < _end(stored) and stored.start < _end(one)
    ]
    if others:
        first, more = others[0], f" and {len(others) - 1} more files" if len(others) > 1 else ""
        doubts.append(
            f"overlaps {first.path} ({first.start.isoformat()}, {first.duration_s:.0f} s){more} of camera "
            f"{first.camera!r}: vehicles in both are seen twice; see `retrace footage move` and `remove`"
        )
    return tuple(doubts)


def _end(stored: Footage) -> datetime:
    return stored.start + timedelta(seconds=stored.duration_s)


def _refuse_change(stored: Footage, job: FootageJob, start: datetime) -> None:
    """Refuse to take the same footage for another camera or another time."""
    if stored.camera != job.camera:
        raise ArchiveError(
            f"{job.path} is in the archive as footage of camera {stored.camera!r}, not {job.camera!r}: "
            f"to change that, run `retrace footage move {stored.id[:12]} --camera {job.camera}`"
        )
    if stored.start != start:
        raise ArchiveError(
            f"{job.path} is in the archive with start {stored.start.isoformat()}, not {start.isoformat()}: "
            f"to change that, run `retrace footage move {stored.id[:12]} --start {start.isoformat()}`"
        )
