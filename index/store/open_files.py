"""Find the processes of this machine that have a file open, so that an error can name them."""

import os
from pathlib import Path

_PROCESSES = Path("/proc")


def processes_with(path: Path) -> list[int]:
    """Return the other processes that have a file open; none where the system does not tell."""
    try:
        wanted = path.stat()
    except OSError:
        return []
    others = (folder for folder in _PROCESSES.glob("[0-9]*") if folder.name != str(os.getpid()))
    return sorted(int(folder.name) for folder in others if _has_open(folder / "fd", wanted))


def users_of(path: Path) -> str:
    """Return which other processes have a file open, in words."""
    found = processes_with(path)
    if not found:
        return "another process"
    return f"process{'es' if len(found) > 1 else ''} {', '.join(map(str, found))}"


def _has_open(descriptors: Path, wanted: os.stat_result) -> bool:
    try:
        return any(_is_file(link, wanted) for link in descriptors.iterdir())
    except OSError:
        # It has ended, or belongs to another user.
        return False


def _is_file(link: Path, wanted: os.stat_result) -> bool:
    try:
        return os.path.samestat(link.stat(), wanted)
    except OSError:
        return False
