"""Files are found with the camera and the start that their names tell."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from index.access.permissions import local_person
from index.errors import ArchiveError
from index.ingest.find_footage import find_footage, jobs_of
from index.ingest.start_time import StartRule
from index.ingest.watch import FolderOptions
from index.map.places import place_book
from index.store.archive import Archive
from roadgraph.camera import Camera

VIENNA = FolderOptions(rule=StartRule(ZoneInfo("Europe/Vienna")))


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    made = Archive.create(tmp_path / "archive")
    place_book(made).import_cameras([Camera("quay", 48.0, 16.0), Camera("front_door", 48.0, 16.01)])
    return made


def put(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"video")
    return folder


def test_recordings_of_frigate_name_their_camera_and_start(archive: Archive, tmp_path: Path) -> None:
    folder = put(tmp_path / "recordings", "2026-05-04/08/front_door/30.10.mp4", "2026-05-04/08/front_door/30.20.mp4")
    found = find_footage(archive, local_person(), folder, FolderOptions())
    assert [(one.camera, one.start) for one in found] == [
        ("front_door", datetime(2026, 5, 4, 8, 30, 10, tzinfo=UTC)),
        ("front_door", datetime(2026, 5, 4, 8, 30, 20, tzinfo=UTC)),
    ]
    assert [job.camera for job in jobs_of(found, StartRule())] == ["front_door"] * 2


def test_a_name_without_a_zone_is_in_that_of_the_reader(archive: Archive, tmp_path: Path) -> None:
    folder = put(tmp_path / "films", "quay_20260504_103000.mp4", "quay/whatever.mkv", ".trash/quay/a.mp4", "notes.txt")
    found = find_footage(archive, local_person(), folder, VIENNA)
    assert [(one.path.name, one.camera, one.start) for one in found] == [
        ("whatever.mkv", "quay", None),
        ("quay_20260504_103000.mp4", "quay", datetime(2026, 5, 4, 8, 30, tzinfo=UTC)),
    ]


def test_a_file_may_have_the_name_of_its_camera(archive: Archive, tmp_path: Path) -> None:
    folder = put(tmp_path / "films", "quay.mp4", "today/front_door.mp4")
    found = find_footage(archive, local_person(), folder, VIENNA)
    assert [one.camera for one in found] == ["quay", "front_door"]


def test_what_stands_against_a_file_is_said_and_it_is_left_out(archive: Archive, tmp_path: Path) -> None:
    twice = "quay/SN20190812101112_20260504_103000.mp4"
    folder = put(
        tmp_path / "films",
        "clip.mp4",
        "bridge/a.mp4",
        twice,
        *(f"quay/20260231_25000{time}.mp4" for time in ("0Z", "1_JST")),
    )
    found = {one.path.name: str(one.problem) for one in find_footage(archive, local_person(), folder, VIENNA)}
    assert "which camera" in found["clip.mp4"]
    assert "no camera bridge" in found["a.mp4"]
    assert "is no time" in found["20260231_250000Z.mp4"]
    assert "its name says JST" in found["20260231_250001_JST.mp4"]
    assert "its name says 2019-08-12T10:11:12 and 2026-05-04T10:30:00" in found[twice.removeprefix("quay/")]
    assert jobs_of(find_footage(archive, local_person(), folder, VIENNA), StartRule()) == []


def test_a_path_without_videos_is_refused(archive: Archive, tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere", put(tmp_path / "empty", "notes.txt")):
        with pytest.raises(ArchiveError, match=r"no such file or folder|holds no video"):
            find_footage(archive, local_person(), path, FolderOptions())


def test_a_folder_of_everything_is_not_walked_to_its_end(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["index.ingest.find_footage"], "MOST_WALKED", 3)
    folder = put(tmp_path / "films", "quay/1.mp4", "quay/2.txt", "quay/3.txt")
    assert len(find_footage(archive, local_person(), folder, VIENNA)) == 1
    with pytest.raises(ArchiveError, match="name a folder in it"):
        find_footage(archive, local_person(), put(folder, "notes/4.txt"), VIENNA)
