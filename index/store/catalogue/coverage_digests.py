"""Keep the digests of coverage, which lie with its chunk, or with the camera and day of an import."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import ColumnElement, Connection, select

from index.store.catalogue.columns import among
from index.store.catalogue.digest_kinds import CHUNKS, IMPORTED, IMPORTED_STARTS, firsts
from index.store.catalogue.row_digests import forget, renewed
from index.store.catalogue.tables import coverage


def coverage_owners(connection: Connection, *which: ColumnElement[bool]) -> tuple[set[str], set[str]]:
    """Return the chunks, and the imported days, of the coverage for which some conditions hold."""
    of_chunks = select(coverage.c.footage, coverage.c.chunk).where(coverage.c.footage.is_not(None), *which).distinct()
    of_days = IMPORTED_STARTS.where(*which).distinct()
    return (
        {CHUNKS.owner(row) for row in connection.execute(of_chunks)},
        {IMPORTED.owner(row) for row in connection.execute(of_days)},
    )


@contextmanager
def renewed_coverage(connection: Connection, *which: ColumnElement[bool]) -> Iterator[None]:
    """Make the digests of coverage anew after a change of what fits some conditions; days of imports may vanish."""
    of_chunks, days = coverage_owners(connection, *which)
    with renewed(connection, CHUNKS, of_chunks), renewed(connection, IMPORTED, days):
        yield
    left = coverage_owners(connection, among(coverage.c.camera, firsts(sorted(days))))[1] if days else set()
    forget(connection, IMPORTED, days - left)
