"""Memory use over an hour of footage, run by `make test-long`."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import av
import pytest

from index.store.archive import Archive
from index.store.catalogue import cameras
from index.store.catalogue.cameras import StoredCamera

SECONDS, REPEATS = 600, 6
"""Ten minutes are filmed and repeated to an hour."""

SETTLED_SHARE = 0.15
"""After this share everything is loaded and the background is learned."""

MOST_GROWTH_MB = 50.0

WATCH = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from index.store.archive import Archive
from index.ingest.ingest import ingest
from index.ingest.ingest_options import IngestOptions
from index.ingest.registration import FootageJob
from index.access.permissions import local_person

def anonymous_mb():
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("RssAnon")).split()[1]) / 1024

def print_progress(files):
    print(files[0].done_s / files[0].total_s, anonymous_mb(), flush=True)

with Archive.open(Path(sys.argv[1])) as archive:
    job = FootageJob(Path(sys.argv[2]), "a", datetime(2026, 5, 4, 8, tzinfo=UTC))
    options = IngestOptions(detector="motion", chunk_s=float(sys.argv[3]))
    (done,) = ingest(archive, [job], local_person(), options, on_progress=print_progress)
    assert done.status == "done", done
    print(1.0, anonymous_mb(), done.sightings)
"""


@pytest.fixture(scope="module")
def hour(film_street: Callable[..., Path], car: type, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An hour of a street on which a car drives every twelve seconds."""
    folder = tmp_path_factory.mktemp("film")
    cars = [car(5.0 + 12 * n, 30 + 70 * (n % 2), (1 - 2 * (n % 2)) * 60.0) for n in range(SECONDS // 12)]
    return repeated(film_street(folder / "part.mp4", cars, SECONDS), folder / "hour.mp4")


def repeated(part: Path, whole: Path) -> Path:
    """Write a film several times in a row, without encoding it again."""
    with av.open(str(whole), "w") as target:
        stream = None
        for number in range(REPEATS):
            with av.open(str(part)) as source:
                stream = stream or target.add_stream_from_template(source.streams.video[0])
                for packet in source.demux(video=0):
                    if packet.pts is None or packet.dts is None:
                        continue
                    shift = round(number * SECONDS / packet.time_base)
                    packet.pts, packet.dts, packet.stream = packet.pts + shift, packet.dts + shift, stream
                    target.mux(packet)
    return whole


@pytest.mark.long
@pytest.mark.timeout(0)
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
@pytest.mark.parametrize("chunk_s", [240.0, 3600.0])
def test_memory_stays_flat_over_an_hour_of_footage(
    hour: Path, tmp_path: Path, chunk_s: float, capsys: pytest.CaptureFixture[str]
) -> None:
    with Archive.create(tmp_path / "archive") as made, made.catalogue.writing() as connection:
        cameras.put(connection, [StoredCamera("a", 48.41, 15.6)])
    command = [sys.executable, "-c", WATCH, str(tmp_path / "archive"), str(hour), str(chunk_s)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    progress = [[float(word) for word in line.split()] for line in done.stdout.splitlines()]
    settled = max(megabytes for share, megabytes, *_ in progress if share <= SETTLED_SHARE)
    latest = max(megabytes for share, megabytes, *_ in progress if share > 1 - SETTLED_SHARE)
    with capsys.disabled():
        sys.stderr.write(f"\n{settled:.0f} MB of its own at first, {latest:.0f} MB at last\n")
    assert progress[-1][2] == pytest.approx(REPEATS * SECONDS // 12, abs=2)
    assert latest - settled < MOST_GROWTH_MB, f"grew from {settled:.0f} to {latest:.0f} MB of its own"
