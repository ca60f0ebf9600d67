"""Tell living workers from dead ones, so that the chunks of the dead are done by others."""

import os
import secrets
import socket
from pathlib import Path

from index.keeping.locks import try_lock

FOLDER = "workers"


class WorkerLock:
    """A name that lives exactly as long as this process: the system frees its lock however the process ends."""

    def __init__(self, archive_folder: Path) -> None:
        self._folder = archive_folder / FOLDER
        self._folder.mkdir(exist_ok=True)
        self.name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self._descriptor = os.open(self._folder / self.name, os.O_RDWR | os.O_CREAT, 0o644)
        try_lock(self._descriptor)

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
