"""Turn errors of the database driver into lines that a person can act on."""

import errno
import sqlite3

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from index.errors import ArchiveError

_WRONG_OPTIONS = ("invalid connection option", "bad value for")


class RowExistsError(ArchiveError):
    """A row exists already, perhaps because another process wrote it, or it refers to one that is gone."""


_OF_SERVERS = {
    "42501": "does not let this user do that ({line}): ask its owner for the rights",
    "25006": "may only be read ({line}): to change something, come to a server that takes writes",
    "57014": "gave up a statement ({line}): it has a limit of time; ask whoever looks after it for a longer one",
    "25P03": "ended a session that rested ({line}): ask whoever looks after it for a longer limit",
    "57P05": "ended a session that rested ({line}): ask whoever looks after it for a longer limit",
    "0A000": "cannot do that with its tables as they are now ({line}): ask whoever looks after it who changed them",
    "55P03": "stayed busy ({line}): end the session that holds its rows, and try again",
    "40001": "was changed by others meanwhile ({line}): try again",
    "40P01": "was changed by others meanwhile ({line}): try again",
    "26000": "is reached through a pool that changes sessions ({line}): let it keep them, or leave it out",
    "42P05": "is reached through a pool that changes sessions ({line}): let it keep them, or leave it out",
    "22003": "cannot hold a number so large ({line}): give a smaller one",
}
"""What a server of PostgreSQL says by its own codes (https://www.postgresql.org/docs/current/errcodes-appendix.html)."""

_OTHER_TABLES = ("no such table", "no such column", "duplicate column name", "already exists", "does not exist")


def known_error(error: DBAPIError | sqlite3.Error, url: URL) -> Exception | None:
    """Return an error that says what to do, None for one that nobody has met yet."""
    line = _first_line(getattr(error, "orig", None) or error)
    where = url_text(url)
    said = _OF_SERVERS.get(str(getattr(getattr(error, "orig", None), "sqlstate", "")))
    if said is not None:
        return ArchiveError(f"{where} {said.format(line=line)}")
    if isinstance(error, IntegrityError):
        return RowExistsError(f"{where} refused a row ({line}): it exists already, or what it belongs to is gone")
    if "disk I/O error" in line:
        return OSError(errno.EIO, "the disk refuses to read or write: check its space, quota and health", url.database)
    if "disk is full" in line or "No space left" in line:
        return OSError(errno.ENOSPC, "no space left for the catalogue", url.database)
    if not url.drivername.startswith("sqlite") and _is_of_connection(error, line):
        return ArchiveError(f"{where} does not answer ({line}): is the server running, are name and password right?")
    if "not a database" in line or "malformed" in line or "decode to UTF-8" in line:
        return ArchiveError(f"{where} is damaged ({line}): restore it from a backup")
    if any(words in line for words in _OTHER_TABLES):
        return ArchiveError(f"{where} has other tables than its version says ({line}): restore it from a backup")
    if "NUL (0x00)" in line or "0x00" in line:
        return ArchiveError("a text holds the character NUL, which no name has: leave it out")
    if "locked" in line:
        return ArchiveError(f"{where} stayed busy ({line}): stop whoever writes to it and try again")
    if "readonly" in line or "unable to open" in line:
        return ArchiveError(f"{where} cannot be written ({line}): check who owns the file and its folder")
    return None


def _is_of_connection(error: Exception, line: str) -> bool:
    return isinstance(error, OperationalError) or any(words in line for words in _WRONG_OPTIONS)


def url_text(url: URL) -> str:
    """Return the path of an embedded database, or the URL of a server without what may hold a password."""
    if url.drivername == "sqlite" and url.database:
        return url.database
    # PostgreSQL takes passwords among the options, too: ?password=, ?sslpassword=.
    return url.set(query={}).render_as_string(hide_password=True)


def _first_line(error: BaseException) -> str:
    return str(error).strip().split("\n", maxsplit=1)[0]
