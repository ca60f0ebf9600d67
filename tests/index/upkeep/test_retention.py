import errno
import hashlib
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from index.access import audit
from index.access.cases import mark_sighting, open_case
from index.access.permissions import NotAllowedError, local_person
from index.records import Coverage, NewChunk
from index.store import archive_file
from index.store.archive import Archive, FootageGoneError
from index.store.catalogue import database, footage, purges, sightings
from index.store.catalogue.footage import Footage
from index.store.catalogue.people import Person
from index.store.catalogue.sightings import SightingFilter
from index.store.crops import CropPacks
from index.store.names import brought_folder
from index.upkeep import retention
from index.upkeep.rebuild import unnamed_bytes
from index.upkeep.retention import PurgeUnfinishedError, purge
from index.upkeep.verify import verify
from tests.index.conftest import EIGHT, MODEL, coverage_of, make_sighting, scores_of

ROOT = Path(__file__).parents[3]
OLD = Footage("f", "old.mp4", "a", EIGHT, 60.0)


def fill(archive: Archive) -> None:
    with archive.catalogue.writing() as connection:
        footage.add(connection, OLD, at=EIGHT)
    covered = Coverage("a", EIGHT, EIGHT + timedelta(seconds=60))
    archive.add(NewChunk("f", 0, tuple(make_sighting(n, camera="a") for n in range(4)), (covered,)))
    archive.add(NewChunk(None, None, tuple(make_sighting(n) for n in range(4, 20))))
    archive.crops.close()


def ids(archive: Archive) -> list[str]:
    with archive.catalogue.reading() as connection:
        return [s.id for s in sightings.listing(connection, SightingFilter())]


def bytes_of(archive: Archive) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(archive.path.rglob("*")) if path.is_file())


def test_a_purge_leaves_only_its_audit_row(archive_on_each: Archive) -> None:
    archive = archive_on_each
    fill(archive)
    open_case(archive, local_person(), "7", "")
    mark_sighting(archive, local_person(), "7", "sighting-00005", "yes")
    archive.forget(["sighting-00019"])
    (archive.path / "catalogue.before-0001.sqlite").write_bytes(b"sighting-00003")
    purged = purge(archive, make_sighting(10).best, local_person())
    assert (purged.sightings, purged.kept) == (10, 1)
    assert purged.freed_bytes > 0
    kept = ["sighting-00005", *(f"sighting-{n:05d}" for n in range(10, 19))]
    assert ids(archive) == kept
    assert sorted(scores_of(archive, make_sighting(0).vectors[MODEL])) == kept
    with archive.catalogue.reading() as connection:
        assert footage.get(connection, "f") is None
        assert coverage_of(connection, "a", EIGHT, EIGHT + timedelta(hours=1)) == []
    assert verify(archive) == []
    left = bytes_of(archive)
    assert b"jpeg 3.1 " not in left
    assert b"sighting-00003" not in left
    assert b"jpeg 12.1 " in left
    last = list(audit.entries(archive, local_person()))[-1]
    assert (last.action, last.detail["sightings"]) == ("purge", 10)
    assert purge(archive, make_sighting(10).best, local_person()).sightings == 0


def test_a_viewer_may_not_purge(archive: Archive) -> None:
    with pytest.raises(NotAllowedError, match="may not purge"):
        purge(archive, datetime.now(UTC), Person("paul", "viewer"))


def writer(archive: Archive, *, until_closed: bool) -> "subprocess.Popen[bytes]":
    """Another process that adds a picture to a pack, and perhaps never gives the pack up."""
    code = (
        "import sys; from pathlib import Path; from index.store.archive import Archive\n"
        "from tests.index.conftest import make_sighting; from index.records import NewChunk\n"
        "archive = Archive.open(Path(sys.argv[1])); archive.add(NewChunk(None, None, (make_sighting(1),)))\n"
        + ("archive.crops.append([b'being written'])\n" if until_closed else "")
        + "print('ready', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(archive.path)]
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    child = subprocess.Popen(command, cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline() == b"ready\n"
    return child


def test_a_purge_beside_an_ingester_leaves_no_picture_in_its_pack(archive: Archive) -> None:
    with writer(archive, until_closed=False) as child:
        purged = purge(archive, datetime.now(UTC), local_person())
        assert purged.sightings == 1
        assert purged.freed_bytes > 0
        assert b"jpeg 1.1 " not in bytes_of(archive)
        child.communicate()


def test_a_purge_says_whose_pack_it_could_not_look_into(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "WAIT_FOR_WRITERS_S", 0.3)
    with writer(archive, until_closed=True) as child:
        with pytest.raises(PurgeUnfinishedError, match=rf"1 sightings were deleted .* process {child.pid} .* again"):
            purge(archive, datetime.now(UTC), local_person())
        assert any("did not finish" in problem for problem in verify(archive))
        child.communicate()
    assert purge(archive, datetime.now(UTC), local_person()).sightings == 0
    assert verify(archive) == []
    assert b"jpeg 1.1 " not in bytes_of(archive)
    assert unnamed_bytes(archive) == 0


def test_a_purge_fails_while_somebody_reads_the_rows_of_before(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(archive)
    # Each writer sets how long it waits anew.
    monkeypatch.setattr(database, "BUSY_MS", 200)
    archive.catalogue.close()
    with closing(sqlite3.connect(archive.path / "catalogue.sqlite")) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM sightings").fetchone()
        with pytest.raises(PurgeUnfinishedError, match=r"deleted rows remain in .*sqlite-wal"):
            purge(archive, datetime.now(UTC), local_person())
        assert any("did not finish" in problem for problem in verify(archive))
        assert b"sighting-00003" in bytes_of(archive)
    purge(archive, datetime.now(UTC), local_person())
    assert verify(archive) == []
    assert b"sighting-00003" not in bytes_of(archive)


def test_a_purge_on_a_full_disk_overwrites_what_it_cannot_write_anew(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(archive)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(CropPacks, "append", full)
    purge(archive, make_sighting(10).best, local_person())
    left = bytes_of(archive)
    assert b"jpeg 3.1 " not in left
    assert b"jpeg 12.1 " in left
    assert verify(archive) == []


def test_a_purge_that_no_disk_space_lets_finish_says_so(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(archive)

    def full(_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(type(archive.catalogue), "wipe", full)
        with pytest.raises(PurgeUnfinishedError, match="the disk is full"):
            purge(archive, make_sighting(10).best, local_person())
    assert any("did not finish" in problem for problem in verify(archive))
    purge(archive, make_sighting(10).best, local_person())
    assert verify(archive) == []


def test_what_was_purged_with_refuse_does_not_come_again(archive_on_each: Archive) -> None:
    archive = archive_on_each
    fill(archive)
    purge(archive, datetime.now(UTC), local_person(), refuse=True)
    assert archive.add(NewChunk(None, None, tuple(make_sighting(n) for n in range(4, 20)))) == 0
    with archive.catalogue.reading() as connection:
        assert purges.refused_among(connection, ["f", "sighting-00001", "other"]) == {"f", "sighting-00001"}
    with archive.catalogue.writing() as connection:
        purges.allow(connection, "f")
        assert purges.refused_among(connection, ["f", "sighting-00001", "sighting-00004"]) == {"sighting-00004"}
    purge(archive, datetime.now(UTC), local_person(), refuse=True)


def test_the_refused_beginning_of_footage_does_not_come_again_with_other_settings(archive_on_each: Archive) -> None:
    """Analysed with `--every 0.3`, the same vehicle gets another id."""
    archive = archive_on_each
    film = Footage("f", "f.mkv", "a", EIGHT, 600.0)

    def take_in(*numbers: int) -> int:
        with archive.catalogue.writing() as connection:
            footage.add(connection, film, at=EIGHT)
            footage.plan_chunks(connection, "f", [0])
        return archive.add(NewChunk("f", 0, tuple(make_sighting(number, camera="a") for number in numbers)))

    assert take_in(1, 20) == 2
    purge(archive, EIGHT + timedelta(seconds=100), local_person(), refuse=True)
    with archive.catalogue.writing() as connection:
        footage.remove(connection, "f", at=EIGHT)
    assert take_in(2, 3, 21, 22) == 2
    with archive.catalogue.reading() as connection:
        assert {one.id for one in sightings.listing(connection, SightingFilter())} == {
            "sighting-00021",
            "sighting-00022",
        }
    with archive.catalogue.writing() as connection:
        purges.allow(connection, "f")
        footage.remove(connection, "f", at=EIGHT)
    assert take_in(4, 23) == 2


def test_what_is_analysed_of_purged_footage_is_not_added(archive_on_each: Archive) -> None:
    archive = archive_on_each
    fill(archive)
    purge(archive, datetime.now(UTC), local_person())
    with pytest.raises(FootageGoneError, match="while it was analysed"):
        archive.add(NewChunk("f", 1, (make_sighting(0, camera="a"),)))
    assert b"jpeg 0.1 " not in bytes_of(archive)


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
    places = [
        f"{camera}/{brought_folder(sha256)}/{name}" for camera, name in (("a", "x.mp4"), ("a", "y.mp4"), ("b", "x.mp4"))
    ]
    copies = [recorded(archive, place, data, timedelta(0)) for place in places]
    with archive.catalogue.writing() as connection:
        footage.add(connection, Footage(sha256, str(copies[0].resolve()), "a", EIGHT, 60.0), at=EIGHT)
    purge(archive, EIGHT + timedelta(days=1), local_person())
    assert not any(copy.parent.exists() for copy in copies)


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


def test_a_purge_deletes_the_unfinished_work_of_adapting_unless_it_goes_on(archive: Archive) -> None:
    """It names the sightings that it learns from, and which of them are one vehicle."""
    fill(archive)
    (archive.path / "adapting").mkdir()
    (archive.path / "adapting" / "labels.json").write_text('{"ids": ["sighting-00001"]}')
    with (
        archive_file.locked(archive.path / "adapting.lock"),
        pytest.raises(PurgeUnfinishedError, match="adapt` is at work"),
    ):
        purge(archive, EIGHT + timedelta(days=1), local_person())
    assert "did not finish" in verify(archive)[0]
    purge(archive, EIGHT + timedelta(days=1), local_person())
    assert not (archive.path / "adapting").exists()
    assert verify(archive) == []
