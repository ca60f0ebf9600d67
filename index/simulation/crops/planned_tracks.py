"""Plan how each passage is tracked: the points of its tracks, and the frames and boxes of the pictures kept of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from index.simulation.crops.tracking_samples import (
    LEAST_VISIBLE,
    TrackingSamples,
    TrackSample,
    look_of,
    shown_boxes,
)
from index.simulation.truth import TrueBox
from reid.arrays import Floats
from reid.track.best_shots import best_points
from reid.track.tracker import TrackerOptions
from reid.vehicle import Box, Track, TrackPoint

LOWEST_PX = 14
"""A track goes on in smaller boxes than those it is begun with, down to this height."""
JITTER = 0.015
"""Standard deviation of the sides of a track's boxes from frame to frame, in widths and heights."""
_LIMITS = TrackerOptions()


@dataclass(frozen=True, slots=True)
class ShownPassage:
    """A passage's true boxes in the analysed frames, the weather, and the size of the picture."""

    boxes: tuple[TrueBox, ...]
    weather: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class PlannedTrack:
    """A track that the pipeline would have made, and the points of it whose pictures are kept, best first."""

    track: Track
    shots: tuple[TrackPoint, ...]
    is_phantom: bool


def plan_tracks(
    passage: ShownPassage, times_s: Floats, samples: TrackingSamples, rng: np.random.Generator
) -> Iterator[PlannedTrack]:
    """Yield the tracks of a passage: as a filmed one like it was tracked, with the phantom that came along, if any.

    `times_s` are those of the frames of its video, by their number.
    """
    look = look_of(passage.boxes, passage.weather)
    if look is None:
        return
    for sample in samples.like(look, rng).tracks:
        yield from _planned(passage, times_s, sample, rng, is_phantom=False)
    phantom = samples.phantom(look.light, rng)
    if phantom is not None:
        yield from _planned(passage, times_s, phantom, rng, is_phantom=True)


def _planned(
    passage: ShownPassage, times_s: Floats, sample: TrackSample, rng: np.random.Generator, *, is_phantom: bool
) -> Iterator[PlannedTrack]:
    """Yield the track of a sample, unless it is too short for one."""
    tracked = _tracked_boxes(passage, times_s, sample)
    if len(tracked) < _LIMITS.min_points:
        return
    usual = np.mean(sample.errors, axis=0)
    jitter = rng.normal(0, JITTER, (len(tracked), 4))
    points = [
        _point(true, times_s, (usual + off).tolist(), sample.score, passage)
        for true, off in zip(tracked, jitter, strict=True)
    ]
    rated = [_as_rated(point, true) for point, true in zip(points, tracked, strict=True)]
    shots = _with_errors(best_points(rated, passage.width, passage.height), tracked, sample, times_s, passage)
    if shots and points[-1].time_s - points[0].time_s >= _LIMITS.min_duration_s:
        of_frame = {shot.frame: shot for shot in shots}
        track = Track(0, tuple(of_frame.get(point.frame, point) for point in points))
        yield PlannedTrack(track, shots, is_phantom)


def _tracked_boxes(passage: ShownPassage, times_s: Floats, sample: TrackSample) -> list[TrueBox]:
    """Return the true boxes at which the track has points."""
    shown = shown_boxes(passage.boxes)
    began_s, ended_s = times_s[shown[0].frame], times_s[shown[-1].frame]
    first_s, last_s = (began_s + share * (ended_s - began_s) for share in (sample.first, sample.last))
    return [
        box
        for box in passage.boxes
        if first_s <= times_s[box.frame] <= last_s and box.h >= LOWEST_PX and box.visible >= LEAST_VISIBLE
    ]


def _as_rated(point: TrackPoint, true: TrueBox) -> TrackPoint:
    """Return a point as the choice of pictures rates it: a partly hidden vehicle has a smaller and less sure box."""
    shown = true.visible**0.5
    box = replace(point.box, width=point.box.width * shown, height=point.box.height * shown)
    return replace(point, box=box, score=point.score * true.visible)


def _with_errors(
    chosen: Sequence[TrackPoint],
    tracked: Sequence[TrueBox],
    sample: TrackSample,
    times_s: Floats,
    passage: ShownPassage,
) -> tuple[TrackPoint, ...]:
    """Return the chosen points with the errors of the sample's pictures, the largest box with the first."""
    true_of = {box.frame: box for box in tracked}
    by_height = sorted(chosen, key=lambda point: (-true_of[point.frame].h, point.frame))
    moved = {
        point.frame: _point(
            true_of[point.frame], times_s, sample.errors[min(rank, len(sample.errors) - 1)], point.score, passage
        )
        for rank, point in enumerate(by_height)
    }
    return tuple(moved[point.frame] for point in chosen if _has_pixels(moved[point.frame].box))


def _point(true: TrueBox, times_s: Floats, error: Sequence[float], score: float, passage: ShownPassage) -> TrackPoint:
    left, top, right, bottom = error
    x0, y0 = max(0.0, true.x + left * true.w), max(0.0, true.y + top * true.h)
    x1 = min(float(passage.width), true.x + true.w * (1 + right))
    y1 = min(float(passage.height), true.y + true.h * (1 + bottom))
    box = Box(x0, y0, max(0.0, x1 - x0), max(0.0, y1 - y0))
    return TrackPoint(true.frame, float(times_s[true.frame]), box, score)


def _has_pixels(box: Box) -> bool:
    return min(box.width, box.height) >= 8
