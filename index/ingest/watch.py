"""Watch a folder and ingest each new video file in it, once it is finished."""

import hashlib
import json
import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from index.access import permissions
from index.access.permissions import Permission
from index.errors import ArchiveError
from index.ingest.folders import files_below
from index.ingest.footage_changes import remove_footage
from index.ingest.ingest import IngestedFootage, ingest
from index.ingest.ingest_options import IngestOptions
from index.ingest.progress import OnProgress
from index.ingest.registration import FootageJob, check_writable_name, shown_path
from index.ingest.start_time import StartRule
from index.ingest.times import TimeReader
from index.store.archive import Archive
from index.store.archive_file import make_folder, write_text
from index.store.catalogue import footage
from index.store.catalogue.people import Person
from reid.clock.name_time import name_before_time, name_time

SCAN_EVERY_S = 2.0

BATCH_FILES = 8
"""Files that are ingested together; their results come when all of them are done."""

VIDEO_SUFFIXES = (
    *(".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".ts", ".mts", ".m2ts", ".mpg", ".mpeg", ".wmv", ".flv"),
    *(".h264", ".264", ".h265", ".265", ".hevc", ".dav", ".asf", ".3gp"),
)

CAMERA = "{camera}"

LEDGER_FOLDER = "watched"

_MOST_LEDGER_BYTES = 1 << 28
"""That of more than a million files; a larger one may have come with somebody's archive."""

_DIGEST = re.compile("[0-9a-f]{64}")

LedgerEntry = tuple[int, int, str]
"""Size, time of the last change in nanoseconds, SHA-256."""


@dataclass(frozen=True, slots=True)
class FolderOptions:
    """How the files of a folder name their camera and start, and when they are finished.

    `camera` filmed all of them. Else `names` shows where a path names its camera, as "{camera}/*" or "cam-{camera}_*".
    Else it is the file's folder, or what comes before the time in its name. The start is found by the `rule`; with
    `trust_names` the time in the name is the start without doubt. A file is finished when it has not changed for
    `rest_s`. Folders in the folder are looked into if it is `deep`.
    """

    camera: str | None = None
    names: str | None = None
    rule: StartRule = field(default_factory=StartRule)
    rest_s: float = 10.0
    trust_names: bool = False
    deep: bool = True


def watch_folder(
    archive: Archive,
    folder: Path,
    person: Person,
    options: IngestOptions,
    folder_options: FolderOptions,
    *,
    once: bool = False,
    ended: Callable[[], bool] | None = None,
    on_progress: OnProgress | None = None,
) -> Iterator[IngestedFootage]:
    """Yield the result of each new file, forever, or until `ended` says that nothing more will come.

    With `once`, only the files that are finished now. The watch can be stopped at any moment: the next one finds again
    what was not finished.
    """
    permissions.require(archive, person, Permission.INGEST)
    ledger = Ledger(archive.path, folder)
    watched = WatchedFolder(folder, folder_options, ledger)
    scans = 0
    while True:
        last = ended is not None and ended()
        finished = watched.finished(time.monotonic())
        yield from watched.unreadable()
        for start in range(0, len(finished), BATCH_FILES):
            batch = finished[start : start + BATCH_FILES]
            yield from _ingest_batch(archive, watched, ledger, batch, person, options, on_progress)
        scans += 1
        if last or (once and (scans > 1 or folder_options.rest_s == 0)):
            return
        time.sleep(folder_options.rest_s if once else min(SCAN_EVERY_S, folder_options.rest_s or SCAN_EVERY_S / 4))


@dataclass(frozen=True, slots=True)
class FileState:
    """The size of a file and when it last changed."""

    size: int
    modified_ns: int


class Ledger:
    """The ingested files of one watched folder; if it is lost, they are only read once more.

    It outlives a purge, so that files which still lie there do not come again: it has digests of names, no names.
    """

    def __init__(self, archive_folder: Path, watched: Path) -> None:
        self._root = watched
        name = hashlib.sha256(os.fsencode(watched.resolve())).hexdigest()[:16]
        self._path = archive_folder / LEDGER_FOLDER / f"{name}.json"
        self._entries = _read_ledger(self._path)

    def state(self, path: Path) -> FileState | None:
        """Return the state of the file when it was ingested, None if it never was."""
        entry = self._entries.get(self._name(path))
        return None if entry is None else FileState(entry[0], entry[1])

    def sha256(self, path: Path) -> str | None:
        """Return the id of the footage that the file was when it was ingested."""
        entry = self._entries.get(self._name(path))
        return None if entry is None else entry[2]

    def write(self, path: Path, state: FileState, sha256: str) -> None:
        """Write down that the file was ingested."""
        self._entries[self._name(path)] = (state.size, state.modified_ns, sha256)
        make_folder(self._path.parent)
        write_text(self._path, json.dumps(self._entries, indent=0))

    def _name(self, path: Path) -> str:
        return _digest(path.relative_to(self._root).as_posix())


class WatchedFolder:
    """The files of a folder from one scan to the next: which are still growing, and which have failed."""

    def __init__(self, folder: Path, options: FolderOptions, ledger: Ledger) -> None:
        if not folder.is_dir():
            raise ArchiveError(f"{folder} is not a folder: name the one that recordings are written to")
        if options.names is not None and options.names.count(CAMERA) != 1:
            raise ArchiveError(
                f"names {options.names!r} does not say where the camera stands: write {CAMERA} there, once"
            )
        self.folder, self._options, self._ledger = folder, options, ledger
        self._new: dict[Path, tuple[FileState, float]] = {}
        self._failed: dict[Path, FileState] = {}
        self._unreadable: dict[Path, str | None] = {}

    def finished(self, now_s: float) -> list[Path]:
        """Scan the folder and return the new files that are finished, by name; `now_s` is any monotonic clock."""
        finished = []
        new: dict[Path, tuple[FileState, float]] = {}
        for path, state in self._files():
            if state in (self._ledger.state(path), self._failed.get(path)):
                continue
            before, since_s = self._new.get(path, (state, now_s))
            new[path] = (state, since_s if before == state else now_s)
            if now_s - new[path][1] >= self._options.rest_s:
                finished.append(path)
        self._new = new
        return finished

    def job(self, path: Path) -> FootageJob:
        """Return the job that ingests a file; refuse a file that does not name its camera."""
        check_writable_name(path)
        camera = self._options.camera or camera_of(path.relative_to(self.folder), self._options.names)
        if not camera:
            raise ArchiveError(
                f"{path}: which camera filmed it? Put it into a folder of the camera's name, or say by --names where "
                f"its name has it, as {CAMERA}_*"
            )
        written = name_time(path) if self._options.trust_names else None
        start = TimeReader().read_name(written) if written else None
        return FootageJob(path, camera, start, self._options.rule)

    def mark_ingested(self, path: Path, sha256: str) -> None:
        """Leave the file alone in this and every later watch, until it changes."""
        state, _ = self._new.pop(path)
        self._ledger.write(path, state, sha256)

    def mark_failed(self, path: Path) -> None:
        """Leave the file alone in this watch, until it changes."""
        self._failed[path], _ = self._new.pop(path)

    def unreadable(self) -> list[IngestedFootage]:
        """Return the files that the scans could not look at, each once."""
        lines = {path: line for path, line in self._unreadable.items() if line is not None}
        self._unreadable |= dict.fromkeys(lines)
        return [_failed(path, line) for path, line in lines.items()]

    def _files(self) -> Iterator[tuple[Path, FileState]]:
        found = files_below(self.folder) if self._options.deep else self.folder.glob("[!.]*")
        for path in sorted(found):
            if path.suffix.lower() not in VIDEO_SUFFIXES:
                continue
            try:
                status = path.stat()
            except FileNotFoundError:
                continue
            except OSError as error:
                # A link that leads to itself, a folder that was locked: said once, as it has no state to change.
                self._unreadable.setdefault(path, f"{shown_path(path)} cannot be read: {error.strerror or error}")
                continue
            if status.st_size > 0 and path.is_file():
                yield path, FileState(status.st_size, status.st_mtime_ns)


def camera_of(relative: Path, names: str | None = None) -> str | None:
    """Return the camera that the path of a file within its folder names, by the pattern `names` if there is one."""
    if names is not None:
        match = _names_pattern(names).fullmatch(relative.with_suffix("").as_posix())
        return match["camera"] if match else None
    return relative.parent.name or name_before_time(relative) or None


def _ingest_batch(
    archive: Archive,
    watched: WatchedFolder,
    ledger: Ledger,
    paths: Sequence[Path],
    person: Person,
    options: IngestOptions,
    on_progress: OnProgress | None,
) -> Iterator[IngestedFootage]:
    jobs: list[FootageJob] = []
    for path in paths:
        try:
            jobs.append(watched.job(path))
        except ArchiveError as error:
            watched.mark_failed(path)
            yield _failed(path, str(error))
    results = ingest(archive, jobs, person, options, on_progress=on_progress)
    for job, result in zip(jobs, results, strict=True):
        if result.sha256 is None or result.status == "failed":
            watched.mark_failed(job.path)
        else:
            _remove_shorter(archive, person, ledger.sha256(job.path), result.sha256)
            watched.mark_ingested(job.path, result.sha256)
        yield result


def _failed(path: Path, problem: str) -> IngestedFootage:
    return IngestedFootage(shown_path(path), None, 0, 0.0, 0.0, "failed", problem)


def _remove_shorter(archive: Archive, person: Person, before: str | None, now: str) -> None:
    """Remove the footage of a file that was ingested before it had grown: same camera and start, but shorter."""
    if before is None or before == now:
        return
    with archive.catalogue.reading() as connection:
        old, new = footage.get(connection, before), footage.get(connection, now)
    if old is None or new is None or (old.camera, old.start) != (new.camera, new.start):
        return
    if old.duration_s <= new.duration_s:
        remove_footage(archive, person, before)


def _names_pattern(names: str) -> re.Pattern[str]:
    """Return the pattern of a path without its suffix."""
    parts = re.split(r"(\{camera\}|\*)", names.removesuffix(".*"))
    expressions = {CAMERA: r"(?P<camera>[^/]+?)", "*": ".*"}
    return re.compile("".join(expressions.get(part, re.escape(part)) for part in parts))


def _read_ledger(path: Path) -> dict[str, LedgerEntry]:
    """Return the entries; none if the file is missing, broken, or none that a watch wrote."""
    if not path.is_file() or path.stat().st_size > _MOST_LEDGER_BYTES:
        return {}
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
        return {
            # Ledgers of before have the names themselves.
            name if _DIGEST.fullmatch(name) else _digest(name): (int(size), int(modified_ns), str(sha256))
            for name, (size, modified_ns, sha256) in entries.items()
        }
    except (OSError, ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return {}


def _digest(name: str) -> str:
    return hashlib.sha256(os.fsencode(name)).hexdigest()
