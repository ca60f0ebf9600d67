"""Lend a folder for what is there for a moment, and remove those of processes that were killed.

A report, a file that was brought to the page: such a folder holds plates and pictures, and no purge knows of it.
"""

import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from index.store.archive_file import locked_if_free

PREFIX = "retrace-scratch-"
_LOCK = "lock"
_YOUNG_S = 60.0
"""A folder is this old at least before it is removed: until its lock is held, it looks abandoned."""


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Lend a folder that only the owner enters, until the end of the block or, if that never comes, another use."""
    remove_abandoned()
    with tempfile.TemporaryDirectory(prefix=PREFIX) as folder, locked_if_free(Path(folder) / _LOCK):
        inside = Path(folder) / "files"
        inside.mkdir()
        yield inside


def remove_abandoned() -> None:
    """Remove the folders of killed processes; those that are in use are locked, those of other users left alone."""
    for folder in _folders():
        with suppress(OSError):
            state = folder.lstat()
            is_own = stat.S_ISDIR(state.st_mode) and state.st_uid == os.geteuid()
            if is_own and time.time() - state.st_mtime > _YOUNG_S:
                with locked_if_free(folder / _LOCK) as is_free:
                    if is_free:
                        shutil.rmtree(folder)


def _folders() -> list[Path]:
    try:
        return list(Path(tempfile.gettempdir()).glob(f"{PREFIX}*"))
    except OSError:
        # On a full disk there is no temporary folder: a purge goes on without.
        return []
