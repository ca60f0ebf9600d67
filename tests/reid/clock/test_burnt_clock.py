"""Burnt-in clocks on a rendered street: those that run are read to a frame, all others refused."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pictures
from PIL import ImageDraw, ImageFont

from reid.clock.burnt_clock import BurntClock, NoClock, read_burnt_clock
from reid.render.frames import FrameRenderer
from reid.render.scene import SiteOptions, make_site
from reid.vehicle import Image
from reid.video.timeline import read_timeline
from reid.video.writer import FilmOptions, film

WIDTH, HEIGHT, FPS, SECONDS = 640, 360, 10.0, 10.0
START = datetime(2026, 5, 4, 8, 29, 55, 640_000)


@pytest.fixture(scope="module")
def empty_street() -> Image:
    return FrameRenderer(make_site(12, SiteOptions(WIDTH, HEIGHT))).frame([], 0.0).image


@pytest.fixture
def filmed(empty_street: Image, tmp_path: Path) -> Callable[..., Path]:
    """A function that films the street with lines of text at places, each as strftime has them."""

    def make(*lines: tuple[str, int, int], rate: float = 1.0) -> Path:
        font = ImageFont.load_default(16)
        with film(tmp_path / "clock.mp4", FilmOptions(WIDTH, HEIGHT, FPS)) as writing:
            for number in range(round(SECONDS * FPS)):
                picture = Pictures.fromarray(empty_street)
                now = START + timedelta(seconds=rate * number / FPS)
                for text, x, y in lines:
                    ImageDraw.Draw(picture).text(
                        (x, y), now.strftime(text), font=font, fill="white", stroke_width=1, stroke_fill="black"
                    )
                writing.add(np.array(picture))
        return tmp_path / "clock.mp4"

    return make


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param([("%Y-%m-%d %H:%M:%S", 10, 8), ("CAM 03", 540, 335)], id="one line, and a name"),
        pytest.param([("%d.%m.%Y", 10, 330), ("%H:%M:%S", 540, 330)], id="date and time apart in a row"),
        pytest.param([("%d %b %Y %I:%M:%S %p", 380, 8)], id="by the month's name, in halves of the day"),
        pytest.param([("REC 00:12:%S", 10, 8), ("%d.%m.%Y", 10, 28), ("%H:%M:%S", 10, 48)], id="a counter above"),
    ],
)
def test_a_clock_that_runs_is_read_to_a_frame(filmed: Callable[..., Path], lines: list[tuple[str, int, int]]) -> None:
    clock = read_burnt_clock(read_timeline(filmed(*lines)))
    assert isinstance(clock, BurntClock)
    (start,) = clock.starts.values()
    assert abs(start - START) <= timedelta(seconds=1.5 / FPS)
    assert clock.right >= 6


@pytest.mark.parametrize("place", [(240, 8), (10, 30)])
def test_a_half_of_the_day_apart_from_its_time_is_a_part_of_it(
    filmed: Callable[..., Path], place: tuple[int, int]
) -> None:
    """The text with the date alone was a clock: the afternoon was twelve hours early."""
    clock = read_burnt_clock(read_timeline(filmed(("%Y-%m-%d %I:%M:%S", 10, 8), ("PM", *place))))
    assert isinstance(clock, BurntClock)
    assert [start.hour for start in clock.starts.values()] == [20]


def test_an_ambiguous_day_and_month_gives_both_dates(filmed: Callable[..., Path]) -> None:
    clock = read_burnt_clock(read_timeline(filmed(("%m/%d/%Y %H:%M:%S", 10, 8))))
    assert isinstance(clock, BurntClock)
    assert {order: start.date().isoformat() for order, start in clock.starts.items()} == {
        "day first": "2026-04-05",
        "month first": "2026-05-04",
    }


@pytest.mark.parametrize(
    ("lines", "rate", "says"),
    [
        pytest.param([], 1.0, "no text in its pictures", id="none"),
        pytest.param([("2026-05-04 08:30:00", 10, 8)], 1.0, "stands still", id="frozen, or a sign"),
        pytest.param([("%Y-%m-%d %H:%M:%S", 10, 8)], 6.0, "does not go on as the footage does", id="time lapse"),
    ],
)
def test_what_does_not_run_as_the_footage_does_is_no_clock(
    filmed: Callable[..., Path], lines: list[tuple[str, int, int]], rate: float, says: str
) -> None:
    found = read_burnt_clock(read_timeline(filmed(*lines, rate=rate)))
    assert isinstance(found, NoClock)
    assert says in found.reason


def test_a_moment_of_footage_proves_no_clock(film_street: Callable[..., Path], tmp_path: Path) -> None:
    found = read_burnt_clock(read_timeline(film_street(tmp_path / "short.mp4", [], 1.0)))
    assert isinstance(found, NoClock)
    assert "too short" in found.reason
