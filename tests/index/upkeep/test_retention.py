from datetime import UTC, datetime, timedelta

import pytest

from index.access import audit
from index.access.cases import mark_sighting, open_case
from index.access.permissions import NotAllowedError, local_person
from index.records import Coverage, NewChunk
from index.store.archive import Archive
from index.store.catalogue import footage, sightings
from index.store.catalogue.footage import Footage
from index.store.catalogue.people import Person
from index.store.catalogue.sightings import SightingFilter
from index.upkeep.retention import purge
from index.upkeep.verify import verify
from tests.index.conftest import EIGHT, MODEL, make_sighting, scores_of

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
        assert footage.coverage_of(connection, "a", EIGHT, EIGHT + timedelta(hours=1)) == []
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
