"""Keep others from writing while a transaction rests on what it has read; SQLite has one writer at a time anyway."""

from collections.abc import Iterable

from sqlalchemy import Connection, Table, text

_ONE_AT_A_TIME = text("SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended(:what, 0))")


def lock_tables(connection: Connection, tables: Iterable[Table]) -> None:
    """Wait for those who write to tables, and let nobody else write to them until this transaction ends."""
    if connection.dialect.name == "postgresql":
        names = ", ".join(f'"{table.name}"' for table in tables)
        connection.exec_driver_sql(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE")


def one_at_a_time(connection: Connection, what: str) -> None:
    """Wait for other transactions that said the same, and let the next ones wait until this one ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(_ONE_AT_A_TIME, {"what": f"retrace {what}"})
