from collections.abc import Callable, Iterable

import numpy as np
import pytest

from reid.track.tracker import Tracker, TrackerOptions
from reid.vehicle import Box, Detection, Track

STEP_S = 0.1
Path = Callable[[float], Box | None]


def follow(paths: Iterable[Path], seconds: float) -> list[Track]:
    """Show a tracker where each vehicle is at each moment, and return its tracks."""
    tracker, ended = Tracker(), []
    for frame in range(round(seconds / STEP_S)):
        time_s = frame * STEP_S
        found = [Detection(box, 0.9) for path in paths if (box := path(time_s)) is not None]
        ended += tracker.update(frame, time_s, found).ended
    return [*ended, *tracker.finish()]


def driving(speed: float, *, start: float = 0.0, y: float = 100.0, wobble: float = 1.0) -> Path:
    rng = np.random.default_rng(int(abs(speed) + y))
    noise = rng.normal(0, wobble, (2000, 2))
    return lambda t: Box(start + speed * t + noise[round(t / STEP_S)][0], y + noise[round(t / STEP_S)][1], 60, 40)


def test_one_vehicle_is_one_track_with_every_point() -> None:
    (track,) = follow([driving(80)], 5)
    assert len(track.points) == 50
    assert (track.first_s, track.last_s) == pytest.approx((0.0, 4.9))


def test_two_that_cross_keep_their_own_track() -> None:
    tracks = follow([driving(80), driving(-80, start=400, y=112)], 5)
    assert len(tracks) == 2
    for track in tracks:
        steps = np.diff([point.box.x for point in track.points])
        assert (np.sign(np.median(steps)) * steps > -20).all()


def test_a_short_time_behind_a_tree_does_not_end_a_track() -> None:
    seen = driving(80)
    (track,) = follow([lambda t: None if 2.0 <= t < 2.7 else seen(t)], 5)
    assert track.last_s == pytest.approx(4.9)


def test_a_stop_at_a_red_light_is_one_passage_even_when_the_scene_swallows_it() -> None:
    def path(t: float) -> Box | None:
        x = 80 * min(t, 3.0) + 80 * max(0.0, t - 43.0)
        return None if 20.0 < t < 42.9 else Box(x, 100, 60, 40)

    assert len(follow([path], 48)) == 1


def test_what_never_moves_is_no_passage() -> None:
    rng = np.random.default_rng(1)
    assert follow([lambda t: Box(100 + rng.normal(0, 2), 100 + rng.normal(0, 2), 60, 40)], 10) == []


def test_a_fast_vehicle_that_leaves_its_own_box_between_frames_is_one_track() -> None:
    assert len(follow([driving(650)], 2)) == 1


def test_two_in_one_blob_are_parted_where_they_are_expected() -> None:
    def near(t: float) -> Box | None:
        return Box(100 + 80 * t, 100, 60, 40) if not 2 <= t < 3.2 else None

    def far(t: float) -> Box | None:
        return Box(300 + 20 * t, 90, 60, 40) if not 2 <= t < 3.2 else None

    def both(t: float) -> Box | None:
        return Box(100 + 80 * t, 90, 260 - 60 * t, 50) if 2 <= t < 3.2 else None

    tracks = follow([near, far, both], 5)
    assert len(tracks) == 2
    assert all(track.first_s == 0.0 and track.last_s > 4.5 for track in tracks)


def broken(t: float) -> bool:
    """Say whether the mask breaks the vehicle in two just now: three frames in ten."""
    return t > 1 and round(t / STEP_S) % 10 < 3


def test_pieces_of_an_expected_vehicle_are_joined() -> None:
    whole = driving(80, wobble=0.0)

    def upper(t: float) -> Box | None:
        box = whole(t)
        return Box(box.x, box.y, 60, 18) if box is not None and broken(t) else box

    def lower(t: float) -> Box | None:
        box = whole(t)
        return Box(box.x + 2, box.y + 22, 56, 18) if box is not None and broken(t) else None

    (track,) = follow([upper, lower], 4)
    assert all(point.box.height > 35 for point in track.points)


def test_what_stays_in_two_large_pieces_is_two_vehicles_that_came_as_one() -> None:
    def both(t: float) -> Box | None:
        return Box(100 + 30 * t, 100, 130, 40) if t < 2 else None

    def first(t: float) -> Box | None:
        return Box(100 + 30 * t, 100, 60, 40) if t >= 2 else None

    def second(t: float) -> Box | None:
        return Box(170 + 30 * t, 100, 60, 40) if t >= 2 else None

    tracks = follow([both, first, second], 6)
    assert len(tracks) == 2
    assert all(point.box.width < 70 for track in tracks for point in track.points[-20:])


def test_a_scrap_that_stays_inside_a_vehicle_is_no_passage() -> None:
    whole = driving(80, wobble=0.0)

    def lamp(t: float) -> Box | None:
        box = whole(t)
        return Box(box.x + 45, box.y + 5, 14, 22) if box is not None and t > 0.5 else None

    (track,) = follow([whole, lamp], 4)
    assert track.points[-1].box.width > 50


def test_too_short_and_too_small_are_no_passages() -> None:
    brief = driving(200)
    assert follow([lambda t: brief(t) if t < 0.25 else None], 3) == []
    assert follow([lambda t: Box(20 * t, 50, 12, 9)], 5) == []


def whole(**options: float) -> Tracker:
    """A tracker for a detector that sees each vehicle as one box."""
    return Tracker(TrackerOptions(certain_score=0.4, in_pieces=False, **options))


def test_an_uncertain_detection_goes_on_a_track_but_begins_none() -> None:
    tracker, seen = whole(), driving(80)
    for frame in range(50):
        found = [Detection(seen(frame * STEP_S), 0.2 if 20 <= frame < 32 else 0.9)]  # type: ignore[arg-type]
        ghost = Detection(Box(300 - 4 * frame, 300, 60, 40), 0.3)
        tracker.update(frame, frame * STEP_S, [*found, ghost])
    (track,) = tracker.finish()
    assert len(track.points) == 50
    assert track.points[25].score == pytest.approx(0.2)


def test_what_stands_where_a_vehicle_left_is_not_taken_for_it() -> None:
    tracker = whole()
    for frame in range(80):
        car = [Detection(Box(10.0 * frame, 100, 60, 40), 0.9)] if frame < 30 else []
        tracker.update(frame, frame * STEP_S, [*car, Detection(Box(295, 102, 64, 42), 0.25)])
    (track,) = tracker.finish()
    assert track.points[-1].frame == 29


def test_a_second_box_on_a_followed_vehicle_is_no_vehicle() -> None:
    tracker = whole()
    for frame in range(40):
        car = Detection(Box(10.0 * frame, 100, 80, 40), 0.9)
        shifted = Detection(Box(10.0 * frame + 25, 105, 80, 40), 0.7)
        cab = Detection(Box(10.0 * frame + 5, 105, 20, 30), 0.8)
        tracker.update(frame, frame * STEP_S, [car, shifted, cab])
    (track,) = tracker.finish()
    assert {point.score for point in track.points} == {0.9}


def test_a_motorcycle_before_a_lorry_keeps_its_own_track() -> None:
    tracker = whole()
    for frame in range(40):
        lorry = Detection(Box(10.0 * frame, 50, 200, 120), 0.9)
        rider = Detection(Box(10.0 * frame + 60, 120, 20, 40), 0.8, "motorcycle")
        tracker.update(frame, frame * STEP_S, [lorry, rider])
    assert len(tracker.finish()) == 2


@pytest.mark.parametrize(("score", "held_frames", "passages"), [(0.5, 30, 0), (0.5, 10, 1), (0.7, 30, 1)])
def test_an_unsure_box_that_mostly_holds_smaller_vehicles_is_a_stretch_of_road(
    score: float, held_frames: int, passages: int
) -> None:
    tracker = whole()
    for frame in range(40):
        road = Detection(Box(4.0 * frame, 50, 120, 120), score)
        car = Detection(Box(4.0 * frame + 40, 100, 30, 20), 0.9)
        tracker.update(frame, frame * STEP_S, [road, car] if frame < held_frames else [road])
    assert len(tracker.finish()) == passages


def test_uncertain_boxes_do_not_lead_from_a_vehicle_that_left_to_a_parked_one() -> None:
    tracker, ended = whole(), []
    for frame in range(100):
        side = 20 + 3 * max(0, min(frame - 30, 25))
        score = 0.9 if frame < 30 or frame >= 90 else 0.3
        seen = Detection(Box(min(frame, 30) * 5.0, 100, side, side), score)
        ended += tracker.update(frame, frame * STEP_S, [seen]).ended
    assert [track.points[-1].frame for track in [*ended, *tracker.finish()]] == [29]


@pytest.mark.parametrize(
    ("label", "score", "part_frames", "passages"),
    [
        pytest.param("van", 0.8, 30, 1, id="the cab of a lorry"),
        pytest.param("van", 0.8, 10, 2, id="a car that a lorry hides for a moment"),
        pytest.param("motorcycle", 0.5, 30, 1, id="the visible edge of a car behind a lorry"),
        pytest.param("motorcycle", 0.8, 30, 2, id="a motorcycle before a lorry"),
    ],
)
def test_what_mostly_lies_in_a_larger_vehicle_is_a_part_of_it(
    label: str, score: float, part_frames: int, passages: int
) -> None:
    tracker = whole()
    for frame in range(40):
        lorry = Detection(Box(10.0 * frame + (0 if 3 <= frame < 3 + part_frames else 100), 50, 300, 120), 0.9)
        cab = Detection(Box(10.0 * frame + 5, 60, 90, 100), score, label)
        tracker.update(frame, frame * STEP_S, [lorry, cab])
    assert len(tracker.finish()) == passages
