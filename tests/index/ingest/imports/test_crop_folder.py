import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from index.errors import ArchiveError
from index.ingest.imports.crop_folder import UNDATED, CropFolderOptions, read_crop_folder
from index.ingest.imports.external_sighting import ExternalSightings
from index.ingest.imports.plate_log import PlateLogOptions
from reid.images import encode_jpeg

EIGHT = datetime(2026, 5, 4, 8, tzinfo=UTC)


def crop(path: Path, seed: int, side: int = 64) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = np.random.default_rng(seed).integers(0, 255, (side, side * 2, 3)).astype(np.uint8)
    path.write_bytes(encode_jpeg(picture))
    return path


def from_folder(folder: Path, crops: CropFolderOptions | None = None) -> ExternalSightings:
    return read_crop_folder(folder, crops or CropFolderOptions(), PlateLogOptions())


def test_frame_numbers_without_a_date_are_a_guess(tmp_path: Path) -> None:
    crop(tmp_path / "0001_c001_00000050_0.jpg", 1)
    read = from_folder(tmp_path)
    assert read.sightings[0].first == UNDATED + timedelta(seconds=2)
    assert "give --start TIME" in read.guesses[0]


def test_crop_names_give_camera_and_time(tmp_path: Path) -> None:
    crop(tmp_path / "north_20260504_080000Z.jpg", 1)
    crop(tmp_path / "south" / "20260504_100000.500+0200.png", 2)
    crop(tmp_path / "north_20260504_080000.jpg", 3)
    crop(tmp_path / "holiday.jpg", 4)
    crop(tmp_path / "north_20260504_080000Z_EST.jpg", 5)
    read = from_folder(tmp_path)
    seen = sorted((row.camera, row.first) for row in read.sightings)
    assert seen == [("north", EIGHT), ("south", EIGHT + timedelta(seconds=0.5))]
    refused = ["holiday.jpg", "north_20260504_080000.jpg", "north_20260504_080000Z_EST.jpg"]
    assert sorted(problem.split(":")[0] for problem in read.problems) == refused


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="holds no picture"):
        from_folder(tmp_path)


def test_a_frame_of_no_footage_skips_its_file_alone(tmp_path: Path) -> None:
    for name in ("0001_c001_00016450_0.jpg", "0002_c001_99999999999999999999_0.jpg", "0003_c001_999999999999_0.jpg"):
        (tmp_path / name).write_bytes(b"")
    read = read_crop_folder(tmp_path, CropFolderOptions(), PlateLogOptions())
    assert len(read.sightings) == 1
    assert ["more than a year after" in problem for problem in read.problems] == [True, True]


def test_a_name_that_is_not_utf8_skips_its_file_alone(tmp_path: Path) -> None:
    """It stopped the import of all others."""
    crop(tmp_path / "north_20260504_080000Z.jpg", 1)
    crop(tmp_path / "k\udce4f_20260504_080000Z.jpg", 2)
    crop(tmp_path / "k\udce4f" / "20260504_090000Z.jpg", 3)
    read = from_folder(tmp_path)
    assert [row.camera for row in read.sightings] == ["north"]
    assert len(read.problems) == 2
    assert all("UTF-8" in line for line in read.problems)


@pytest.mark.parametrize("kind", ["pipe", "device", "one endless line"])
def test_a_table_in_the_folder_that_has_no_end_is_refused(tmp_path: Path, kind: str) -> None:
    """A pipe was waited for without end, /dev/zero filled the memory."""
    table = tmp_path / "reads.csv"
    if kind == "pipe":
        os.mkfifo(table)
    elif kind == "device":
        table.symlink_to("/dev/zero")
    else:
        table.write_bytes(b"time,camera,plate\n" + b" " * (1 << 23))
    with pytest.raises(ArchiveError, match=r"pipe or a device|not a CSV"):
        from_folder(tmp_path)
