"""Say which rows are deleted together with others: a purge rests on it."""

from index.store.catalogue.tables import metadata

GOING_ALONG = sorted(
    (table.name, key.column.table.name)
    for table in metadata.sorted_tables
    for key in table.foreign_keys
    if key.ondelete == "CASCADE"
)
"""Tables, and those with whose rows theirs are deleted."""

GOING_ALONG_SQL = "(VALUES " + ", ".join(f"('{child}', '{parent}')" for child, parent in GOING_ALONG) + ")"
"""The same as a list of rows for a statement."""
