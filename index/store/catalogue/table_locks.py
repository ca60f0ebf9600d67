"""Keep others from writing while a transaction rests on what it has read; SQLite has one writer at a time anyway."""

from collections.abc import Iterable

from sqlalchemy import Connection, Table, text

_ONE_AT_A_TIME = text("SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended(:what, 0))")


def lock_tables(connection: Connection, tables: Iterable[Table]) -> None:
    """Wait for those who write to tables, and let nobody else write to them until this transaction ends."""
    _lock(connection, tables, "SHARE ROW EXCLUSIVE")


def wait_for_lock(connection: Connection, tables: Iterable[Table]) -> None:
    """Wait for whoever has locked tables, before rows are read that are to be changed."""
    _lock(connection, tables, "ROW EXCLUSIVE")


def one_at_a_time(connection: Connection, what: str) -> None:
    """Wait for other transactions that said the same, and let the next ones wait until this one ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(_ONE_AT_A_TIME, {"what": f"retrace {what}"})


def _lock(connection: Connection, tables: Iterable[Table], mode: str) -> None:
    if connection.dialect.name == "postgresql":
        names = ", ".join(f'"{table.name}"' for table in tables)
        connection.exec_driver_sql(f"LOCK TABLE {names} IN {mode} MODE")
