"""The number of sightings of each camera is kept right, whatever is added, forgotten, moved and brought back."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from index.records import NewChunk
from index.store.archive import Archive
from index.store.catalogue import camera_totals, footage
from index.store.catalogue.footage import Footage
from index.store.catalogue.tables import camera_totals as table
from index.upkeep.rebuild import rebuild
from index.upkeep.retention import purge
from index.upkeep.verify import verify
from tests.index.conftest import EIGHT, make_sighting

NOW = datetime(2026, 6, 1, tzinfo=UTC)
FILE = Footage(id="f" * 64, path="north.mp4", camera="a", start=EIGHT, duration_s=600.0)


def kept(archive: Archive) -> dict[str, int]:
    with archive.catalogue.reading() as connection:
        assert camera_totals.problems(connection) == []
        return camera_totals.by_camera(connection)


def test_numbers_follow_every_change(archive_on_each: Archive) -> None:
    archive = archive_on_each
    filmed = tuple(make_sighting(number, camera="a") for number in range(3))
    with archive.catalogue.writing() as connection:
        footage.add(connection, FILE, at=NOW)
        footage.plan_chunks(connection, FILE.id, [0])
    archive.add(NewChunk(FILE.id, 0, filmed))
    archive.add(NewChunk(FILE.id, 0, filmed))
    archive.add(NewChunk(None, None, (make_sighting(10, camera="b"),)))
    assert kept(archive) == {"a": 3, "b": 1}
    archive.forget([filmed[0].id, "nobody"])
    archive.forget([filmed[0].id])
    assert kept(archive) == {"a": 2, "b": 1}
    with archive.catalogue.writing() as connection:
        footage.move(connection, FILE.id, camera="b", start=EIGHT + timedelta(hours=1))
    assert kept(archive) == {"a": 0, "b": 3}
    with archive.catalogue.writing() as connection:
        footage.remove(connection, FILE.id, at=NOW)
    assert kept(archive) == {"a": 0, "b": 1}


def test_a_wrong_number_is_found_and_stays_so(archive: Archive) -> None:
    archive.add(NewChunk(None, None, tuple(make_sighting(number) for number in range(4))))
    with archive.catalogue.writing() as connection:
        connection.execute(table.update().where(table.c.camera == "a").values(sightings=7))
    wrong, edited = verify(archive)
    assert wrong == "camera a: 7 sightings were written, and there are 2: restore a backup"
    assert edited.startswith("camera a: the number of its sightings was edited")
    rebuild(archive)
    assert verify(archive) == [wrong, edited]


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(f"UPDATE sightings SET deleted_at = 1 WHERE id = '{make_sighting(0).id}'", id="hidden"),
        pytest.param(f"DELETE FROM sightings WHERE id = '{make_sighting(0).id}'", id="deleted"),
    ],
)
def test_a_sighting_that_is_hidden_by_hand_is_named_after_a_rebuild_too(archive: Archive, edit: str) -> None:
    archive.add(NewChunk(None, None, tuple(make_sighting(number) for number in range(4))))
    with archive.catalogue.writing() as connection:
        connection.execute(text(edit))
    missing = "camera a: 2 sightings were written, and there are 1: restore a backup"
    assert missing in verify(archive)
    rebuild(archive)
    assert missing in verify(archive)


def test_a_purge_keeps_the_numbers_right(archive: Archive) -> None:
    from index.access.permissions import local_person

    archive.add(NewChunk(None, None, tuple(make_sighting(number) for number in range(4))))
    purge(archive, make_sighting(2).best, local_person())
    assert kept(archive) == {"a": 1, "b": 1}
