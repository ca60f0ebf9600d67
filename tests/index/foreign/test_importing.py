from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from index.archive import Archive
from index.catalogue import sightings, vectors
from index.catalogue.people import Person
from index.catalogue.sightings import SightingFilter
from index.errors import ArchiveError
from index.foreign.crop_folder import UNDATED, CropOptions, read_crop_folder
from index.foreign.importing import Imported, ImportOptions, import_reports
from index.foreign.plate_log import LogOptions, read_plate_log
from index.foreign.report import Reports
from index.office.access import NotAllowedError, local_person
from index.sighting import Sighting
from reid.appearance.installed import make_embedder
from reid.images import decode_jpeg, encode_jpeg

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


def take(archive: Archive, read: Reports) -> Imported:
    return import_reports(archive, local_person(), read, OPTIONS)


def from_folder(folder: Path, crops: CropOptions | None = None) -> Reports:
    return read_crop_folder(folder, crops or CropOptions(), LogOptions())


def test_plates_of_another_reader_become_sightings(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "reads.csv"
    path.write_text("time,camera,plate,type\n2026-05-04T08:00:00Z,a,KR-123 AB,truck\n2026-05-04T08:01:00Z,b,W 77,\n")
    done = take(archive, read_plate_log(path, LogOptions()))
    assert (done.sightings, done.known, done.skipped) == (2, 0, 0)
    first, second = listed(archive)
    assert (first.camera, first.best, first.look.type, first.shots) == ("a", EIGHT, "truck", ())
    assert first.plate is not None
    assert (first.plate.text, len(first.plate.characters)) == ("KR123AB", 7)
    assert second.look.type is None
    assert archive.verify() == []


def test_importing_again_or_the_same_row_twice_adds_nothing(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "reads.csv"
    row = "2026-05-04T08:00:00Z,a,KR123AB\n"
    path.write_text(f"time,camera,plate\n{row}{row}")
    assert take(archive, read_plate_log(path, LogOptions())).sightings == 1
    path.write_text(f"time,camera,plate\n{row}2026-05-04T10:00:01+02:00,a,KR123AB\n")
    again = take(archive, read_plate_log(path, LogOptions()))
    assert (again.sightings, again.known) == (1, 1)
    assert len(listed(archive)) == 2


def test_unknown_cameras_are_skipped_and_the_near_ones_named(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "reads.csv"
    path.write_text("time,camera,plate\n2026-05-04T08:00:00Z,aa,KR1\n2026-05-04T08:00:00Z,a,KR1\nnoon,a,KR1\n")
    done = take(archive, read_plate_log(path, LogOptions()))
    assert (done.sightings, done.skipped) == (1, 2)
    assert any("line 2: no camera 'aa'" in line and "did you mean a" in line for line in done.problems)


def test_veri_names_make_one_sighting_a_passage_described_like_footage(archive: Archive, tmp_path: Path) -> None:
    folder = tmp_path / "veri"
    for vehicle, camera, frame in [(1, 1, 100), (1, 1, 110), (1, 1, 120), (1, 1, 130), (1, 1, 5000), (2, 2, 900)]:
        crop(folder / f"{vehicle:04}_c00{camera}_{frame:08}_0.jpg", frame + vehicle)
    read = from_folder(folder, CropOptions(start=EIGHT, fps=25.0))
    assert [(report.camera, len(report.pictures)) for report in read.reports] == [("c001", 4), ("c001", 1), ("c002", 1)]
    assert read.guesses == ()
    read = from_folder(folder, CropOptions(camera="a", start=EIGHT))
    done = take(archive, read)
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
    assert (take(archive, read).sightings, len(listed(archive))) == (0, 3)


def test_frames_without_a_date_are_said_to_be_undated(tmp_path: Path) -> None:
    crop(tmp_path / "0001_c001_00000050_0.jpg", 1)
    read = from_folder(tmp_path)
    assert read.reports[0].first == UNDATED + timedelta(seconds=2)
    assert "give --start TIME" in read.guesses[0]


def test_crops_say_camera_and_time_by_their_names(tmp_path: Path) -> None:
    crop(tmp_path / "north_20260504_080000Z.jpg", 1)
    crop(tmp_path / "south" / "20260504_100000.500+0200.png", 2)
    crop(tmp_path / "north_20260504_080000.jpg", 3)
    crop(tmp_path / "holiday.jpg", 4)
    read = from_folder(tmp_path)
    seen = sorted((report.camera, report.first) for report in read.reports)
    assert seen == [("north", EIGHT), ("south", EIGHT + timedelta(seconds=0.5))]
    assert sorted(problem.split(":")[0] for problem in read.problems) == ["holiday.jpg", "north_20260504_080000.jpg"]


def test_a_table_beside_the_crops_says_which_is_which(archive: Archive, tmp_path: Path) -> None:
    crop(tmp_path / "pictures" / "1.jpg", 1)
    (tmp_path / "pictures" / "index.csv").write_text(
        "time,camera,plate,image\n2026-05-04T08:00:00Z,a,KR1,1.jpg\n2026-05-04T08:00:05Z,a,,2.jpg\n"
        "2026-05-04T08:00:07Z,a,KR7,3.jpg\n"
    )
    done = take(archive, from_folder(tmp_path / "pictures"))
    assert (done.sightings, done.skipped) == (2, 1)
    assert sum("there is no picture" in line for line in done.problems) == 2
    with_picture, without = listed(archive)
    assert (len(with_picture.shots), len(without.shots)) == (1, 0)
    assert with_picture.plate is not None


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="holds no picture"):
        from_folder(tmp_path)


def test_only_some_may_import(archive: Archive) -> None:
    with pytest.raises(NotAllowedError):
        import_reports(archive, Person("paul", "viewer"), Reports(()), OPTIONS)
