"""A week in minutes: an archive, a folder where cameras record, and the watcher that takes in what they record."""

import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from index.store.archive import Archive
from index.store.catalogue import sightings
from index.store.catalogue.sightings import SightingFilter

ROOT = Path(__file__).parents[3]
START = datetime(2026, 5, 4, 8, tzinfo=UTC)
DAY = timedelta(days=1)
WAIT_S = 300.0


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


def named(week: Week, camera: str, start: datetime) -> Path:
    return week.recordings / camera / f"{start:%Y%m%d_%H%M%SZ}.mp4"


def wait_for(week: Week, what: Callable[[], bool], why: str) -> None:
    end = time.monotonic() + WAIT_S
    while not what():
        assert week.watcher is None or week.watcher.poll() is None, week.log.read_text()[-3000:]
        assert time.monotonic() < end, f"{why}: {len(week.ids())} of {week.expected}\n{week.log.read_text()[-3000:]}"
        time.sleep(0.5)
