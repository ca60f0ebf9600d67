"""Files are registered while others are worked on, and known files are not read whole again."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from index.access.permissions import local_person
from index.errors import ArchiveError
from index.ingest import chunk, intake, registration
from index.ingest.ingest import IngestedFootage, ingest
from index.ingest.ingest_options import IngestOptions
from index.ingest.intake import Intake
from index.ingest.registration import FootageJob, RegisteredFootage, register
from index.ingest.start_time import StartRule, believe
from index.store.archive import Archive
from index.store.catalogue import footage
from reid.passages import ObservedPassage, watch

pytestmark = pytest.mark.usefixtures("motion_sees")

EIGHT = datetime(2026, 5, 4, 8, tzinfo=UTC)
QUICK = IngestOptions(detector="motion", plates=False, weights="histogram", chunk_s=240.0)
LONG_S = 60.0


@pytest.fixture(scope="module")
def films(film_street: Callable[..., Path], car: type, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("films")
    return [film_street(folder / f"{number}.mp4", [car(0.5, 40 + 20 * number)], 3.0 + number) for number in range(3)]


@pytest.fixture
def jobs(films: list[Path], tmp_path: Path) -> list[FootageJob]:
    copies = [Path(shutil.copy2(film, tmp_path / film.name)) for film in films]
    return [FootageJob(copy, "a", EIGHT + timedelta(minutes=number)) for number, copy in enumerate(copies)]


def taken(archive: Archive, jobs: list[FootageJob], **how: Any) -> list[IngestedFootage]:
    return ingest(archive, jobs, local_person(), QUICK, **how)


@pytest.mark.parametrize("workers", [1, 2])
def test_the_first_file_is_worked_on_while_the_last_is_still_read(
    archive: Archive, jobs: list[FootageJob], monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    """The last file can be read only after the first one is done: if all were read before, this would never be."""
    is_done: list[bool] = []

    def register_last(here: Archive, job: FootageJob, **how: Any) -> RegisteredFootage:
        if job == jobs[-1]:
            is_done.append(_wait_for(lambda: _status(archive, 0) == [True]))
        return register(here, job, **how)

    monkeypatch.setattr(intake, "register", register_last)
    done = ingest(archive, jobs, local_person(), replace(QUICK, workers=workers))
    assert is_done == [True]
    assert [one.status for one in done] == ["done"] * 3


def test_a_rerun_reads_no_known_file_whole_unless_it_is_told_to(
    archive: Archive, jobs: list[FootageJob], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = taken(archive, jobs)
    read = count_readings(monkeypatch)
    again = taken(archive, jobs)
    assert read == []
    assert [(one.status, one.sha256, one.sightings, one.seconds_of_video) for one in again] == [
        ("known", one.sha256, one.sightings, one.seconds_of_video) for one in first
    ]
    taken(archive, jobs, check=True)
    assert sorted(read) == sorted(["sha256_of", "read_timeline"] * 3)


def test_a_known_file_that_is_copied_or_moved_is_known_and_a_changed_one_is_read(
    archive: Archive, jobs: list[FootageJob], monkeypatch: pytest.MonkeyPatch
) -> None:
    taken(archive, jobs[:1])
    read = count_readings(monkeypatch)
    elsewhere = Path(shutil.copy2(jobs[0].path, jobs[0].path.with_name("elsewhere.mp4")))
    (moved,) = taken(archive, [replace(jobs[0], path=elsewhere)])
    assert (moved.status, read) == ("known", [])
    os.utime(elsewhere)
    for expected in (["sha256_of", "read_timeline"], []):
        read.clear()
        (touched,) = taken(archive, [replace(jobs[0], path=elsewhere)])
        assert (touched.status, touched.sha256, read) == ("known", moved.sha256, expected)
    before = elsewhere.stat()
    shutil.copyfile(jobs[1].path, elsewhere)
    os.utime(elsewhere, ns=(before.st_atime_ns, before.st_mtime_ns))
    (changed,) = taken(archive, [FootageJob(elsewhere, "a", EIGHT + timedelta(hours=1))])
    assert changed.status == "done"
    assert changed.sha256 != moved.sha256


def test_a_known_file_is_still_refused_with_another_camera_or_start(archive: Archive, jobs: list[FootageJob]) -> None:
    taken(archive, jobs[:1])
    for other in (replace(jobs[0], camera="b"), replace(jobs[0], start=EIGHT + timedelta(seconds=1))):
        (refused,) = taken(archive, [other])
        assert refused.status == "failed"
        assert "retrace footage move" in (refused.problem or "")
    (auto,) = taken(archive, [replace(jobs[0], start=None)])
    assert auto.status == "known"


def test_removed_footage_is_taken_in_anew(archive: Archive, jobs: list[FootageJob]) -> None:
    (first,) = taken(archive, jobs[:1])
    with archive.catalogue.writing() as connection:
        footage.remove(connection, first.sha256 or "", at=EIGHT)
    (again,) = taken(archive, jobs[:1])
    assert (again.status, again.sightings) == ("done", first.sightings)


def test_a_file_that_grows_while_it_is_read_is_not_taken_for_known(
    archive: Archive, jobs: list[FootageJob], monkeypatch: pytest.MonkeyPatch
) -> None:
    def hash_and_grow(path: Path, **how: Any) -> str:
        found = sha256_of(path, **how)
        with path.open("ab") as file:
            file.write(b"\0")
        return found

    sha256_of = registration.sha256_of
    monkeypatch.setattr(registration, "sha256_of", hash_and_grow)
    taken(archive, jobs[:1])
    monkeypatch.setattr(registration, "sha256_of", sha256_of)
    read = count_readings(monkeypatch)
    taken(archive, [replace(jobs[0], start=EIGHT + timedelta(hours=2))])
    assert read == ["sha256_of", "read_timeline"]


def test_once_a_chunk_of_a_file_fails_its_others_are_left_out(
    archive: Archive, jobs: list[FootageJob], monkeypatch: pytest.MonkeyPatch
) -> None:
    watched: list[Path] = []

    def watch_or_fail(timeline: Any, *rest: Any, **more: Any) -> Iterator[ObservedPassage]:
        watched.append(timeline.path)
        if timeline.path == jobs[0].path:
            raise FileNotFoundError(2, "gone", str(timeline.path))
        return watch(timeline, *rest, **more)

    monkeypatch.setattr(chunk, "watch", watch_or_fail)
    lost, *others = ingest(archive, jobs, local_person(), replace(QUICK, chunk_s=1.0))
    assert lost.status == "failed"
    assert [one.status for one in others] == ["done", "done"]
    assert watched.count(jobs[0].path) == 1


def test_an_error_that_nobody_expected_ends_the_ingest(
    archive: Archive, jobs: list[FootageJob], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> RegisteredFootage:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(intake, "register", full)
    for some in (jobs, jobs[:1]):
        with pytest.raises(OSError, match="No space left"):
            taken(archive, some)


@pytest.mark.parametrize("error", [OverflowError("date value out of range"), MemoryError(), ValueError("NUL")])
def test_an_error_that_one_file_makes_leaves_the_others(
    archive: Archive, jobs: list[FootageJob], monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def broken(here: Archive, job: FootageJob, **how: Any) -> RegisteredFootage:
        if job == jobs[0]:
            raise error
        return register(here, job, **how)

    monkeypatch.setattr(intake, "register", broken)
    lost, *others = taken(archive, jobs)
    assert (lost.status, lost.problem is not None and lost.path in lost.problem) == ("failed", True)
    assert [one.status for one in others] == ["done", "done"]


def test_a_name_that_no_file_can_have_leaves_the_others(archive: Archive, jobs: list[FootageJob]) -> None:
    nameless, long = (replace(jobs[0], path=Path(name)) for name in ("a\0b.mp4", "x" * 5000 + ".mp4"))
    results = taken(archive, [nameless, long, jobs[1]])
    assert [one.status for one in results] == ["failed", "failed", "done"]
    assert "no file can have" in (results[0].problem or "")


def test_a_chunk_that_needs_more_memory_than_there_is_leaves_the_other_files(
    archive: Archive, jobs: list[FootageJob], monkeypatch: pytest.MonkeyPatch
) -> None:
    def hungry(*given: Any, **how: Any) -> Iterator[ObservedPassage]:
        if given[0].path == jobs[0].path:
            raise MemoryError
        return watch(*given, **how)

    monkeypatch.setattr(chunk, "watch", hungry)
    lost, *others = taken(archive, jobs)
    assert (lost.status, "more memory" in (lost.problem or "")) == ("failed", True)
    assert [one.status for one in others] == ["done", "done"]


def test_stopping_stops_in_the_middle_of_a_file(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    began = threading.Event()

    def endless(*_: Any, on_block: Callable[[], None], **__: Any) -> RegisteredFootage:
        while True:
            began.set()
            on_block()

    monkeypatch.setattr(intake, "register", endless)
    with Intake(archive, [FootageJob(Path("x.mp4"), "a", EIGHT)], chunk_s=240.0) as running:
        assert began.wait(LONG_S)
    assert running.registered == running.refused == {}


@pytest.mark.parametrize(
    ("name", "rule", "asks_first"),
    [
        pytest.param("a.mp4", StartRule(confirm=lambda _: True), True, id="nothing says when it starts"),
        pytest.param("a_20260504_080000Z.mp4", StartRule(confirm=lambda _: True), False, id="its name does"),
        pytest.param("a_20260504_080000Z.mp4", StartRule(confirm=lambda _: True, by_picture=True), True, id="clock"),
        pytest.param("a.mp4", StartRule(confirm=believe), False, id="nobody is asked"),
        pytest.param("a.mp4", StartRule(), False, id="nobody is there to be asked"),
    ],
)
def test_whoever_may_be_asked_is_asked_before_the_work_begins(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, name: str, rule: StartRule, asks_first: bool
) -> None:
    threads: list[threading.Thread] = []

    def note_thread(*_: Any, **__: Any) -> RegisteredFootage:
        threads.append(threading.current_thread())
        raise ArchiveError("nothing is registered")

    monkeypatch.setattr(intake, "register", note_thread)
    with Intake(archive, [FootageJob(Path(name), "a", rule=rule)], chunk_s=240.0) as running:
        running.wait()
    assert [thread is threading.main_thread() for thread in threads] == [asks_first]


def count_readings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that names each whole reading of a file from now on."""
    read: list[str] = []
    for name in ("sha256_of", "read_timeline"):
        monkeypatch.setattr(registration, name, _noting(getattr(registration, name), name, read))
    return read


def _noting(action: Callable[..., Any], name: str, read: list[str]) -> Callable[..., Any]:
    def noting(*given: Any, **how: Any) -> Any:
        read.append(name)
        return action(*given, **how)

    return noting


def _status(archive: Archive, number: int) -> list[bool]:
    """Return for a file, in order of its start, whether its chunks are all done."""
    with archive.catalogue.reading() as connection:
        stored = footage.listing(connection)[number : number + 1]
        return [not footage.pending_chunks(connection, one.id) for one in stored]


def _wait_for(condition: Callable[[], bool]) -> bool:
    never = threading.Event()
    for _ in range(round(LONG_S / 0.1)):
        if condition():
            return True
        never.wait(0.1)
    return False
