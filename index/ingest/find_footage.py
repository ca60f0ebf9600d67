"""Find the video files of a file or folder, and say of each which camera filmed it and when it starts."""

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from index.access.permissions import Permission, require
from index.answers import Reason
from index.errors import ArchiveError
from index.ingest.folders import files_below
from index.ingest.registration import FootageJob
from index.ingest.start_time import StartRule, start_by_name
from index.ingest.watch import VIDEO_SUFFIXES, FolderOptions, camera_of
from index.store.archive import Archive
from index.store.catalogue import cameras
from index.store.catalogue.people import Person
from reid.clock.name_time import name_time

MOST_FILES = 5000
MOST_WALKED = 100_000
"""A folder of more files of every kind than this is not walked to its end: somebody named too high a folder."""

NO_CAMERA = Reason("its name does not say which camera filmed it")
UNKNOWN_CAMERA = "the archive has no camera {camera}"
OTHER_ZONE = (
    "its name says {name}, and the zone is not called that then: choose that zone, or give the file another name"
)
TWO_TIMES = "its name says {time} and {other}: write only the time when it began into it"
NO_TIME = "{time} in its name is no time, or one of the hour that comes twice when clocks change: name its zone"


@dataclass(frozen=True, slots=True)
class FoundFootage:
    """A video file, its camera and start as far as names tell them, and what stands against taking it in."""

    path: Path
    camera: str | None
    start: datetime | None
    problem: Reason | None = None


def find_footage(archive: Archive, person: Person, source: Path, options: FolderOptions) -> list[FoundFootage]:
    """Return the video files at a path, by name; a name that tells no start leaves it to the file itself.

    A file may have the name of its camera; else names are read as `retrace ingest --watch` reads them: the camera is
    the folder, or what comes before the time.
    """
    require(archive, person, Permission.INGEST)
    with archive.catalogue.reading() as connection:
        known = {*(camera.id for camera in cameras.listing(connection)), *cameras.without_place(connection)}
    files = _files(source)
    if not files:
        raise ArchiveError(
            f"{source} holds no video: name a file, or a folder of {', '.join(VIDEO_SUFFIXES[:5])} files"
        )
    return [_found(path, source, options, known) for path in files]


def jobs_of(found: Sequence[FoundFootage], rule: StartRule) -> list[FootageJob]:
    """Return the jobs that take files in; those against which something stands are left out."""
    ready = [one for one in found if one.problem is None and one.camera is not None]
    return [FootageJob(one.path, one.camera or "", one.start, rule) for one in ready]


def _files(source: Path) -> list[Path]:
    try:
        if source.is_file():
            return [source]
        if not source.is_dir():
            raise ArchiveError(f"{source}: no such file or folder on this machine")
        files = sorted(path for path in _walk(source) if path.suffix.lower() in VIDEO_SUFFIXES and path.is_file())
    except OSError as error:
        raise ArchiveError(f"{source} cannot be read: {error.strerror or error}") from None
    if len(files) > MOST_FILES:
        raise ArchiveError(f"{source} holds {len(files):,} videos, {MOST_FILES:,} are the most: name a folder in it")
    return files


def _walk(source: Path) -> Iterator[Path]:
    """Yield the files in a folder and below it, but for hidden ones; ArchiveError where there are far too many."""
    os.listdir(source)  # a folder that may not be read is no empty one
    for walked, path in enumerate((path for path in files_below(source) if not path.is_dir()), start=1):
        if walked > MOST_WALKED:
            raise ArchiveError(f"{source} holds more than {MOST_WALKED:,} files of all kinds: name a folder in it")
        yield path


def _found(path: Path, source: Path, options: FolderOptions, known: Collection[str]) -> FoundFootage:
    relative = path.relative_to(source) if source.is_dir() else Path(path.name)
    camera = options.camera or (path.stem if path.stem in known else camera_of(relative, options.names))
    found = FoundFootage(path, camera, None)
    if camera is None:
        return replace(found, problem=NO_CAMERA)
    if camera not in known:
        return replace(found, problem=Reason(UNKNOWN_CAMERA, {"camera": camera}))
    try:
        start = start_by_name(path, options.rule)
    except ArchiveError:
        return replace(found, problem=_time_problem(path))
    return replace(found, start=None if start is None else start.time)


def _time_problem(path: Path) -> Reason:
    """Return why the time in a file's name cannot be read."""
    named = name_time(path)
    if named is not None and named.other is not None:
        return Reason(TWO_TIMES, {"time": named.local, "other": named.other})
    if named is None or named.zone_name is None:
        return Reason(NO_TIME, {"time": named and named.local})
    return Reason(OTHER_ZONE, {"name": named.zone_name})
