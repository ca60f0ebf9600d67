"""A road map and a list of cameras come in through the page, and what is wrong with them is said by their own name."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from index.access import audit
from index.access.permissions import local_person
from index.errors import ArchiveError
from index.map.map_changes import set_mask
from index.map.places import current_places, place_book
from index.simulation.town import make_town, write_osm
from index.store.archive import Archive
from reid.scene.regions import Regions
from roadgraph.camera import Camera
from tests.index.conftest import EIGHT
from ui.web.map_files import take_cameras, take_file, take_roads


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.create(tmp_path / "archive") as made:
        yield made


@pytest.fixture
def town(tmp_path: Path) -> bytes:
    write_osm(make_town(1), tmp_path / "town.osm")
    return (tmp_path / "town.osm").read_bytes()


def test_roads_and_cameras_are_placed_and_audited(archive: Archive, town: bytes) -> None:
    person = local_person()
    assert "km of road" in take_file(archive, person, take_roads, "town.osm", town)
    places = current_places(archive)
    assert places is not None
    lat, lon = places.graph.position(0, 5.0)
    rows = f"id,lat,lon,bearing\nharbour,{lat},{lon},90\n".encode()
    assert take_file(archive, person, take_cameras, "../../cameras.csv", rows) == "1 camera"
    assert [camera.id for camera in place_book(archive).cameras()] == ["harbour"]
    actions = [entry.action for entry in audit.entries(archive, person)]
    assert actions[:2] == ["import roads", "import cameras"]


@pytest.mark.parametrize(
    ("take", "data", "said"),
    [
        (take_roads, b"\x00\x01 no map", "my map.osm is not a road map"),
        (take_roads, b"", "my map.osm is not a road map"),
        (take_cameras, b"a,b\n1,2\n", "my map.osm has no column 'id'"),
        (take_cameras, b"\xff\xfe\xff", "my map.osm is not text"),
        (take_cameras, b"id,lat,lon\nx,948,16\n", "948"),
        (take_cameras, b"id,lat,lon\nx,48,16\ny,48,16\nx,49,16\n", "my map.osm has camera 'x' 2 times"),
        (
            take_cameras,
            b'{"type": "Feature", "id": "x", "geometry": {"type": "Point", "coordinates": [16, 48]},'
            b' "properties": {"mask": {"look": [[[0, 0], [2, 0], [2, 2]]]}}}',
            "my map.osm, camera 'x': corner [2.0, 0.0] lies outside the picture",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_named_as_it_was_brought(
    archive: Archive, take: object, data: bytes, said: str
) -> None:
    with pytest.raises(ArchiveError) as raised:
        take_file(archive, local_person(), take, "C:\\maps\\my map.osm", data)
    assert said in str(raised.value)
    assert "/tmp" not in str(raised.value)
    assert "\n" not in str(raised.value)
    assert place_book(archive).cameras() == []
    assert current_places(archive).graph is None


def test_a_list_that_comes_again_says_what_of_later_times_it_meets(archive: Archive) -> None:
    """As on the command line: which cameras were moved since, and whose later masks are gone."""
    person, later = local_person(), EIGHT + timedelta(days=1)
    features = [
        {
            "type": "Feature",
            "id": "x",
            "geometry": {"type": "Point", "coordinates": [16, 48]},
            "properties": {"mask": {"look": [[[0, 0], [1, 0], [1, 1]]]}},
        }
    ]
    data = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    assert take_file(archive, person, take_cameras, "a.json", data) == "1 camera"
    place_book(archive).move_camera(Camera("x", 48.5, 16.0), later)
    set_mask(archive, person, "x", Regions(), later)
    assert take_file(archive, person, take_cameras, "a.json", data) == (
        "1 camera; moved later, so that these are the places before: x; masks of later times are replaced: x"
    )
