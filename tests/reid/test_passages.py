from collections.abc import Callable
from pathlib import Path

import pytest

from reid.detect.motion import MotionDetector
from reid.passages import ObservedPassage, WatchOptions, watch
from reid.scene.scene_log import SceneLog
from reid.vehicle import Box, Detection, Image
from reid.video.timeline import Timeline, read_timeline
from reid.video.writer import FilmOptions, film


def seen(timeline: Timeline, start_s: float, end_s: float) -> list[ObservedPassage]:
    return list(watch(timeline, MotionDetector(), start_s, end_s, options=WatchOptions(), scene=SceneLog()))


@pytest.fixture(scope="module")
def timeline(film_street: Callable[..., Path], car: type, tmp_path_factory: pytest.TempPathFactory) -> Timeline:
    cars = [car(2.0 + 5 * n, 30 + 70 * (n % 2), (1 - 2 * (n % 2)) * 60.0) for n in range(10)]
    return read_timeline(film_street(tmp_path_factory.mktemp("film") / "street.mp4", cars, 62.0))


def test_every_vehicle_is_one_passage_with_good_boxes_and_pictures(timeline: Timeline) -> None:
    passages = seen(timeline, 0.0, 100.0)
    assert len(passages) == 10
    for passage in passages:
        assert passage.track.last_s - passage.track.first_s > 4
        assert 1 <= len(passage.shots) <= 3
        box = passage.shots[0].box
        assert passage.shots[0].image.shape[:2] == pytest.approx((box.height, box.width), abs=1)


@pytest.mark.parametrize("cut_s", [14.0, 23.7, 40.05])
def test_cutting_footage_anywhere_changes_nothing(timeline: Timeline, cut_s: float) -> None:
    def key(passage: ObservedPassage) -> tuple[object, ...]:
        return passage.track.points, tuple(shot.frame for shot in passage.shots)

    whole = sorted(map(key, seen(timeline, 0.0, 100.0)), key=str)
    parts = sorted(map(key, seen(timeline, 0.0, cut_s) + seen(timeline, cut_s, 100.0)), key=str)
    assert parts == whole


class Scripted:
    """A detector that sees whole vehicles where a script says, in the made street of 320 x 180."""

    width_px, warm_up_s, learn_every_s = None, 0.0, 1.0
    model_id, certain_score, in_pieces = "scripted", 0.4, False

    def learn(self, image: Image, time_s: float) -> None:
        """Know the script already."""

    def detect(self, image: Image, time_s: float) -> list[Detection]:
        """See a parked car, one that waits at a light from 24 to 44 s, and one each 6 s that drives through."""
        waits = 60 * (time_s - 22.0) if time_s < 24 else 120 + 60 * max(0.0, time_s - 44.0)
        found = [Detection(Box(20, 120, 50, 30), 0.9 if round(time_s * 10) % 7 else 0.2)]
        if time_s >= 22.5 and waits < 280:
            found.append(Detection(Box(waits, 70, 44, 30), 0.8))
        driven = 70 * (time_s % 6.0)
        return [*found, Detection(Box(driven, 20, 40, 28), 0.7)] if driven < 270 else found


def scripted(timeline: Timeline, start_s: float, end_s: float) -> list[ObservedPassage]:
    with pytest.MonkeyPatch.context() as patch:
        # The cars of the script are not in the picture: none of those that set off was there from the start.
        patch.setattr("reid.passages.parked_from_start", lambda *_: False)
        return list(watch(timeline, Scripted(), start_s, end_s, options=WatchOptions(), scene=SceneLog()))


def test_what_is_parked_is_no_passage_and_a_wait_at_a_light_is_one(timeline: Timeline) -> None:
    passages = scripted(timeline, 0.0, 100.0)
    tops = [passage.track.points[0].box.y for passage in passages]
    assert tops.count(120) == 0
    assert tops.count(70) == 1
    assert tops.count(20) == 11


@pytest.mark.parametrize("cut_s", [20.0, 31.0, 43.3])
def test_cutting_footage_while_vehicles_stand_changes_nothing(timeline: Timeline, cut_s: float) -> None:
    def key(passage: ObservedPassage) -> tuple[object, ...]:
        return passage.track.points, tuple(shot.frame for shot in passage.shots)

    whole = sorted(map(key, scripted(timeline, 0.0, 100.0)), key=str)
    parts = sorted(map(key, scripted(timeline, 0.0, cut_s) + scripted(timeline, cut_s, 100.0)), key=str)
    assert parts == whole


def test_a_parked_vehicle_does_not_keep_a_stretch_open(timeline: Timeline) -> None:
    looked_at: list[float] = []

    class Watched(Scripted):
        def detect(self, image: Image, time_s: float) -> list[Detection]:
            looked_at.append(time_s)
            return super().detect(image, time_s)

    list(watch(timeline, Watched(), 0.0, 17.0, options=WatchOptions(), scene=SceneLog()))
    assert max(looked_at) < 22.0


LEAVES_S, COMES_S, GOES_S = 40.0, 5.0, 45.0


def home_left(time_s: float) -> float:
    """Where a car is that has been parked since before the recording."""
    return 100.0 + 40.0 * max(0.0, time_s - LEAVES_S)


def guest_left(time_s: float) -> float:
    """Where a car is that comes, parks below the other, and goes again."""
    return min(100.0, -60.0 + 40.0 * max(0.0, time_s - COMES_S)) + 40.0 * max(0.0, time_s - GOES_S)


class Parking(Scripted):
    """A detector that sees both cars, each box a little off."""

    def detect(self, image: Image, time_s: float) -> list[Detection]:
        number = round(time_s * 10)
        places = ((home_left(time_s), 30.0), (guest_left(time_s), 100.0))
        return [
            Detection(Box(left + number * 7 % 3, top + number * 5 % 2, 48, 30), 0.9, "car")
            for left, top in places
            if -40 < left < 310
        ]


@pytest.fixture(scope="module")
def parking(street: Callable[..., Image], car: type, tmp_path_factory: pytest.TempPathFactory) -> Timeline:
    path = tmp_path_factory.mktemp("film") / "parking.mp4"
    with film(path, FilmOptions(320, 180, 10.0)) as writing:
        for number in range(600):
            image = street([], number / 10)
            for left, top in ((home_left(number / 10), 30), (guest_left(number / 10), 100)):
                x0, x1 = max(0, round(left)), min(320, round(left) + 48)
                if x1 > x0:
                    image[top : top + 30, x0:x1] = (200, 40, 40)
                    image[top + 4 : top + 12, x0:x1] = 30
            writing.add(image)
    return read_timeline(path)


@pytest.mark.parametrize("cut_s", [None, 12.0, 30.0, 39.9, 40.3, 43.0])
def test_a_car_parked_since_before_the_recording_is_seen_when_it_leaves_however_footage_is_cut(
    parking: Timeline, cut_s: float | None
) -> None:
    spans = [(0.0, 60.0)] if cut_s is None else [(0.0, cut_s), (cut_s, 60.0)]
    found = [
        passage
        for start_s, end_s in spans
        for passage in watch(parking, Parking(), start_s, end_s, options=WatchOptions(), scene=SceneLog())
    ]
    begins = sorted((passage.track.points[0].box.y, passage.track.first_s) for passage in found)
    assert begins == [(pytest.approx(30, abs=1), 40.2), (pytest.approx(100, abs=1), pytest.approx(5.6, abs=0.1))]
    assert {shot.frame >= 402 for passage in found for shot in passage.shots if shot.box.y < 60} == {True}
