"""Film a street on which the vehicle asked about drives below, and another, finely patterned one above."""

from pathlib import Path

import numpy as np

from reid.vehicle import Box, Image, TrackPoint
from reid.video.writer import FilmOptions, film

FPS, SECONDS, WIDTH, HEIGHT = 8.0, 12.0, 320, 180
APPEARS_S, LEAVES_S = 4.0, 8.0
"""Between these the vehicle asked about is in the picture."""

SUBJECT = (200, 30, 30)


def subject_box(time_s: float) -> Box:
    return Box(20 + 50 * (time_s - APPEARS_S), 110, 60, 40)


def other_box(time_s: float) -> Box:
    return Box(10 + 20 * time_s, 20, 48, 40)


def frame_at(time_s: float) -> Image:
    """A grey street with a gradient; the other vehicle is a fine chequered pattern."""
    picture = np.repeat(np.linspace(90, 150, WIDTH, dtype=np.uint8)[None, :, None], HEIGHT, axis=0).repeat(3, axis=2)
    other = other_box(time_s)
    rows, columns = np.mgrid[0:40, 0:48]
    chequers = (((rows // 4 + columns // 4) % 2) * 225).astype(np.uint8)
    left = round(other.x)
    picture[20:60, left : left + 48] = chequers[:, : max(0, min(48, WIDTH - left)), None]
    if APPEARS_S <= time_s <= LEAVES_S:
        box = subject_box(time_s)
        picture[110:150, round(box.x) : round(box.x + 60)] = SUBJECT
        picture[118:126, round(box.x) + 8 : round(box.x) + 24] = 240
    return np.ascontiguousarray(picture)


def write_film(path: Path) -> Path:
    with film(path, FilmOptions(WIDTH, HEIGHT, FPS)) as opened:
        for number in range(round(SECONDS * FPS)):
            opened.add(frame_at(number / FPS))
    return path


def track() -> tuple[TrackPoint, ...]:
    times = [number / FPS for number in range(round(SECONDS * FPS)) if APPEARS_S <= number / FPS <= LEAVES_S]
    return tuple(TrackPoint(round(time_s * FPS), time_s, subject_box(time_s), 0.9, "car") for time_s in times)
