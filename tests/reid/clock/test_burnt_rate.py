"""The rate of a burnt-in clock: by readings of whole seconds, and on a rendered street."""

import math
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pictures
from PIL import ImageDraw, ImageFont

from reid.clock.burnt_clock import NoClock
from reid.clock.burnt_rate import BurntRate, clock_line, read_burnt_rate
from reid.video.timeline import read_timeline
from reid.video.writer import FilmOptions, film

MOMENTS_S = tuple(600 * share / 15 for share in range(16))


def shown(start_s: float, rate: float) -> list[tuple[float, float]]:
    return [(time_s, float(math.floor(start_s + rate * time_s))) for time_s in MOMENTS_S]


@given(st.floats(0, 1e6), st.floats(0.7, 1.4), st.sets(st.integers(0, 15), max_size=4))
def test_the_rate_is_found_whatever_is_misread(start_s: float, rate: float, misread: set[int]) -> None:
    readings = [(t, s + 1000.0 * (1 + n) if n in misread else s) for n, (t, s) in enumerate(shown(start_s, rate))]
    found = clock_line(readings)
    assert found is not None
    assert abs(found[0] - rate) <= 2 * found[1]
    assert found[2] >= 12


@pytest.mark.parametrize(
    "readings",
    [
        pytest.param([], id="none"),
        pytest.param(shown(5.0, 1.0)[:5], id="too few"),
        pytest.param(shown(5.0, 0.0), id="it stands"),
        pytest.param([(t, s**1.2) for t, s in shown(5.0, 1.0)], id="not even"),
    ],
)
def test_what_does_not_advance_evenly_tells_nothing(readings: list[tuple[float, float]]) -> None:
    assert clock_line(readings) is None


def filmed(path: Path, *, seconds: float, rate: float, fps: float = 2.0) -> Path:
    """Film a grey picture with a running clock."""
    font = ImageFont.load_default(20)
    with film(path, FilmOptions(480, 270, fps)) as writing:
        for number in range(round(seconds * fps)):
            picture = Pictures.new("RGB", (480, 270), (90, 95, 90))
            now = datetime(2026, 5, 4, 8, 29, 55) + timedelta(seconds=rate * number / fps)
            ImageDraw.Draw(picture).text((10, 8), now.strftime("%Y-%m-%d %H:%M:%S"), font=font, fill="white")
            writing.add(np.array(picture))
    return path


def test_footage_that_is_shorter_than_it_was_is_known_by_its_clock(tmp_path: Path) -> None:
    found = read_burnt_rate(read_timeline(filmed(tmp_path / "short.mp4", seconds=80.0, rate=25 / 21)))
    assert isinstance(found, BurntRate)
    assert abs(found.rate - 25 / 21) <= found.doubt < 0.02


def test_a_minute_is_the_least(tmp_path: Path) -> None:
    found = read_burnt_rate(read_timeline(filmed(tmp_path / "brief.mp4", seconds=20.0, rate=1.0)))
    assert isinstance(found, NoClock)
    assert "too short" in found.reason
