"""Recordings of streams and brought files, which a purge deletes with their sightings."""

import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from index.access.permissions import local_person
from index.store.archive import Archive
from index.store.catalogue import footage
from index.store.catalogue.footage import Footage
from index.store.names import brought_folder
from index.upkeep import retention
from index.upkeep.retention import purge
from index.upkeep.verify import verify
from tests.index.conftest import EIGHT


def test_a_purge_deletes_the_recordings_of_streams_and_names_what_is_unfinished(archive: Archive) -> None:
    kept = archive.path / "streams" / "a" / "20260504_080000.000Z.mkv"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"film")
    outside = archive.path.parent / "mine.mkv"
    outside.write_bytes(b"film")
    with archive.catalogue.writing() as connection:
        for number, path in enumerate((kept, outside)):
            footage.add(connection, Footage(f"f{number}", str(path.resolve()), "a", EIGHT, 60.0), at=EIGHT)
        late = Footage("g", "late.mkv", "a", EIGHT, 1e9)
        footage.add(connection, late, at=EIGHT)
        footage.plan_chunks(connection, "g", [0])
    assert purge(archive, datetime(2026, 5, 5, tzinfo=UTC), local_person()).pending == ("late.mkv",)
    assert not kept.exists()
    assert outside.exists()


@pytest.mark.parametrize(
    "way", ["streams/../../letter.txt", "streams/a/../../../letter.txt", "streams/link/letter.txt"]
)
def test_a_purge_deletes_no_file_elsewhere_that_an_edited_row_leads_to(
    archive: Archive, tmp_path: Path, way: str
) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("dear ...")
    (archive.path / "streams" / "a").mkdir(parents=True)
    (archive.path / "streams" / "link").symlink_to(tmp_path)
    with archive.catalogue.writing() as connection:
        footage.add(connection, Footage("f", str(archive.path / way), "a", EIGHT, 10.0), at=EIGHT)
    purge(archive, EIGHT + timedelta(days=1), local_person())
    assert letter.read_text() == "dear ..."


def recorded(archive: Archive, place: str, data: bytes = b"film", age: timedelta = timedelta(days=2)) -> Path:
    """Write a file into `streams/`, last written so long ago."""
    path = archive.path / "streams" / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    written = (datetime.now(UTC) - age).timestamp()
    os.utime(path, (written, written))
    return path


def test_a_purge_that_was_killed_before_it_deleted_recordings_is_finished_by_the_next(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = recorded(archive, "a/20260504_080000.000Z.mkv", age=timedelta(0))
    with archive.catalogue.writing() as connection:
        footage.add(connection, Footage("f", str(kept.resolve()), "a", EIGHT, 60.0), at=EIGHT)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(retention, "_clear_files", killed)
        with pytest.raises(KeyboardInterrupt):
            purge(archive, EIGHT + timedelta(days=1), local_person())
    assert kept.exists()
    purge(archive, EIGHT + timedelta(days=1), local_person())
    assert not kept.exists()
    assert verify(archive) == []


def test_a_purge_finds_the_recordings_of_an_archive_that_was_moved(archive: Archive, tmp_path: Path) -> None:
    """The paths that it stored are those of where it was, as those of a backup are."""
    kept = recorded(archive, "a/20260504_080000.000Z.mkv", age=timedelta(0))
    with archive.catalogue.writing() as connection:
        footage.add(
            connection, Footage(hashlib.sha256(b"film").hexdigest(), str(kept.resolve()), "a", EIGHT, 60.0), at=EIGHT
        )
    archive.close()
    moved = archive.path.rename(tmp_path / "moved")
    with Archive.open(moved) as again:
        purge(again, EIGHT + timedelta(days=1), local_person())
    assert not list((moved / "streams").rglob("*.mkv"))


def test_a_purge_spares_a_recording_that_has_the_place_of_one_in_another_archive(archive: Archive) -> None:
    """Footage of an archive elsewhere was taken in from there, and a recording of one's own bears the same name."""
    own = recorded(archive, "a/20260504_080000.000Z.mkv", b"my own", age=timedelta(0))
    elsewhere = "/elsewhere/streams/a/20260504_080000.000Z.mkv"
    with archive.catalogue.writing() as connection:
        gone = Footage(hashlib.sha256(b"film").hexdigest(), elsewhere, "a", EIGHT, 60.0)
        footage.add(connection, gone, at=EIGHT)
    purge(archive, EIGHT + timedelta(days=1), local_person())
    assert own.read_bytes() == b"my own"


@pytest.mark.parametrize("place", ["streams/20260504_080000.000Z.mkv", "streams/brought-0123456789abcdef/x.mp4"])
def test_the_recordings_of_a_camera_called_streams_are_those_of_its_footage(archive: Archive, place: str) -> None:
    """They lie in streams/streams/: the last such folder of the path is not that of the archive."""
    gone, kept = recorded(archive, place), recorded(archive, place.replace(".m", "-later.m"))
    with archive.catalogue.writing() as connection:
        footage.add(connection, Footage("f", str(gone.resolve()), "a", EIGHT, 60.0), at=EIGHT)
        later = EIGHT + timedelta(days=9000)
        footage.add(connection, Footage("g", str(kept.resolve()), "a", later, 60.0), at=EIGHT)
    purge(archive, datetime.now(UTC) - timedelta(days=1), local_person())
    assert not gone.exists()
    purge(archive, datetime.now(UTC) + timedelta(days=1), local_person())
    assert kept.exists()


def test_a_recording_that_nobody_took_in_is_not_spared_for_footage_elsewhere(archive: Archive) -> None:
    """A file with `/streams/` in its path need not be one of this archive."""
    own = recorded(archive, "a/20260504_080000.000Z.mkv", b"nobody took this in")
    with archive.catalogue.writing() as connection:
        there = "/srv/recorder/streams/a/20260504_080000.000Z.mkv"
        footage.add(connection, Footage("f", there, "a", EIGHT + timedelta(days=9000), 60.0), at=EIGHT)
    purge(archive, datetime.now(UTC) + timedelta(days=1), local_person())
    assert not own.exists()


def test_a_purge_deletes_every_copy_of_a_file_that_was_brought(archive: Archive) -> None:
    data = b"film"
    sha256 = hashlib.sha256(data).hexdigest()
    now, before = brought_folder(sha256), f"brought-{sha256[:16]}"
    places = [f"a/{now}/x.mp4", f"a/{now}/y.mp4", f"b/{now}/x.mp4", f"c/{before}/x.mp4"]
    copies = [recorded(archive, place, data, timedelta(0)) for place in places]
    other = recorded(archive, f"d/{before}/x.mp4", b"another whose digest begins alike", timedelta(0))
    with archive.catalogue.writing() as connection:
        footage.add(connection, Footage(sha256, str(copies[0].resolve()), "a", EIGHT, 60.0), at=EIGHT)
    purge(archive, EIGHT + timedelta(days=1), local_person())
    assert not any(copy.parent.exists() for copy in copies)
    assert other.exists()


def test_a_purge_deletes_recordings_that_no_footage_names_and_names_those_in_work(archive: Archive) -> None:
    """Files that were brought and never taken in, and what a killed recorder left."""
    old = [recorded(archive, place) for place in ("a/brought-0123/x.mp4", "a/20260504_080000.000Z.mkv.part")]
    late = recorded(archive, "a/brought-4567/y.mp4", age=timedelta(hours=1))
    named = recorded(archive, "a/20260504_090000.000Z.mkv")
    with archive.catalogue.writing() as connection:
        footage.add(connection, Footage("f", str(named.resolve()), "a", EIGHT + timedelta(days=9000), 60.0), at=EIGHT)
    purge(archive, datetime.now(UTC) - timedelta(days=3), local_person())
    assert all(path.exists() for path in (*old, late, named))
    purged = purge(archive, datetime.now(UTC) + timedelta(days=1), local_person())
    assert not any(path.exists() for path in old)
    assert named.exists()
    assert purged.pending == (str(late),)
