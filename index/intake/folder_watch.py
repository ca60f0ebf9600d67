"""Find new footage in a folder; a file is left alone as long as somebody writes to it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from index.errors import ArchiveError
from index.intake.ledger import FileState, Ledger
from index.intake.registration import FootageJob
from index.intake.start_time import StartRule
from index.intake.times import TimeReader
from reid.file_names import name_before_time, name_time

VIDEOS = (
    *(".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".ts", ".mts", ".m2ts", ".mpg", ".mpeg", ".wmv", ".flv"),
    *(".h264", ".264", ".h265", ".265", ".hevc", ".dav", ".asf", ".3gp"),
)
"""What footage is called; other files in the folder are none of ours."""

CAMERA = "{camera}"


@dataclass(frozen=True, slots=True)
class FolderOptions:
    """Whose footage lies there, and when a file is finished: when nothing of it changed for `rest_s`.

    `names` says where a path names its camera, as "{camera}/*" or "cam-{camera}_*"; where it is None, that is the
    folder that the file lies in, or else what stands before the time in its name. A file tells its start by the `rule`;
    names that are `ours` tell it beyond doubt.
    """

    camera: str | None = None
    names: str | None = None
    rule: StartRule = field(default_factory=StartRule)
    rest_s: float = 10.0
    ours: bool = False


class FolderWatch:
    """What is known of the files of a folder from one look to the next."""

    def __init__(self, folder: Path, options: FolderOptions, ledger: Ledger) -> None:
        if not folder.is_dir():
            raise ArchiveError(f"{folder} is not a folder: name the one that recordings are written to")
        if options.names is not None and CAMERA not in options.names:
            raise ArchiveError(f"names {options.names!r} does not say where the camera stands: write {CAMERA} there")
        self.folder, self._options, self._ledger = folder, options, ledger
        self._seen: dict[Path, tuple[FileState, float]] = {}
        self._set_aside: dict[Path, FileState] = {}

    def look(self, now_s: float) -> list[Path]:
        """Return the files that are finished and not done with, by name; `now_s` is any clock that only goes on."""
        finished = []
        seen: dict[Path, tuple[FileState, float]] = {}
        for path, state in self._files():
            if state in (self._ledger.state(path), self._set_aside.get(path)):
                continue
            known, since_s = self._seen.get(path, (state, now_s))
            seen[path] = (state, since_s if known == state else now_s)
            if now_s - seen[path][1] >= self._options.rest_s:
                finished.append(path)
        self._seen = seen
        return finished

    def job(self, path: Path) -> FootageJob:
        """Return what to take in; refuse a file whose camera cannot be told."""
        camera = self._options.camera or self._camera(path.relative_to(self.folder))
        if not camera:
            raise ArchiveError(
                f"{path}: which camera filmed it? Put it into a folder of the camera's name, or say by --names where "
                f"its name has it, as {CAMERA}_*"
            )
        written = name_time(path) if self._options.ours else None
        start = TimeReader().read(written) if written else None
        return FootageJob(path, camera, start, self._options.rule)

    def done(self, path: Path, sha256: str) -> None:
        """Remember, for every later watch too, that the file as it is was taken in."""
        state, _ = self._seen.pop(path)
        self._ledger.write(path, state, sha256)

    def set_aside(self, path: Path) -> None:
        """Leave the file alone until it changes, or the watch begins anew."""
        self._set_aside[path], _ = self._seen.pop(path)

    def _files(self) -> Iterator[tuple[Path, FileState]]:
        for path in sorted(self.folder.rglob("*")):
            hidden = any(part.startswith(".") for part in path.relative_to(self.folder).parts)
            if hidden or path.suffix.lower() not in VIDEOS:
                continue
            try:
                found = path.stat()
            except FileNotFoundError:
                continue
            if found.st_size > 0 and path.is_file():
                yield path, FileState(found.st_size, found.st_mtime_ns)

    def _camera(self, relative: Path) -> str | None:
        if self._options.names is not None:
            match = _pattern(self._options.names).fullmatch(relative.with_suffix("").as_posix())
            return match["camera"] if match else None
        return relative.parent.name or name_before_time(relative) or None


def _pattern(names: str) -> re.Pattern[str]:
    """Return what a path without its ending must look like."""
    parts = re.split(r"(\{camera\}|\*)", names.removesuffix(".*"))
    meant = {CAMERA: r"(?P<camera>[^/]+?)", "*": ".*"}
    return re.compile("".join(meant.get(part, re.escape(part)) for part in parts))
