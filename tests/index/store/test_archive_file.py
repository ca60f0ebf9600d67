import os
import stat
from pathlib import Path

import pytest

from index.access.permissions import local_person
from index.errors import ArchiveError
from index.map.places import place_book
from index.records import NewChunk
from index.store import archive_file, opening, schema_mark
from index.store.archive import Archive
from index.store.archive_file import make_folder, shut_out_others, write_text
from index.upkeep.backup import back_up
from index.upkeep.verify import verify
from tests.index.conftest import make_sighting
from tests.roadgraph.maps import write_osm


def modes(folder: Path) -> set[tuple[bool, int]]:
    """Return (is a folder, mode) of a folder and of everything in it."""
    return {(path.is_dir(), stat.S_IMODE(path.stat().st_mode)) for path in [folder, *folder.rglob("*")]}


def is_closed(folder: Path) -> bool:
    return not any(mode & 0o077 for _, mode in modes(folder))


def test_an_archive_and_its_backup_belong_to_their_owner(archive: Archive, tmp_path: Path) -> None:
    archive.add(NewChunk(None, None, (make_sighting(1),)))
    assert stat.S_IMODE(archive.path.stat().st_mode) == 0o700
    back_up(archive, tmp_path / "copy", local_person())
    assert stat.S_IMODE((tmp_path / "copy").stat().st_mode) == 0o700
    place_book(archive).import_roads(write_osm(tmp_path / "town.osm", rows=2, columns=3))
    assert {path.suffix for path in archive.path.rglob("*")} >= {
        ".sqlite",
        ".pack",
        ".toml",
        ".key",
        ".npz",
        ".segment",
    }
    assert is_closed(archive.path)


def test_an_archive_that_everybody_could_read_is_closed_and_said(
    archive: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    archive.add(NewChunk(None, None, (make_sighting(1),)))
    for path in [archive.path, *archive.path.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    with Archive.open(archive.path):
        pass
    assert is_closed(archive.path)
    assert "could be read by every user" in caplog.text
    caplog.clear()
    with Archive.open(archive.path):
        pass
    assert caplog.text == ""


def test_a_file_that_names_a_folder_of_others_changes_nothing_there(archive: Archive, tmp_path: Path) -> None:
    """Such a file may come from anybody, and whoever opens it may own the folder: it may be their home, or /etc."""
    home = tmp_path / "home"
    (home / "below").mkdir(parents=True)
    (home / "below" / "letter.txt").write_text("dear ...")
    home.chmod(0o755)
    before = modes(home)
    for id_ in ("x", archive.id):
        hostile = tmp_path / "hostile.toml"
        hostile.write_text(f'format = 1\nid = "{id_}"\nfolder = "{home}"\n')
        with pytest.raises(ArchiveError, match=r"catalogue.sqlite is gone"):
            Archive.open(hostile)
        assert modes(home) == before
    assert sorted(path.name for path in home.rglob("*")) == ["below", "letter.txt"]


def test_an_archive_that_is_shared_with_a_group_stays_so(archive: Archive) -> None:
    archive.path.chmod(0o770)
    assert not shut_out_others(archive.path)
    assert stat.S_IMODE(archive.path.stat().st_mode) == 0o770


def test_a_text_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    write_text(tmp_path / "x.json", "before")
    with pytest.raises(UnicodeEncodeError):
        write_text(tmp_path / "x.json", "after \ud800")
    assert (tmp_path / "x.json").read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["x.json"]


def test_an_archive_that_cannot_be_made_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(file: archive_file.ArchiveFile) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(archive_file, "write", full)
        with pytest.raises(OSError, match="No space"):
            Archive.create(tmp_path / "archive")
    Archive.create(tmp_path / "archive").close()
    with pytest.raises(ArchiveError, match="not empty"):
        Archive.create(tmp_path / "archive")


@pytest.mark.parametrize(
    "name",
    [
        *("digest.key", "digest.key.next", "roads.npz", "camera-times.npz", "crops/0.pack"),
        *("workers/a", "watched/a.json", "adapting/labels.json"),
    ],
)
def test_a_pipe_or_device_in_an_archive_stops_nobody(archive: Archive, name: str) -> None:
    """Reading a pipe waits for ever, and /dev/zero fills the memory."""
    archive.add(NewChunk(None, None, (make_sighting(1),)))
    (archive.path / name).parent.mkdir(exist_ok=True)
    (archive.path / name).unlink(missing_ok=True)
    (archive.path / name).symlink_to("/dev/zero")
    with pytest.raises(ArchiveError, match="is a link"):
        Archive.open(archive.path)
    (archive.path / name).unlink()
    os.mkfifo(archive.path / name)
    with pytest.raises(ArchiveError, match="pipe or a device"):
        Archive.open(archive.path)


@pytest.mark.parametrize("name", ["crops", "streams", "vectors", "crops/0.pack", "streams/a", "catalogue.sqlite"])
def test_a_link_in_an_archive_of_somebody_else_is_refused(archive: Archive, tmp_path: Path, name: str) -> None:
    """Through a link, a purge of it would delete the pictures of another archive, and a writer would change files."""
    path = archive.path / name
    path.parent.mkdir(exist_ok=True)
    moved = tmp_path / "elsewhere"
    if path.exists():
        path.rename(moved)
    else:
        moved.mkdir()
    path.symlink_to(moved)
    with pytest.raises(ArchiveError, match="is a link, which no archive has"):
        Archive.open(archive.path)


def test_writing_never_follows_a_link(tmp_path: Path) -> None:
    letter, link = tmp_path / "letter.txt", tmp_path / "unfinished.part"
    letter.write_text("dear ...")
    link.symlink_to(letter)
    os.close(archive_file.create(link))
    assert letter.read_text() == "dear ..."
    assert not link.is_symlink()


def test_a_folder_for_oneself_is_never_one_that_is_there(tmp_path: Path) -> None:
    """Whoever made it may read and replace what is written into it: a copy of the archive, a report."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("empty", "link"):
        with pytest.raises(ArchiveError, match="in the way"):
            archive_file.make_own_folder(tmp_path / name, "the report")
    archive_file.make_own_folder(tmp_path / "new", "the report")
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


def test_nothing_private_is_written_into_a_file_that_is_there(tmp_path: Path) -> None:
    """Somebody else may have made it, and read what comes into it."""
    path = tmp_path / "out.csv.part"
    path.touch()
    with path.open("rb") as others:
        with open(archive_file.create(path), "wb") as mine:
            mine.write(b"plates")
        assert others.read() == b""
    assert path.stat().st_mode & 0o777 == 0o600


def test_no_archive_is_made_in_a_folder_of_another_user_that_is_open_to_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    (tmp_path / "theirs").mkdir(0o755)
    with pytest.raises(ArchiveError, match="belongs to another user"):
        Archive.create(tmp_path / "theirs")
    assert not list((tmp_path / "theirs").iterdir())
    (tmp_path / "shared").mkdir(0o750)
    Archive.create(tmp_path / "shared").close()


def test_an_archive_that_was_killed_while_it_was_made_is_made_by_the_same_command(tmp_path: Path) -> None:
    """What it had begun was in the way: the folder is not empty."""
    path = tmp_path / "archive"
    path.mkdir()
    for name in (archive_file.BEGUN, archive_file.KEY, f"{archive_file.EMBEDDED}-wal", "archive.toml.1f.part"):
        (path / name).touch()
    Archive.create(path).close()
    assert {one.name for one in path.iterdir()} == {
        archive_file.NAME,
        archive_file.KEY,
        archive_file.EMBEDDED,
        schema_mark.FILE,
    }


def test_two_processes_do_not_make_one_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second took away what the first had begun: key, catalogue and file were of two archives."""
    path, real = tmp_path / "archive", opening._new_catalogue

    def meanwhile(file: archive_file.ArchiveFile) -> object:
        with pytest.raises(ArchiveError, match="another process is making the archive"):
            Archive.create(path)
        return real(file)

    monkeypatch.setattr(opening, "_new_catalogue", meanwhile)
    Archive.create(path).close()
    with Archive.open(path) as archive:
        assert verify(archive) == []


def test_what_a_killed_init_left_goes_with_the_next_use(archive: Archive) -> None:
    """Where `archive.toml` was lost later, `init` took the catalogue for an unfinished one, and deleted it."""
    (archive.path / archive_file.BEGUN).touch()
    with Archive.open(archive.path):
        pass
    (archive.path / archive_file.NAME).unlink()
    with pytest.raises(ArchiveError, match="not empty"):
        Archive.create(archive.path)


def test_an_archive_that_was_made_is_never_made_again(archive: Archive) -> None:
    (archive.path / archive_file.BEGUN).touch()
    with pytest.raises(ArchiveError, match="not empty"):
        Archive.create(archive.path)


def test_a_folder_and_those_that_are_made_above_it_are_closed(tmp_path: Path) -> None:
    """`streams` itself was open: the mode that `mkdir` is given holds for the last folder alone."""
    (tmp_path / "there").mkdir(0o755)
    make_folder(tmp_path / "there" / "streams" / "cam01")
    make_folder(tmp_path / "there" / "streams" / "cam01")
    assert is_closed(tmp_path / "there" / "streams")
    assert stat.S_IMODE((tmp_path / "there").stat().st_mode) == 0o755
