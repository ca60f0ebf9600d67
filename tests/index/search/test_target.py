"""What a question tells of the vehicle goes before what the archive knows of its sighting."""

from datetime import timedelta
from pathlib import Path

import pytest

from index.access.permissions import local_person
from index.answers import Query
from index.errors import ArchiveError
from index.records import NewChunk
from index.search.search import search
from index.search.target import target_of
from index.store.archive import Archive
from tests.index.conftest import EIGHT, make_sighting
from tests.index.search.straight_street import TARGET, make


@pytest.fixture
def asked(archive: Archive) -> Archive:
    """An archive with one sighting, on edge 7 of camera "a"."""
    archive.add(NewChunk(None, None, (make_sighting(0, camera="a"),)))
    return archive


def test_a_sighting_tells_where_when_and_on_which_road(asked: Archive) -> None:
    wanted = target_of(asked, Query(sighting="sighting-00000"))
    assert (wanted.camera, wanted.time, wanted.edge) == ("a", make_sighting(0).best, 7)


def test_another_camera_or_place_takes_the_road_of_the_sighting_away(asked: Archive) -> None:
    later = EIGHT + timedelta(minutes=5)
    elsewhere = target_of(asked, Query(sighting="sighting-00000", camera="b", time=later))
    assert (elsewhere.camera, elsewhere.time, elsewhere.edge) == ("b", later, None)
    somewhere = target_of(asked, Query(sighting="sighting-00000", place=(48.0, 15.0)))
    assert (somewhere.camera, somewhere.edge) == (None, None)


def test_the_camera_of_the_pictures_stays_that_of_the_sighting(asked: Archive) -> None:
    elsewhere = target_of(asked, Query(sighting="sighting-00000", camera="b"))
    assert (elsewhere.camera, elsewhere.pictured_by) == ("b", "a")
    assert target_of(asked, Query(plate="AB12", camera="b")).pictured_by == "b"


def test_a_sighting_that_is_not_there_is_refused(asked: Archive) -> None:
    with pytest.raises(ArchiveError, match="no sighting 'gone'"):
        target_of(asked, Query(sighting="gone"))


@pytest.mark.parametrize(("pattern", "others"), [("ZZ999Z", ("AB123C",)), ("AB123C", ()), ("AB123G", ()), (None, ())])
def test_a_plate_that_is_given_beside_another_is_said(
    tmp_path: Path, pattern: str | None, others: tuple[str, ...]
) -> None:
    """Two vehicles in one question hid one of them: its own sightings were "another plate"."""
    with make(tmp_path, TARGET) as archive:
        *_, last = search(archive, Query(sighting="q", plate=pattern), local_person())
    assert [doubt.values.get("others") for doubt in last.doubts] == list(others)
    assert all(f"and {pattern} is what plates are compared with" in str(doubt) for doubt in last.doubts)
