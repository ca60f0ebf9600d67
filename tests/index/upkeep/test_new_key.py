from pathlib import Path

import pytest
from sqlalchemy import text

from index.access.permissions import local_person
from index.errors import ArchiveError
from index.map.places import place_book
from index.store import archive_file
from index.store.archive import Archive
from index.upkeep import new_key
from index.upkeep.new_key import renew_key
from index.upkeep.verify import verify
from roadgraph.camera import Camera
from tests.index.store.catalogue.editing import damaged, fill
from tests.roadgraph.maps import LAT0, LON0, STEP, write_osm


def test_a_lost_key_is_replaced_and_what_is_stored_counts(archive: Archive) -> None:
    fill(archive)
    (archive.path / archive_file.KEY).unlink()
    with Archive.open(archive.path) as again:
        renew_key(again, local_person())
        assert verify(again) == []
    with Archive.open(archive.path) as again:
        assert verify(again) == []


def test_with_the_old_key_at_hand_what_was_edited_stays_edited(archive_on_each: Archive) -> None:
    archive = archive_on_each
    fill(archive)
    with archive.catalogue.writing() as connection:
        connection.execute(text("UPDATE clock_offsets SET offset_s = 60"))
        connection.execute(text("UPDATE sightings SET colour = 'blue' WHERE id = 'sighting-00002'"))
    before = (archive.path / archive_file.KEY).read_bytes()
    renew_key(archive, local_person())
    assert (archive.path / archive_file.KEY).read_bytes() != before
    assert damaged(archive) == ["camera a: what is known of its clock was"]
    about = [line.partition(":")[0] for line in verify(archive)]
    assert about == ["camera a", "sighting sighting-00002", "vectors of looks-1"]  # a segment has the colour, too


def test_stopped_at_any_moment_the_key_is_one_of_the_two(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(archive)
    for step in ("locked", "announce_key", "adopt_key"):

        def stop(*_: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(new_key if step == "locked" else archive_file, step, stop)
            with pytest.raises(KeyboardInterrupt):
                renew_key(archive, local_person())
        with Archive.open(archive.path) as again:
            assert verify(again) == []
            archive.catalogue.use_key(again.catalogue.key)


def test_stopped_before_the_driving_times_are_sealed_anew_they_do_not_look_edited(tmp_path: Path) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        place_book(archive).import_roads(write_osm(tmp_path / "town.osm", rows=3, columns=9))
        place_book(archive).import_cameras(
            [Camera(name, LAT0 + STEP, LON0 + n * STEP, 90.0) for n, name in enumerate("ab")]
        )
        renew_key(archive, local_person())
        with Archive.open(archive.path) as again:
            assert verify(again) == []


def test_another_process_with_the_archive_open_is_named(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    def somebody(path: Path) -> list[int]:
        return [4711]

    monkeypatch.setattr(new_key, "processes_with", somebody)
    with pytest.raises(ArchiveError, match="would go on with the old key"):
        renew_key(archive, local_person())
