"""Every edit of a stored sighting is noticed, and nothing that the program itself does is taken for one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Column, Connection, Text, literal, text, update

from index.access.cases import mark_sighting, open_case
from index.access.permissions import local_person
from index.records import NewChunk
from index.store import archive_file, schema_mark
from index.store.archive import Archive
from index.store.catalogue import footage, plates, sighting_digests
from index.store.catalogue.driver_errors import RowExistsError
from index.store.catalogue.sighting_digests import COVERED
from index.store.catalogue.tables import shots, sightings
from index.upkeep.backup import back_up
from index.upkeep.rebuild import rebuild
from index.upkeep.verify import verify
from tests.index.conftest import EIGHT, drop_columns_since_0013, make_sighting
from tests.index.store.catalogue.editing import VIDEO, other_value
from tests.index.store.test_archive import chunk_of

ONE = "sighting-00002"


def fill(archive: Archive) -> None:
    with archive.catalogue.writing() as connection:
        footage.add(connection, VIDEO, at=EIGHT)
    archive.add(NewChunk("f", 0, tuple(make_sighting(n, camera="a", text=f"KR {n}") for n in range(3))))
    archive.add(chunk_of(3, 4))


def damaged(archive: Archive) -> list[str]:
    with archive.catalogue.reading() as connection:
        return list(sighting_digests.damaged(connection))


def edit(column: Column[object], connection: Connection) -> None:
    """Change one value of one sighting, as a person with the database's own tool could."""
    keys = {"camera": literal("b"), "footage": literal(None, Text), "model": literal("looks-1")}
    value = keys[column.name] if column.foreign_keys else other_value(column)
    own = column.table.c.id if column.table is sightings else column.table.c.sighting
    assert connection.execute(update(column.table).where(own == ONE).values({column.name: value})).rowcount


def test_every_column_is_covered_or_left_out_by_name() -> None:
    left_out = {f"{table.name}.{c.name}" for table, names in COVERED.items() for c in table.c if c.name not in names}
    # Forgotten sightings are counted for each camera; `verify` compares the numbers.
    assert left_out == {"sightings.deleted_at", "sightings.digest"}


def test_an_edit_of_any_column_is_noticed(archive_on_each: Archive) -> None:
    archive = archive_on_each
    fill(archive)
    assert damaged(archive) == []
    keys = {("sightings", "id"), ("shots", "sighting"), ("shots", "number"), ("plates", "sighting")}
    with archive.catalogue.writing() as connection:
        for table, names in COVERED.items():
            for name in names:
                if (table.name, name) in keys:
                    continue
                with connection.begin_nested() as undone:
                    edit(table.c[name], connection)
                    assert list(sighting_digests.damaged(connection)) == [ONE], (table.name, name)
                    undone.rollback()
        assert list(sighting_digests.damaged(connection)) == []


@pytest.mark.parametrize(
    "statement",
    [
        f"DELETE FROM shots WHERE sighting = '{ONE}' AND number = 1",
        f"DELETE FROM plates WHERE sighting = '{ONE}'",
        f"UPDATE shots SET number = 7 WHERE sighting = '{ONE}' AND number = 1",
        f"INSERT INTO plates SELECT sighting, 'looks-1', 'KCZ5G57', confidence, box, corners, characters "
        f"FROM plates WHERE sighting = '{ONE}'",
        f"UPDATE sightings SET digest = NULL WHERE id = '{ONE}'",
        f"UPDATE sightings SET colour = 'blue', deleted_at = NULL WHERE id = '{ONE}'",
    ],
)
def test_rows_taken_away_or_added_are_noticed_and_verify_names_the_sighting(
    archive_on_each: Archive, statement: str
) -> None:
    archive = archive_on_each
    fill(archive)
    assert verify(archive) == []
    with archive.catalogue.writing() as connection:
        connection.execute(text(statement))
    assert [line for line in verify(archive) if line.startswith(f"sighting {ONE}: what is stored of it")]
    assert damaged(archive) == [ONE]


def test_of_many_edits_twenty_are_named(archive: Archive) -> None:
    archive.add(chunk_of(*range(25)))
    with archive.catalogue.writing() as connection:
        connection.execute(text("UPDATE plates SET text = 'KCZ5G57' WHERE sighting < 'sighting-00023'"))
    lines = [line for line in verify(archive) if "edited" in line]
    assert (len(lines), lines[-1]) == (21, "3 more sightings were edited or damaged in the catalogue")


def move(archive: Archive) -> None:
    with archive.catalogue.writing() as connection:
        footage.move(connection, "f", camera="b", start=EIGHT + timedelta(seconds=3.25))


def remove_and_add_again(archive: Archive) -> None:
    """A marked sighting is restored, the others are written again."""
    open_case(archive, local_person(), "7", "")
    mark_sighting(archive, local_person(), "7", ONE, "yes")
    with archive.catalogue.writing() as connection:
        footage.remove(connection, "f", at=EIGHT)
    assert verify(archive) == []
    fill(archive)


def forget_and_sweep(archive: Archive) -> None:
    archive.forget(["sighting-00001", "sighting-00003"])
    with archive.catalogue.writing() as connection:
        connection.execute(sightings.delete().where(sightings.c.deleted_at.is_not(None)))
    archive.crops.close()
    assert rebuild(archive) > 0


def locate(archive: Archive) -> None:
    with archive.catalogue.writing() as connection:
        plates.put_corners(connection, {(ONE, 1): ((0.0, 0.0), (9.0, 0.0), (9.0, 3.0), (0.0, 3.5))})


@pytest.mark.parametrize("change", [fill, move, remove_and_add_again, forget_and_sweep, locate])
def test_what_the_program_changes_itself_leaves_the_archive_whole(
    archive_on_each: Archive, change: Callable[[Archive], None]
) -> None:
    archive = archive_on_each
    fill(archive)
    change(archive)
    assert verify(archive) == []
    with archive.catalogue.writing() as connection:
        edit(shots.c.time, connection)
    assert damaged(archive) == [ONE]


@pytest.mark.parametrize("change", [move, forget_and_sweep, locate])
def test_a_change_does_not_make_an_edited_sighting_look_whole(
    archive_on_each: Archive, change: Callable[[Archive], None]
) -> None:
    archive = archive_on_each
    fill(archive)
    with archive.catalogue.writing() as connection:
        edit(sightings.c.colour, connection)
    change(archive)
    assert damaged(archive) == [ONE]


def test_a_copy_is_whole_and_keeps_what_was_edited(archive: Archive, tmp_path: Path) -> None:
    fill(archive)
    assert back_up(archive, tmp_path / "whole", local_person()) == []
    with Archive.open(tmp_path / "whole") as copy:
        assert verify(copy) == []
        with copy.catalogue.writing() as connection:
            edit(sightings.c.colour, connection)
        assert damaged(copy) == [ONE]


def test_numbers_of_other_kinds_are_stored_and_known_again(archive_on_each: Archive) -> None:
    archive = archive_on_each
    odd = make_sighting(1, text="Ä1")
    box = replace(odd.box, x=7, y=-0.0, width=np.float64(1 / 3))
    looks = replace(odd.attributes, heading_deg=0)
    archive.add(NewChunk(None, None, (replace(odd, box=box, attributes=looks),)))
    assert verify(archive) == []


def test_one_sighting_twice_in_a_chunk_is_refused(archive_on_each: Archive) -> None:
    with pytest.raises(RowExistsError):
        archive_on_each.add(chunk_of(1, 1))
    assert verify(archive_on_each) == []


def test_an_archive_of_before_gets_digests_of_what_it_holds(archive_on_each: Archive) -> None:
    archive = archive_on_each
    fill(archive)
    with archive.catalogue.writing() as connection:
        connection.execute(text("ALTER TABLE sightings DROP COLUMN digest"))
        connection.execute(text("UPDATE vectors SET digest = NULL"))
        connection.execute(text("DROP TABLE row_digests"))
        drop_columns_since_0013(connection)
        connection.execute(text("UPDATE alembic_version SET version_num = '0011'"))
    (archive.path / archive_file.KEY).unlink()
    (archive.path / schema_mark.FILE).unlink()
    with Archive.open(archive.path) as again:
        assert verify(again) == []
        with again.catalogue.writing() as connection:
            edit(sightings.c.edge, connection)
        assert damaged(again) == [ONE]
