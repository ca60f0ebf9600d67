from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from index.simulation.match_archive import analysed_frames
from index.simulation.matching import Match, SightingTrack, TruthFrames, identity_frames, match_track
from index.simulation.sighting_score import idf1, passage_figures
from index.simulation.truth import TrueBox, TruePassage
from reid.vehicle import Box, TrackPoint
from reid.video.timeline import read_timeline
from reid.video.writer import FilmOptions, film

START = datetime(2026, 5, 4, 8, tzinfo=UTC)
FPS = 10.0


def _time(frame: int) -> datetime:
    return START + timedelta(seconds=frame / FPS)


def _boxes(vehicle: str, frames: range, *, x: int = 0, height: int = 60, visible: float = 1.0) -> list[TrueBox]:
    return [TrueBox("a.mp4", f, _time(f), vehicle, x + 5 * (f - frames[0]), 10, 100, height, visible) for f in frames]


def _passage(name: str, vehicle: str, frames: range, *, counts: bool = True) -> TruePassage:
    return TruePassage(name, vehicle, "A", _time(frames[0]), _time(frames[-1]), 60, 0, 0, counts)


def _track(name: str, boxes: list[TrueBox], *, shift_px: float = 0) -> SightingTrack:
    points = [TrackPoint(b.frame, b.frame / FPS, Box(b.x + shift_px, b.y, b.w, b.h), 1.0) for b in boxes]
    return SightingTrack(name, "a.mp4", tuple(points))


FIRST, SECOND = range(20), range(50, 70)
CAR = [*_boxes("v1", FIRST), *_boxes("v1", SECOND)]
OTHER = _boxes("v2", FIRST, x=400)
TRUTH = TruthFrames.of(
    [*CAR, *OTHER],
    [_passage("p1", "v1", FIRST), _passage("p2", "v1", SECOND), _passage("p3", "v2", FIRST)],
    {"a.mp4": "A"},
)


@pytest.mark.parametrize(
    ("track", "expected"),
    [
        pytest.param(_track("s", CAR[:20]), Match("s", "v1", "p1"), id="on the vehicle"),
        pytest.param(_track("s", CAR[20:]), Match("s", "v1", "p2"), id="its second passage"),
        pytest.param(_track("s", CAR[:20], shift_px=30), Match("s", "v1", "p1"), id="overlaps by 0.54"),
        pytest.param(_track("s", CAR[:20], shift_px=40), Match("s", None, None), id="overlaps by 0.43"),
        pytest.param(_track("s", [*OTHER[:10], *CAR[10:20]]), Match("s", None, None), id="half of each is neither"),
        pytest.param(_track("s", [*OTHER[:9], *CAR[9:20]]), Match("s", "v1", "p1"), id="most of its frames"),
    ],
)
def test_a_sighting_is_the_vehicle_under_most_of_its_frames(track: SightingTrack, expected: Match) -> None:
    assert match_track(track, TRUTH) == expected


def test_scenery_is_neither_phantom_nor_passage() -> None:
    parked = _boxes("scenery-1", range(20), x=800)
    truth = TruthFrames.of([*CAR, *parked], TRUTH.passages["A", "v1"], {"a.mp4": "A"})
    shown = match_track(_track("s", parked), truth)
    assert shown.is_scenery
    figures = passage_figures([shown], TRUTH.passages["A", "v1"], identity_frames([_track("s", parked)], truth))
    assert figures["phantoms"].value == 0
    assert figures["recall"].value == 0


def test_perfect_tracks_score_one() -> None:
    tracks = [_track("s1", CAR[:20]), _track("s2", CAR[20:]), _track("s3", OTHER)]
    figures = passage_figures(
        [match_track(t, TRUTH) for t in tracks],
        [p for ps in TRUTH.passages.values() for p in ps],
        identity_frames(tracks, TRUTH),
    )
    assert {name: figure.value for name, figure in figures.items()} == {
        "recall": 1.0,
        "duplicates": 0.0,
        "phantoms": 0.0,
        "idf1": 1.0,
    }


def test_a_cut_track_a_phantom_and_a_miss_cost_what_they_should() -> None:
    tracks = [_track("s1", CAR[:15]), _track("s2", CAR[15:20]), _track("s3", CAR[20:], shift_px=500)]
    figures = passage_figures(
        [match_track(t, TRUTH) for t in tracks],
        [p for ps in TRUTH.passages.values() for p in ps],
        identity_frames(tracks, TRUTH),
    )
    assert figures["recall"].value == pytest.approx(1 / 3)
    assert figures["duplicates"].value == pytest.approx(1 / 3)
    assert figures["phantoms"].value == pytest.approx(1 / 3)
    assert figures["idf1"].value == pytest.approx(2 * 15 / (60 + 40))


def test_boxes_too_small_to_count_are_ignored_on_both_sides() -> None:
    far = _boxes("v3", range(20), x=600, height=20)
    truth = TruthFrames.of([*OTHER, *far], [*TRUTH.passages["A", "v2"], _passage("p4", "v3", FIRST)], {"a.mp4": "A"})
    assert idf1(identity_frames([_track("s1", OTHER), _track("s2", far)], truth)).value == 1.0


def test_frames_that_were_not_analysed_are_not_missed() -> None:
    analysed = {"a.mp4": frozenset(range(0, 100, 2))}
    truth = TruthFrames.of([*CAR, *OTHER], [p for ps in TRUTH.passages.values() for p in ps], {"a.mp4": "A"}, analysed)
    tracks = [_track("s1", CAR[:20:2]), _track("s2", CAR[20::2]), _track("s3", OTHER[::2])]
    assert idf1(identity_frames(tracks, truth)).value == 1.0
    assert idf1(identity_frames(tracks, TRUTH)).value == pytest.approx(2 / 3)


def test_the_tracks_reveal_which_frames_were_analysed(tmp_path: Path) -> None:
    """Analyse an uneven video of twelve frames a second at ten and at five frames a second."""
    path = tmp_path / "uneven.mp4"
    with film(path, FilmOptions(64, 48, 12.0)) as out:
        for frame in range(60):
            out.add(np.zeros((48, 64, 3), dtype=np.uint8), frame / 12 + 0.02 * (frame % 2))
    timeline = read_timeline(path)
    for every_s in (0.1, 0.2):
        frames = timeline.select(0.0, 100.0, every_s).tolist()
        assert len(frames) < 60
        points = tuple(TrackPoint(frame, 0.0, Box(0, 0, 9, 9), 1.0) for frame in frames)
        assert analysed_frames(path, "uneven.mp4", [SightingTrack("s", "uneven.mp4", points)]) == frozenset(frames)
