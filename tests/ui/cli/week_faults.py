"""The faults that a week brings: each is done to the archive, its watcher or its server, beside the work of a day."""

import os
import re
import signal
import time
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from index.errors import ArchiveError
from tests.ui.cli.week import DAY, START, Week, named


def crash(data: Path) -> None:
    """End the server as a power cut would: nothing is written down."""
    pid = int((data / "postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGQUIT)
    for _ in range(200):
        if not Path(f"/proc/{pid}").exists() or "State:\tZ" in Path(f"/proc/{pid}/status").read_text():
            return
        time.sleep(0.1)


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
