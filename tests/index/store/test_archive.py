import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import text

from index.errors import ArchiveError
from index.records import Coverage, NewChunk, NewSighting
from index.store.archive import Archive
from index.store.catalogue import footage, schema, sighting_writing, sightings
from index.store.catalogue.footage import Footage
from index.upkeep.verify import verify
from tests.index.conftest import EIGHT, MODEL, coverage_of, make_sighting, scores_of


def chunk_of(*numbers: int) -> NewChunk:
    return NewChunk(None, None, tuple(make_sighting(number, text=f"KR {number}") for number in numbers))


def count(archive: Archive) -> int:
    with archive.catalogue.reading() as connection:
        return sightings.count(connection)


def packs(archive: Archive) -> list[Path]:
    return sorted((archive.path / "crops").iterdir())


def test_what_was_added_is_there_after_opening_anew(archive_on_each: Archive) -> None:
    archive = archive_on_each
    assert archive.add(chunk_of(1, 2, 3)) == 3
    with Archive.open(archive.path) as again:
        assert again.id == archive.id
        with again.catalogue.reading() as connection:
            (found,) = sightings.by_ids(connection, ["sighting-00002"])
        assert [again.crops.read(shot.crop) for shot in found.shots] == [s.jpeg for s in make_sighting(2).shots]
        best = again.vectors.search(MODEL, make_sighting(2).vectors[MODEL], None, 1)[0]
        assert best.sighting == "sighting-00002"
        assert verify(again) == []


def test_adding_again_adds_only_what_is_missing(archive_on_each: Archive) -> None:
    archive = archive_on_each
    archive.add(chunk_of(1, 2))
    size = sum(path.stat().st_size for path in packs(archive))
    assert archive.add(chunk_of(1, 2)) == 0
    assert sum(path.stat().st_size for path in packs(archive)) == size
    assert archive.add(chunk_of(1, 2, 3)) == 1
    assert count(archive) == 3
    assert verify(archive) == []


def test_a_chunk_is_done_in_the_transaction_that_adds_it(archive: Archive) -> None:
    with archive.catalogue.writing() as connection:
        footage.add(connection, Footage("f", "x.mp4", "a", EIGHT, 60.0), at=EIGHT)
        footage.plan_chunks(connection, "f", range(2))
    archive.add(NewChunk("f", 0, (make_sighting(0),), (Coverage("a", EIGHT, EIGHT.replace(minute=1)),)))
    archive.add(NewChunk("f", 1, ()))
    with archive.catalogue.reading() as connection:
        assert footage.pending_chunks(connection, "f") == []
        assert footage.count_sightings(connection, "f") == 1
        assert len(coverage_of(connection, "a", EIGHT, EIGHT.replace(hour=9))) == 1


def test_a_loser_of_a_race_adds_the_rest(archive_on_each: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = archive_on_each
    known = sighting_writing.known_ids
    with Archive.open(archive.path) as other:

        def too_early(*arguments: object) -> set[str]:
            found = known(*arguments)
            monkeypatch.setattr(sighting_writing, "known_ids", known)
            other.add(chunk_of(1, 2))
            return found

        monkeypatch.setattr(sighting_writing, "known_ids", too_early)
        assert archive.add(chunk_of(1, 2, 3)) == 1
    assert count(archive) == 3
    assert verify(archive) == []


@pytest.mark.parametrize("number", [np.nan, np.inf, 1e6])
def test_a_vector_that_is_not_finite_is_refused(archive_on_each: Archive, number: float) -> None:
    broken = make_sighting(2)
    broken.vectors[MODEL][1, 3] = number
    with pytest.raises(ArchiveError, match=f"sighting-00002 has a vector of {MODEL} with a number that is not finite"):
        archive_on_each.add(NewChunk(None, None, (make_sighting(1), broken)))
    assert count(archive_on_each) == 0
    assert archive_on_each.add(chunk_of(1, 2)) == 2


def test_an_unknown_camera_is_named(archive: Archive) -> None:
    with pytest.raises(ArchiveError, match="no camera 'nowhere'"):
        archive.add(NewChunk(None, None, (make_sighting(1, camera="nowhere"),)))
    assert not (archive.path / "crops").exists()


@pytest.mark.parametrize("where", ["pictures", "rows", "vectors"])
def test_a_full_disk_leaves_the_archive_whole(archive: Archive, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    archive.add(chunk_of(1, 2))
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    names = {
        "pictures": "os.fsync",
        "rows": "index.store.archive.sighting_writing.add",
        "vectors": "index.store.vectors.segment_files.write_segment",
    }

    def fail(*_: object, **__: object) -> None:
        raise full

    monkeypatch.setattr(names[where], fail)
    if where == "vectors":
        assert archive.add(chunk_of(3)) == 1
    else:
        with pytest.raises(OSError, match="No space left"):
            archive.add(chunk_of(3))
    monkeypatch.undo()
    assert verify(archive) == []
    assert archive.add(chunk_of(3)) == (0 if where == "vectors" else 1)
    assert len(scores_of(archive, make_sighting(3).vectors[MODEL])) == 3
    assert verify(archive) == []


def test_sqlite_without_room_is_a_full_disk(archive: Archive) -> None:
    def write_too_much() -> None:
        with archive.catalogue.writing() as connection:
            connection.execute(text("PRAGMA max_page_count = 1"))
            connection.execute(text("CREATE TABLE big AS SELECT zeroblob(100000000) AS b"))

    with pytest.raises(OSError, match="no space left") as raised:
        write_too_much()
    assert raised.value.errno == errno.ENOSPC
    assert verify(archive) == []


@pytest.mark.parametrize(
    ("prepare", "why"),
    [
        pytest.param(lambda path: None, "there is no archive at", id="nothing there"),
        pytest.param(lambda path: path.mkdir(), "is not an archive", id="a folder"),
        pytest.param(lambda path: path.write_bytes(b"\xff\xd8\xff"), "is not an archive", id="a picture"),
        pytest.param(lambda path: path.write_text("format = 99"), "newer Retrace", id="newer"),
        pytest.param(lambda path: path.write_text("format = 1\nid = 'x'\ncolor = 1"), "says 'color'", id="unknown key"),
        pytest.param(lambda path: path.write_text("format = 1\nid = 'x'"), "is gone", id="no catalogue"),
        pytest.param(lambda path: path.write_text("name = 'x'"), "has no format", id="another toml"),
    ],
)
def test_what_is_not_an_archive_is_refused_in_one_line(
    tmp_path: Path, prepare: Callable[[Path], object], why: str
) -> None:
    prepare(tmp_path / "it")
    with pytest.raises(ArchiveError, match=why) as raised:
        Archive.open(tmp_path / "it")
    assert "\n" not in str(raised.value)


def test_a_damaged_catalogue_is_refused(archive: Archive) -> None:
    archive.close()
    (archive.path / "catalogue.sqlite").write_bytes(b"this is no database, it is only long enough" * 100)
    with pytest.raises(ArchiveError, match="is damaged"):
        Archive.open(archive.path)


def test_a_folder_with_something_in_it_is_not_made_an_archive(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    with pytest.raises(ArchiveError, match="not empty"):
        Archive.create(tmp_path)


@pytest.mark.parametrize(
    ("database", "vectors", "why"),
    [
        ("nonsense", None, "not a database server known here"),
        ("nosuch+thing://x:secret@y", None, "not a database server known here"),
        ("postgresql+asyncpg://x:secret@y", None, "asyncpg is missing"),
        ("sqlite:////somewhere/else.sqlite", None, "nothing for SQLite inside the archive"),
        (None, "nonsense://x", "no vector store"),
        ("postgresql+psycopg://nobody:secret@127.0.0.1:1/none", None, "does not answer"),
        ("postgresql+psycopg://nobody@127.0.0.1:1/none?password=secret", None, "does not answer"),
        ("postgresql+psycopg://nobody:secret@127.0.0.1:1/none?connect_timeout=x", None, "does not answer"),
        ("postgresql+psycopg://nobody:secret@127.0.0.1:1/none?autocommit=1", None, "may not set autocommit"),
        ("postgresql+psycopg://nobody:secret@127.0.0.1:1/none?prepare_threshold=x", None, "may not set prepare"),
        ("postgresql+psycopg://nobody:secret@[::1:5/none", None, "not a database server known here"),
        ("postgresql+psycopg://nobody@127.0.0.1:1/none?sslpassword=secret&nosuch=secret", None, "does not answer"),
    ],
)
def test_a_wrong_url_is_refused_without_its_password(
    tmp_path: Path, database: str | None, vectors: str | None, why: str
) -> None:
    with pytest.raises(ArchiveError, match=why) as raised:
        Archive.create(tmp_path / "archive", database, vectors)
    assert "secret" not in str(raised.value)


def test_the_database_of_another_archive_is_refused(tmp_path: Path, archive: Archive) -> None:
    with Archive.create(tmp_path / "other") as other:
        archive.close()
        other.close()
        shutil.copy(other.path / "catalogue.sqlite", archive.path / "catalogue.sqlite")
    with pytest.raises(ArchiveError, match="belongs to another archive"):
        Archive.open(archive.path)


def test_a_file_can_say_where_the_archive_is(tmp_path: Path, archive: Archive) -> None:
    archive.add(chunk_of(1))
    content = (archive.path / "archive.toml").read_text()
    (tmp_path / "town.toml").write_text(content + 'folder = "archive"\n')
    with Archive.open(tmp_path / "town.toml") as again:
        assert (count(again), verify(again)) == (1, [])


def test_an_older_archive_is_brought_up_to_date_after_a_copy(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.add(chunk_of(1))
    archive.close()
    newer = tmp_path / "migrations"
    shutil.copytree(schema.MIGRATIONS, newer)
    (newer / "versions" / "9000_colour_of_cases.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n"
        f"revision, down_revision, branch_labels, depends_on = '9000', '{schema.HEAD}', None, None\n"
        "def upgrade():\n    op.add_column('cases', sa.Column('colour', sa.Text()))\n"
    )
    monkeypatch.setattr(schema, "MIGRATIONS", newer)
    monkeypatch.setattr(schema, "HEAD", "9000")
    with Archive.open(archive.path) as again:
        assert schema.schema_version(again.catalogue) == "9000"
        assert (count(again), verify(again)) == (1, [])
        with again.catalogue.reading() as connection:
            assert connection.execute(text("SELECT colour FROM cases")).all() == []
    monkeypatch.undo()
    with pytest.raises(ArchiveError, match="newer Retrace"):
        Archive.open(archive.path)
    shutil.copy(archive.path / "catalogue.before-9000.sqlite", archive.path / "catalogue.sqlite")
    for rest in archive.path.glob("catalogue.sqlite-*"):
        rest.unlink()
    with Archive.open(archive.path) as before:
        assert count(before) == 1


def test_a_sighting_without_shots_vectors_or_plate_is_kept(archive: Archive) -> None:
    bare = make_sighting(1, shots=0)
    bare = NewSighting(bare.id, "a", bare.first, bare.best, bare.last, bare.box, bare.attributes, (), {})
    assert archive.add(NewChunk(None, None, (bare,))) == 1
    assert verify(archive) == []


@pytest.mark.parametrize("name", ["100%41", "what?x=1", "a#b", "straße 5"])
def test_an_archive_lies_where_its_name_says_whatever_the_characters(tmp_path: Path, name: str) -> None:
    Archive.create(tmp_path / name).close()
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name / "catalogue.sqlite").is_file()
    with Archive.open(tmp_path / name) as archive:
        assert verify(archive) == []


def test_a_file_is_no_place_for_an_archive(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("mine")
    with pytest.raises(ArchiveError, match="is a file"):
        Archive.create(tmp_path / "note.txt")
