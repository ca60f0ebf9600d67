"""A box that trembles around scenery is no vehicle; one that left its place is."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from reid.scene.parked import is_scenery
from reid.vehicle import Box, Shot, Track, TrackPoint
from reid.video.timeline import Timeline, read_timeline

ENTERS_S, TOP, SPEED = 2.0, 60, 40.0


@pytest.fixture(scope="module")
def timeline(film_street: Callable[..., Path], car: type, tmp_path_factory: pytest.TempPathFactory) -> Timeline:
    cars = [car(ENTERS_S, TOP, SPEED)]
    return read_timeline(film_street(tmp_path_factory.mktemp("film") / "street.mp4", cars, 14.0))


def _track(place: Callable[[float], Box], score: float) -> tuple[Track, Shot]:
    """Return a track of four seconds with boxes at these places, and its picture in the middle."""
    points = [TrackPoint(round(s * 10), float(s), place(float(s)), score) for s in np.arange(4.0, 8.0, 0.1)]
    middle = points[len(points) // 2]
    return Track(0, tuple(points)), Shot(
        middle.frame, middle.time_s, middle.box, np.zeros((4, 4, 3), dtype=np.uint8), 1.0
    )


def _trembling(time_s: float) -> Box:
    return Box(150 + round(time_s * 10) * 7 % 60, 110 + round(time_s * 10) * 5 % 20, 70, 50)


def _driving(time_s: float) -> Box:
    return Box((time_s - ENTERS_S) * SPEED - 48, TOP, 48, 30)


def test_a_box_that_trembles_around_the_street_is_scenery(timeline: Timeline) -> None:
    assert is_scenery(timeline, *_track(_trembling, 0.45))


def test_a_vehicle_that_drives_is_none_however_unsure_its_boxes_are(timeline: Timeline) -> None:
    assert not is_scenery(timeline, *_track(_driving, 0.3))


def test_a_sure_track_is_not_doubted(timeline: Timeline) -> None:
    assert not is_scenery(timeline, *_track(_trembling, 0.8))
