"""Open the catalogue's database and lend connections, each one transaction."""

import errno
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Column, Connection, Dialect, Engine, Table, create_engine, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from index.errors import ArchiveError

BUSY_MS = 60_000
AT_ONCE = 500
"""Ids in one statement: well under the limit of variables of any SQLite."""

Item = TypeVar("Item")
_PRAGMAS = (
    f"PRAGMA busy_timeout = {BUSY_MS}",
    "PRAGMA journal_mode = WAL",
    # FULL: an audit row that was committed before a result was shown survives a power cut.
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    # 64 MB of log between checkpoints: fewer waits for the disk while footage comes in.
    "PRAGMA wal_autocheckpoint = 16384",
    "PRAGMA journal_size_limit = 67108864",
    "PRAGMA cache_size = -65536",
    "PRAGMA mmap_size = 1073741824",
    "PRAGMA temp_store = MEMORY",
)


class RowExistsError(ArchiveError):
    """Another writer was quicker with the same row, or a row points at one that is gone."""


class Catalogue:
    """A database with the tables of `index.catalogue.tables`; open it anew in each process."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @classmethod
    def embedded(cls, path: Path) -> "Catalogue":
        """Open the SQLite file at `path`, whatever characters its folders are named with."""
        engine = create_engine(URL.create("sqlite", database=str(path.absolute())))
        _prepare_sqlite(engine)
        return cls(engine)

    @classmethod
    def served(cls, url: str) -> "Catalogue":
        """Connect to a server, as `postgresql+psycopg://user@host/name`."""
        try:
            parsed = make_url(url)
            if not parsed.drivername.startswith("postgresql"):
                raise NoSuchModuleError
            return cls(create_engine(parsed))
        except (ArgumentError, NoSuchModuleError):
            scheme = url.split(":", 1)[0]
            raise ArchiveError(
                f"{scheme!r} is not a database server known here: write postgresql://USER@HOST/NAME, "
                "or nothing for SQLite inside the archive"
            ) from None
        except ModuleNotFoundError as error:
            raise ArchiveError(f"{error.name} is missing for that database: pip install 'retrace[postgres]'") from None

    @property
    def is_sqlite(self) -> bool:
        """Tell the embedded database from a server."""
        return self.engine.dialect.name == "sqlite"

    @property
    def name(self) -> str:
        """Return the path of an embedded database, or the URL of a server without its password."""
        return _shown(self.engine.url)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Lend a connection that sees one moment of the database."""
        options = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with translated(self.engine.url), self.engine.connect() as connection:
            yield connection.execution_options(**options)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Lend a connection whose changes are kept together when the block ends well, or not at all."""
        with translated(self.engine.url), self.engine.connect() as connection:
            connection = connection.execution_options(retrace_writing=True)
            with connection.begin():
                yield connection

    def copy_to(self, path: Path) -> None:
        """Copy an embedded database to a new file while others use it."""
        database = self.engine.url.database
        if not self.is_sqlite or database is None:
            raise ArchiveError(f"{self.name} is a server: copy it with its own tool, pg_dump")
        with (
            translated(URL.create("sqlite", database=str(path))),
            closing(sqlite3.connect(database)) as source,
            closing(sqlite3.connect(path)) as target,
        ):
            source.backup(target)

    def problems(self) -> list[str]:
        """Return what the database itself finds broken."""
        if not self.is_sqlite:
            return []
        with self.reading() as connection:
            lines = [str(row[0]) for row in connection.execute(text("PRAGMA integrity_check(20)"))]
            lost = connection.execute(text("PRAGMA foreign_key_check")).fetchmany(20)
        found = [f"catalogue: {line}" for line in lines if line != "ok"]
        return found + [f"catalogue: a row of {row[0]} points at a row of {row[2]} that is gone" for row in lost]

    def wipe(self) -> None:
        """Overwrite what deleted rows leave behind in the files of an embedded database; a server does so by itself."""
        if not self.is_sqlite:
            return
        # On the driver's connection: SQLAlchemy would begin a transaction, and this must be outside of one.
        with closing(self.engine.raw_connection()) as connection, closing(connection.cursor()) as cursor:
            try:
                cursor.execute("VACUUM")
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            except sqlite3.OperationalError as error:
                raise ArchiveError(
                    f"{self.name} could not be wiped ({error}): do it again when nobody writes"
                ) from None

    def close(self) -> None:
        """Give the database back."""
        self.engine.dispose()


def insert_many(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows of one table, all with the same columns, by one prepared statement; nothing to do for none.

    SQLAlchemy would look at every value of every row in Python; only the columns that need it are converted here,
    which makes the whole insertion about twice as fast.
    """
    if not rows:
        return
    statement = str(table.insert().compile(dialect=connection.dialect, column_keys=list(rows[0])))
    columns = [column for column in table.columns if column.name in rows[0]]
    converted = [_converted(column, rows, connection.dialect) for column in columns]
    if connection.dialect.positional:
        connection.exec_driver_sql(statement, list(zip(*converted, strict=True)))
    else:
        names = [column.name for column in columns]
        connection.exec_driver_sql(
            statement, [dict(zip(names, row, strict=True)) for row in zip(*converted, strict=True)]
        )


def _converted(column: Column[Any], rows: Sequence[Mapping[str, Any]], dialect: Dialect) -> list[Any]:
    """Return the values of a column as the driver takes them."""
    convert = column.type.dialect_impl(dialect).bind_processor(dialect)
    if convert is None:
        return [row[column.name] for row in rows]
    return [convert(row[column.name]) for row in rows]


def batched(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Yield the items in lists short enough for one statement."""
    iterator = iter(items)
    while some := list(islice(iterator, AT_ONCE)):
        yield some


@contextmanager
def translated(url: URL) -> Iterator[None]:
    """Turn what the database driver says into one line that a person can act on."""
    try:
        yield
    # sqlite3.Error: what the driver says to a pragma or a backup does not pass through SQLAlchemy.
    except (DBAPIError, sqlite3.Error) as error:
        known = _known(error, url)
        if known is None:
            raise
        raise known from error


def _known(error: DBAPIError | sqlite3.Error, url: URL) -> Exception | None:
    line = _first_line(getattr(error, "orig", None) or error)
    where = _shown(url)
    if isinstance(error, IntegrityError):
        return RowExistsError(f"{where} refused a row ({line}): it exists already, or what it belongs to is gone")
    if "disk I/O error" in line:
        return OSError(errno.EIO, "the disk refuses to read or write: check its space, quota and health", url.database)
    if "disk is full" in line or "No space left" in line:
        return OSError(errno.ENOSPC, "no space left for the catalogue", url.database)
    if "not a database" in line or "malformed" in line:
        return ArchiveError(f"{where} is damaged ({line}): restore it from a backup")
    if "locked" in line:
        return ArchiveError(f"{where} stayed busy for {BUSY_MS // 1000} s: stop the other writer and try again")
    if "readonly" in line or "unable to open" in line:
        return ArchiveError(f"{where} cannot be written ({line}): check who owns the file and its folder")
    if isinstance(error, OperationalError) and not url.drivername.startswith("sqlite"):
        return ArchiveError(f"{where} does not answer ({line}): is the server running, are name and password right?")
    return None


def _shown(url: URL) -> str:
    if url.drivername == "sqlite" and url.database:
        return url.database
    return url.render_as_string(hide_password=True)


def _first_line(error: BaseException) -> str:
    return str(error).strip().split("\n", maxsplit=1)[0]


def _prepare_sqlite(engine: Engine) -> None:
    """Let SQLAlchemy, not the driver, begin transactions, and begin a writing one with the write lock.

    A transaction that reads first and asks for the write lock later fails at once when another writer came between.
    """

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get("retrace_writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
