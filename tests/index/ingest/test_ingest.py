import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from index.access.permissions import NotAllowedError, local_person
from index.errors import ArchiveError
from index.ingest import chunk, progress
from index.ingest.file_identity import sha256_of
from index.ingest.footage_changes import move_footage
from index.ingest.ingest import ingest
from index.ingest.ingest_options import IngestOptions
from index.ingest.progress import IngestProgress
from index.ingest.registration import FootageJob
from index.records import Sighting
from index.store.archive import Archive
from index.store.catalogue import cameras, footage, sightings
from index.store.catalogue.cameras import StoredCamera
from index.store.catalogue.people import Person
from index.store.catalogue.sightings import SightingFilter
from index.upkeep.verify import verify
from reid.errors import SeeingError
from reid.images import encode_jpeg
from reid.passages import ObservedPassage, watch
from reid.video.timeline import Timeline
from tests.index.conftest import coverage_of

pytestmark = pytest.mark.usefixtures("motion_sees")

EIGHT = datetime(2026, 5, 4, 8, tzinfo=UTC)
OPTIONS = IngestOptions(detector="motion", chunk_s=10.0, plates=False)
QUICK = replace(OPTIONS, weights="histogram")


@pytest.fixture(scope="module")
def video(film_street: Callable[..., Path], car: type, tmp_path_factory: pytest.TempPathFactory) -> Path:
    cars = [car(2.0 + 5 * n, 30 + 70 * (n % 2), (1 - 2 * (n % 2)) * 60.0) for n in range(5)]
    return film_street(tmp_path_factory.mktemp("film") / "street.mp4", cars, 30.0)


@pytest.fixture(scope="module")
def short(film_street: Callable[..., Path], car: type, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film_street(tmp_path_factory.mktemp("film") / "short.mp4", [car(1.0, 60)], 8.0)


def make_archive(path: Path) -> Archive:
    archive = Archive.create(path)
    with archive.catalogue.writing() as connection:
        cameras.put(connection, [StoredCamera("a", 48.41, 15.6), StoredCamera("b", 48.42, 15.61)])
    return archive


def listed(archive: Archive) -> list[Sighting]:
    with archive.catalogue.reading() as connection:
        return list(sightings.listing(connection, SightingFilter()))


def plain(archive: Archive) -> list[object]:
    """Return all that must be the same in two archives of the same footage."""
    return [
        (one.id, one.camera, one.first, one.best, one.last, one.box, one.attributes, [s.crop.sha256 for s in one.shots])
        for one in listed(archive)
    ]


@pytest.fixture(scope="module")
def whole(video: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """An archive that took the video in without being disturbed."""
    with make_archive(tmp_path_factory.mktemp("whole") / "archive") as archive:
        (done,) = ingest(archive, [FootageJob(video, "a", EIGHT)], local_person(), OPTIONS)
        assert done.status == "done"
        yield archive


def test_every_vehicle_becomes_one_sighting_on_the_cameras_clock(whole: Archive) -> None:
    seen = listed(whole)
    assert len(seen) == 5
    for number, one in enumerate(seen):
        entered = EIGHT + timedelta(seconds=2.0 + 5 * number)
        assert timedelta(0) <= one.first - entered < timedelta(seconds=0.5)
        assert one.first <= one.best <= one.last
        assert one.camera == "a"
        assert one.shots
    assert verify(whole) == []


def test_coverage_and_footage_are_stored(whole: Archive, video: Path) -> None:
    with whole.catalogue.reading() as connection:
        stored = footage.get(connection, sha256_of(video))
        covered = coverage_of(connection, "a", EIGHT, EIGHT + timedelta(hours=1))
    assert stored is not None
    assert (stored.status, stored.frames, stored.width) == ("done", 300, 320)
    assert covered[0].start == EIGHT
    assert covered[-1].end == EIGHT + timedelta(seconds=30)
    assert all(part.problem is None for part in covered)


def test_ingesting_again_adds_nothing(whole: Archive, video: Path) -> None:
    before = plain(whole)
    (again,) = ingest(whole, [FootageJob(video, "a", EIGHT)], local_person(), OPTIONS)
    assert (again.status, again.sightings) == ("known", 5)
    assert plain(whole) == before


@pytest.mark.parametrize(("workers", "chunk_s"), [(1, 240.0), (2, 7.0)])
def test_the_archive_is_the_same_for_any_number_of_workers_and_any_chunk_length(
    whole: Archive, video: Path, tmp_path: Path, workers: int, chunk_s: float
) -> None:
    with make_archive(tmp_path / "archive") as archive:
        ingest(
            archive, [FootageJob(video, "a", EIGHT)], local_person(), replace(OPTIONS, workers=workers, chunk_s=chunk_s)
        )
        assert plain(archive) == plain(whole)


def test_other_camera_or_start_is_refused_with_the_command_that_moves_it(whole: Archive, video: Path) -> None:
    for job in (FootageJob(video, "b", EIGHT), FootageJob(video, "a", EIGHT + timedelta(seconds=1))):
        (refused,) = ingest(whole, [job], local_person(), OPTIONS)
        assert refused.status == "failed"
        assert "retrace footage move" in (refused.problem or "")


def test_one_bad_file_does_not_stop_the_others(video: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.mp4").write_text("not a video")
    jobs = [
        FootageJob(tmp_path / "bad.mp4", "a", EIGHT),
        FootageJob(tmp_path / "gone.mp4", "a", EIGHT),
        FootageJob(video, "a", EIGHT),
        FootageJob(video, "nowhere", EIGHT),
    ]
    with make_archive(tmp_path / "archive") as archive:
        outcome = ingest(archive, jobs, local_person(), OPTIONS)
        assert [one.status for one in outcome] == ["failed", "failed", "done", "failed"]
        assert "did you mean a, b" in (outcome[3].problem or "")
        assert len(listed(archive)) == 5


def test_footage_that_spans_a_move_of_its_camera_has_the_roads_of_both_places(short: Path, tmp_path: Path) -> None:
    views = [({"edge": edge, "along_m": 1.0, "heading_deg": None},) for edge in (1, 2)]
    with make_archive(tmp_path / "archive") as archive:
        with archive.catalogue.writing() as connection:
            cameras.put(connection, [StoredCamera("a", 48.41, 15.6, views=views[0])])
            moved = StoredCamera("a", 48.41, 15.6, valid_from=EIGHT + timedelta(seconds=0.5), views=views[1])
            cameras.move(connection, moved)
        ingest(archive, [FootageJob(short, "a", EIGHT)], local_person(), QUICK)
        assert [one.edge for one in listed(archive)] == [2]
        move_footage(archive, local_person(), "short.mp4", start=EIGHT - timedelta(minutes=1))
        assert [one.edge for one in listed(archive)] == [1]


def test_a_file_without_a_start_fails_and_a_start_by_name_is_a_doubt(short: Path, tmp_path: Path) -> None:
    named = tmp_path / "a_20260504_080000Z.mp4"
    named.write_bytes(short.read_bytes())
    with make_archive(tmp_path / "archive") as archive:
        failed, done = ingest(archive, [FootageJob(short, "a"), FootageJob(named, "a")], local_person(), QUICK)
        assert failed.status == "failed"
        assert "does not say when it starts" in (failed.problem or "")
        assert (done.status, done.sightings) == ("done", 1)
        assert "by the file's name" in done.doubts[0]
        assert listed(archive)[0].first > EIGHT


def test_a_folder_of_pictures_is_footage_that_starts_by_the_name_of_the_first(
    street: Callable[..., Any], car: type, tmp_path: Path
) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(80):
        image = street([car(1.0, 60)], number / 10)
        (folder / f"20260504_08{number // 600:02}{number / 10 % 60:06.3f}Z.jpg").write_bytes(encode_jpeg(image))
    with make_archive(tmp_path / "archive") as archive:
        (done,) = ingest(archive, [FootageJob(folder, "a")], local_person(), QUICK)
        assert (done.status, done.sightings, done.seconds_of_video) == ("done", 1, pytest.approx(8.0))
        assert "by the name of its first picture" in done.doubts[0]
        assert timedelta(seconds=1) <= listed(archive)[0].first - EIGHT < timedelta(seconds=1.5)
        (again,) = ingest(archive, [FootageJob(folder, "a", EIGHT)], local_person(), QUICK)
        assert again.status == "known"


def test_overlapping_footage_of_one_camera_is_a_doubt(short: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.mp4"
    copy.write_bytes(short.read_bytes() + b"\0")
    with make_archive(tmp_path / "archive") as archive:
        jobs = [FootageJob(short, "a", EIGHT), FootageJob(copy, "a", EIGHT + timedelta(seconds=7.5))]
        jobs += [FootageJob(copy, "b", EIGHT)]
        first, second, other = ingest(archive, jobs[:2], local_person(), QUICK) + ingest(
            archive, jobs[2:], local_person(), QUICK
        )
        assert first.doubts == ()
        assert "overlaps" in second.doubts[0]
        assert "short.mp4" in second.doubts[0]
        assert other.status == "failed"


def test_a_file_that_vanishes_while_it_is_watched_fails_alone(
    short: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = tmp_path / "lost.mp4"
    lost.write_bytes(short.read_bytes() + b"\0")

    def watch_lost(timeline: Timeline, *rest: Any, **more: Any) -> Iterator[ObservedPassage]:
        if timeline.path == lost:
            raise SeeingError(f"{lost} was unplugged")
        return watch(timeline, *rest, **more)

    monkeypatch.setattr(chunk, "watch", watch_lost)
    with make_archive(tmp_path / "archive") as archive:
        jobs = [FootageJob(lost, "b", EIGHT), FootageJob(short, "a", EIGHT)]
        failed, done = ingest(archive, jobs, local_person(), QUICK)
        assert (failed.status, failed.problem) == ("failed", f"{lost} was unplugged")
        assert (done.status, done.sightings) == ("done", 1)
        monkeypatch.undo()
        (again,) = ingest(archive, jobs[:1], local_person(), QUICK)
        assert (again.status, again.sightings) == ("done", 1)


def test_progress_is_reported_while_a_chunk_is_worked_on(
    short: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "REPORT_EVERY_S", 0.02)
    monkeypatch.setattr(chunk, "WRITE_PROGRESS_EVERY_S", 0.01)
    reported: list[IngestProgress] = []
    with make_archive(tmp_path / "archive") as archive:
        ingest(
            archive,
            [FootageJob(short, "a", EIGHT)],
            local_person(),
            replace(QUICK, chunk_s=240.0),
            on_progress=lambda files: reported.extend(files),
        )
    assert [one.done_s for one in reported] == sorted(one.done_s for one in reported)
    assert any(0 < one.done_s < 8 for one in reported)
    assert (reported[-1].done_s, reported[-1].total_s, reported[-1].sightings, reported[-1].frames) == (8.0, 8.0, 1, 80)


def test_only_operators_may_ingest(whole: Archive, video: Path) -> None:
    with pytest.raises(NotAllowedError, match="may not change footage"):
        ingest(whole, [FootageJob(video, "a", EIGHT)], Person("paul", "investigator"), OPTIONS)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_worker_that_ended_leaves_no_lock_file(video: Path, tmp_path: Path, workers: int) -> None:
    make_archive(tmp_path / "archive").close()
    subprocess.run(command(tmp_path / "archive", video, workers), check=True, capture_output=True)
    assert list((tmp_path / "archive" / "workers").iterdir()) == []


def test_impossible_options_are_refused(whole: Archive) -> None:
    impossible = (
        IngestOptions(workers=0),
        IngestOptions(every_s=60.0),
        IngestOptions(chunk_s=0.0),
        IngestOptions(region="Atlantis"),
    )
    for options in impossible:
        with pytest.raises(ArchiveError):
            ingest(whole, [], local_person(), options)


def test_the_next_worker_does_the_chunk_of_a_dead_one(video: Path, tmp_path: Path) -> None:
    job = FootageJob(video, "a", EIGHT)
    with make_archive(tmp_path / "archive") as archive:
        script = f"""
import os
from datetime import UTC, datetime
from pathlib import Path
from index.store.archive import Archive
from index.store.catalogue import footage
from index.ingest.progress import WorkerLock
from index.ingest.registration import FootageJob, register

archive = Archive.open(Path({str(archive.path)!r}))
job = FootageJob(Path({str(video)!r}), "a", datetime(2026, 5, 4, 8, tzinfo=UTC))
file = register(archive, job, chunk_s=10.0)
lock = WorkerLock(archive.path)
with archive.catalogue.writing() as connection:
    footage.claim_chunk(connection, file.footage.id, 1, lock.name, at=datetime.now(UTC))
os.kill(os.getpid(), 9)
"""
        subprocess.run([sys.executable, "-c", script], check=False)
        with archive.catalogue.reading() as connection:
            assert footage.claimed_chunks(connection, [sha256_of(video)])
        (done,) = ingest(archive, [job], local_person(), OPTIONS)
        assert (done.status, done.sightings) == ("done", 5)


def command(archive: Path, video: Path, workers: int) -> list[str]:
    start = ["--camera", "a", "--start", EIGHT.isoformat(), "--workers", str(workers)]
    program = "from ui.cli.main import main; main()"
    return [sys.executable, "-c", program, "--archive", str(archive), "ingest", str(video), *start, "--json"]


@pytest.mark.parametrize(
    "kills",
    [pytest.param(4, marks=pytest.mark.slow), pytest.param(50, marks=[pytest.mark.long, pytest.mark.timeout(0)])],
)
def test_the_archive_is_the_same_after_kills_at_any_moment(
    kills: int, whole: Archive, video: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], random_seed: int
) -> None:
    with capsys.disabled():
        sys.stderr.write(f"\nRETRACE_TEST_SEED={random_seed} repeats these kills\n")
    moments = random.Random(random_seed)
    archive = make_archive(tmp_path / "archive")
    archive.close()
    environment = {**os.environ, "RETRACE_INGEST_CHUNK_S": "3", "RETRACE_INGEST_PLATES": "false"}
    for kill in range(kills):
        running = subprocess.Popen(
            command(archive.path, video, 1 + kill % 2),
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            running.wait(moments.uniform(0.2, 3.5))
        except subprocess.TimeoutExpired:
            running.send_signal(signal.SIGKILL)
            running.wait()
    subprocess.run(command(archive.path, video, 2), env=environment, check=True, capture_output=True)
    with Archive.open(archive.path) as after:
        assert plain(after) == plain(whole)
        assert verify(after) == []


@pytest.mark.slow
def test_two_processes_on_one_file_at_once_give_the_same_archive(whole: Archive, video: Path, tmp_path: Path) -> None:
    make_archive(tmp_path / "archive").close()
    environment = {**os.environ, "RETRACE_INGEST_CHUNK_S": "5", "RETRACE_INGEST_PLATES": "false"}
    both = [
        subprocess.Popen(command(tmp_path / "archive", video, 1), env=environment, stdout=subprocess.DEVNULL)
        for _ in range(2)
    ]
    assert [one.wait(timeout=120) for one in both] == [0, 0]
    with Archive.open(tmp_path / "archive") as after:
        assert plain(after) == plain(whole)
