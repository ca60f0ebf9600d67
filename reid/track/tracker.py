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
from reid.track.setting_off import since_it_set_off
from reid.vehicle import RIDDEN, Detection, Track, TrackPoint

STANDING_IOU = 0.8

SCRAP_SHARE, SCRAP_INSIDE = 0.4, 0.85
"""What is smaller than this share of another track's box, and inside it by that share, is a scrap of its vehicle."""

DOUBLE_IOU, DOUBLE_INSIDE = 0.3, 0.7
"""What overlaps a vehicle that is followed by so much, or lies inside it by that share, is taken for it once more."""


@dataclass(frozen=True, slots=True)
class TrackerOptions:
    """When a track goes on, ends, and counts as a passage.

    A moving vehicle may be unseen for `max_gap_s`, one that stands for `max_stand_s`. A passage has `min_points`,
    lasts `min_duration_s`, and moves by `min_travel` of its own size; what has not by `settled_s` is parked. Within
    `setting_off_s` it shows that a parked vehicle drives off. Detections of less than `certain_score` begin no track
    and end none: they bridge certain ones. `in_pieces` says that a vehicle may come in pieces, and several in one.
    """

    min_iou: float = 0.15
    min_waking_iou: float = 0.4
    min_uncertain_iou: float = 0.4
    min_parked_iou: float = 0.6
    max_gap_s: float = 1.0
    max_stand_s: float = 90.0
    min_points: int = 5
    min_duration_s: float = 0.5
    min_travel: float = 0.6
    min_height_px: float = 20.0
    parted_frames: int = 4
    certain_score: float = 0.0
    in_pieces: bool = True
    settled_s: float = 10.0
    setting_off_s: float = 4.0


@dataclass(frozen=True, slots=True)
class TrackerStep:
    """What one frame brought: where live tracks were seen (number -> point), and the tracks that ended.

    `parked` are the numbers of those that have stood ever since they were first seen, for long.
    """

    seen: dict[int, TrackPoint]
    ended: tuple[Track, ...]
    parked: frozenset[int]


@dataclass(slots=True)
class _Live:
    number: int
    motion: MotionModel
    points: list[TrackPoint] = field(default_factory=list)
    certain_points: int = 1
    """How many there are up to the last certain one."""
    parted_frames: int = 0
    scrap_frames: int = 0
    drove_s: float | None = None


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
        vehicles = self._mended(expected, detections) if self._options.in_pieces else list(detections)
        certain = np.array([one.score >= self._options.certain_score for one in vehicles], dtype=np.bool_)
        found = boxes.to_array([one.box for one in vehicles])
        pairs = self._match(expected, found, certain, time_s)
        for row, column in pairs:
            self._extend(self._live[row], frame, time_s, vehicles[column])
        for column in sorted(set(np.flatnonzero(certain).tolist()) - {column for _, column in pairs}):
            if self._options.in_pieces or not self._is_double(vehicles[column], frame):
                self._begin(frame, time_s, vehicles[column])
        if self._options.in_pieces:
            self._count_scraps(frame, time_s)
        seen = {track.number: track.points[-1] for track in self._live if track.points[-1].frame == frame}
        parked = frozenset(track.number for track in self._live if self._is_parked(track, time_s))
        return TrackerStep(seen, self._end_lost(time_s), parked)

    def awaits(self, start_s: float, end_s: float, time_s: float) -> bool:
        """Say whether a vehicle that came or set off between start and end is still there, and drives or may yet."""
        came = (track for track in self._live if start_s <= track.points[0].time_s < end_s)
        if any(not self._is_parked(track, time_s) for track in came):
            return True
        return any(self._may_have_set_off(track, end_s, time_s) for track in self._live)

    def finish(self) -> tuple[Track, ...]:
        """End every live track; return those that are passages."""
        return self._end_lost(math.inf)

    def _is_parked(self, track: _Live, time_s: float) -> bool:
        return track.drove_s is None and time_s - track.points[0].time_s >= self._options.settled_s

    def _may_have_set_off(self, track: _Live, end_s: float, time_s: float) -> bool:
        """Say whether a vehicle that was parked drove off before `end_s`, or may turn out to have."""
        if track.drove_s is None:
            return self._is_parked(track, time_s) and time_s < end_s + self._options.setting_off_s
        stood_s = track.drove_s - track.points[0].time_s
        return stood_s >= self._options.settled_s and track.drove_s < end_s + self._options.setting_off_s

    def _mended(self, expected: boxes.Boxes, detections: Sequence[Detection]) -> list[Detection]:
        """Return the detections with pieces of one vehicle joined and blobs of several parted."""
        return split_merged(expected, join_pieces(expected[self._one_piece(expected, detections)], detections))

    def _one_piece(self, expected: boxes.Boxes, detections: Sequence[Detection]) -> npt.NDArray[np.bool_]:
        """Say which tracks hold one vehicle: what stays in large pieces for several frames is several vehicles."""
        in_pieces = large_pieces(expected, detections)
        for track, parted in zip(self._live, in_pieces, strict=True):
            track.parted_frames = track.parted_frames + 1 if parted else 0
        return np.array([track.parted_frames < self._options.parted_frames for track in self._live], dtype=np.bool_)

    def _match(
        self, expected: boxes.Boxes, found: boxes.Boxes, certain: npt.NDArray[np.bool_], time_s: float
    ) -> list[tuple[int, int]]:
        """Return (track, detection) pairs; uncertain detections go to tracks that no certain one fits.

        Zhang et al., "ByteTrack", 2022, section 3.
        """
        if not len(expected) or not len(found):
            return []
        overlap = boxes.iou(expected, found)
        least = np.array([[self._least_iou(track, time_s)] for track in self._live])
        overlap *= overlap >= least
        young = np.array([len(track.points) < 3 for track in self._live])
        likeness = np.maximum(overlap, _nearness(expected, found) * young[:, None])
        pairs = _best_pairs(np.where(certain, likeness, 0.0), self._options.min_iou)
        free = np.ones(len(expected), dtype=np.bool_)
        free[[row for row, _ in pairs]] = False
        left = np.where(free[:, None] & ~certain, overlap, 0.0)
        return pairs + _best_pairs(left, self._options.min_uncertain_iou)

    def _least_iou(self, track: _Live, time_s: float) -> float:
        """Return how well a detection must fit a track; others drive past those that stand or were long unseen."""
        if self._is_parked(track, time_s):
            return self._options.min_parked_iou
        asleep = time_s - track.points[track.certain_points - 1].time_s > self._options.max_gap_s
        return self._options.min_waking_iou if asleep else self._options.min_iou

    def _count_scraps(self, frame: int, time_s: float) -> None:
        """Count for each track how often it was seen inside a much larger one: a part of that vehicle, torn off."""
        rows = np.array([track.motion.at(time_s) for track in self._live]).reshape(-1, 4)
        larger = boxes.areas(rows)[None, :] * SCRAP_SHARE > boxes.areas(rows)[:, None]
        within = np.asarray((larger & (boxes.shares_inside(rows, rows) >= SCRAP_INSIDE)).any(axis=1))
        for track, scrap in zip(self._live, within, strict=True):
            track.scrap_frames += bool(scrap) and track.points[-1].frame == frame

    def _is_double(self, one: Detection, frame: int) -> bool:
        """Say whether a detection shows a vehicle that is followed in this frame already; a rider is before others."""
        now = [track.points[-1] for track in self._live if track.points[-1].frame == frame]
        if one.label in RIDDEN:
            now = [point for point in now if point.label in RIDDEN]
        found, followed = boxes.to_array([one.box]), boxes.to_array([point.box for point in now])
        overlap, inside = boxes.iou(found, followed), boxes.shares_inside(found, followed)
        return bool(((overlap > DOUBLE_IOU) | (inside > DOUBLE_INSIDE)).any())

    def _begin(self, frame: int, time_s: float, detection: Detection) -> None:
        motion = MotionModel.begin(time_s, boxes.to_array([detection.box])[0])
        track = _Live(self._next_number, motion)
        track.points.append(_point(frame, time_s, detection))
        self._next_number += 1
        self._live.append(track)

    def _extend(self, track: _Live, frame: int, time_s: float, detection: Detection) -> None:
        track.motion = track.motion.corrected(time_s, boxes.to_array([detection.box])[0])
        track.points.append(_point(frame, time_s, detection))
        if detection.score >= self._options.certain_score:
            track.certain_points = len(track.points)
        if track.drove_s is None and travel(_ends(track.points)) >= self._options.min_travel:
            track.drove_s = time_s

    def _end_lost(self, time_s: float) -> tuple[Track, ...]:
        going = [track for track in self._live if time_s - track.points[-1].time_s <= self._patience_s(track)]
        kept = {track.number for track in going}
        ended = [track for track in self._live if track.number not in kept]
        self._live = going
        own = [track for track in ended if 2 * track.scrap_frames < len(track.points)]
        tracks = (self._track(track) for track in own)
        return tuple(track for track in tracks if is_passage(track, self._options))

    def _track(self, track: _Live) -> Track:
        """Return a track with the points at which the box held this vehicle only, and it drove or had just stopped."""
        if self._options.in_pieces:
            return Track(track.number, without_companions(track.points))
        points = since_it_set_off(track.points[: track.certain_points], self._options.settled_s)
        return Track(track.number, points, in_sight_s=track.points[0].time_s)

    def _patience_s(self, track: _Live) -> float:
        if len(track.points) < self._options.min_points:
            return self._options.max_gap_s / 2
        return self._options.max_stand_s if stands(track.points) else self._options.max_gap_s


def _best_pairs(likeness: npt.NDArray[np.float64], least: float) -> list[tuple[int, int]]:
    rows, columns = linear_sum_assignment(-likeness)
    good = likeness[rows, columns] >= least
    return list(zip(rows[good].tolist(), columns[good].tolist(), strict=True))


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
    centres = _steadied((rows[:, :2] + rows[:, 2:]) / 2)
    moved = np.linalg.norm(centres - centres[0], axis=1).max() / max(1.0, float(np.median(sizes)))
    grown = abs(math.log(max(1.0, float(sizes[-1])) / max(1.0, float(sizes[0]))))
    return float(max(moved, grown))


def _steadied(centres: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the medians of three in a row: one box that leaps is no travel."""
    if len(centres) < 5:
        return centres
    return np.asarray(np.median(np.stack([centres[:-2], centres[1:-1], centres[2:]]), axis=0))


def _ends(points: Sequence[TrackPoint]) -> boxes.Boxes:
    return boxes.to_array([points[0].box, points[-1].box])


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
