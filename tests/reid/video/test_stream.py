"""Streams that cameras, or what pretends to be one, send otherwise than they should."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import av
import pytest

from reid.errors import SeeingError
from reid.video import stream
from reid.video.stream import StreamOptions, pieces
from reid.video.timeline import read_timeline


@pytest.fixture
def film(tmp_path: Path) -> bytes:
    """Eight seconds of MPEG-TS with one key frame."""
    path = tmp_path / "one.ts"
    with av.open(str(path), "w", format="mpegts") as target:
        made = target.add_stream("libx264", rate=10, options={"g": "1000", "bf": "0", "preset": "ultrafast"})
        made.width, made.height, made.pix_fmt = 64, 64, "yuv420p"
        for _ in range(80):
            target.mux(made.encode(av.VideoFrame(64, 64, "yuv420p")))
        target.mux(made.encode(None))
    return path.read_bytes()


@pytest.fixture
def sent(film: bytes) -> str:
    """The address of a server that sends the film once, without a word of how long it is."""
    listener = socket.create_server(("127.0.0.1", 0))

    def send() -> None:
        with listener, listener.accept()[0] as line:
            line.sendall(film)

    threading.Thread(target=send, daemon=True).start()
    return f"tcp://127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def begin(tmp_path: Path) -> Callable[[float], Path]:
    """Names each piece by when it begins."""
    return lambda offset_s: tmp_path / f"piece{offset_s:.0f}.mkv"


def test_a_stream_without_a_second_key_frame_ends_its_piece(sent: str, begin: Callable[[float], Path]) -> None:
    """The piece grew for as long as the camera ran, and nothing of it was taken in."""
    (piece,) = pieces(sent, begin, lambda: True, StreamOptions(piece_s=0.5))
    assert read_timeline(piece).duration_s < 4
    assert piece.stat().st_mode & 0o077 == 0, "a folder of recordings may be open to others"


def test_a_stream_of_too_large_pictures_leaves_no_file(
    sent: str, begin: Callable[[float], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "MAX_PIXELS", 4000)
    with pytest.raises(SeeingError, match="64 x 64"):
        list(pieces(sent, begin, lambda: True))
    assert list(tmp_path.glob("piece*")) == []


@pytest.mark.parametrize(("rate", "taken"), [(1.0, 300), (0.5, 119), (3.0, 60)], ids=["right", "slow", "fast"])
def test_a_stream_whose_time_runs_otherwise_is_dated_anew(
    rate: float, taken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an hour at three times the speed, sightings were stored for two hours to come."""
    monkeypatch.setattr(stream, "time", SimpleNamespace(monotonic=count().__next__))
    unit = Fraction(1, 90_000)
    packets = [
        SimpleNamespace(size=9, is_keyframe=True, pts=round(s * rate / unit), time_base=unit) for s in range(300)
    ]
    container = SimpleNamespace(demux=lambda _: iter(packets), name="rtsp://camera/1")
    found = stream._packets(cast("Any", container), cast("Any", None), lambda: True, stream.JUMP_S)
    assert sum(1 for _ in found) == taken


@pytest.mark.parametrize(("opening_s", "asked"), [(3.0, [0.0, -3.0]), (20.0, [0.0, -7.9]), (0.0, [0.0]), (0.3, [0.0])])
def test_the_first_piece_begins_when_its_first_picture_came_and_not_when_ffmpeg_gave_it(
    film: bytes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    opening_s: float,
    asked: list[float],
) -> None:
    """FFmpeg looks at some seconds of a stream first: the piece was named by as many seconds too late."""
    path, now_s, begun = tmp_path / "one.ts", [100.0], []
    opened = stream._connected

    @contextmanager
    def slowly(_: str, options: StreamOptions) -> Iterator[tuple[Any, Any]]:
        with opened(str(path), options) as (container, video):
            now_s[0] += opening_s
            yield SimpleNamespace(duration=None, demux=container.demux, name="film"), video

    def begin(offset_s: float) -> Path:
        begun.append(round(offset_s, 1))
        return tmp_path / f"piece{offset_s:.1f}.mkv"

    monkeypatch.setattr(stream, "_connected", slowly)
    monkeypatch.setattr(stream, "time", SimpleNamespace(monotonic=lambda: now_s[0]))
    (piece,) = pieces("live", begin, lambda: True)
    assert begun == asked
    assert piece == tmp_path / f"piece{asked[-1]:.1f}.mkv"
    assert piece.exists()
