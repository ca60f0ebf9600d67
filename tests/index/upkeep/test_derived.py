from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import delete, text

from index.errors import ArchiveError
from index.map.places import PlaceBook, place_book
from index.store.archive import Archive
from index.store.catalogue import road_mark
from index.store.catalogue.about import put_fact
from index.store.catalogue.tables import about
from index.upkeep.rebuild import rebuild
from index.upkeep.verify import verify
from roadgraph.arrays import write_arrays
from roadgraph.camera import Camera
from roadgraph.camera_times import CameraTimes
from roadgraph.imports import read_roads
from tests.index.store.catalogue.editing import make_old
from tests.index.store.test_archive import chunk_of
from tests.roadgraph.maps import LAT0, LON0, STEP, write_osm


def damage_vectors(archive: Archive) -> None:
    """Change a few numbers of one sighting to other good numbers, of the same length."""
    with archive.catalogue.writing() as connection:
        data = connection.execute(text("SELECT data FROM vectors WHERE sighting = 'sighting-00002'")).scalar_one()
        changed = bytes(data)[2:] + bytes(data)[:2]
        connection.execute(text("UPDATE vectors SET data = :data WHERE sighting = 'sighting-00002'"), {"data": changed})


def test_changed_vectors_are_named_and_never_spread_over_good_files(archive_on_each: Archive) -> None:
    archive = archive_on_each
    archive.add(chunk_of(1, 2, 3))
    assert verify(archive) == []
    damage_vectors(archive)
    (line,) = verify(archive)
    assert line.startswith("sighting sighting-00002: its vectors of looks-1 were damaged")
    before = {path: path.read_bytes() for path in (archive.path / "vectors").rglob("*") if path.is_file()}
    with pytest.raises(ArchiveError, match="1 stored vectors are damaged"):
        rebuild(archive)
    assert {path: path.read_bytes() for path in (archive.path / "vectors").rglob("*") if path.is_file()} == before


def test_vectors_of_an_older_version_are_checked_as_far_as_they_can_be(archive: Archive) -> None:
    archive.add(chunk_of(1, 2))
    make_old(archive)
    with archive.catalogue.writing() as connection:
        connection.execute(text("UPDATE vectors SET digest = NULL"))
        nan = "UPDATE vectors SET data = CAST(X'00fc' || substr(data, 3) AS BLOB) WHERE sighting = 'sighting-00002'"
        connection.execute(text(nan))
    with Archive.open(archive.path) as again:
        (line,) = verify(again)
        assert line.startswith("sighting sighting-00002: its vectors of looks-1 were damaged")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE vectors SET digest = NULL WHERE sighting = 'sighting-00002'",
        "UPDATE vectors SET data = (SELECT data FROM vectors WHERE sighting = 'sighting-00001'), "
        "digest = (SELECT digest FROM vectors WHERE sighting = 'sighting-00001') WHERE sighting = 'sighting-00002'",
    ],
)
def test_vectors_without_a_digest_or_with_that_of_others_are_named(archive_on_each: Archive, statement: str) -> None:
    archive_on_each.add(chunk_of(1, 2))
    with archive_on_each.catalogue.writing() as connection:
        connection.execute(text(statement))
    (line,) = verify(archive_on_each)
    assert line.startswith("sighting sighting-00002: its vectors of looks-1 were damaged")


@pytest.mark.parametrize("left", [0, 10, 2000])
def test_a_damaged_or_missing_road_map_is_noticed(archive: Archive, tmp_path: Path, left: int) -> None:
    book = place_book(archive)
    book.import_roads(write_osm(tmp_path / "town.osm", rows=2, columns=3))
    book.import_cameras([Camera("north", LAT0, LON0 + STEP / 2)])
    assert verify(archive) == []
    content = book.roads_path.read_bytes()
    book.roads_path.write_bytes(content[:left])
    assert verify(archive)[0].startswith("roads: ")
    book.roads_path.unlink()
    assert "is gone, and 1 cameras stand on its roads" in verify(archive)[0]


@pytest.fixture
def town(archive: Archive, tmp_path: Path) -> PlaceBook:
    """Five cameras on the roads of a small town."""
    book = place_book(archive)
    book.import_roads(write_osm(tmp_path / "town.osm", rows=5, columns=6))
    book.import_cameras([Camera(name, LAT0 + i * STEP / 2, LON0 + STEP / 2) for i, name in enumerate("fghij")])
    return book


def changed_npz(path: Path, change: Callable[[dict[str, np.ndarray]], None]) -> None:
    with np.load(path) as stored:
        arrays = {name: stored[name].copy() for name in stored.files}
    change(arrays)
    write_arrays(path, arrays)


def other_time(arrays: dict[str, np.ndarray]) -> None:
    arrays["free_s"][0, -1] += 60


def fewer_rows(arrays: dict[str, np.ndarray]) -> None:
    arrays["usual_s"] = arrays["usual_s"][:1]


def texts(arrays: dict[str, np.ndarray]) -> None:
    arrays["km"] = arrays["km"].astype(str)


def views_of_nobody(arrays: dict[str, np.ndarray]) -> None:
    arrays["view_camera"] += 99


@pytest.mark.parametrize("change", [other_time, fewer_rows, texts, views_of_nobody])
def test_edited_driving_times_are_noticed_and_rebuild_makes_them_again(
    archive: Archive, town: PlaceBook, change: Callable[[dict[str, np.ndarray]], None]
) -> None:
    assert verify(archive) == []
    before = CameraTimes.load(town.times_path).free_s
    changed_npz(town.times_path, change)
    (line,) = verify(archive)
    assert "retrace rebuild" in line
    rebuild(archive)
    assert verify(archive) == []
    assert np.array_equal(CameraTimes.load(town.times_path).free_s, before)


@pytest.mark.parametrize("left", [0, 10, 300])
def test_cut_off_driving_times_are_noticed(archive: Archive, town: PlaceBook, left: int) -> None:
    town.times_path.write_bytes(town.times_path.read_bytes()[:left])
    assert "camera-times.npz is not a camera matrix" in verify(archive)[0]
    town.times_path.unlink()
    assert verify(archive) == []


def test_another_road_map_in_the_place_of_the_imported_one_is_noticed(
    archive: Archive, town: PlaceBook, tmp_path: Path
) -> None:
    read_roads(write_osm(tmp_path / "other.osm", rows=6, columns=7)).graph.save(town.roads_path)
    assert any("is not the map that was imported last" in line for line in verify(archive))
    with Archive.open(archive.path) as again:
        assert place_book(again).current() is not None
        assert any("is not the map that was imported last" in line for line in verify(again))
    town.import_roads(tmp_path / "other.osm")
    assert verify(archive) == []


@pytest.mark.parametrize(
    "array", ["edge_speed_kmh", "edge_class", "shape_lat", "node_lon", "edge_signals", "edge_name"]
)
def test_an_edited_map_is_noticed_whatever_was_edited(array: str, archive: Archive, town: PlaceBook) -> None:
    """Slower roads rule cameras out, and moved ones lie elsewhere on the page."""
    assert verify(archive) == []
    arrays = dict(np.load(town.roads_path))
    arrays[array] = arrays[array] + 1
    write_arrays(town.roads_path, arrays)
    # With the number of a name that is not there, it is no map at all.
    said = "is not a road network" if array == "edge_name" else "is not the map that was imported last"
    assert any(said in line for line in verify(archive))


def test_the_mark_of_before_which_told_less_still_holds(archive: Archive, town: PlaceBook, tmp_path: Path) -> None:
    ends = town.current().roads.fingerprint
    with archive.catalogue.writing() as connection:
        assert connection.execute(delete(about).where(about.c.key == road_mark.WHOLE)).rowcount == 1
        put_fact(connection, road_mark.ENDS, road_mark.mark_of(connection, road_mark.ENDS, ends))
    assert verify(archive) == []
    town.import_roads(write_osm(tmp_path / "other.osm", rows=6, columns=7))
    assert verify(archive) == []
