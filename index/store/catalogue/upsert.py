"""Choose the insert that knows what to do with rows that are there already, in the dialect of the database."""

from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects.sqlite import insert as insert_sqlite


def upsert(connection: Connection, table: Table) -> Any:
    """Return an insert into a table that takes `on_conflict_...`; only beside a server its dialect is loaded."""
    if connection.dialect.name != "postgresql":
        return insert_sqlite(table)
    from sqlalchemy.dialects.postgresql import insert as insert_postgresql

    return insert_postgresql(table)
