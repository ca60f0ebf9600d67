"""An archive without its map, or without places, keeps sightings and cameras and forgets what the roads told."""

from pathlib import Path

import pytest

from index.errors import ArchiveError
from index.map.places import current_places, place_book
from index.records import NewChunk
from index.simulation.take_away import copy_without
from index.store.archive import Archive
from index.store.catalogue import sightings
from roadgraph.camera import Camera
from tests.index.conftest import make_sighting
from tests.roadgraph.maps import LAT0, LON0, STEP, write_osm


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    with Archive.create(tmp_path / "whole") as archive:
        place_book(archive).import_roads(write_osm(tmp_path / "town.osm", rows=3, columns=6))
        place_book(archive).import_cameras([Camera(name, LAT0, LON0 + (i + 0.5) * STEP) for i, name in enumerate("ab")])
        archive.add(NewChunk(None, None, tuple(make_sighting(number) for number in range(4))))
    return tmp_path / "whole"


@pytest.mark.parametrize(("part", "placed"), [("map", {"a", "b"}), ("places", set())])
def test_what_is_taken_away_is_gone_and_the_rest_stays(
    tmp_path: Path, whole: Path, part: str, placed: set[str]
) -> None:
    with copy_without(whole, tmp_path / "copy", part) as copy:
        places = current_places(copy)
        assert (places.graph, places.placed, places.ids) == (None, (), ("a", "b"))
        assert set(places.where) == placed
        with copy.catalogue.reading() as connection:
            seen = sightings.by_ids(connection, [f"sighting-{number:05d}" for number in range(4)])
        assert [one.edge for one in seen] == [None] * 4
    with Archive.open(whole) as archive:
        assert len(current_places(archive).placed) == 2


def test_an_unknown_part_is_refused(tmp_path: Path, whole: Path) -> None:
    with pytest.raises(ArchiveError, match=r"'time'.*map, places"):
        copy_without(whole, tmp_path / "copy", "time")
