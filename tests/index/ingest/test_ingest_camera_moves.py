"""Footage of a moved camera is marked until somebody says where the camera stands now."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from index.access.permissions import local_person
from index.ingest import camera_moves
from index.ingest.footage_changes import moved_footage, moved_since
from index.ingest.ingest import ingest
from index.ingest.ingest_options import IngestOptions
from index.ingest.registration import FootageJob
from index.map.map_changes import move_camera
from index.store.archive import Archive
from index.store.catalogue import busy, tables
from reid.render.frames import FrameRenderer
from reid.render.scene import SiteOptions, make_site
from reid.scene.moved_camera import CameraMove, suspect_move
from reid.vehicle import Grey, Image
from reid.video.writer import FilmOptions, film
from roadgraph.camera import Camera
from tests.index.conftest import coverage_of

EIGHT = datetime(2026, 5, 4, 8, tzinfo=UTC)
QUICK = IngestOptions(detector="motion", plates=False, weights="histogram")
WIDTH, HEIGHT, SECONDS = 480, 270, 10


@pytest.fixture(scope="module")
def wide_street() -> Image:
    return FrameRenderer(make_site(301, SiteOptions(WIDTH + 40, HEIGHT + 40))).frame([], 0.0).image


@pytest.fixture
def filmed(wide_street: Image, tmp_path: Path) -> Callable[[str, int], Path]:
    """A function that films the street from a camera that looks so many pixels further to the right."""

    def make(name: str, right_px: int) -> Path:
        rng = np.random.default_rng(ord(name[0]))
        with film(tmp_path / name, FilmOptions(WIDTH, HEIGHT, 2.0)) as writing:
            for _ in range(SECONDS * 2):
                part = wide_street[20 : 20 + HEIGHT, right_px : right_px + WIDTH].astype(int)
                writing.add(np.clip(part + rng.integers(-4, 5, part.shape), 0, 255).astype(np.uint8))
        return tmp_path / name

    return make


def problems(archive: Archive, start: datetime) -> set[str | None]:
    with archive.catalogue.reading() as connection:
        return {part.problem for part in coverage_of(connection, "a", start, start + timedelta(seconds=SECONDS))}


def test_a_moved_camera_is_a_doubt_until_it_is_placed_again(
    archive: Archive, filmed: Callable[[str, int], Path]
) -> None:
    hours = [EIGHT + timedelta(hours=number) for number in range(4)]
    videos = [filmed(f"{number}.mp4", right) for number, right in enumerate((0, 0, 12, 12))]
    jobs = [FootageJob(video, "a", start) for video, start in zip(videos[:3], hours, strict=False)]
    before, still, moved = ingest(archive, jobs, local_person(), QUICK)
    assert before.doubts == still.doubts == ()
    (line,) = moved.doubts
    assert "'a' may have been moved" in line
    assert "2.5% of the picture" in line
    assert "retrace cameras move a --since 2026-05-04T10:00:00+00:00" in line
    assert [problems(archive, start) for start in hours[:3]] == [{None}, {None}, {"moved"}]
    assert moved_since(archive) == {"a": hours[2]}
    assert moved_footage(archive) == {moved.sha256}

    move_camera(archive, local_person(), Camera("a", 48.41, 15.6, bearing_deg=95.0), hours[2])
    assert problems(archive, hours[2]) == {None}
    (placed,) = ingest(archive, [FootageJob(videos[3], "a", hours[3])], local_person(), QUICK)
    assert placed.doubts == ()


def test_later_footage_stays_suspect_until_the_camera_is_placed(
    archive: Archive, filmed: Callable[[str, int], Path]
) -> None:
    jobs = [
        FootageJob(filmed(f"{number}.mp4", right), "a", EIGHT + timedelta(hours=number))
        for number, right in enumerate((0, 12, 13))
    ]
    done = ingest(archive, jobs, local_person(), QUICK)
    assert [len(one.doubts) for one in done] == [0, 1, 1]
    assert "0.mp4" in done[2].doubts[0]


def test_others_write_while_pictures_are_compared(
    archive: Archive, filmed: Callable[[str, int], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(busy, "WAIT_S", 0.0)
    compared: list[CameraMove | None] = []

    def compare(before: Grey, now: Grey) -> CameraMove | None:
        with Archive.open(archive.path) as other:
            move_camera(other, local_person(), Camera("a", 48.41, 15.6, bearing_deg=10.0), EIGHT - timedelta(days=1))
        compared.append(suspect_move(before, now))
        return compared[-1]

    monkeypatch.setattr(camera_moves, "suspect_move", compare)
    jobs = [FootageJob(filmed(f"{n}.mp4", right), "a", EIGHT + timedelta(hours=n)) for n, right in enumerate((0, 12))]
    assert [len(one.doubts) for one in ingest(archive, jobs, local_person(), QUICK)] == [0, 1]
    assert len(compared) == 1


def test_a_move_is_forgotten_if_the_camera_was_placed_anew_while_pictures_were_compared(
    archive: Archive, filmed: Callable[[str, int], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def compare(before: Grey, now: Grey) -> CameraMove | None:
        move_camera(archive, local_person(), Camera("a", 48.41, 15.6, bearing_deg=95.0), EIGHT + timedelta(hours=1))
        return suspect_move(before, now)

    monkeypatch.setattr(camera_moves, "suspect_move", compare)
    jobs = [FootageJob(filmed(f"{n}.mp4", right), "a", EIGHT + timedelta(hours=n)) for n, right in enumerate((0, 12))]
    assert [len(one.doubts) for one in ingest(archive, jobs, local_person(), QUICK)] == [0, 0]
    assert problems(archive, EIGHT + timedelta(hours=1)) == {None}


def test_a_scene_that_cannot_be_read_stops_no_footage(archive: Archive, filmed: Callable[[str, int], Path]) -> None:
    """It may have come with somebody's archive."""
    jobs = [FootageJob(filmed(f"{n}.mp4", 0), "a", EIGHT + timedelta(hours=n)) for n in range(2)]
    assert ingest(archive, jobs[:1], local_person(), QUICK)[0].doubts == ()
    with archive.catalogue.writing() as connection:
        connection.execute(tables.chunks.update().values(scene=b"no picture"))
    (later,) = ingest(archive, jobs[1:], local_person(), QUICK)
    assert later.status == "done"
    assert "whether camera 'a' was moved cannot be told" in "".join(later.doubts)
