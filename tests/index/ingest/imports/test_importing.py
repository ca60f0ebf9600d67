import errno
import os
import weakref
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from index.access import audit
from index.access.permissions import NotAllowedError, local_person
from index.ingest import file_identity
from index.ingest.imports import external_sighting
from index.ingest.imports.crop_folder import CropFolderOptions, read_crop_folder
from index.ingest.imports.external_sighting import MOST_PICTURES, ExternalSighting, ExternalSightings
from index.ingest.imports.importing import ImportOptions, ImportResult, import_external_sightings
from index.ingest.imports.plate_log import PlateLogOptions, read_plate_log
from index.records import NewChunk, Sighting
from index.store.archive import Archive
from index.store.catalogue import cameras, clocks, sightings, vectors
from index.store.catalogue.audit import Record
from index.store.catalogue.cameras import StoredCamera
from index.store.catalogue.clocks import ClockOffset
from index.store.catalogue.people import Person
from index.store.catalogue.sightings import SightingFilter
from index.upkeep.verify import verify
from reid.appearance.embedders import make_embedder
from reid.images import decode_jpeg, encode_jpeg, read_image
from reid.vehicle import Image

EIGHT = datetime(2026, 5, 4, 8, tzinfo=UTC)
OPTIONS = ImportOptions(weights="histogram", plates=False)


def crop(path: Path, seed: int, side: int = 64) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = np.random.default_rng(seed).integers(0, 255, (side, side * 2, 3)).astype(np.uint8)
    path.write_bytes(encode_jpeg(picture))
    return path


def listed(archive: Archive) -> list[Sighting]:
    with archive.catalogue.reading() as connection:
        return list(sightings.listing(connection, SightingFilter()))


def import_all(archive: Archive, read: ExternalSightings) -> ImportResult:
    return import_external_sightings(archive, local_person(), read, OPTIONS)


def from_folder(folder: Path, crops: CropFolderOptions | None = None) -> ExternalSightings:
    return read_crop_folder(folder, crops or CropFolderOptions(), PlateLogOptions())


def test_rows_of_a_plate_log_become_sightings(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "reads.csv"
    path.write_text("time,camera,plate,type\n2026-05-04T08:00:00Z,a,KR-123 AB,truck\n2026-05-04T08:01:00Z,b,W 77,\n")
    done = import_all(archive, read_plate_log(path, PlateLogOptions()))
    assert (done.sightings, done.known, done.skipped) == (2, 0, 0)
    first, second = listed(archive)
    assert (first.camera, first.best, first.attributes.type, first.shots) == ("a", EIGHT, "truck", ())
    assert first.plate is not None
    assert (first.plate.text, len(first.plate.characters)) == ("KR123AB", 7)
    assert second.attributes.type is None
    assert verify(archive) == []


def test_importing_again_or_the_same_row_twice_adds_nothing(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "reads.csv"
    row = "2026-05-04T08:00:00Z,a,KR123AB\n"
    path.write_text(f"time,camera,plate\n{row}{row}")
    assert import_all(archive, read_plate_log(path, PlateLogOptions())).sightings == 1
    path.write_text(f"time,camera,plate\n{row}2026-05-04T10:00:01+02:00,a,KR123AB\n")
    again = import_all(archive, read_plate_log(path, PlateLogOptions()))
    assert (again.sightings, again.known) == (1, 1)
    assert len(listed(archive)) == 2


def test_unknown_cameras_are_skipped_and_similar_names_suggested(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "reads.csv"
    path.write_text("time,camera,plate\n2026-05-04T08:00:00Z,aa,KR1\n2026-05-04T08:00:00Z,a,KR1\nnoon,a,KR1\n")
    done = import_all(archive, read_plate_log(path, PlateLogOptions()))
    assert (done.sightings, done.skipped) == (1, 2)
    assert any("line 2: no camera 'aa'" in line and "did you mean a" in line for line in done.problems)


def test_veri_names_give_one_described_sighting_per_passage(archive: Archive, tmp_path: Path) -> None:
    folder = tmp_path / "veri"
    for vehicle, camera, frame in [(1, 1, 100), (1, 1, 110), (1, 1, 120), (1, 1, 130), (1, 1, 5000), (2, 2, 900)]:
        crop(folder / f"{vehicle:04}_c00{camera}_{frame:08}_0.jpg", frame + vehicle)
    read = from_folder(folder, CropFolderOptions(start=EIGHT, fps=25.0))
    assert [(row.camera, len(row.pictures)) for row in read.sightings] == [("c001", 4), ("c001", 1), ("c002", 1)]
    assert read.guesses == ()
    read = from_folder(folder, CropFolderOptions(camera="a", start=EIGHT))
    done = import_all(archive, read)
    assert (done.sightings, done.skipped) == (3, 0)
    passage = listed(archive)[0]
    assert passage.first == EIGHT + timedelta(seconds=4)
    assert passage.last - passage.first == timedelta(seconds=1.2)
    assert len(passage.shots) == 3
    picture = decode_jpeg(archive.crops.read(passage.shots[0].crop))
    assert picture.shape == (64, 128, 3)
    embedder = make_embedder("histogram")
    with archive.catalogue.reading() as connection:
        kept = vectors.of_sightings(connection, embedder.model_id, [passage.id])[passage.id]
    assert kept.shape == (3, embedder.dims)
    assert (import_all(archive, read).sightings, len(listed(archive))) == (0, 3)


def test_a_table_in_the_folder_describes_the_crops(archive: Archive, tmp_path: Path) -> None:
    crop(tmp_path / "pictures" / "1.jpg", 1)
    (tmp_path / "pictures" / "index.csv").write_text(
        "time,camera,plate,image\n2026-05-04T08:00:00Z,a,KR1,1.jpg\n2026-05-04T08:00:05Z,a,,2.jpg\n"
        "2026-05-04T08:00:07Z,a,KR7,3.jpg\n"
    )
    done = import_all(archive, from_folder(tmp_path / "pictures"))
    assert (done.sightings, done.skipped) == (2, 1)
    assert sum("there is no picture" in line for line in done.problems) == 2
    with_picture, without = listed(archive)
    assert (len(with_picture.shots), len(without.shots)) == (1, 0)
    assert with_picture.plate is not None


def test_an_import_that_is_stopped_has_its_row_in_the_audit(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "reads.csv"
    path.write_text("time,camera,plate\n2026-05-04T08:00:00Z,a,KR123AB\n2026-05-04T08:01:00Z,b,W77\n")
    real = archive.add

    def stop(chunk: NewChunk, *, record: Record) -> int:
        real(chunk, record=record)
        raise KeyboardInterrupt

    monkeypatch.setattr(archive, "add", stop)
    with pytest.raises(KeyboardInterrupt):
        import_all(archive, read_plate_log(path, PlateLogOptions()))
    (row,) = audit.entries(archive, local_person())
    assert (len(listed(archive)), row.action, row.detail) == (2, "begin importing sightings", {"rows": 2})


def test_viewers_may_not_import(archive: Archive) -> None:
    with pytest.raises(NotAllowedError):
        import_external_sightings(archive, Person("paul", "viewer"), ExternalSightings(()), OPTIONS)


def test_a_picture_that_may_not_be_read_does_not_stop_the_others(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hashed(path: Path) -> str:
        if path == locked:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return file_identity.sha256_of(path)

    def read(path: Path) -> Image:
        hashed(path)
        return read_image(path)

    locked = crop(tmp_path / "a_20260504_080000Z.jpg", 1)
    crop(tmp_path / "a_20260504_090000Z.jpg", 2)
    monkeypatch.setattr(external_sighting, "sha256_of", hashed)
    monkeypatch.setattr(external_sighting, "read_image", read)
    done = import_all(archive, from_folder(tmp_path))
    assert (done.sightings, done.skipped) == (1, 1)
    assert done.problems == (f"{locked.name}: {locked} cannot be read: Permission denied",)


def test_no_row_whose_picture_cannot_be_read_counts_as_known(archive: Archive, tmp_path: Path) -> None:
    """Without their pictures two rows of one moment are alike, and one of them was said to be there before."""
    rows = [ExternalSighting(f"line {n}", "a", ((EIGHT, tmp_path / f"{n}.jpg"),)) for n in range(3)]
    done = import_all(archive, ExternalSightings(tuple(rows)))
    assert (done.sightings, done.known, done.skipped) == (0, 0, 3)


def test_a_passage_of_many_pictures_keeps_few_of_them_in_memory(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 60 small files of 64 million pixels all were decoded before the best three were chosen: 6 GB."""
    alive: list[weakref.ref[Image]] = []

    def read(path: Path) -> Image:
        image = read_image(path)
        alive.append(weakref.ref(image))
        assert sum(one() is not None for one in alive) <= MOST_PICTURES + 2
        return image

    for number in range(20):
        crop(tmp_path / f"0001_c001_{number:08d}_0.jpg", number)
    monkeypatch.setattr(external_sighting, "read_image", read)
    done = import_all(archive, from_folder(tmp_path, CropFolderOptions(camera="a")))
    assert (done.sightings, done.problems) == (1, ())
    assert len(listed(archive)[0].shots) == MOST_PICTURES


def test_a_row_has_the_road_that_its_camera_saw_by_true_time(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "reads.csv"
    path.write_text("time,camera,plate\n2026-05-04T08:00:00Z,a,KR123AB\n2026-05-04T08:40:00Z,a,W77\n")
    views = [({"edge": edge, "along_m": 1.0, "heading_deg": None},) for edge in (1, 2)]
    with archive.catalogue.writing() as connection:
        cameras.put(connection, [StoredCamera("a", 48.41, 15.6, views=views[0])])
        moved = StoredCamera("a", 48.41, 15.6, valid_from=EIGHT - timedelta(minutes=30), views=views[1])
        cameras.move(connection, moved)
        clocks.set_offset(connection, ClockOffset("a", 3600.0, 3599.0, 3601.0))
    import_all(archive, read_plate_log(path, PlateLogOptions()))
    assert [one.edge for one in listed(archive)] == [1, 2]
