from pathlib import Path

import av
import numpy as np
import pytest

from reid.errors import SeeingError
from reid.video.frames import frames
from reid.video.timeline import read_timeline
from reid.video.writer import FilmOptions, film, through_codec


def _write(path: Path, frames: int, fps: float = 12.5) -> None:
    with film(path, FilmOptions(64, 48, fps)) as writing:
        for level in np.linspace(20, 220, frames):
            writing.add(np.full((48, 64, 3), level, np.uint8))


def test_frames_come_back_in_order_at_exact_times(tmp_path: Path) -> None:
    _write(tmp_path / "film.mp4", 10)
    with av.open(str(tmp_path / "film.mp4")) as container:
        frames = list(container.decode(video=0))
    assert [frame.time for frame in frames] == pytest.approx([i / 12.5 for i in range(10)], abs=1e-6)
    assert [frame.to_ndarray(format="rgb24").mean() for frame in frames] == pytest.approx(
        np.linspace(20, 220, 10), abs=4
    )


def test_frames_with_times_of_their_own_come_back_at_them(tmp_path: Path) -> None:
    times_s = [0.0, 0.07, 0.19, 0.25, 0.5]
    with film(tmp_path / "film.mp4", FilmOptions(64, 48, 12.0)) as writing:
        for time_s in times_s:
            writing.add(np.full((48, 64, 3), 90, np.uint8), time_s)
    assert read_timeline(tmp_path / "film.mp4").times_s == pytest.approx(times_s, abs=1e-5)


def test_the_same_frames_give_the_same_bytes(tmp_path: Path) -> None:
    _write(tmp_path / "a.mp4", 5)
    _write(tmp_path / "b.mp4", 5)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_an_odd_size_is_refused_with_an_even_one(tmp_path: Path) -> None:
    with pytest.raises(SeeingError, match="as in 62x48"), film(tmp_path / "film.mp4", FilmOptions(63, 48, 12)):
        pass


def test_a_picture_sent_through_the_codec_is_that_of_a_film(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    empty = np.full((48, 64, 3), 90, np.uint8)
    passing = empty.copy()
    passing[10:34, 20:52] = rng.integers(0, 255, (24, 32, 3))
    with film(tmp_path / "film.mp4", FilmOptions(64, 48, 25.0)) as writing:
        writing.add(empty)
        writing.add(passing)
    *_, last = frames(read_timeline(tmp_path / "film.mp4"))
    assert (through_codec([empty, passing]) == last.image).all()
