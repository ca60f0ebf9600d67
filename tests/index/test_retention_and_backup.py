from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from index.archive import Archive, NewChunk
from index.catalogue import chunks, footage, sightings
from index.catalogue.chunks import Coverage
from index.catalogue.footage import Footage
from index.catalogue.people import Person
from index.catalogue.sightings import SightingFilter
from index.errors import ArchiveError
from index.keeping.backup import back_up
from index.keeping.retention import purge
from index.office import audit
from index.office.access import NotAllowedError, local_person
from index.office.casework import mark_sighting, open_case
from tests.index.conftest import EIGHT, MODEL, make_sighting

OLD = Footage("f", "old.mp4", "a", EIGHT, 60.0)


def fill(archive: Archive) -> None:
    with archive.catalogue.writing() as connection:
        footage.add(connection, OLD, at=EIGHT)
    seen = Coverage("a", EIGHT, EIGHT + timedelta(seconds=60))
    archive.add(NewChunk("f", 0, tuple(make_sighting(n, camera="a") for n in range(4)), (seen,)))
    archive.add(NewChunk(None, None, tuple(make_sighting(n) for n in range(4, 20))))
    archive.crops.close()


def ids(archive: Archive) -> list[str]:
    with archive.catalogue.reading() as connection:
        return [s.id for s in sightings.listing(connection, SightingFilter())]


def bytes_of(archive: Archive) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(archive.path.rglob("*")) if path.is_file())


def test_a_purge_leaves_no_trace_but_its_row_in_the_audit(archive_on_each: Archive) -> None:
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
    assert sorted(archive.vectors.all_scores(MODEL, make_sighting(0).vectors[MODEL], None)) == kept
    with archive.catalogue.reading() as connection:
        assert footage.get(connection, "f") is None
        assert chunks.covered(connection, "a", EIGHT, EIGHT + timedelta(hours=1)) == []
    assert archive.verify() == []
    left = bytes_of(archive)
    assert b"jpeg 3.1 " not in left
    assert b"sighting-00003" not in left
    assert b"jpeg 12.1 " in left
    last = list(audit.entries(archive, local_person()))[-1]
    assert (last.action, last.detail["sightings"]) == ("purge", 10)
    assert purge(archive, make_sighting(10).best, local_person()).sightings == 0


def test_only_some_may_purge(archive: Archive) -> None:
    with pytest.raises(NotAllowedError, match="may not purge"):
        purge(archive, datetime.now(UTC), Person("paul", "viewer"))


def test_a_copy_is_whole_and_stands_alone(archive: Archive, tmp_path: Path) -> None:
    fill(archive)
    assert back_up(archive, tmp_path / "copy", local_person()) == []
    archive.add(NewChunk(None, None, (make_sighting(20),)))
    with Archive.open(tmp_path / "copy") as copy:
        assert ids(copy) == [f"sighting-{n:05d}" for n in range(20)]
        assert copy.verify() == []
    with pytest.raises(ArchiveError, match="not empty"):
        back_up(archive, tmp_path / "copy", local_person())


def test_only_some_may_copy_and_the_copy_tells_itself_where_it_went(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(NotAllowedError, match="may not purge or copy"):
        back_up(archive, tmp_path / "copy", Person("paul", "viewer"))
    assert not (tmp_path / "copy").exists()
    back_up(archive, tmp_path / "copy", local_person())
    with Archive.open(tmp_path / "copy") as copy:
        last = list(audit.entries(copy, local_person()))[-1]
    assert (last.action, last.detail) == ("back up", {"folder": str(tmp_path / "copy")})


def test_a_server_is_left_to_its_own_tool(postgres_url: str, tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive", postgres_url) as archive, pytest.raises(ArchiveError, match="pg_dump"):
        back_up(archive, tmp_path / "copy", local_person())
