"""Fill archives with rows of every kind, edit them as a person with the database's own tool could, make them old."""

import hashlib
from datetime import timedelta
from typing import Any

from sqlalchemy import Column, ColumnElement, Float, Integer, LargeBinary, Text, func, literal, text, type_coerce
from sqlalchemy.types import BigInteger

from index.access import accounts, cases
from index.access.permissions import local_person
from index.records import Coverage, NewChunk
from index.store import archive_file, schema_mark
from index.store.archive import Archive
from index.store.catalogue import cameras, clocks, digest_kinds, footage, models, row_digests, sighting_digests
from index.store.catalogue import cases as case_rows
from index.store.catalogue.clocks import ClockOffset
from index.store.catalogue.digests import plain_type
from index.store.catalogue.footage import Footage
from index.store.catalogue.footage_stats import FileStat, put_stat
from index.store.catalogue.models import LearnedTime, StoredCalibration
from reid.scene.regions import Regions
from tests.index.conftest import EIGHT, drop_columns_since_0013, make_sighting

VIDEO = Footage("f", "x.mp4", "a", EIGHT, 60.0)
DAY = timedelta(days=1)
TRIANGLE = ((0.0, 0.0), (1.0, 0.0), (0.5, 1.0))


def fill(archive: Archive) -> None:
    """Write at least one row of every kind."""
    with archive.catalogue.writing() as connection:
        clocks.set_offset(connection, ClockOffset("a", 1.5, 1.0, 2.0))
        cameras.put_mask(connection, "a", Regions((TRIANGLE,), ()))
        footage.add(connection, VIDEO, at=EIGHT)
        footage.plan_chunks(connection, VIDEO.id, range(2))
        put_stat(connection, VIDEO.id, FileStat(5, 6, "sample"))
    covered = Coverage("a", EIGHT, EIGHT + timedelta(seconds=30))
    archive.add(NewChunk("f", 0, (make_sighting(1, camera="a"),), (covered,), scene=bytes(range(256)) * 30))
    archive.add(NewChunk(None, None, (make_sighting(2, camera="a"),), (Coverage("a", EIGHT, EIGHT + 2 * DAY),)))
    person = local_person()
    cases.open_case(archive, person, "7", "red van")
    cases.mark_sighting(archive, person, "7", "sighting-00001", "yes")
    cases.write_note(archive, person, "7", "seen")
    with archive.catalogue.writing() as connection:
        case_rows.keep_picture(connection, "7", "ab" * 32, b"png" * 3000)
    accounts.add_person(archive, person, "eve", "admin")
    with archive.catalogue.writing() as connection:
        models.add_calibration(connection, StoredCalibration("looks", "looks-1", {"a": 1.5}, "40 pairs", EIGHT))
        models.replace_times(connection, "delays:1", [LearnedTime("a", "b", "delays:1", "all", 7, {"x": 2.5}, EIGHT)])


def damaged(archive: Archive) -> list[str]:
    with archive.catalogue.reading() as connection:
        return [digest_kinds.line(kind, owner) for kind, owner in row_digests.damaged(connection)]


def other_value(column: Column[Any]) -> ColumnElement[Any]:
    """Return another value than a column has, whatever that is."""
    kind = plain_type(column)
    if isinstance(kind, LargeBinary):
        return literal(b"other", LargeBinary)
    if isinstance(kind, Text):
        return type_coerce(func.coalesce(type_coerce(column, Text), "") + "x", column.type)
    number = Float if isinstance(kind, Float) else Integer if isinstance(kind, Integer) else BigInteger
    return type_coerce(func.coalesce(type_coerce(column, number), 0) + 1, column.type)


def make_old(archive: Archive) -> None:
    """Bring an archive back to schema 0012, whose digests had no key."""
    with archive.catalogue.writing() as connection:
        connection.execution_options(retrace_digest_key=b"")
        sighting_digests.make_all(connection)
        for row in connection.execute(text("SELECT sighting, model, data FROM vectors")).all():
            made = hashlib.blake2b(bytes(row.data), digest_size=8).digest()
            connection.execute(
                text("UPDATE vectors SET digest = :made WHERE sighting = :of AND model = :by"),
                {"made": made, "of": row.sighting, "by": row.model},
            )
        connection.execute(text("DROP TABLE row_digests"))
        drop_columns_since_0013(connection)
        connection.execute(text("DELETE FROM about WHERE key = 'digest key'"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0012'"))
    (archive.path / archive_file.KEY).unlink()
    (archive.path / schema_mark.FILE).unlink()
