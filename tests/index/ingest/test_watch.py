import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from index.access.permissions import local_person
from index.errors import ArchiveError
from index.ingest import chunk
from index.ingest.file_identity import sha256_of
from index.ingest.ingest import IngestedFootage
from index.ingest.ingest_options import IngestOptions
from index.ingest.start_time import StartRule
from index.ingest.times import read_zone
from index.ingest.watch import FileState, FolderOptions, Ledger, WatchedFolder, watch_folder
from index.store.archive import Archive
from index.store.catalogue import cameras, footage, sightings
from index.store.catalogue.cameras import StoredCamera
from index.store.catalogue.footage import Footage
from index.upkeep.verify import verify

pytestmark = pytest.mark.usefixtures("motion_sees")

EIGHT = datetime(2026, 5, 4, 8, tzinfo=UTC)
OPTIONS = IngestOptions(detector="motion", chunk_s=10.0, plates=False, weights="histogram")
AT_REST = FolderOptions(rest_s=0.0)
QUICK = {"RETRACE_INGEST_CHUNK_S": "3", "RETRACE_INGEST_PLATES": "false", "RETRACE_INGEST_WEIGHTS": "histogram"}
"""How a command of its own takes footage in."""


@pytest.fixture(scope="module")
def film(film_street: Callable[..., Path], car: type, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return film_street(tmp_path_factory.mktemp("film") / "street.mp4", [car(1.0, 60)], 8.0).read_bytes()


@pytest.fixture(scope="module")
def longer_film(film_street: Callable[..., Path], car: type, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    cars = [car(1.0, 60), car(9.0, 100)]
    return film_street(tmp_path_factory.mktemp("film") / "street.mp4", cars, 16.0).read_bytes()


def put(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def watch_once(archive: Archive, folder: Path, where: FolderOptions = AT_REST) -> list[IngestedFootage]:
    return list(watch_folder(archive, folder, local_person(), OPTIONS, where, once=True))


def stored(archive: Archive) -> list[Footage]:
    with archive.catalogue.reading() as connection:
        return footage.listing(connection)


def test_the_folder_names_the_camera_and_the_file_its_start(archive: Archive, film: bytes, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    put(inbox / "a" / "20260504_080000Z.mp4", film)
    put(inbox / "b_20260504_103000.mp4", film + b"\0")
    put(inbox / "a" / "notes.txt", b"not a video")
    put(inbox / ".hidden" / "20260504_080000Z.mp4", film)
    done = watch_once(archive, inbox, FolderOptions(rest_s=0.0, rule=StartRule(read_zone("+02:00"))))
    assert [(Path(file.path).name, file.status, file.sightings) for file in done] == [
        ("20260504_080000Z.mp4", "done", 1),
        ("b_20260504_103000.mp4", "done", 1),
    ]
    assert [(file.camera, file.start) for file in stored(archive)] == [("a", EIGHT), ("b", EIGHT.replace(minute=30))]
    assert "by the file's name" in done[0].doubts[0]
    assert watch_once(archive, inbox) == []


def test_a_file_is_finished_when_it_has_not_changed_for_a_while(tmp_path: Path) -> None:
    watched = WatchedFolder(tmp_path, FolderOptions(rest_s=10.0), Ledger(tmp_path / "archive", tmp_path))
    path = put(tmp_path / "a" / "x.mp4", b"1")
    assert watched.finished(0.0) == []
    path.write_bytes(b"12")
    assert watched.finished(9.0) == []
    assert watched.finished(18.9) == []
    assert watched.finished(19.0) == [path]
    watched.mark_failed(path)
    assert watched.finished(40.0) == []
    path.write_bytes(b"123")
    assert watched.finished(50.0) == []
    assert watched.finished(60.0) == [path]


def test_the_next_watch_knows_ingested_files_and_takes_changed_ones_for_new(tmp_path: Path) -> None:
    (tmp_path / "archive").mkdir()
    path = put(tmp_path / "in" / "x.mp4", b"1")
    first = WatchedFolder(tmp_path / "in", AT_REST, Ledger(tmp_path / "archive", tmp_path / "in"))
    assert first.finished(0.0) == [path]
    first.mark_ingested(path, "f" * 64)
    ledger = Ledger(tmp_path / "archive", tmp_path / "in")
    again = WatchedFolder(tmp_path / "in", AT_REST, ledger)
    assert again.finished(0.0) == []
    assert ledger.sha256(path) == "f" * 64
    path.write_bytes(b"22")
    assert again.finished(1.0) == [path]


def test_a_ledger_outlives_a_purge_and_has_no_names_of_files(tmp_path: Path) -> None:
    (tmp_path / "archive").mkdir()
    paths = [put(tmp_path / "in" / name, b"1") for name in ("KAB4821.mp4", "KAB4822.mp4")]
    before = Ledger(tmp_path / "archive", tmp_path / "in")
    states = {path.name: [path.stat().st_size, path.stat().st_mtime_ns, "f" * 64] for path in paths}
    before.write(paths[0], FileState(1, 1), "e" * 64)
    (file,) = (tmp_path / "archive" / "watched").iterdir()
    file.write_text(json.dumps(states))
    ledger = Ledger(tmp_path / "archive", tmp_path / "in")
    assert WatchedFolder(tmp_path / "in", AT_REST, ledger).finished(0.0) == []
    ledger.write(paths[0], FileState(1, 1), "e" * 64)
    assert "KAB" not in file.read_text()


def test_a_broken_ledger_only_costs_reading_again(archive: Archive, film: bytes, tmp_path: Path) -> None:
    put(tmp_path / "in" / "a_20260504_080000Z.mp4", film)
    watch_once(archive, tmp_path / "in")
    (ledger,) = (archive.path / "watched").glob("*.json")
    for broken in ("{broken", '{"a": [Infinity, 1, "x"]}', "[" * 100_000):
        ledger.write_text(broken)
        assert [one.status for one in watch_once(archive, tmp_path / "in")] == ["known"]
    ledger.write_text("{")
    os.truncate(ledger, 1 << 40)
    assert [one.status for one in watch_once(archive, tmp_path / "in")] == ["known"]


@pytest.mark.parametrize(
    ("names", "path", "camera"),
    [
        (None, "north/20260504_080000Z.mp4", "north"),
        (None, "day/north/x.mp4", "north"),
        (None, "north-2_20260504_080000Z.mp4", "north-2"),
        ("cam-{camera}_*", "cam-7_20260504_080000Z.mp4", "7"),
        ("{camera}/*", "north/2026/x.mp4", "north"),
        ("*/{camera}.*", "2026/north.mp4", "north"),
    ],
)
def test_the_names_pattern_finds_the_camera(names: str | None, path: str, camera: str, tmp_path: Path) -> None:
    watched = WatchedFolder(tmp_path, FolderOptions(names=names), Ledger(tmp_path, tmp_path))
    assert watched.job(tmp_path / path).camera == camera


def test_a_file_without_a_camera_or_start_fails_alone(archive: Archive, film: bytes, tmp_path: Path) -> None:
    put(tmp_path / "in" / "clip.mp4", film)
    put(tmp_path / "in" / "a" / "clip.mp4", film + b"\0")
    put(tmp_path / "in" / "elsewhere" / "20260504_080000Z.mp4", film)
    put(tmp_path / "in" / "a" / "20260504_080000Z.mp4", film)
    done = watch_once(archive, tmp_path / "in")
    assert sorted(one.status for one in done) == ["done", "failed", "failed", "failed"]
    problems = " ".join(one.problem or "" for one in done)
    assert "which camera filmed it?" in problems
    assert "does not say when it starts" in problems
    assert "no camera 'elsewhere'" in problems


def test_a_file_that_grew_replaces_its_shorter_footage(
    archive: Archive, film: bytes, longer_film: bytes, tmp_path: Path
) -> None:
    path = put(tmp_path / "in" / "a_20260504_080000Z.mp4", film)
    watch_once(archive, tmp_path / "in")
    path.write_bytes(longer_film)
    (grown,) = watch_once(archive, tmp_path / "in")
    assert (grown.status, grown.sightings) == ("done", 2)
    assert [one.id for one in stored(archive)] == [grown.sha256]
    with archive.catalogue.reading() as connection:
        assert sightings.count(connection) == 2
    assert verify(archive) == []


def test_a_missing_folder_and_a_pattern_without_a_camera_are_refused(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="not a folder"):
        watch_once(archive, tmp_path / "gone")
    with pytest.raises(ArchiveError, match="where the camera stands"):
        watch_once(archive, tmp_path, FolderOptions(names="*_*"))


@pytest.mark.slow
@pytest.mark.parametrize(("ending", "workers"), [(signal.SIGINT, 1), (signal.SIGKILL, 2)])
def test_a_stopped_watch_continues_where_it_was(
    ending: signal.Signals, workers: int, film: bytes, longer_film: bytes, tmp_path: Path
) -> None:
    with Archive.create(tmp_path / "archive") as made, made.catalogue.writing() as connection:
        cameras.put(connection, [StoredCamera("a", 48.41, 15.6)])
    inbox = tmp_path / "in"
    put(inbox / "a_20260504_080000Z.mp4", film)
    words = ["--archive", str(tmp_path / "archive"), "ingest", "--watch", str(inbox), "--rest", "0.2"]
    command = [sys.executable, "-c", "from ui.cli.main import main; main()", *words, "--workers", str(workers)]
    environment = {**os.environ, **QUICK}
    running = subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Whoever runs these tests in the background ignores it, and so would the command.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert running.stdout is not None
    assert "done, 1 sightings" in running.stdout.readline()
    put(inbox / "a_20260504_090000Z.mp4", longer_film)
    time.sleep(1.5)
    running.send_signal(ending)
    _, err = running.communicate(timeout=120)
    assert "Traceback" not in err
    if ending == signal.SIGINT:
        assert (running.returncode, "stopped" in err) == (0, True)
    once = subprocess.run([*command, "--once"], env=environment, capture_output=True, text=True, check=True)
    assert "a_20260504_080000Z.mp4" not in once.stdout
    with Archive.open(tmp_path / "archive") as after:
        assert sorted((one.duration_s, one.status) for one in stored(after)) == [(8.0, "done"), (16.0, "done")]
        with after.catalogue.reading() as connection:
            assert sightings.count(connection) == 3


def test_each_file_of_a_watched_folder_is_on_its_own(archive: Archive, film: bytes, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    put(inbox / "a" / "20260504_080000Z.mp4", film)
    latin = Path(os.fsdecode(os.fsencode(inbox / "a") + b"/k\xe4f_20260504_120000Z.mp4"))
    latin.write_bytes(film + b"\0")
    (inbox / "a" / "b.mp4").symlink_to("b.mp4")
    watched = WatchedFolder(inbox, AT_REST, Ledger(archive.path, inbox))
    assert watched.finished(0.0) == [inbox / "a" / "20260504_080000Z.mp4", latin]
    assert ["b.mp4 cannot be read" in (file.problem or "") for file in watched.unreadable()] == [True]
    watched.finished(1.0)
    assert watched.unreadable() == []
    done = {file.path: (file.status, file.problem) for file in watch_once(archive, inbox)}
    assert done[str(inbox / "a" / "20260504_080000Z.mp4")] == ("done", None)
    escaped = str(inbox / "a" / "k\\xe4f_20260504_120000Z.mp4")
    assert done[escaped] == ("failed", f"{escaped}: its name is not written in UTF-8, rename it")
    assert len(done) == 3
    assert len(stored(archive)) == 1


def test_an_error_that_nobody_foresaw_fails_its_file_alone(
    archive: Archive, film: bytes, longer_film: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "inbox" / "a" / "20260504_080000Z.mp4", film)
    put(tmp_path / "inbox" / "a" / "20260504_090000Z.mp4", longer_film)
    analyse = chunk._analyse

    def fails(archive: Archive, task: chunk.ChunkTask, log: chunk.ChunkLog) -> chunk.ChunkResult:
        if "080000" in task.footage.path:
            raise IndexError("index 7 is out of bounds")
        return analyse(archive, task, log)

    monkeypatch.setattr(chunk, "_analyse", fails)
    done = watch_once(archive, tmp_path / "inbox")
    assert [file.status for file in done] == ["failed", "done"]
    assert "IndexError: index 7 is out of bounds" in (done[0].problem or "")


@pytest.mark.slow
def test_a_file_whose_workers_are_killed_fails_alone(
    archive: Archive, film: bytes, longer_film: bytes, tmp_path: Path
) -> None:
    deadly = put(tmp_path / "inbox" / "a" / "20260504_080000Z.mp4", film)
    put(tmp_path / "inbox" / "a" / "20260504_090000Z.mp4", longer_film)
    ended = threading.Event()

    def kill_whoever_claims_it() -> None:
        while not ended.wait(0.02):
            with archive.catalogue.reading() as connection:
                held = footage.claimed_chunks(connection, [sha256_of(deadly)])
            for worker, _, _ in held:
                with suppress(ProcessLookupError):
                    os.kill(int(worker.rsplit("-", 2)[1]), signal.SIGKILL)

    killer = threading.Thread(target=kill_whoever_claims_it)
    killer.start()
    try:
        options = IngestOptions(2, "motion", chunk_s=10.0, plates=False, weights="histogram")
        done = list(watch_folder(archive, tmp_path / "inbox", local_person(), options, AT_REST, once=True))
    finally:
        ended.set()
        killer.join()
    assert [(file.status, file.sightings) for file in done] == [("failed", 0), ("done", 2)]
    assert "killed while it analysed chunk 0, twice" in (done[0].problem or "")
    assert verify(archive) == []
