from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from index.access.permissions import local_person
from index.errors import ArchiveError
from index.store import schema_mark
from index.store.archive import Archive
from index.store.catalogue import schema
from index.upkeep.backup import back_up
from index.upkeep.retention import purge
from index.upkeep.verify import verify
from tests.index.upkeep.test_retention import fill


def say_older(archive: Archive) -> None:
    """Bring a catalogue back to schema 0015, which had no digests of what may not come again."""
    with archive.catalogue.writing() as connection:
        connection.execute(text("DELETE FROM row_digests WHERE kind = 'refused'"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0015'"))


def test_a_database_that_says_it_is_older_than_it_was_is_refused(archive_on_each: Archive) -> None:
    """Whoever has it alone could else edit what may not come again, and have the next opening seal that."""
    archive = archive_on_each
    fill(archive)
    purge(archive, datetime.now(UTC), local_person(), refuse=True)
    say_older(archive)
    with archive.catalogue.writing() as connection:
        connection.execute(text("DELETE FROM refused"))
    with pytest.raises(ArchiveError, match="says that it is older than"):
        Archive.open(archive.path)


def test_an_older_archive_is_brought_up_to_date_and_keeps_how_far_it_came(archive_on_each: Archive) -> None:
    mark = archive_on_each.path / schema_mark.FILE
    for before in (None, "0015\n"):
        say_older(archive_on_each)
        mark.unlink()
        if before is not None:
            mark.write_text(before)
        with Archive.open(archive_on_each.path) as again:
            assert verify(again) == []
        assert mark.read_text() == f"{schema.HEAD}\n"


def test_a_backup_of_an_archive_has_a_mark_of_its_own(archive: Archive, tmp_path: Path) -> None:
    (archive.path / schema_mark.FILE).write_text("9999\n")
    assert back_up(archive, tmp_path / "copy", local_person()) == []
    assert (tmp_path / "copy" / schema_mark.FILE).read_text() == f"{schema.HEAD}\n"


def test_a_full_disk_keeps_nobody_from_opening(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    (archive.path / schema_mark.FILE).unlink()
    monkeypatch.setattr(schema_mark, "write_text", full)
    with Archive.open(archive.path):
        assert not (archive.path / schema_mark.FILE).exists()
