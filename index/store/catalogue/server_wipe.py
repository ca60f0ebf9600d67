"""Wipe the remains of deleted rows from the tables of a PostgreSQL server.

Its own vacuum comes only where a fifth of a table was deleted, and leaves the bytes until others need their place.
"""

import time

from sqlalchemy import Connection, Engine, Table, literal, select, text
from sqlalchemy.exc import DBAPIError

from index.errors import ArchiveError
from index.store.catalogue.tables import metadata

WAIT_S = 60.0
"""How long those are waited for who still read the rows of before."""

_PAUSE_S = 0.2

_MARK = text("SELECT CAST(CAST(pg_current_xact_id() AS xid) AS text)")

_READ_FROM_BEFORE = text(
    """
SELECT 'session ' || pid || coalesce(' of ' || usename, '') FROM pg_stat_activity
WHERE (datname = current_database() OR datname IS NULL) AND pid <> pg_backend_pid() AND usesysid IS NOT NULL
  AND greatest(age(backend_xmin), age(backend_xid)) > age(CAST(:mark AS xid))
UNION ALL
SELECT 'the prepared transaction ' || gid FROM pg_prepared_xacts
WHERE database = current_database() AND age(transaction) > age(CAST(:mark AS xid))
UNION ALL
SELECT 'the replication slot ' || slot_name FROM pg_replication_slots
WHERE age(xmin) > age(CAST(:mark AS xid))
"""
)
"""Whoever sees the database as of a moment before: for them the server keeps deleted rows.

Of another account's session, an account without rights sees no more than database, account and transactions. Replicas
are of no database, and the server's own vacuum is of no account.
"""

_OF_OTHERS = text(
    """
SELECT c.relname FROM unnest(CAST(:names AS text[])) AS name
JOIN pg_class c ON c.oid = to_regclass(quote_ident(name))
WHERE NOT pg_has_role(c.relowner, 'USAGE') LIMIT 1
"""
)

_STATISTICS_OF = text(
    """
SELECT 'ALTER TABLE ' || attrelid::regclass || ' ALTER COLUMN ' || quote_ident(attname)
    || ' TYPE ' || format_type(atttypid, atttypmod)
    || CASE WHEN attcollation::regcollation::text = '"C"' THEN ' COLLATE "C"' ELSE '' END
FROM pg_attribute a WHERE attrelid = to_regclass(quote_ident(:table)) AND EXISTS (
    SELECT FROM pg_stats s JOIN pg_class c ON relname = s.tablename AND relnamespace::regnamespace::text = schemaname
    WHERE c.oid = attrelid AND s.attname = a.attname)
"""
)
"""To give a column the type that it has changes nothing but that the server forgets its frequent values."""

_MAY_WIPE_STATISTICS = text("SELECT pg_has_role(datdba, 'USAGE') FROM pg_database WHERE datname = current_database()")


def wipe_server(engine: Engine, name: str) -> None:
    """Write every table anew without its deleted rows; fail with whoever still reads them."""
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            try:
                _wipe(connection, name)
            finally:
                # Nobody else is to wait for locks as shortly as this session.
                connection.invalidate()
    except DBAPIError as error:
        line = str(error.orig).strip().split("\n", maxsplit=1)[0]
        raise ArchiveError(f"deleted rows remain in {name} ({line})") from error


def _wipe(connection: Connection, name: str) -> None:
    _check_owner(connection, name)
    connection.execute(text(f"SET lock_timeout = {round(WAIT_S * 1000)}"))
    _wait_for_readers(connection, name)
    for table in metadata.sorted_tables:
        connection.exec_driver_sql(f'VACUUM (FULL, ANALYZE) "{table.name}"')
        _forget_values(connection, table)
    # What ANALYZE replaced is a deleted row, too.
    if connection.execute(_MAY_WIPE_STATISTICS).scalar():
        connection.exec_driver_sql("VACUUM (FULL) pg_catalog.pg_statistic")


def _forget_values(connection: Connection, table: Table) -> None:
    """Let the server forget the frequent values, as plates, of a table that is empty now: ANALYZE leaves them then."""
    if connection.execute(select(literal(1)).select_from(table).limit(1)).first() is not None:
        return
    statements = list(connection.execute(_STATISTICS_OF, {"table": table.name}).scalars())
    parents = sorted({key.column.table.name for key in table.foreign_keys} - {table.name})
    # First what the table refers to, in the order of those who write: else both would wait for each other.
    locks = [f'LOCK TABLE "{parent}" IN SHARE ROW EXCLUSIVE MODE' for parent in parents]
    for statement in ("BEGIN", *locks, *statements, "COMMIT") if statements else ():
        connection.exec_driver_sql(statement)


def _check_owner(connection: Connection, name: str) -> None:
    other = connection.execute(_OF_OTHERS, {"names": sorted(metadata.tables)}).scalar()
    if other is not None:
        raise ArchiveError(f"deleted rows remain in {name}: only the owner of its table {other!r} may write it anew")


def _wait_for_readers(connection: Connection, name: str) -> None:
    mark = connection.execute(_MARK).scalar()
    until = time.monotonic() + WAIT_S
    while readers := list(connection.execute(_READ_FROM_BEFORE, {"mark": mark}).scalars()):
        if time.monotonic() > until:
            raise ArchiveError(f"deleted rows remain in {name}, which {', '.join(readers)} still reads")
        time.sleep(_PAUSE_S)
