"""Write the files of an archive so that only its owner reads them: they show plates, places and faces."""

import os
import stat
from pathlib import Path

FOLDER_MODE, FILE_MODE = 0o700, 0o600

_OF_EVERYBODY = stat.S_IRWXO


def make_folder(folder: Path) -> None:
    """Make a folder that only the owner enters; one that exists stays as it is."""
    folder.mkdir(FOLDER_MODE, parents=True, exist_ok=True)


def create(path: Path) -> int:
    """Open a file for writing, empty or new, that only the owner reads; return the descriptor."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, FILE_MODE)


def write_text(path: Path, text: str) -> None:
    """Write a file completely or not at all."""
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.part")
    with open(create(unfinished), "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    unfinished.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Force the names in a folder to the disk, so that new, changed and deleted ones survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def shut_out_others(folder: Path) -> bool:
    """Make a folder that everybody may enter, and all in it, private to its owner; return whether that was needed.

    A folder that is open to a group alone was opened on purpose and stays so; another person's folder, too.
    """
    state = folder.stat()
    if not state.st_mode & _OF_EVERYBODY or state.st_uid != os.geteuid():
        return False
    # The folder first: from then on nobody else gets at what lies in it.
    folder.chmod(FOLDER_MODE)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            path.chmod(FOLDER_MODE if path.is_dir() else FILE_MODE)
    return True
