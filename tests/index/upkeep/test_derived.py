from pathlib import Path

import pytest
from sqlalchemy import text

from index.errors import ArchiveError
from index.map.places import place_book
from index.store.archive import Archive
from index.upkeep.rebuild import rebuild
from index.upkeep.verify import verify
from roadgraph.camera import Camera
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
    archive.add(chunk_of(1))
    with archive.catalogue.writing() as connection:
        connection.execute(text("UPDATE vectors SET digest = NULL"))
    assert verify(archive) == []
    with archive.catalogue.writing() as connection:
        connection.execute(text("UPDATE vectors SET data = CAST(X'00fc' || substr(data, 3) AS BLOB)"))
    assert "damaged" in verify(archive)[0]


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
