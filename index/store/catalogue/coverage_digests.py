"""Change coverage together with its digests, which lie with its chunk, or with the camera and day of an import."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select, update

from index.store.catalogue.columns import among
from index.store.catalogue.digest_kinds import CHUNKS, IMPORTED, IMPORTED_STARTS, firsts, imported_owner
from index.store.catalogue.row_digests import forget, renewed
from index.store.catalogue.tables import cameras, coverage


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


def forget_before(connection: Connection, before: datetime) -> None:
    """Delete the coverage before a time, and cut what reaches beyond it: of what is forgotten, nobody looked."""
    # By camera, because the coverage of a camera is found by its start.
    begun = (coverage.c.camera.in_(select(cameras.c.id)), coverage.c.start < before)
    over = (*begun, coverage.c.end <= before)
    with renewed_coverage(connection, *over):
        connection.execute(coverage.delete().where(*over))
    imported = select(coverage.c.camera).where(*begun, coverage.c.footage.is_(None)).distinct()
    days = {imported_owner(camera, before) for camera in connection.execute(imported).scalars()}
    with renewed_coverage(connection, *begun), renewed(connection, IMPORTED, days):
        connection.execute(update(coverage).where(*begun).values(start=before))
