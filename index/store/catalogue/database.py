"""Open the database of the catalogue at the schema of this version, and give out connections, each one transaction."""

import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from sqlalchemy import (
    URL,
    Column,
    Connection,
    Dialect,
    Engine,
    RootTransaction,
    Table,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from index.errors import ArchiveError
from index.store.archive_file import create
from index.store.catalogue import busy
from index.store.catalogue.busy import Patience
from index.store.catalogue.digests import KEY_OPTION, NO_KEY
from index.store.catalogue.driver_errors import known_error, url_text
from index.store.catalogue.server_session import check_written, prepare_server
from index.store.catalogue.server_wipe import wipe_server
from index.store.open_files import users_of

BUSY_MS = 60_000
"""How long a statement waits for locks of others; only the first of a writing transaction meets any that last."""

AT_ONCE = 500
"""Ids in one statement: well under the limit of variables of any SQLite."""

_OF_THE_DRIVER = frozenset({"autocommit", "context", "cursor_factory", "plugin", "prepare_threshold", "row_factory"})
"""What the driver would take from an address for itself: with `autocommit`, no transaction would be one."""

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


_READING_PRAGMAS = tuple(pragma for pragma in _PRAGMAS if "journal" not in pragma)


class ReadOnlyError(ArchiveError):
    """An archive that may only be read is asked to write."""


class Catalogue:
    """A database with the tables of `index.store.catalogue.tables`; open it anew in each process."""

    def __init__(self, engine: Engine, *, read_only: bool = False) -> None:
        self.engine, self.read_only = engine, read_only

    def use_key(self, key: bytes | None) -> None:
        """Make digests with a key from now on; with None, refuse to make any."""
        self.engine.update_execution_options(**{KEY_OPTION: key})

    @property
    def key(self) -> bytes | None:
        """Return the key of the digests, None where it is gone."""
        found: bytes | None = self.engine.get_execution_options().get(KEY_OPTION, NO_KEY)
        return found

    @classmethod
    def embedded(cls, path: Path, *, read_only: bool = False) -> "Catalogue":
        """Open the SQLite file at `path`, whatever characters its folders are named with."""
        url = URL.create("sqlite", database=str(path.absolute()))
        engine = create_engine(url, creator=lambda: _read_only_file(path)) if read_only else create_engine(url)
        _prepare_sqlite(engine, _READING_PRAGMAS if read_only else _PRAGMAS)
        return cls(engine, read_only=read_only)

    @classmethod
    def served(cls, url: str) -> "Catalogue":
        """Connect to a server, as `postgresql+psycopg://user@host/name`."""
        try:
            parsed = make_url(url)
            if not parsed.drivername.startswith("postgresql"):
                raise NoSuchModuleError
            own = sorted(_OF_THE_DRIVER & parsed.query.keys())
            if own:
                raise ArchiveError(f"the address of a database may not set {own[0]}: leave it out")
            # Whoever waited for another writer goes on with what that one wrote, whatever an account begins with; and a
            # server that knows no encoding would give bytes for texts.
            # A session from before the server was started anew is noticed and replaced when it is lent.
            utf8 = {"client_encoding": "utf8"}
            engine = create_engine(parsed, isolation_level="READ COMMITTED", connect_args=utf8, pool_pre_ping=True)
            prepare_server(engine, url_text(parsed))
            return cls(engine)
        except ArchiveError:
            raise
        except (ArgumentError, NoSuchModuleError, ValueError):
            scheme = url.split(":", 1)[0]
            raise ArchiveError(
                f"{scheme!r} is not a database server known here: write postgresql://USER@HOST/NAME, "
                "or nothing for SQLite inside the archive"
            ) from None
        except ModuleNotFoundError as error:
            raise ArchiveError(f"{error.name} is missing for that database: pip install 'retrace[postgres]'") from None

    @property
    def is_sqlite(self) -> bool:
        """Return True for the embedded database, False for a server."""
        return self.engine.dialect.name == "sqlite"

    @property
    def name(self) -> str:
        """Return the path of an embedded database, or the URL of a server without its password."""
        return url_text(self.engine.url)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection for reading, which sees the database as of one moment."""
        options = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with translated(self.engine.url), self.engine.connect() as connection:
            yield connection.execution_options(**options)

    @contextmanager
    def at_one_moment(self) -> Iterator["Catalogue"]:
        """Give a catalogue whose readings all see the database as of one moment, that of the first."""
        with self.reading() as connection:
            yield _Snapshot(self.engine, connection, read_only=self.read_only)

    def check_writable(self) -> None:
        """Refuse to change a database that may only be read: before any file is touched, so that the reason is told."""
        if self.read_only:
            raise ReadOnlyError(
                f"{self.name} may only be read here: lists, searches and verify work; to change something, copy the "
                "archive to where you may write"
            )

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection for writing; its changes are committed at the end of the block, or none on an error.

        A database that others write to is waited for.
        """
        self.check_writable()
        with translated(self.engine.url):
            connection, transaction = self._begin_writing()
            with connection, transaction:
                yield connection
                if not self.is_sqlite:
                    check_written(connection, self.name)

    def _begin_writing(self) -> tuple[Connection, RootTransaction]:
        patience: Patience | None = None
        while True:
            try:
                connection = self.engine.connect().execution_options(retrace_writing=True)
                try:
                    return connection, connection.begin()
                except BaseException:
                    connection.close()
                    raise
            except OperationalError as error:
                patience = patience or Patience(self.engine.url, self.name)
                patience.pause(error)

    def copy_to(self, path: Path) -> None:
        """Copy an embedded database to a new file while other processes use it."""
        database = self.engine.url.database
        if not self.is_sqlite or database is None:
            raise ArchiveError(f"{self.name} is a server: copy it with its own tool, pg_dump")
        os.close(create(path))
        with (
            translated(URL.create("sqlite", database=str(path))),
            closing(sqlite3.connect(database)) as source,
            closing(sqlite3.connect(path)) as target,
        ):
            source.backup(target)

    def problems(self) -> list[str]:
        """Return the problems that the database itself finds."""
        if not self.is_sqlite:
            return []
        with self.reading() as connection:
            lines = [str(row[0]) for row in connection.execute(text("PRAGMA integrity_check(20)"))]
            lost = connection.execute(text("PRAGMA foreign_key_check")).fetchmany(20)
        found = [f"catalogue: {line}" for line in lines if line != "ok"]
        return found + [f"catalogue: a row of {row[0]} points at a row of {row[2]} that is gone" for row in lost]

    def wipe(self) -> None:
        """Overwrite the remains of deleted rows in the files of the database; ArchiveError says what remains."""
        if not self.is_sqlite:
            with translated(self.engine.url):
                wipe_server(self.engine, self.name)
            return
        # On the driver's connection: SQLAlchemy would begin a transaction, and VACUUM must run outside of one.
        with closing(self.engine.raw_connection()) as connection, closing(connection.cursor()) as cursor:
            try:
                cursor.execute("VACUUM")
                # It waits BUSY_MS for those who still read the rows of before.
                (busy, _, _) = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            except sqlite3.OperationalError as error:
                raise ArchiveError(f"{self.name} could not be wiped ({error})") from None
        if busy:
            raise ArchiveError(f"deleted rows remain in {self.name}-wal, which {users_of(Path(self.name))} still reads")

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


class _Snapshot(Catalogue):
    """A catalogue that reads through one connection, and so in one transaction."""

    def __init__(self, engine: Engine, connection: Connection, *, read_only: bool) -> None:
        super().__init__(engine, read_only=read_only)
        self._connection = connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give the one connection."""
        with translated(self.engine.url):
            yield self._connection


def insert_many(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows of one table, all with the same columns, by one prepared statement.

    SQLAlchemy would look at every value of every row in Python; only the columns that need it are converted here,
    which makes the whole insertion about twice as fast.
    """
    if rows:
        insert_columns(connection, table, driver_columns(connection, table, rows))


def driver_columns(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Return rows of a table, all with the same columns, as one list of values for each, as the driver takes them."""
    columns = [column for column in table.columns if not rows or column.name in rows[0]]
    return {column.name: _converted(column, rows, connection.dialect) for column in columns}


def insert_columns(connection: Connection, table: Table, columns: Mapping[str, Sequence[Any]]) -> None:
    """Insert rows of one table, given as `driver_columns` returns them."""
    rows = list(zip(*columns.values(), strict=True))
    if not rows:
        return
    # The names are compiled in the order of the table's columns: so must the values be.
    names = [column.name for column in table.columns if column.name in columns]
    if names != list(columns):
        raise ValueError(f"the columns {', '.join(columns)} are not in the order of {table.name}")
    statement = str(table.insert().compile(dialect=connection.dialect, column_keys=names))
    if connection.dialect.positional:
        connection.exec_driver_sql(statement, rows)
    else:
        connection.exec_driver_sql(statement, [dict(zip(names, row, strict=True)) for row in rows])


def batched(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Yield the items in lists short enough for one statement."""
    iterator = iter(items)
    while part := list(islice(iterator, AT_ONCE)):
        yield part


@contextmanager
def translated(url: URL) -> Iterator[None]:
    """Turn errors of the database driver into one line that a person can act on."""
    try:
        yield
    except ValueError as error:
        # The driver of PostgreSQL says so without an error of its own kind.
        if "NUL" not in str(error):
            raise
        raise ArchiveError("a text holds the character NUL, which no name has: leave it out") from error
    except OverflowError as error:
        raise ArchiveError("a number is larger than the catalogue can hold (2^63): give a smaller one") from error
    # sqlite3.Error: errors of a pragma or a backup do not pass through SQLAlchemy.
    except (DBAPIError, sqlite3.Error) as error:
        known = known_error(error, url)
        if known is None:
            raise
        raise known from error


def _converted(column: Column[Any], rows: Sequence[Mapping[str, Any]], dialect: Dialect) -> list[Any]:
    """Return the values of a column as the driver takes them."""
    convert = column.type.dialect_impl(dialect).bind_processor(dialect)
    if convert is None:
        return [row[column.name] for row in rows]
    return [convert(row[column.name]) for row in rows]


def _read_only_file(path: Path) -> sqlite3.Connection:
    """Open a file that nobody can change: no lock and no log is made beside it."""
    log = path.with_name(f"{path.name}-wal")
    # With a log beside it, the file alone is not the whole catalogue.
    kept = "" if log.exists() and log.stat().st_size else "&immutable=1"
    return sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro{kept}", uri=True, check_same_thread=False)


def _prepare_sqlite(engine: Engine, pragmas: Sequence[str]) -> None:
    """Let SQLAlchemy, not the driver, begin transactions, and take the write lock when a writing one begins.

    A transaction that reads first and takes the write lock later fails if another process wrote in between.
    """

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get("retrace_writing", False)
        if writing:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {busy.TRY_MS}")
            try:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            finally:
                connection.exec_driver_sql(f"PRAGMA busy_timeout = {BUSY_MS}")
        else:
            connection.exec_driver_sql("BEGIN")
