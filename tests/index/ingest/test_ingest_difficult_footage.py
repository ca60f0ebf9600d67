"""Unusual or damaged footage is ingested or refused in one line, and the archive stays whole."""

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from index.access.permissions import local_person
from index.ingest.ingest import IngestedFootage, ingest
from index.ingest.ingest_options import IngestOptions
from index.ingest.registration import FootageJob
from index.store.archive import Archive
from index.store.catalogue import cameras, footage, sightings
from index.store.catalogue.cameras import StoredCamera
from index.store.catalogue.sightings import SightingFilter
from index.upkeep.verify import verify

pytestmark = pytest.mark.usefixtures("motion_sees")

EIGHT = datetime(2026, 5, 4, 8, tzinfo=UTC)
QUICK = IngestOptions(detector="motion", plates=False, weights="histogram")

Draw = Callable[[float], np.ndarray]


def film(path: Path, draw: Draw, seconds: float, *, fps: int = 10, layout: str = "yuv420p", **options: str) -> Path:
    """Film what is drawn at each moment with x264, or MJPEG into AVI."""
    codec = "mjpeg" if path.suffix == ".avi" else "libx264"
    height, width = draw(0.0).shape[:2]
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=fps, options=options)
        stream.width, stream.height, stream.pix_fmt = width, height, layout
        for number in range(max(1, round(seconds * fps))):
            frame = av.VideoFrame.from_ndarray(draw(number / fps), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def ingest_one(archive: Archive, path: Path) -> IngestedFootage:
    (done,) = ingest(archive, [FootageJob(path, "a", EIGHT)], local_person(), QUICK)
    assert verify(archive) == []
    return done


@pytest.fixture
def one_car(street: Callable[..., np.ndarray], car: type) -> Draw:
    return lambda time_s: street([car(1.0, 60)], time_s)


@pytest.mark.parametrize(
    ("name", "how"),
    [
        pytest.param("grey.mp4", {"layout": "gray"}, id="grey"),
        pytest.param("fields.mp4", {"flags": "+ilme+ildct", "x264opts": "tff=1"}, id="interlaced"),
        pytest.param("raw.h264", {"fps": 25}, id="no time stamps"),
        pytest.param("motion.avi", {"layout": "yuvj420p"}, id="every frame a key frame"),
        pytest.param("colours.mp4", {"layout": "yuv444p"}, id="full colour"),
    ],
)
def test_unusual_encodings_give_the_same_sighting(
    archive: Archive, one_car: Draw, tmp_path: Path, name: str, how: dict[str, Any]
) -> None:
    done = ingest_one(archive, film(tmp_path / name, one_car, 8.0, **how))
    assert (done.status, done.problem, done.sightings) == ("done", None, 1)


@pytest.mark.parametrize(
    ("seconds", "fps"), [pytest.param(0.1, 10, id="one frame"), pytest.param(30.0, 1, id="one frame a second")]
)
def test_footage_with_few_frames_is_ingested(
    archive: Archive, one_car: Draw, tmp_path: Path, seconds: float, fps: int
) -> None:
    done = ingest_one(archive, film(tmp_path / "few.mp4", one_car, seconds, fps=fps))
    assert (done.status, done.seconds_of_video) == ("done", pytest.approx(max(seconds, 0.04), rel=0.7))


def test_footage_of_very_large_frames_is_ingested(archive: Archive, tmp_path: Path) -> None:
    frame = np.kron(np.random.default_rng(0).integers(80, 160, (27, 48, 3)), np.ones((160, 160, 1))).astype(np.uint8)
    done = ingest_one(archive, film(tmp_path / "8k.mp4", lambda _: frame, 0.3, preset="ultrafast", crf="35"))
    assert (frame.shape, done.status) == ((4320, 7680, 3), "done")


@pytest.mark.parametrize("cut", [0.3, 0.9])
def test_a_truncated_recording_is_ingested_as_far_as_it_goes(
    archive: Archive, one_car: Draw, tmp_path: Path, cut: float
) -> None:
    path = film(tmp_path / "cut.mkv", one_car, 8.0)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * cut)])
    done = ingest_one(archive, path)
    assert done.status in ("done", "partial")
    assert 0 < done.seconds_of_video < 8


@pytest.mark.slow
def test_a_full_disk_ends_in_one_line_and_the_next_run_continues(
    film_street: Callable[..., Path], car: type, tmp_path: Path
) -> None:
    video = film_street(tmp_path / "street.mp4", [car(1.0, 40), car(4.0, 110, -60.0)], 10.0)
    seen = []
    for folder, limits in (("never full", []), ("full", [60_000, 120_000])):
        with Archive.create(tmp_path / folder) as made, made.catalogue.writing() as connection:
            cameras.put(connection, [StoredCamera("a", 48.41, 15.6)])
        for most_bytes in limits:
            refused = _ingested(tmp_path / folder, video, most_bytes)
            assert refused.returncode == 1 or most_bytes > limits[0], refused.stderr
            assert "Traceback" not in refused.stderr
            assert refused.returncode == 0 or refused.stderr.strip().splitlines()[-1].startswith("retrace: ")
        assert _ingested(tmp_path / folder, video, None).returncode == 0
        with Archive.open(tmp_path / folder) as archive, archive.catalogue.reading() as connection:
            assert verify(archive) == []
            seen.append([(one.id, one.box) for one in sightings.listing(connection, SightingFilter())])
    assert len(seen[0]) == 2
    assert seen[0] == seen[1]


def _ingested(archive: Path, video: Path, most_bytes: int | None) -> "subprocess.CompletedProcess[str]":
    """Run the command where no file may grow beyond so many bytes, which is what a full disk is like."""
    limit = (most_bytes, most_bytes) if most_bytes is not None else None
    words = ["--archive", str(archive), "ingest", str(video), "--camera", "a", "--start", EIGHT.isoformat()]
    return subprocess.run(
        [sys.executable, "-c", "from ui.cli.main import main; main()", *words],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit) if limit else None,
        env={
            **os.environ,
            "RETRACE_INGEST_PLATES": "false",
            "RETRACE_INGEST_CHUNK_S": "3",
            "RETRACE_INGEST_WEIGHTS": "histogram",
        },
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("days", [pytest.param(30, id="a month"), pytest.param(1000, id="years")])
def test_a_time_stamp_that_jumps_makes_chunks_only_where_frames_are(
    archive: Archive, street: Callable[..., np.ndarray], tmp_path: Path, days: int
) -> None:
    path = tmp_path / "jump.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"qp": "20"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        for number in range(20):
            frame = av.VideoFrame.from_ndarray(street([], number / 10), format="rgb24")
            frame.pts = number * 100 + (days * 86_400_000 if number >= 10 else 0)
            frame.time_base = Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    done = ingest_one(archive, path)
    assert done.status == "done"
    assert f"jump by {days:.1f} days after 0.9 s" in done.doubts[0]
    with archive.catalogue.reading() as connection:
        states = footage.chunk_states(connection, [done.sha256 or ""])[done.sha256 or ""]
    assert len(states) == 2
    assert all(found is not None for _, found in states)
    assert verify(archive) == []
