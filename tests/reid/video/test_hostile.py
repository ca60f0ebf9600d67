"""Videos that somebody made to break what reads them."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from reid.errors import SeeingError
from reid.video import timeline
from reid.video.frames import frames
from reid.video.timeline import read_timeline


def film(path: Path, codec: str, pixels: str, *, width: int = 64, **metadata: str) -> Path:
    with av.open(str(path), "w") as container:
        container.metadata.update(metadata)
        stream = container.add_stream(codec, rate=10)
        stream.width, stream.height, stream.pix_fmt = width, 48, pixels
        for number in range(3):
            frame = av.VideoFrame.from_ndarray(np.full((48, width, 3), 80 * number, np.uint8), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 10)
            container.mux(stream.encode(frame.reformat(format=pixels)))
        container.mux(stream.encode(None))
    return path


def test_a_small_file_of_huge_pictures_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    """380 kB took 2.2 GB."""
    path = film(tmp_path / "huge.gif", "gif", "rgb8")
    content = bytearray(path.read_bytes())
    content[6:10] = (16_000).to_bytes(2, "little") * 2
    path.write_bytes(content)
    with pytest.raises(SeeingError, match="more than 64 million"):
        read_timeline(path)


def test_a_picture_that_is_huge_in_the_middle_of_a_file_is_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the header says of its size is true of the beginning alone."""
    parts = (film(tmp_path / f"{width}.h264", "libx264", "yuv420p", width=width) for width in (64, 320, 64))
    path = tmp_path / "grows.h264"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    told: list[str] = []
    assert {frame.width for frame in frames(read_timeline(path), on_damage=told.append)} == {64}
    assert "is 320x48, the first is 64x48" in told[0]
    monkeypatch.setattr(timeline, "NO_LARGER", {"max_pixels": "10000"})
    damage: list[str] = []
    assert {frame.width for frame in frames(read_timeline(path), on_damage=damage.append)} == {64}
    assert damage
    assert "the first is" not in "".join(damage), "it was never decoded"


def test_a_recorder_of_the_last_year_tells_no_start(tmp_path: Path) -> None:
    """In UTC it would be the year 10000: all other files of the ingest stopped with it."""
    path = film(tmp_path / "late.flv", "flv1", "yuv420p", creation_time="9999-12-31T23:59:59-14:00")
    written, late = b"10000-01-01T13:59:59.000000Z", b"9999-12-31T23:59:59.00-14:00"
    assert path.read_bytes().count(written) == 1
    path.write_bytes(path.read_bytes().replace(written, late))
    assert read_timeline(path).created is None
