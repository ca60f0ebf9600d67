"""Wait for a database while others write to it, instead of giving up: hours of footage may hang on one small row."""

import logging
import os
import random
import time
from pathlib import Path

from sqlalchemy import URL
from sqlalchemy.exc import OperationalError

from index.errors import ArchiveError
from index.store.open_files import users_of

TRY_MS = 3_000
"""SQLite itself waits this long for the writer before; then the wait is logged, and it is tried again."""

WAIT_S = 900.0
"""The longest wait. Nobody writes for minutes, unless stopped in the middle of it."""

PAUSE_S = (0.05, 0.5)
"""Between two tries; a random time, so that many who wait do not all come back at once."""

_SIGNS = ("locked", "too many clients", "too many connections", "starting up", "in recovery mode")

_WRITE_LOCK_BYTE = 120
"""Whoever writes holds a lock on this byte of the index of the log (https://sqlite.org/walformat.html, 2.3.1)."""

_log = logging.getLogger(__name__)


class Patience:
    """Waits between the tries to write to one database, and says so once."""

    def __init__(self, url: URL, name: str) -> None:
        self._path = Path(url.database) if url.drivername.startswith("sqlite") and url.database else None
        self._name = name
        self._began_s = time.monotonic()
        self._has_logged = False

    def pause(self, error: OperationalError) -> None:
        """Return after a short while; raise the error if it is no sign of others at work, or if they take too long."""
        if not is_busy(error):
            raise error
        waited_s = time.monotonic() - self._began_s
        if waited_s >= WAIT_S:
            raise ArchiveError(
                f"{self._name} stayed busy for {waited_s:.0f} s: stop {self._others()} and try again"
            ) from error
        if not self._has_logged:
            _log.warning("%s is busy: waiting for %s, %.0f min at most", self._name, self._others(), WAIT_S / 60)
            self._has_logged = True
        time.sleep(random.uniform(*PAUSE_S))

    def _others(self) -> str:
        """Return who is waited for, as far as the system tells."""
        if self._path is None:
            return "others that use it"
        process = _writer_of(self._path)
        return users_of(self._path) if process is None else f"process {process}, which writes to it"


def is_busy(error: OperationalError) -> bool:
    """Say whether a database is only busy with others."""
    return any(sign in str(error.orig) for sign in _SIGNS)


def _writer_of(path: Path) -> int | None:
    """Return the process that holds a lock on the write-ahead log of an SQLite file; None where nobody tells.

    The list of locks is read: to open the file itself, and close it again, would free the locks of this process.
    """
    try:
        index = os.stat(f"{path}-shm")
        lines = Path("/proc/locks").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    place = f"{os.major(index.st_dev):02x}:{os.minor(index.st_dev):02x}:{index.st_ino}"
    held = f"{place} {_WRITE_LOCK_BYTE} {_WRITE_LOCK_BYTE}"
    writers = {int(line.split()[4]) for line in lines if line.endswith(held) and "WRITE" in line and "->" not in line}
    return min(writers, default=None)
