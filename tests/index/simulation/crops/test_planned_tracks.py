from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from index.simulation.crops.planned_tracks import JITTER, PlannedTrack, ShownPassage, plan_tracks
from index.simulation.crops.tracking_samples import TrackingSamples
from index.simulation.truth import TrueBox
from tests.index.simulation.crops.samples import HALF, WHOLE, sample, samples

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
TIMES_S = np.arange(60) / 10


def passage(frames: int = 30, height_px: int = 60) -> ShownPassage:
    """A vehicle that comes nearer from frame to frame, and is whole in the picture."""
    boxes = tuple(
        TrueBox("a.mp4", n, NOON, "v1", 100 + 2 * n, 100, 2 * height_px, height_px + n, 1.0) for n in range(frames)
    )
    return ShownPassage(boxes, "sun", 640, 480)


def planned(borrowed: TrackingSamples, shown: ShownPassage | None = None) -> list[PlannedTrack]:
    return list(plan_tracks(shown or passage(), TIMES_S, borrowed, np.random.default_rng(5)))


def test_a_passage_is_tracked_from_first_to_last_and_keeps_its_largest_pictures() -> None:
    (track,) = planned(samples(sample(60.0, WHOLE)))
    assert len(track.track.points) == 30
    assert max(shot.frame for shot in track.shots) == 29
    assert len(track.shots) <= 3
    assert not track.is_phantom


def test_boxes_are_off_as_those_of_the_sample() -> None:
    (track,) = planned(samples(sample(60.0, HALF)))
    true = {box.frame: box for box in passage().boxes}
    for shot in track.shots:
        assert shot.box.width == pytest.approx(0.4 * true[shot.frame].w)
    others = [p.box.width / true[p.frame].w for p in track.track.points]
    assert np.mean(others) == pytest.approx(0.4, abs=2 * JITTER)


@pytest.mark.parametrize(
    ("tracks", "expected"),
    [pytest.param((), 0, id="missed"), pytest.param((WHOLE, WHOLE), 2, id="in pieces")],
)
def test_a_passage_is_missed_or_split_as_the_sample_was(tracks: tuple[object, ...], expected: int) -> None:
    assert len(planned(samples(sample(60.0, *tracks)))) == expected  # type: ignore[arg-type]


def test_a_phantom_comes_with_a_passage() -> None:
    tracks = planned(samples(sample(60.0, WHOLE), phantoms={"day": (HALF,)}))
    assert [track.is_phantom for track in tracks] == [False, True]


def test_a_passage_of_a_few_frames_is_no_track() -> None:
    assert planned(samples(sample(60.0, WHOLE)), passage(frames=4)) == []


def test_pictures_are_of_frames_in_which_the_vehicle_is_not_hidden() -> None:
    shown = passage()
    behind_a_tree = tuple(replace(box, visible=0.4 if box.frame >= 20 else 1.0) for box in shown.boxes)
    (track,) = planned(samples(sample(60.0, WHOLE)), replace(shown, boxes=behind_a_tree))
    assert max(shot.frame for shot in track.shots) < 20
