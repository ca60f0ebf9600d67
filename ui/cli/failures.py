"""Turn whatever went wrong into one line that says what and what to do next."""

import errno

from index.errors import ArchiveError
from reid.errors import SeeingError
from roadgraph.errors import RoadError

_OPERATING_SYSTEM = {
    errno.ENOSPC: "the disk is full: free some space and run the same command again, nothing finished is lost",
    errno.EDQUOT: "the disk quota is used up: free some space and run the same command again, nothing finished is lost",
    errno.EROFS: "the disk is read-only: choose another folder or remount it",
}


def explain(error: Exception) -> str:
    """Return the one line for an error, joined from several where it has them."""
    if isinstance(error, (ArchiveError, SeeingError, RoadError)):
        return " ".join(str(error).split())
    if isinstance(error, OSError):
        return _operating_system(error)
    name = type(error).__name__
    text = " ".join(str(error).split())
    return f"internal error, please report it ({name}: {text}); RETRACE_DEBUG=1 shows where"


def _operating_system(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    known = _OPERATING_SYSTEM.get(error.errno or 0)
    if known:
        return f"{where}{known}"
    if isinstance(error, FileNotFoundError):
        return f"{where}there is no such file or folder: check the path"
    if isinstance(error, PermissionError):
        return f"{where}not allowed: check who owns it"
    if isinstance(error, IsADirectoryError):
        return f"{where}this is a folder: name a file"
    if isinstance(error, NotADirectoryError):
        return f"{where}a part of this path is a file, not a folder: check the path"
    return f"{where}{error.strerror or error}"
