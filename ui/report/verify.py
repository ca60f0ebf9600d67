"""Check that a report is as it was made: every file there, none changed, none added."""

import hashlib
import json
import stat
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from index.errors import ArchiveError
from index.store.folders import everything_in
from ui.report.package import FORMAT, MANIFEST, SUMS, ZIP, file_digest
from ui.scratch import scratch_folder

MOST_TIMES, SMALL_BYTES = 20, 64 * 2**20
"""A zip file that would unpack to more than so many times its size, and to more than this, is not unpacked."""

LONGEST_LIST = 64 * 2**20
"""A list of more bytes is none: it is read whole."""

LOCAL_HEADER, DIRECTORY_ENTRY, DIRECTORY_END = 30, 46, 22
ZIP64_END = 56 + 20
LONGEST_DESCRIPTOR = 24
"""Bytes of the parts of a zip file without names: before each file, for it in the directory, and at the end."""


@dataclass(frozen=True, slots=True)
class ReportCheck:
    """What is wrong with a report, the number of its files, and the SHA-256 of its list."""

    problems: tuple[str, ...]
    files: int
    digest: str
    case: str
    archive: str

    @property
    def ok(self) -> bool:
        """Return whether nothing is wrong."""
        return not self.problems


def verify_report(path: Path, *, digest: str | None = None) -> ReportCheck:
    """Compare the files of a report with its list; `digest` is what the list's own SHA-256 must be."""
    if path.is_file() and (path.suffix.lower() == ZIP or zipfile.is_zipfile(path)):
        with _unpacked(path) as folder:
            return _verify(folder, path, digest)
    if not path.is_dir():
        raise ArchiveError(f"{path} is no report: name the folder or the zip file that retrace report made")
    return _verify(path, path, digest)


def _verify(folder: Path, named: Path, digest: str | None) -> ReportCheck:
    data, document = _manifest(folder, named)
    found = hashlib.sha256(data).hexdigest()
    listed = {str(file["path"]): file for file in document["files"]}
    problems = [problem for path in sorted(listed) for problem in _file_problems(folder, path, listed[path])]
    problems += _strangers(folder, set(listed))
    problems += _sums_problems(folder, listed, found)
    if digest is not None and found != digest.lower():
        problems.append(f"{MANIFEST}: its SHA-256 is {found}, not {digest}: another list was put in its place")
    return ReportCheck(tuple(problems), len(listed), found, str(document["case"]), str(document["archive"]))


def _manifest(folder: Path, named: Path) -> tuple[bytes, dict[str, Any]]:
    """Return the bytes of the list and what it says; refuse what is no list of a report."""
    path = folder / MANIFEST
    if path.is_symlink() or not path.is_file():
        raise ArchiveError(f"{named} has no {MANIFEST}: it is no report, or its list was taken away")
    if path.stat().st_size > LONGEST_LIST:
        raise ArchiveError(f"{named}: {MANIFEST} is larger than {LONGEST_LIST >> 20} MB: it is no list of a report")
    data = path.read_bytes()
    try:
        document = json.loads(data)
        paths = [file["path"] for file in document["files"]]
        [file["sha256"] for file in document["files"]]
        known = document["format"] == FORMAT and isinstance(document["case"], str)
    except (ValueError, TypeError, KeyError, RecursionError):
        raise ArchiveError(f"{named}: {MANIFEST} is damaged, or not the list of a report") from None
    if not known:
        raise ArchiveError(f"{named}: {MANIFEST} is of another version: verify it with the Retrace that made it")
    outside = [path for path in paths if not _is_inside(path)]
    if outside or len(set(paths)) < len(paths):
        raise ArchiveError(f"{named}: {MANIFEST} names a file twice or outside of the report: it was tampered with")
    return data, document


def _is_inside(path: object) -> bool:
    if not isinstance(path, str) or not path or "\\" in path or "\x00" in path:
        return False
    pure = PurePosixPath(path)
    return not pure.is_absolute() and ".." not in pure.parts


def _file_problems(folder: Path, path: str, listed: dict[str, Any]) -> list[str]:
    file = folder / path
    if any(part.is_symlink() for part in (file, *file.parents) if part != folder and folder in part.parents):
        return [f"{path}: replaced by a link"]
    if not file.is_file():
        return [f"{path}: missing"]
    return [] if file_digest(file) == listed["sha256"] else [f"{path}: changed"]


def _strangers(folder: Path, listed: set[str]) -> list[str]:
    """Return a line for each file or folder that does not belong to the report."""
    expected = {*listed, MANIFEST, SUMS}
    folders = {str(parent) for path in expected for parent in PurePosixPath(path).parents}
    found = []
    for path in sorted(everything_in(folder)):
        name = path.relative_to(folder).as_posix()
        is_folder = path.is_dir() and not path.is_symlink()
        if name not in (folders if is_folder else expected):
            found.append(f"{name}: added")
    return found


def _sums_problems(folder: Path, listed: dict[str, Any], digest: str) -> list[str]:
    path = folder / SUMS
    if path.is_symlink() or not path.is_file():
        return [f"{SUMS}: missing"]
    lines = [f"{listed[name]['sha256']}  {name}" for name in sorted(listed)] + [f"{digest}  {MANIFEST}"]
    same = path.read_bytes() == "".join(f"{line}\n" for line in lines).encode()
    return [] if same else [f"{SUMS}: changed"]


@contextmanager
def _unpacked(path: Path) -> Iterator[Path]:
    """Unpack a zip file of one folder for a check; nothing is written outside a folder of its own."""
    try:
        with zipfile.ZipFile(path) as archive, scratch_folder() as folder:
            entries = archive.infolist()
            if sum(entry.file_size for entry in entries) > max(SMALL_BYTES, MOST_TIMES * path.stat().st_size):
                raise ArchiveError(f"{path} would unpack to more than {MOST_TIMES} times its size: it is no report")
            names = [entry.filename for entry in entries]
            roots = {name.split("/")[0] for name in names}
            if len(roots) != 1 or len(set(names)) < len(names) or not all(_is_inside(name) for name in names):
                raise ArchiveError(f"{path} is no report: it must hold one folder with each file once")
            _check_nothing_hidden(path, archive, entries)
            archive.extractall(folder)
            yield folder / roots.pop()
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise ArchiveError(f"{path} is damaged ({error}): get it again") from None


def _check_nothing_hidden(path: Path, archive: zipfile.ZipFile, entries: Sequence[zipfile.ZipInfo]) -> None:
    """Refuse a zip file that holds more than its files: other programs show what lies before, between or behind them.

    Of an honest file each part begins where the one before ends.
    """
    reached, described, size = 0, False, path.stat().st_size
    with path.open("rb") as file:
        for entry in sorted(entries, key=lambda one: one.header_offset):
            most = LONGEST_DESCRIPTOR if described else 0
            _check(path, reached <= entry.header_offset <= reached + most)
            file.seek(entry.header_offset)
            header = file.read(LOCAL_HEADER)
            names = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
            reached = entry.header_offset + LOCAL_HEADER + names + entry.compress_size
            described = bool(entry.flag_bits & 0x08)
            _check(path, not entry.comment and not stat.S_ISLNK(entry.external_attr >> 16))
    _check(path, reached <= archive.start_dir <= reached + LONGEST_DESCRIPTOR and not archive.comment)
    listed = sum(DIRECTORY_ENTRY + len(entry.filename.encode()) + len(entry.extra) for entry in entries)
    _check(path, size - archive.start_dir - listed in (DIRECTORY_END, DIRECTORY_END + ZIP64_END))


def _check(path: Path, is_right: bool) -> None:
    if not is_right:
        raise ArchiveError(f"{path} holds more than its files: it was changed; to check these, unpack and verify them")
