import errno
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from index.access import audit
from index.access.cases import mark_sighting, open_case
from index.access.permissions import NotAllowedError, local_person
from index.records import Coverage, NewChunk
from index.store import archive_file
from index.store.archive import Archive
from index.store.catalogue import database, footage, purges, schema, sightings
from index.store.catalogue.footage import Footage
from index.store.catalogue.people import Person
from index.store.catalogue.sightings import SightingFilter
from index.store.crops import CropPacks
from index.store.fitting import FootageGoneError
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


def test_what_was_purged_of_footage_that_goes_on_counts_as_not_looked_at(archive_on_each: Archive) -> None:
    """Else a question about that time is answered: probably not seen, and nothing says that it was forgotten."""
    archive = archive_on_each
    fill(archive)
    night = EIGHT + timedelta(hours=16)
    midnight = Coverage("b", night - timedelta(minutes=5), night + timedelta(minutes=5))
    archive.add(NewChunk(None, None, (), (midnight,)))
    purge(archive, EIGHT + timedelta(seconds=25), local_person())
    with archive.catalogue.reading() as connection:
        (looked,) = coverage_of(connection, "a", EIGHT, EIGHT + timedelta(hours=1))
    assert (looked.start, looked.end) == (EIGHT + timedelta(seconds=25), EIGHT + timedelta(seconds=60))
    purge(archive, night + timedelta(minutes=1), local_person())
    with archive.catalogue.reading() as connection:
        (left,) = coverage_of(connection, "b", night - timedelta(hours=1), night + timedelta(hours=1))
    assert left.start == night + timedelta(minutes=1)
    assert verify(archive) == []


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


@pytest.mark.parametrize(
    ("statement", "whose"),
    [
        ("DELETE FROM refused WHERE id = 'sighting-00001'", "footage f"),
        ("DELETE FROM refused", "imported sightings"),
        ("UPDATE refused SET footage = 'g' WHERE id = 'f'", "footage g"),
        ("DELETE FROM about WHERE key = 'refused until second: f'", "footage f"),
        ("UPDATE about SET value = '0.5' WHERE key = 'refused until second: f'", "footage f"),
    ],
)
def test_an_edit_of_what_may_not_come_again_is_noticed(archive_on_each: Archive, statement: str, whose: str) -> None:
    archive = archive_on_each
    fill(archive)
    with archive.catalogue.writing() as connection:
        purges.refuse_beginnings(connection, datetime.now(UTC))
    purge(archive, datetime.now(UTC), local_person(), refuse=True)
    assert verify(archive) == []
    with archive.catalogue.writing() as connection:
        assert connection.execute(text(statement)).rowcount
    assert any(problem.startswith(f"{whose}: what may not come again was edited") for problem in verify(archive))


def test_what_an_older_version_refused_is_whole_until_somebody_edits_it(archive_on_each: Archive) -> None:
    archive = archive_on_each
    fill(archive)
    purge(archive, datetime.now(UTC), local_person(), refuse=True)
    with archive.catalogue.writing() as connection:
        connection.execute(text("DELETE FROM row_digests WHERE kind = 'refused'"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0015'"))
    schema.migrate(archive.catalogue)
    assert verify(archive) == []
    with archive.catalogue.writing() as connection:
        connection.execute(text("DELETE FROM refused WHERE id = 'f'"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0015'"))
    schema.migrate(archive.catalogue)
    assert len(verify(archive)) == 1, "whoever says that the database is older seals no edit"


def test_the_refused_beginning_of_footage_does_not_come_again_with_other_settings(archive_on_each: Archive) -> None:
    """Analysed with `--every 0.3`, the same vehicle gets another id."""
    archive = archive_on_each
    film = Footage("f", "f.mkv", "a", EIGHT, 600.0)

    def take_in(*numbers: int) -> int:
        with archive.catalogue.writing() as connection:
            footage.add(connection, film, at=EIGHT)
            footage.plan_chunks(connection, "f", [0])
        covered = Coverage("a", EIGHT, EIGHT + timedelta(seconds=600))
        return archive.add(NewChunk("f", 0, tuple(make_sighting(number, camera="a") for number in numbers), (covered,)))

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
        # What may not come again counts as not looked at: else "nobody was seen" would be said of it.
        (looked,) = coverage_of(connection, "a", EIGHT, EIGHT + timedelta(hours=1))
        assert looked.start == EIGHT + timedelta(seconds=100)
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
