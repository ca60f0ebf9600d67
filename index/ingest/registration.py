"""Register a video file in the archive: its id, camera, start and chunks; and read the manifests that list files."""

import csv
import math
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from index.dates import YEARS, utc_time
from index.errors import ArchiveError
from index.ingest.file_identity import sha256_of, stat_of
from index.ingest.kept_rate import move_kept_rate
from index.ingest.start_time import (
    PICTURE,
    FoundStart,
    StartRule,
    check_pictures,
    doubt_of_change,
    find_start,
    start_by_name,
)
from index.ingest.tables import check_regular, lines_of, torn
from index.map.sighting_roads import take_roads_again, take_roads_of_moved
from index.store.archive import Archive
from index.store.catalogue import cameras, footage, footage_stats, purges
from index.store.catalogue.footage import Footage
from reid.clock.iso_time import iso_time
from reid.video.timeline import Timeline, read_timeline

MANIFEST_COLUMNS = ("path", "camera", "start")

DAY_S = 86_400.0

JUMP_S = DAY_S
"""A file whose frames are farther apart is doubted."""

AUTO, CLOCK = "auto", "clock"
"""Written in place of a start: the file itself says it, or the clock burnt into its pictures does."""


@dataclass(frozen=True, slots=True)
class FootageJob:
    """A file to ingest; `start` is the camera's clock at its first frame, None to find it by the `rule`.

    `weather` is what somebody says of it, None where nobody does.
    """

    path: Path
    camera: str
    start: datetime | None = None
    rule: StartRule = field(default_factory=StartRule)
    weather: str | None = None


@dataclass(frozen=True, slots=True)
class RegisteredFootage:
    """A file that the archive knows, and its chunks that are not done; `doubts` are what a person should check.

    `timeline` is None where nothing of the file is left to do, and it was not read.
    """

    footage: Footage
    timeline: Timeline | None
    pending: tuple[int, ...]
    doubts: tuple[str, ...] = ()


def register(
    archive: Archive,
    job: FootageJob,
    *,
    chunk_s: float,
    check: bool = False,
    on_block: Callable[[], None] | None = None,
) -> RegisteredFootage:
    """Enter the file, refuse it if the archive has it with another camera or start, and plan its chunks.

    A file that has not changed since it was entered is known by its size, time and a sample of its bytes, unless
    `check` says to read it whole. `on_block` is called every now and then while it is read.
    """
    check_writable_name(job.path)
    with _errors_of(job.path):
        stat = stat_of(job.path)
    with archive.catalogue.reading() as connection:
        cameras.check_known(connection, job.camera)
        known = None if check else footage_stats.known_by(connection, stat)
        finished = None if known is None else footage.get(connection, known)
        if finished is not None and not footage.pending_chunks(connection, finished.id) and not _is_news(finished, job):
            return _finished(finished, job, footage.listing(connection, finished.camera))
    with _errors_of(job.path):
        id_ = known or sha256_of(job.path, on_block=on_block)
        timeline = read_timeline(job.path)
        is_unchanged = stat_of(job.path) == stat
    with archive.catalogue.reading() as connection:
        if purges.refused_among(connection, [id_]):
            raise ArchiveError(
                f"{job.path} was purged, and is refused since: to let it come again, retrace footage allow {job.path}"
            )
        stored = footage.get(connection, id_)
    start = None if stored is None else stored.start
    found = FoundStart(job.start) if job.start else find_start(job.path, timeline, job.rule, start)
    check_pictures(timeline, job.rule.zone)
    _check_span(job.path, found.time, timeline)
    with archive.catalogue.writing() as connection:
        # A purge that deletes what was known of the file is waited for.
        before = footage.get(connection, id_, removed=True)
        cameras.hold(connection, {job.camera} if before is None else {job.camera, before.camera})
        stored = footage.get(connection, id_)
        if stored is None:
            stored = _as_footage(id_, job, found.time, timeline, chunk_s)
            if footage.add(connection, stored, at=datetime.now(UTC)):
                if before is not None and move_kept_rate(connection, before, stored):
                    take_roads_of_moved(connection, sorted({before.camera, stored.camera}))
                take_roads_again(connection, [stored.camera])
        _refuse_change(stored, job, found.time)
        if job.weather is not None and stored.weather != job.weather:
            footage.set_weather(connection, id_, job.weather)
        footage.plan_chunks(connection, id_, chunks_with_frames(stored, timeline))
        if is_unchanged:
            footage_stats.put_stat(connection, id_, stat)
        pending = tuple(footage.pending_chunks(connection, id_))
        doubts = _jumps(timeline) + doubt_of_change(timeline, job.rule.zone)
        doubts += _doubts(found, stored, footage.listing(connection, stored.camera))
    return RegisteredFootage(stored, timeline, pending, doubts)


def shown_path(path: Path) -> str:
    """Return a path as text that can be printed and stored; bytes of its name that are not UTF-8 are escaped."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def check_writable_name(path: Path) -> None:
    """Refuse a file whose name is not UTF-8, or holds NUL: no catalogue, log or JSON document could hold it."""
    if "\0" in str(path):
        raise ArchiveError(f"{str(path)!r} holds the character NUL, which no file can have in its name: leave it out")
    if shown_path(path) != str(path):
        raise ArchiveError(f"{shown_path(path)}: its name is not written in UTF-8, rename it")


def chunk_count(stored: Footage) -> int:
    """Return the number of chunks of a file."""
    return max(1, math.ceil(stored.duration_s / _chunk_s(stored) - 1e-9))


def chunks_with_frames(stored: Footage, timeline: Timeline) -> list[int]:
    """Return the numbers of the chunks in which frames are shown: a jump of the time stamps makes no work."""
    numbers = (timeline.times_s // _chunk_s(stored)).astype(np.int64)
    return [int(number) for number in np.unique(numbers.clip(0, chunk_count(stored) - 1))]


def chunk_span(stored: Footage, number: int) -> tuple[float, float]:
    """Return the seconds of footage that a chunk covers; the last chunk ends at infinity."""
    length_s = _chunk_s(stored)
    last = number == chunk_count(stored) - 1
    return number * length_s, math.inf if last else (number + 1) * length_s


def read_manifest(path: Path) -> list[FootageJob]:
    """Return the files that a manifest lists; their paths are relative to it."""
    columns = ",".join(MANIFEST_COLUMNS)
    check_regular(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(lines_of(file))
            missing = [name for name in MANIFEST_COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise ArchiveError(f"{path} has no column {missing[0]!r}: its first line must name {columns}")
            jobs = [_job(row, path, reader) for row in reader]
    except (UnicodeDecodeError, csv.Error):
        raise ArchiveError(f"{path} is not a CSV file in UTF-8: give columns {columns}") from None
    if not jobs:
        raise ArchiveError(f"{path} names no footage: write one line of {columns} a file")
    return jobs


def parse_start(text: str, where: str) -> datetime | None:
    """Return the start that a person wrote, None for "auto" and "clock"; errors begin with `where`."""
    if text in (AUTO, CLOCK):
        return None
    try:
        start = iso_time(text)
    except ValueError:
        raise ArchiveError(
            f"{where}: {text!r} is not a time: write it as 2026-05-04T08:30:00+02:00, auto or clock"
        ) from None
    if start.tzinfo is None:
        raise ArchiveError(f"{where}: {text!r} has no zone: add it, as in {text}+02:00, or {text}Z if it is UTC")
    return utc_time(start, f"{where}: {text!r}")


@contextmanager
def _errors_of(path: Path) -> Iterator[None]:
    """Make whatever the system says against a file an error of this file alone."""
    try:
        yield
    except FileNotFoundError:
        raise ArchiveError(f"{path}: no such file") from None
    except OSError as error:
        raise ArchiveError(f"{path} cannot be read: {error.strerror or error}") from None


def _finished(stored: Footage, job: FootageJob, same_camera: Sequence[Footage]) -> RegisteredFootage:
    """Return a file of which nothing is left to do; it starts when its name says so, or else when it did before."""
    by_name = None if job.rule.by_picture else start_by_name(job.path, job.rule)
    found = FoundStart(job.start) if job.start else by_name or FoundStart(stored.start)
    _refuse_change(stored, job, found.time)
    return RegisteredFootage(stored, None, (), _doubts(found, stored, same_camera))


def _check_span(path: Path, start: datetime, timeline: Timeline) -> None:
    """Refuse footage that begins or, by its time stamps, ends in a year of no footage."""
    latest = datetime(YEARS[-1], 12, 31, tzinfo=UTC)
    if start.year not in YEARS or timeline.duration_s > (latest - start).total_seconds():
        raise ArchiveError(
            f"{path} starts {start.isoformat()} and lasts {timeline.duration_s / DAY_S:.0f} days by its time stamps, "
            "which leaves the calendar: give --start TIME, or repair its time stamps by remuxing it"
        )


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
        weather=job.weather,
    )


def _chunk_s(stored: Footage) -> float:
    return stored.chunk_s or stored.duration_s


def _is_news(stored: Footage, job: FootageJob) -> bool:
    """Tell whether somebody says another weather of footage that the archive has."""
    return job.weather is not None and job.weather != stored.weather


def check_weather(weather: str | None, where: str) -> str | None:
    """Return a weather, None for an empty one; refuse others than the known ones."""
    if not weather:
        return None
    if weather not in footage.WEATHERS:
        raise ArchiveError(f"{where}: weather {weather!r} is unknown: write {', '.join(footage.WEATHERS)}, or nothing")
    return weather


def _refuse_change(stored: Footage, job: FootageJob, start: datetime) -> None:
    """Refuse footage that the archive has with another camera or start."""
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


def _jumps(timeline: Timeline) -> tuple[str, ...]:
    """Return a line where no recorder would have waited so long for the next frame."""
    steps_s = np.diff(timeline.times_s)
    if not len(steps_s) or steps_s.max() < JUMP_S:
        return ()
    before = int(steps_s.argmax())
    return (
        f"its time stamps jump by {steps_s[before] / DAY_S:.1f} days after {timeline.times_s[before]:.1f} s: "
        "what comes after is stored with those times; was the clock set while it recorded?",
    )


def _doubts(found: FoundStart, stored: Footage, same_camera: Sequence[Footage]) -> tuple[str, ...]:
    """Return the source of a start that nobody gave, and other footage that covers the same time."""
    doubts = []
    if found.source:
        check = "" if found.source == PICTURE else "; check that this is right"
        doubts.append(f"starts {stored.start.isoformat()} by {found.source}{check}")
    doubts += [f"starts {stored.start.isoformat()}, but {doubt}" for doubt in found.doubts]
    others = [
        other
        for other in same_camera
        if other.id != stored.id and other.start < _end(stored) and stored.start < _end(other)
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


def _job(row: Mapping[str | None, Any], manifest: Path, rows: "csv.DictReader[str]") -> FootageJob:
    where = f"{manifest}, line {rows.line_num}"
    if problem := torn(row, rows):
        raise ArchiveError(f"{where} cannot be read as it was meant: {problem}")
    values = {name: (row.get(name) or "").strip() for name in MANIFEST_COLUMNS}
    for name, value in values.items():
        if not value:
            raise ArchiveError(f"{where}: {name} is empty: give {','.join(MANIFEST_COLUMNS)}")
    if "://" in values["path"]:
        # Not repeated: it may hold a password.
        raise ArchiveError(f"{where} is the address of a stream: give it alone, as retrace ingest rtsp://HOST/PATH")
    rule = StartRule(by_picture=values["start"] == CLOCK)
    start, weather = parse_start(values["start"], where), check_weather((row.get("weather") or "").strip(), where)
    return FootageJob(manifest.parent / values["path"], values["camera"], start, rule, weather)
