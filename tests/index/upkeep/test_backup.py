import os
import shutil
from pathlib import Path

import pytest

from index.access import audit
from index.access.permissions import NotAllowedError, local_person
from index.errors import ArchiveError
from index.records import NewChunk
from index.store.archive import Archive
from index.store.archive_file import locked
from index.store.catalogue.people import Person
from index.upkeep import backup
from index.upkeep.backup import back_up
from index.upkeep.verify import verify
from tests.index.conftest import make_sighting
from tests.index.upkeep.test_retention import fill, ids


def test_a_copy_is_complete_and_independent(archive: Archive, tmp_path: Path) -> None:
    fill(archive)
    assert back_up(archive, tmp_path / "copy", local_person()) == []
    archive.add(NewChunk(None, None, (make_sighting(20),)))
    with Archive.open(tmp_path / "copy") as copy:
        assert ids(copy) == [f"sighting-{n:05d}" for n in range(20)]
        assert verify(copy) == []
    with pytest.raises(ArchiveError, match="not empty"):
        back_up(archive, tmp_path / "copy", local_person())


def test_a_backup_on_a_full_disk_is_no_archive_and_can_be_tried_again(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(archive)

    def full(source: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "copy2", full)
        with pytest.raises(OSError, match="No space"):
            back_up(archive, tmp_path / "copy", local_person())
    assert not (tmp_path / "copy").exists()
    assert back_up(archive, tmp_path / "copy", local_person()) == []
    assert not (tmp_path / "copy.part").exists()


def test_a_backup_that_was_stopped_before_it_got_its_name_can_be_tried_again(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(archive)
    replace = Path.replace

    def stop(path: Path, to: Path) -> Path:
        if path.name == "copy.part":
            raise KeyboardInterrupt
        return replace(path, to)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", stop)
        with pytest.raises(KeyboardInterrupt):
            back_up(archive, tmp_path / "copy", local_person())
    assert back_up(archive, tmp_path / "copy", local_person()) == []
    assert sorted(path.name for path in tmp_path.glob("copy*")) == ["copy"]
    assert not list((tmp_path / "copy").glob(".unfinished*"))


def test_a_backup_brings_nothing_from_outside_of_the_archive(archive: Archive, tmp_path: Path) -> None:
    """Somebody else's archive may hold links among the recordings, which lead to files of whoever copies it."""
    (tmp_path / "letter.txt").write_text("private")
    kept = archive.path / "streams" / "a"
    kept.mkdir(parents=True)
    (kept / "film.mkv").symlink_to(tmp_path / "letter.txt")
    with pytest.raises(ArchiveError, match="is a link, which no archive has"):
        back_up(archive, tmp_path / "copy", local_person())
    assert not [path for path in tmp_path.rglob("film.mkv") if not path.is_symlink()]


def test_a_backup_never_goes_into_a_folder_that_another_made_in_its_place(archive: Archive, tmp_path: Path) -> None:
    """Where others may write, the copy lay in a folder of theirs, which was open to all, and was said to be whole."""
    fill(archive)
    (tmp_path / "copy.part").mkdir()
    theirs = os.open(tmp_path / "copy.part", os.O_RDONLY)
    assert back_up(archive, tmp_path / "copy", local_person()) == []
    assert os.fstat(theirs).st_nlink == 0
    os.close(theirs)


def test_a_folder_that_is_no_unfinished_backup_is_left_alone(archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "copy.part").mkdir()
    (tmp_path / "copy.part" / "mine").touch()
    with pytest.raises(ArchiveError, match="not empty"):
        back_up(archive, tmp_path / "copy", local_person())
    assert (tmp_path / "copy.part" / "mine").exists()


def test_a_backup_that_another_process_is_writing_is_left_alone(archive: Archive, tmp_path: Path) -> None:
    """The second took away what the first was writing, and both went on in one folder."""
    (tmp_path / "copy.part").mkdir()
    with (
        locked(tmp_path / "copy.part" / backup.MARKER),
        pytest.raises(ArchiveError, match=r"another process is writing .*copy\.part"),
    ):
        back_up(archive, tmp_path / "copy", local_person())
    back_up(archive, tmp_path / "copy", local_person())


def test_a_link_where_the_backup_is_made_is_refused(archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / backup.MARKER).touch()
    (tmp_path / "copy.part").symlink_to(tmp_path / "mine")
    with pytest.raises(ArchiveError, match=r"copy\.part is a link"):
        back_up(archive, tmp_path / "copy", local_person())


def test_only_an_admin_may_copy_and_the_copy_records_its_folder(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(NotAllowedError, match="may not purge or copy"):
        back_up(archive, tmp_path / "copy", Person("paul", "viewer"))
    assert not (tmp_path / "copy").exists()
    back_up(archive, tmp_path / "copy", local_person())
    with Archive.open(tmp_path / "copy") as copy:
        last = list(audit.entries(copy, local_person()))[-1]
    assert (last.action, last.detail) == ("back up", {"folder": str(tmp_path / "copy")})


def test_a_server_is_not_copied(postgres_url: str, tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive", postgres_url) as archive, pytest.raises(ArchiveError, match="pg_dump"):
        back_up(archive, tmp_path / "copy", local_person())


def test_a_finished_backup_is_on_the_disk(archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a power cut a copy that was only in memory is empty, and whoever relied on it has lost the archive."""
    fill(archive)
    synced: set[int] = set()
    sync = os.fsync

    def noted(descriptor: int) -> None:
        sync(descriptor)
        synced.add(os.fstat(descriptor).st_ino)

    monkeypatch.setattr(os, "fsync", noted)
    back_up(archive, tmp_path / "copy", local_person())
    missing = [path for path in (tmp_path / "copy").rglob("*") if path.stat().st_ino not in synced]
    assert missing == []


def test_a_worker_that_ends_while_a_backup_is_made_does_not_stop_it(archive: Archive, tmp_path: Path) -> None:
    """Its note vanished between looking and copying; unfinished work of `adapt` may, too."""
    fill(archive)
    for name in ("workers/host-1-ab", "adapting/labels.json"):
        (archive.path / name).parent.mkdir()
        (archive.path / name).write_text("{}")
    assert back_up(archive, tmp_path / "copy", local_person()) == []
    assert not {"workers", "adapting"} & {path.name for path in (tmp_path / "copy").iterdir()}
