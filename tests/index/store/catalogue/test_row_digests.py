"""Every edit of cameras, clocks, footage, coverage, cases and accounts is noticed, and no change of the program is."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text, update

from index.access import accounts, cases
from index.access.permissions import local_person
from index.errors import ArchiveError
from index.records import NewChunk, Window
from index.store import archive_file, schema_mark
from index.store.archive import Archive
from index.store.catalogue import cameras, clocks, digest_kinds, footage, row_digests, scenes, schema
from index.store.catalogue.cameras import StoredCamera
from index.store.catalogue.clocks import ClockOffset
from index.store.catalogue.digest_kinds import CLOCKS
from index.store.catalogue.digests import DigestKeyError
from index.store.catalogue.tables import metadata
from index.upkeep.backup import back_up
from index.upkeep.new_key import renew_key
from index.upkeep.rebuild import rebuild
from index.upkeep.retention import purge
from index.upkeep.verify import verify
from reid.scene.regions import Regions
from tests.index.conftest import EIGHT, drop_columns_since_0013, make_sighting
from tests.index.store.catalogue.editing import DAY, TRIANGLE, VIDEO, damaged, fill, make_old, other_value

ADDED_BY_0014 = {"at", "drift", "drift_low", "drift_high", "evidence"}

FREE = {"status": "'failed'", "verdict": "'no'", "role": "'viewer'", "kind": "'detector'"}
"""Columns that hold one of some words."""

LINES = {
    "cameras": "the list of cameras was",
    "camera_places": "camera a: its places were",
    "camera_masks": "camera a: its masks were",
    "clock_offsets": "camera a: what is known of its clock was",
    "camera_totals": "camera a: the number of its sightings was",
    "footage": "footage f: its row, or the list of its chunks, was",
    "chunks": "footage f 0: what was found in this chunk, its scene or its coverage was",
    "cases": "the list of cases was",
    "marks": "case 7: its marks were",
    "notes": "case 7: its notes were",
    "question_pictures": "case 7: the pictures asked with were",
    "people": "the list of accounts was",
    "models": "the list of models was",
    "calibrations": "the list of calibrations was",
    "travel_times": "the list of learned travel times was",
}


def test_an_edit_of_any_column_is_noticed_and_named(archive_on_each: Archive) -> None:
    fill(archive_on_each)
    assert verify(archive_on_each) == []
    with archive_on_each.catalogue.writing() as connection:
        for table, line in LINES.items():
            columns = metadata.tables[table].c
            left = {"worker", "claimed_at", *(c.name for c in columns if c.primary_key or c.foreign_keys)}
            names = {column.name for column in columns} - left
            assert names
            for name in sorted(names):
                with connection.begin_nested() as undone:
                    if name in FREE:
                        connection.execute(text(f'UPDATE {table} SET "{name}" = {FREE[name]}'))
                    else:
                        other = {name: other_value(columns[name])}
                        assert connection.execute(update(metadata.tables[table]).values(other)).rowcount
                    assert line in [digest_kinds.line(*found) for found in row_digests.damaged(connection)], (
                        table,
                        name,
                    )
                    undone.rollback()
        assert list(row_digests.damaged(connection)) == []


@pytest.mark.parametrize(
    ("statement", "line"),
    [
        ("DELETE FROM clock_offsets", "camera a: what is known of its clock was"),
        ("DELETE FROM camera_masks", "camera a: its masks were"),
        ("DELETE FROM camera_places WHERE camera = 'b'", "camera b: its places were"),
        ("UPDATE clock_offsets SET camera = 'b'", "camera b: what is known of its clock was"),
        ("DELETE FROM coverage WHERE footage = 'f'", "footage f 0: what was found"),
        ("UPDATE coverage SET problem = 'moved' WHERE footage = 'f'", "footage f 0: what was found"),
        ("DELETE FROM coverage WHERE footage IS NULL", "camera a on 2026-05-05: what an import said"),
        (
            'UPDATE coverage SET "end" = "end" - 1 WHERE footage IS NULL',
            "camera a on 2026-05-04: what an import said",
        ),
        ("DELETE FROM chunks WHERE number = 1", "footage f: its row, or the list of its chunks"),
        ("UPDATE chunks SET done_at = 5, sightings = 0 WHERE number = 1", "footage f 1: what was found"),
        ("DELETE FROM marks", "case 7: its marks were"),
        ("DELETE FROM notes", "case 7: its notes were"),
        ("DELETE FROM question_pictures", "case 7: the pictures asked with were"),
        ("DELETE FROM people", "the list of accounts was"),
        ("DELETE FROM row_digests WHERE kind = 'clocks'", "camera a: what is known of its clock was"),
        ("UPDATE row_digests SET owner = 'x' WHERE kind = 'chunks'", "footage x: what was found"),
        ("UPDATE row_digests SET owner = 'a 99999999999999999999999' WHERE kind = 'imported coverage' AND "
         "owner = 'a 20577'", "camera a 99999999999999999999999: what an import said"),
    ],
)  # fmt: skip
def test_rows_taken_away_or_added_are_noticed_and_named(archive_on_each: Archive, statement: str, line: str) -> None:
    fill(archive_on_each)
    with archive_on_each.catalogue.writing() as connection:
        connection.execute(text(statement))
    lines = [found for found in verify(archive_on_each) if found.startswith(line)]
    assert lines
    assert all("restore a backup" in found for found in lines)


def test_a_deleted_sighting_is_noticed_even_where_the_number_was_edited_to_fit(archive_on_each: Archive) -> None:
    fill(archive_on_each)
    with archive_on_each.catalogue.writing() as connection:
        connection.execute(text("DELETE FROM sightings WHERE id = 'sighting-00002'"))
        connection.execute(text("UPDATE camera_totals SET sightings = 1 WHERE camera = 'a'"))
    assert damaged(archive_on_each) == ["camera a: the number of its sightings was"]


def move_camera(archive: Archive) -> None:
    with archive.catalogue.writing() as connection:
        cameras.move(connection, StoredCamera("a", 48.5, 15.5, valid_from=EIGHT))
        cameras.put(connection, [StoredCamera("c", 48.0, 15.0), StoredCamera("a", 48.4, 15.5, name="Bridge")])


def change_clocks(archive: Archive) -> None:
    with archive.catalogue.writing() as connection:
        clocks.set_offset(connection, ClockOffset("a", 2.0, 1.0, 3.0, EIGHT))
        clocks.forget_offsets(connection, camera="a", since=EIGHT)
        cameras.put_mask(connection, "a", Regions((), (TRIANGLE,)), since=EIGHT)


def remove_camera(archive: Archive) -> None:
    with archive.catalogue.writing() as connection:
        cameras.remove(connection, "b", at=EIGHT)


def move_footage(archive: Archive) -> None:
    with archive.catalogue.writing() as connection:
        footage.move(connection, "f", camera="b", start=EIGHT + DAY)
        footage.set_status(connection, "f", "partial", "cut off")


def suspect(archive: Archive) -> None:
    with archive.catalogue.writing() as connection:
        scenes.suspect_move(connection, "f", 0)
    assert damaged(archive) == []
    with archive.catalogue.writing() as connection:
        scenes.clear_suspicion(connection, "a", EIGHT - DAY)


def remove_footage(archive: Archive) -> None:
    with archive.catalogue.writing() as connection:
        footage.remove(connection, "f", at=EIGHT)
    assert damaged(archive) == []
    with archive.catalogue.writing() as connection:
        footage.add(connection, VIDEO, at=EIGHT)
        footage.plan_chunks(connection, VIDEO.id, range(3))


def purge_a_part(archive: Archive) -> None:
    """Some of the days that an import covered, and the footage, are gone; the marked sighting stays."""
    purge(archive, EIGHT + DAY, local_person())
    assert damaged(archive) == []
    with archive.catalogue.reading() as connection:
        left = footage.coverage_in_windows(connection, [Window("a", EIGHT - DAY, EIGHT + 3 * DAY)])
    assert left


def purge_all(archive: Archive) -> None:
    purge(archive, EIGHT + 9 * DAY, local_person())


def work_on_the_case(archive: Archive) -> None:
    person = local_person()
    cases.mark_sighting(archive, person, "7", "sighting-00001", "no")
    cases.write_note(archive, person, "7", "not that one", sighting="sighting-00001")
    cases.show_others(archive, person, "7", "ordered by the court")
    cases.close_case(archive, person, "7")
    cases.open_case(archive, person, "8", "")
    accounts.add_person(archive, person, "bob", "viewer")
    accounts.remove_person(archive, person, "bob")


def count_anew(archive: Archive) -> None:
    rebuild(archive)


CHANGES = [
    *[move_camera, change_clocks, remove_camera, move_footage, suspect, remove_footage, purge_a_part, purge_all],
    *[work_on_the_case, count_anew],
]


@pytest.mark.parametrize("change", CHANGES)
def test_what_the_program_changes_itself_leaves_the_archive_whole(
    archive_on_each: Archive, change: Callable[[Archive], None]
) -> None:
    fill(archive_on_each)
    change(archive_on_each)
    assert verify(archive_on_each) == []


def test_a_change_does_not_make_an_edited_clock_look_whole(archive_on_each: Archive) -> None:
    fill(archive_on_each)
    with archive_on_each.catalogue.writing() as connection:
        connection.execute(text("UPDATE clock_offsets SET offset_s = 60"))
    change_clocks(archive_on_each)
    assert damaged(archive_on_each) == ["camera a: what is known of its clock was"]


def test_a_digest_without_the_key_is_noticed(archive: Archive) -> None:
    """Whoever has the database alone computes digests, and with another key than that of the archive."""
    fill(archive)
    with archive.catalogue.writing() as connection:
        connection.execute(text("UPDATE clock_offsets SET offset_s = 60"))
        connection.execution_options(retrace_digest_key=b"")
        row_digests.renew(connection, digest_kinds.CLOCKS, ["a"])
    assert damaged(archive) == ["camera a: what is known of its clock was"]


def test_an_archive_of_before_gets_a_key_and_keeps_what_was_edited(archive_on_each: Archive) -> None:
    fill(archive_on_each)
    make_old(archive_on_each)
    with archive_on_each.catalogue.writing() as connection:
        connection.execute(text("UPDATE sightings SET colour = 'blue' WHERE id = 'sighting-00002'"))
    with Archive.open(archive_on_each.path) as again:
        assert (again.path / archive_file.KEY).stat().st_mode & 0o777 == 0o600
        line, of_its_segment = verify(again)
        assert line.startswith("sighting sighting-00002: what is stored of it")
        assert of_its_segment.startswith("vectors of looks-1: a segment differs")


@pytest.mark.parametrize("content", [None, "", "00" * 32 + "\n", "é"])
def test_without_its_key_an_archive_is_read_and_verify_says_so(archive: Archive, content: str | None) -> None:
    fill(archive)
    path = archive.path / archive_file.KEY
    path.unlink()
    if content is not None:
        path.write_text(content)
    with Archive.open(archive.path) as again:
        (line,) = verify(again)
        assert "digest.key is gone or that of another archive" in line
        with pytest.raises(DigestKeyError, match=r"retrace rebuild --new-key"):
            again.add(NewChunk(None, None, (make_sighting(5),)))
        with pytest.raises(DigestKeyError):
            rebuild(again)


def test_a_copy_has_the_key_and_is_checked_with_it(archive: Archive, tmp_path: Path) -> None:
    fill(archive)
    assert back_up(archive, tmp_path / "copy", local_person()) == []
    assert (tmp_path / "copy" / archive_file.KEY).read_bytes() == (archive.path / archive_file.KEY).read_bytes()


def test_a_database_that_says_it_is_older_than_its_key_is_refused(archive: Archive) -> None:
    """Its server could else edit rows, go back to the version without a key, and have the next opening seal them."""
    fill(archive)
    key = (archive.path / archive_file.KEY).read_bytes()
    make_old(archive)
    with archive.catalogue.writing() as connection:
        connection.execute(text("UPDATE camera_places SET lat = lat + 1"))
    (archive.path / archive_file.KEY).write_bytes(key)
    with pytest.raises(ArchiveError, match="says that it is older than"):
        Archive.open(archive.path)


def test_an_upgrade_that_was_stopped_goes_on_with_the_key_that_it_announced(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(archive)
    make_old(archive)
    with monkeypatch.context() as patch:
        patch.setattr(schema, "migrate", stopped)
        with pytest.raises(KeyboardInterrupt):
            Archive.open(archive.path)
    with monkeypatch.context() as patch:
        patch.setattr(archive_file, "adopt_key", stopped)
        with pytest.raises(KeyboardInterrupt):
            Archive.open(archive.path)
    with Archive.open(archive.path) as again:
        assert verify(again) == []
        renew_key(again, local_person())
        assert verify(again) == []
    assert (archive.path / archive_file.KEY).is_file()


def stopped(*_: object) -> None:
    raise KeyboardInterrupt


def test_clocks_of_before_they_had_a_drift_keep_their_digests(archive_on_each: Archive) -> None:
    archive, path = archive_on_each, archive_on_each.path
    fill(archive)
    with archive.catalogue.writing() as connection:
        clocks.set_offset(connection, ClockOffset("b", 3.0, 2.0, 4.0))
    assert verify(archive) == []
    as_0013 = [column for column in CLOCKS.rows[0].columns if column.name not in ADDED_BY_0014]
    with archive.catalogue.writing() as connection:
        row_digests.renew(connection, replace(CLOCKS, rows=(replace(CLOCKS.rows[0], columns=tuple(as_0013)),)), "ab")
        connection.execute(text("UPDATE clock_offsets SET offset_s = 60 WHERE camera = 'b'"))
        drop_columns_since_0013(connection)
        connection.execute(text("UPDATE alembic_version SET version_num = '0013'"))
    (path / schema_mark.FILE).write_text("0013\n")
    with Archive.open(path) as again:
        assert damaged(again) == ["camera b: what is known of its clock was"]
