"""Connect to Milvus, and turn what its client raises into one line."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from index.errors import ArchiveError
from index.store.archive_file import make_folder, shut_out_others

_log = logging.getLogger(__name__)

_NO_SERVER = (
    "the address of the vectors names no server: write milvus://HOST:19530, or milvus:/PATH/TO/FILE.db, "
    "and / ? # @ in a password as %2F %3F %23 %40"
)
"""The address is not repeated: it may hold a password."""


def connected(url: str) -> Any:
    """Connect to `milvus://[USER:PASSWORD@]HOST[:PORT][/DATABASE]`, or open `milvus:FILE.db` with milvus-lite."""
    try:
        from pymilvus import MilvusClient
    except ModuleNotFoundError:
        raise ArchiveError("vectors in Milvus need its client: pip install 'retrace[milvus]'") from None
    # It prints the traceback of every error that it raises; here, errors become one line.
    for name in ("pymilvus", "milvus_lite"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    parts = urlsplit(url)
    try:
        if not parts.hostname:
            if not parts.path.endswith(".db"):
                raise ArchiveError(_NO_SERVER)
            return MilvusClient(uri=str(_private_folder(_path_of(url))))
        token = f"{unquote(parts.username)}:{unquote(parts.password or '')}" if parts.username else ""
        address = f"http://{parts.hostname}:{_port(parts)}"
        return MilvusClient(uri=address, token=token, db_name=parts.path.strip("/"))
    except _milvus_errors() as error:
        if is_embedded(url):
            raise ConnectionError(
                f"milvus-lite does not open {_path_of(url)}: it is for one process at a time, stop the other, as the "
                f"page; if there is none, {_advice(url)}"
            ) from error
        raise ConnectionError(
            f"Milvus at {parts.hostname} does not answer ({_line(error)}): is it running, are name and password right?"
        ) from error


def is_embedded(url: str) -> bool:
    """Return whether an address leads to milvus-lite, not to a server."""
    return not urlsplit(url).hostname


def _advice(url: str) -> str:
    return f"move {_path_of(url)} away, it is filled anew" if is_embedded(url) else "is it running?"


def _path_of(url: str) -> Path:
    return Path(unquote(urlsplit(url).path)).absolute()


def _private_folder(path: Path) -> Path:
    """Return where milvus-lite keeps its files, closed to others: it would make it a folder that everybody reads."""
    if not path.exists():
        make_folder(path)
    elif path.is_dir() and shut_out_others(path):
        _log.warning("%s could be read by every user of this machine; now only by its owner", path)
    return path


def _port(parts: SplitResult) -> int:
    try:
        return parts.port or 19530
    except ValueError:
        raise ArchiveError(_NO_SERVER) from None


@contextmanager
def answering(url: str) -> Iterator[None]:
    """Turn errors of the client into one line; while footage comes in, they cost no footage."""
    try:
        yield
    except _milvus_errors() as error:
        raise ConnectionError(f"Milvus refused or does not answer ({_line(error)}): {_advice(url)}") from error


def _milvus_errors() -> tuple[type[Exception], ...]:
    from pymilvus import MilvusException

    return (MilvusException,)


def _line(error: Exception) -> str:
    return str(getattr(error, "message", error)).strip().split("\n", maxsplit=1)[0]
