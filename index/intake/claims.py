"""Tell living workers from dead ones, so that the chunks of the dead are done by others, and what the living do."""

import json
import os
import secrets
import socket
from dataclasses import asdict, dataclass
from pathlib import Path

from index.keeping.locks import try_lock

FOLDER = "workers"

NOTE_BYTES = 256
"""How long a note of a worker is, whatever it says: one write, so that nobody reads half of it."""


@dataclass(frozen=True, slots=True)
class AtWork:
    """How far a worker is in a chunk: seconds of its footage, frames analysed, sightings so far."""

    footage: str
    number: int
    seconds: float
    frames: int
    sightings: int


class WorkerLock:
    """A name that lives exactly as long as this process: the system frees its lock however the process ends."""

    def __init__(self, archive_folder: Path) -> None:
        self._folder = archive_folder / FOLDER
        self._folder.mkdir(exist_ok=True)
        self.name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self._descriptor = os.open(self._folder / self.name, os.O_RDWR | os.O_CREAT, 0o644)
        try_lock(self._descriptor)

    def tell(self, now: AtWork) -> None:
        """Write what this process is doing into its lock file, for whoever shows progress."""
        os.pwrite(self._descriptor, json.dumps(asdict(now)).ljust(NOTE_BYTES).encode(), 0)

    def release(self) -> None:
        """Give the name up."""
        (self._folder / self.name).unlink(missing_ok=True)
        os.close(self._descriptor)


def is_dead(archive_folder: Path, worker: str) -> bool:
    """Say whether a worker of this machine has ended; one of another machine is taken to live."""
    if not worker.startswith(f"{socket.gethostname()}-"):
        return False
    path = archive_folder / FOLDER / worker
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return True
    try:
        ended = try_lock(descriptor)
        if ended:
            path.unlink(missing_ok=True)
        return ended
    finally:
        os.close(descriptor)


def at_work(archive_folder: Path) -> list[AtWork]:
    """Return what the workers say that they are doing; what a dead one said last is still among it."""
    found = []
    for path in (archive_folder / FOLDER).glob("*"):
        try:
            found.append(AtWork(**json.loads(path.read_bytes())))
        except (ValueError, TypeError, OSError):
            # It has said nothing yet, or is gone.
            continue
    return found
