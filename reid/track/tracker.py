"""Follow vehicles through frames: one passage becomes one track."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from reid import boxes
from reid.track.companions import without_companions
from reid.track.motion_model import MotionModel
from reid.track.regroup import join_pieces, large_pieces, split_merged
from reid.vehicle import Detection, Track, TrackPoint

STANDING_IOU = 0.8

SCRAP_SHARE, SCRAP_INSIDE = 0.4, 0.85
"""What is smaller than this share of another track's box, and inside it by that share, is a scrap of its vehicle."""


@dataclass(frozen=True, slots=True)
class TrackerOptions:
    """When a track goes on, ends, and counts as a passage.

    A moving vehicle may be unseen for `max_gap_s`, one that stands for `max_stand_s`. A passage has `min_points`,
    lasts `min_duration_s`, and moves by `min_travel` of its own size.
    """

    min_iou: float = 0.15
    min_waking_iou: float = 0.4
    max_gap_s: float = 1.0
    max_stand_s: float = 90.0
    min_points: int = 5
    min_duration_s: float = 0.5
    min_travel: float = 0.6
    min_height_px: float = 20.0
    parted_frames: int = 4


@dataclass(frozen=True, slots=True)
class TrackerStep:
    """What one frame brought: where live tracks were seen (number -> point), and the tracks that ended."""

    seen: dict[int, TrackPoint]
    ended: tuple[Track, ...]


@dataclass(slots=True)
class _Live:
    number: int
    motion: MotionModel
    points: list[TrackPoint] = field(default_factory=list)
    parted_frames: int = 0
    scrap_frames: int = 0


class Tracker:
    """Hold the live tracks between frames."""

    def __init__(self, options: TrackerOptions | None = None) -> None:
        self._options = options or TrackerOptions()
        self._live: list[_Live] = []
        self._next_number = 0

    @property
    def live(self) -> dict[int, float]:
        """Return the tracks that may go on: number -> seconds of footage at which they began."""
        return {track.number: track.points[0].time_s for track in self._live}

    def update(self, frame: int, time_s: float, detections: Sequence[Detection]) -> TrackerStep:
        """Join the detections of the next frame to the tracks."""
        expected = np.array([track.motion.at(time_s) for track in self._live]).reshape(-1, 4)
        pieces = split_merged(expected, join_pieces(expected[self._one_piece(expected, detections)], detections))
        found = boxes.to_array([detection.box for detection in pieces])
        pairs = self._match(expected, found, time_s)
        for row, column in pairs:
            self._extend(self._live[row], frame, time_s, pieces[column])
        begun = sorted(set(range(len(pieces))) - {column for _, column in pairs})
        for column in begun:
            self._begin(frame, time_s, pieces[column])
        self._count_scraps(frame, time_s)
        seen = {track.number: track.points[-1] for track in self._live if track.points[-1].frame == frame}
        return TrackerStep(seen, self._end_lost(time_s))

    def finish(self) -> tuple[Track, ...]:
        """End every live track; return those that are passages."""
        return self._end_lost(math.inf)

    def _one_piece(self, expected: boxes.Boxes, detections: Sequence[Detection]) -> npt.NDArray[np.bool_]:
        """Say which tracks hold one vehicle: what stays in large pieces for several frames is several vehicles."""
        in_pieces = large_pieces(expected, detections)
        for track, parted in zip(self._live, in_pieces, strict=True):
            track.parted_frames = track.parted_frames + 1 if parted else 0
        return np.array([track.parted_frames < self._options.parted_frames for track in self._live], dtype=np.bool_)

    def _match(self, expected: boxes.Boxes, found: boxes.Boxes, time_s: float) -> list[tuple[int, int]]:
        if not len(expected) or not len(found):
            return []
        likeness = boxes.iou(expected, found)
        asleep = np.array([time_s - track.points[-1].time_s > self._options.max_gap_s for track in self._live])
        likeness[asleep] *= likeness[asleep] >= self._options.min_waking_iou
        young = np.array([len(track.points) < 3 for track in self._live])
        likeness = np.maximum(likeness, _nearness(expected, found) * young[:, None])
        rows, columns = linear_sum_assignment(-likeness)
        good = likeness[rows, columns] >= self._options.min_iou
        return list(zip(rows[good].tolist(), columns[good].tolist(), strict=True))

    def _count_scraps(self, frame: int, time_s: float) -> None:
        """Count for each track how often it was seen inside a much larger one: a part of that vehicle, torn off."""
        rows = np.array([track.motion.at(time_s) for track in self._live]).reshape(-1, 4)
        larger = boxes.areas(rows)[None, :] * SCRAP_SHARE > boxes.areas(rows)[:, None]
        within = np.asarray((larger & (boxes.shares_inside(rows, rows) >= SCRAP_INSIDE)).any(axis=1))
        for track, scrap in zip(self._live, within, strict=True):
            track.scrap_frames += bool(scrap) and track.points[-1].frame == frame

    def _begin(self, frame: int, time_s: float, detection: Detection) -> None:
        motion = MotionModel.begin(time_s, boxes.to_array([detection.box])[0])
        track = _Live(self._next_number, motion)
        track.points.append(_point(frame, time_s, detection))
        self._next_number += 1
        self._live.append(track)

    def _extend(self, track: _Live, frame: int, time_s: float, detection: Detection) -> None:
        track.motion = track.motion.corrected(time_s, boxes.to_array([detection.box])[0])
        track.points.append(_point(frame, time_s, detection))

    def _end_lost(self, time_s: float) -> tuple[Track, ...]:
        going = [track for track in self._live if time_s - track.points[-1].time_s <= self._patience_s(track)]
        kept = {track.number for track in going}
        ended = [track for track in self._live if track.number not in kept]
        self._live = going
        own = [track for track in ended if 2 * track.scrap_frames < len(track.points)]
        tracks = (Track(track.number, without_companions(track.points)) for track in own)
        return tuple(track for track in tracks if is_passage(track, self._options))

    def _patience_s(self, track: _Live) -> float:
        if len(track.points) < self._options.min_points:
            return self._options.max_gap_s / 2
        return self._options.max_stand_s if stands(track.points) else self._options.max_gap_s


def stands(points: Sequence[TrackPoint]) -> bool:
    """Say whether a vehicle was in the same place a second before it was seen last."""
    earlier = next((point for point in reversed(points) if points[-1].time_s - point.time_s >= 1.0), None)
    if earlier is None:
        return False
    rows = boxes.to_array([earlier.box, points[-1].box])
    return bool(boxes.iou(rows[:1], rows[1:])[0, 0] > STANDING_IOU)


def is_passage(track: Track, options: TrackerOptions) -> bool:
    """Say whether a track is long, large and travelled enough to be a vehicle passing by."""
    if len(track.points) < options.min_points or track.last_s - track.first_s < options.min_duration_s:
        return False
    rows = boxes.to_array([point.box for point in track.points])
    sizes = rows[:, 2:] - rows[:, :2]
    if np.max(sizes[:, 1]) < options.min_height_px:
        return False
    return travel(rows) >= options.min_travel


def travel(rows: boxes.Boxes) -> float:
    """Return how far a track got from where it began, in multiples of its usual size; growth counts as travel."""
    sizes = np.sqrt(boxes.areas(rows))
    centres = (rows[:, :2] + rows[:, 2:]) / 2
    moved = np.linalg.norm(centres - centres[0], axis=1).max() / max(1.0, float(np.median(sizes)))
    grown = abs(math.log(max(1.0, float(sizes[-1])) / max(1.0, float(sizes[0]))))
    return float(max(moved, grown))


def _nearness(expected: boxes.Boxes, found: boxes.Boxes) -> npt.NDArray[np.float64]:
    """Return (n, m) 0.5 for the same place down to 0 at two sizes away, for boxes of like size.

    A young track has no speed yet; a fast vehicle may leave its own box between two frames.
    """
    size_a, size_b = np.sqrt(boxes.areas(expected))[:, None], np.sqrt(boxes.areas(found))[None, :]
    centre_a, centre_b = (expected[:, :2] + expected[:, 2:]) / 2, (found[:, :2] + found[:, 2:]) / 2
    away = np.linalg.norm(centre_a[:, None] - centre_b[None], axis=2) / np.maximum(np.maximum(size_a, size_b), 1.0)
    alike = np.minimum(size_a, size_b) / np.maximum(np.maximum(size_a, size_b), 1.0) > 0.5
    return np.where(alike, np.clip(0.5 - away / 4.0, 0.0, None), 0.0)


def _point(frame: int, time_s: float, detection: Detection) -> TrackPoint:
    return TrackPoint(frame, time_s, detection.box, detection.score, detection.label)
