"""Refuse a database that computes, drops or replaces rows by itself: whoever made it lets that happen."""

import re

from sqlalchemy import text

from index.errors import ArchiveError
from index.store.catalogue.database import Catalogue
from index.store.catalogue.going_along import GOING_ALONG
from index.store.catalogue.plain_server import GO_WITH_OTHERS, check_plain_server

_NOT_PLAIN = """
SELECT type, name FROM sqlite_master WHERE type NOT IN ('table', 'index') OR coalesce(rootpage, 0) = 0
UNION ALL
SELECT 'computed column', tables.name || '.' || columns.name
FROM sqlite_master AS tables, pragma_table_xinfo(tables.name) AS columns
WHERE tables.type = 'table' AND columns.hidden <> 0
"""
"""What a database of SQLite computes by itself; the tables of Retrace have nothing of it."""

_GOING_ALONG = """
SELECT tables.name, others."table" FROM sqlite_master AS tables, pragma_foreign_key_list(tables.name) AS others
WHERE tables.type = 'table' AND others.on_delete = 'CASCADE'
"""

_COLUMNS = r'"?\w+"?(, "?\w+"?)*'
_PLAIN_INDEX = re.compile(rf'CREATE INDEX "?\w+"? ON "?\w+"? \({_COLUMNS}\)( WHERE deleted_at IS( NOT)? NULL)?')

_PLAIN_PARTS = re.compile(
    r"""CHECK \("?\w+"? IN \('\w+'(, '\w+')*\)\)"""
    r"""|DEFAULT ('\w*'|-?\d+)"""
    r"""|ON DELETE CASCADE"""
)
"""The rules that tables of Retrace have; what they are on is checked apart."""

_RULES = re.compile(r"--|/\*|\b(CHECK|DEFAULT|COLLATE|CONFLICT|UNIQUE|GENERATED|AS|ON|SELECT)\b", re.IGNORECASE)
"""Words of rules: on a conflict SQLite would leave a row out, or delete another one, without a word."""


def check_plain(catalogue: Catalogue) -> None:
    """Refuse a database with triggers, views, computed columns, or rules that no table of Retrace has."""
    if not catalogue.is_sqlite:
        check_plain_server(catalogue)
        return
    with catalogue.reading() as connection:
        found = connection.execute(text(_NOT_PLAIN)).first()
        made = connection.execute(text("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL")).all()
        along = {tuple(row) for row in connection.execute(text(_GOING_ALONG))}
    if found is not None:
        raise ArchiveError(
            f"{catalogue.name} has a {found.type}, {found.name!r}, which no archive has: restore a backup"
        )
    tables = {one.name for one in made if one.type == "table"}
    lost = next((child for child, parent in GOING_ALONG if child in tables and (child, parent) not in along), None)
    if lost is not None:
        raise ArchiveError(
            f"rows of the table {lost!r} of {catalogue.name} would outlive what they belong to: restore a backup"
        )
    for type_, name, sql in made:
        if not _is_plain(type_, name, " ".join(sql.split())):
            raise ArchiveError(
                f"{catalogue.name} has a rule on the {type_} {name!r}, which no archive has: restore a backup"
            )


def _is_plain(type_: str, name: str, sql: str) -> bool:
    if type_ == "index":
        return _PLAIN_INDEX.fullmatch(sql) is not None
    if "ON DELETE" in sql.upper() and name not in GO_WITH_OTHERS:
        return False
    return _RULES.search(_PLAIN_PARTS.sub("", sql)) is None
