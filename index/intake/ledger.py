"""Remember which files of a folder were taken in, so that the next watch need not read them to know it."""

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

FOLDER = "watched"

Entry = tuple[int, int, str]
"""Size, time of the last change in nanoseconds, SHA-256."""


@dataclass(frozen=True, slots=True)
class FileState:
    """How a file looks without being opened."""

    size: int
    modified_ns: int


class Ledger:
    """The files of one watched folder; losing it costs reading them once more, and nothing else."""

    def __init__(self, archive_folder: Path, watched: Path) -> None:
        self._root = watched
        name = hashlib.sha256(str(watched.resolve()).encode()).hexdigest()[:16]
        self._path = archive_folder / FOLDER / f"{name}.json"
        self._entries = _read(self._path)

    def state(self, path: Path) -> FileState | None:
        """Return how the file looked when it was taken in, None where it never was."""
        entry = self._entries.get(self._name(path))
        return None if entry is None else FileState(entry[0], entry[1])

    def sha256(self, path: Path) -> str | None:
        """Return the footage that the file was taken in as."""
        entry = self._entries.get(self._name(path))
        return None if entry is None else entry[2]

    def write(self, path: Path, state: FileState, sha256: str) -> None:
        """Note that the file was taken in."""
        self._entries[self._name(path)] = (state.size, state.modified_ns, sha256)
        self._path.parent.mkdir(exist_ok=True)
        unfinished = self._path.with_suffix(f".{os.getpid()}.tmp")
        unfinished.write_text(json.dumps(self._entries, indent=0), encoding="utf-8")
        unfinished.replace(self._path)

    def _name(self, path: Path) -> str:
        return path.relative_to(self._root).as_posix()


def _read(path: Path) -> dict[str, Entry]:
    """Return the entries; none where the file is missing or broken."""
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
        return {
            name: (int(size), int(modified_ns), str(sha256)) for name, (size, modified_ns, sha256) in entries.items()
        }
    except (FileNotFoundError, ValueError, TypeError, AttributeError):
        return {}
