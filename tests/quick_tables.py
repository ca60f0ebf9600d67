"""Make the tables of the many empty archives of the tests from the statements that the migrations ran for the first."""

from collections.abc import Callable
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, event, inspect

Statement = tuple[str, Any]


def replaying(upgrade: Callable[..., None] = command.upgrade) -> Callable[..., None]:
    """Return what runs every migration once for each engine, and for its next empty databases what they changed."""
    ran: dict[str, list[Statement]] = {}

    def quick(config: Config, revision: str, **options: Any) -> None:
        connection: Connection = config.attributes["connection"]
        if revision != "head" or options or inspect(connection).get_table_names():
            upgrade(config, revision, **options)
        elif connection.dialect.name in ran:
            for statement, values in ran[connection.dialect.name]:
                connection.exec_driver_sql(statement, values)
        else:
            ran[connection.dialect.name] = _noted(connection, lambda: upgrade(config, revision))

    return quick


def _noted(connection: Connection, change: Callable[[], None]) -> list[Statement]:
    """Make a change, and return its statements but those that only look."""
    noted: list[Statement] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, many: bool) -> None:
        if not statement.lstrip().startswith(("SELECT", "PRAGMA")):
            noted.append((statement, values or None))

    event.listen(connection, "before_cursor_execute", note)
    try:
        change()
    finally:
        event.remove(connection, "before_cursor_execute", note)
    return noted
