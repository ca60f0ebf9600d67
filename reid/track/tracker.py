"""Follow vehicles through frames: each passage becomes one track."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from reid import boxes
from reid.arrays import Flags, Floats
from reid.track.false_tracks import are_parts, is_part, is_road
from reid.track.link import continued_track
from reid.track.motion_model import MotionModel, best_pairs, nearness, size_changes
from reid.track.regroup import join_pieces, large_pieces, split_merged
from reid.track.trim import after_setting_off, before_fading, travel, without_companions
from reid.vehicle import RIDDEN, Detection, Track, TrackPoint

STANDING_IOU = 0.8

SCRAP_SHARE, SCRAP_INSIDE = 0.4, 0.85
"""A box smaller than this share of another track's box, and inside it by that share, is a part of that vehicle."""

DOUBLE_IOU, DOUBLE_INSIDE = 0.3, 0.7
"""A detection that overlaps a tracked vehicle by this IoU, or lies inside it by that share, is a duplicate of it."""

MOST_GROWN_ASLEEP = 0.5
"""Since it was certainly seen, the size of a vehicle changes by no more than this logarithm."""

GROWN_S = 1.0
"""Within this time a track becomes long enough to tell whether it continues another one."""

YOUNG_POINTS = 3
"""A track of fewer points has no reliable speed yet."""


@dataclass(frozen=True, slots=True)
class TrackerOptions:
    """When a track continues, ends, and counts as a passage.

    A moving vehicle may be unseen for `max_gap_s`, a standing one for `max_stand_s`. A track that begins within
    `max_link_s` where a lost vehicle would be by then continues its track, once it has `min_points`. A passage has
    `min_points`, lasts `min_duration_s`, and moves by `min_travel` times its own size; a vehicle that has not by
    `settled_s` is parked. Within `setting_off_s` a parked vehicle is seen to drive off. Detections below
    `certain_score` begin no track and end none: they bridge certain ones. `in_pieces` says that one vehicle may come in
    pieces, and several as one.
    """

    min_iou: float = 0.15
    min_waking_iou: float = 0.4
    min_uncertain_iou: float = 0.4
    min_parked_iou: float = 0.6
    max_gap_s: float = 1.0
    max_link_s: float = 2.5
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
    """The result of one frame: `points` (track number -> point in this frame) and the tracks that `ended`.

    `live` are the numbers of the tracks that may go on, `parked` of those that have stood since they were first seen.
    """

    points: dict[int, TrackPoint]
    ended: tuple[Track, ...]
    parked: frozenset[int]
    live: frozenset[int]


@dataclass(slots=True)
class _LiveTrack:
    """A track that may go on; `first` and `last` are the xyxy of its first and last point."""

    number: int
    motion: MotionModel
    first: Floats
    last: Floats
    points: list[TrackPoint] = field(default_factory=list)
    certain_points: int = 1
    """The number of points up to the last certain one."""
    parted_frames: int = 0
    scrap_frames: int = 0
    holding_frames: int = 0
    """The number of frames in which smaller vehicles were found inside it."""
    part_frames: int = 0
    """The number of frames in which its box may have shown a part of a larger vehicle."""
    drove_s: float | None = None
    lost: bool = False
    """Only a later track can continue it, no detection."""

    @property
    def last_certain_s(self) -> float:
        """Return when the vehicle was certainly seen last."""
        return self.points[self.certain_points - 1].time_s


class Tracker:
    """Hold the live tracks between frames."""

    def __init__(self, options: TrackerOptions | None = None) -> None:
        self._options = options or TrackerOptions()
        self._live: list[_LiveTrack] = []
        self._next_number = 0

    def update(self, frame: int, time_s: float, detections: Sequence[Detection]) -> TrackerStep:
        """Assign the detections of the next frame to tracks."""
        expected = np.array([track.motion.at(time_s) for track in self._live]).reshape(-1, 4)
        vehicles = self._regrouped(expected, detections) if self._options.in_pieces else list(detections)
        certain = np.array([vehicle.score >= self._options.certain_score for vehicle in vehicles], dtype=np.bool_)
        found = boxes.to_array([vehicle.box for vehicle in vehicles])
        pairs = self._match(expected, found, certain, time_s)
        holding, parts = boxes.hold_others(vehicles), are_parts(found, certain)
        for row, column in pairs:
            self._extend(self._live[row], frame, time_s, vehicles[column], found[column])
            self._live[row].holding_frames += holding[column]
            self._live[row].part_frames += bool(parts[column])
        for column in sorted(set(np.flatnonzero(certain).tolist()) - {column for _, column in pairs}):
            if self._options.in_pieces or not self._is_double(vehicles[column], found[column], frame):
                self._begin(frame, time_s, vehicles[column], found[column])
        if self._options.in_pieces:
            self._count_scraps(frame, time_s)
        else:
            self._link(frame)
        points = {track.number: track.points[-1] for track in self._live if track.points[-1].frame == frame}
        parked = frozenset(track.number for track in self._live if self._is_parked(track, time_s))
        ended = self._end_lost(time_s)
        return TrackerStep(points, ended, parked, frozenset(track.number for track in self._live))

    def awaits(self, start_s: float, end_s: float, time_s: float) -> bool:
        """Say whether a vehicle that appeared or set off between start and end is still in sight and may drive."""
        appeared = (track for track in self._live if start_s <= track.points[0].time_s < end_s)
        if any(not self._is_parked(track, time_s) for track in appeared):
            return True
        return any(self._may_have_set_off(track, end_s, time_s) for track in self._live)

    def finish(self) -> tuple[Track, ...]:
        """End every live track; return those that are passages."""
        return self._end_lost(math.inf)

    def _is_parked(self, track: _LiveTrack, time_s: float) -> bool:
        return track.drove_s is None and time_s - track.points[0].time_s >= self._options.settled_s

    def _may_have_set_off(self, track: _LiveTrack, end_s: float, time_s: float) -> bool:
        """Say whether a parked vehicle drove off before `end_s`, or may turn out to have."""
        if track.drove_s is None:
            return self._is_parked(track, time_s) and time_s < end_s + self._options.setting_off_s
        stood_s = track.drove_s - track.points[0].time_s
        return stood_s >= self._options.settled_s and track.drove_s < end_s + self._options.setting_off_s

    def _regrouped(self, expected: boxes.Boxes, detections: Sequence[Detection]) -> list[Detection]:
        """Return the detections with pieces of one vehicle joined and merged vehicles split."""
        return split_merged(expected, join_pieces(expected[self._one_vehicle(expected, detections)], detections))

    def _one_vehicle(self, expected: boxes.Boxes, detections: Sequence[Detection]) -> Flags:
        """Say which tracks hold one vehicle: several large pieces for several frames are several vehicles."""
        in_pieces = large_pieces(expected, detections)
        for track, parted in zip(self._live, in_pieces, strict=True):
            track.parted_frames = track.parted_frames + 1 if parted else 0
        return np.array([track.parted_frames < self._options.parted_frames for track in self._live], dtype=np.bool_)

    def _match(self, expected: boxes.Boxes, found: boxes.Boxes, certain: Flags, time_s: float) -> list[tuple[int, int]]:
        """Return (track, detection) pairs; uncertain detections go to tracks that no certain one fits.

        Zhang et al., "ByteTrack", 2022, section 3.
        """
        if not len(expected) or not len(found):
            return []
        overlap = boxes.iou(expected, found)
        least = np.array([[self._least_iou(track, time_s)] for track in self._live])
        overlap *= (overlap >= least) & self._as_large(found, time_s)
        followed = np.array([[not track.lost] for track in self._live])
        overlap *= followed
        affinity = overlap
        young = np.array([len(track.points) < YOUNG_POINTS for track in self._live])
        if young.any():
            affinity = np.maximum(overlap, nearness(expected, found) * (young[:, None] & followed))
        pairs = best_pairs(np.where(certain, affinity, 0.0), self._options.min_iou)
        free = np.ones(len(expected), dtype=np.bool_)
        free[[row for row, _ in pairs]] = False
        left = np.where(free[:, None] & ~certain, overlap, 0.0)
        return pairs + best_pairs(left, self._options.min_uncertain_iou)

    def _as_large(self, found: boxes.Boxes, time_s: float) -> Flags:
        """Say (tracks, boxes) which are about as large as when the track was certain, if that was long ago.

        Step by step, uncertain boxes would lead from a vehicle that left to a parked one.
        """
        asleep = np.array([[self._is_asleep(track, time_s)] for track in self._live])
        if not asleep.any():
            return ~asleep
        certain = boxes.to_array([track.points[track.certain_points - 1].box for track in self._live])
        return np.asarray(~asleep | (size_changes(certain, found) <= MOST_GROWN_ASLEEP))

    def _is_asleep(self, track: _LiveTrack, time_s: float) -> bool:
        return time_s - track.last_certain_s > self._options.max_gap_s

    def _least_iou(self, track: _LiveTrack, time_s: float) -> float:
        """Return the IoU that a track demands; other vehicles pass those that stand or were unseen for long."""
        if self._is_parked(track, time_s):
            return self._options.min_parked_iou
        return self._options.min_waking_iou if self._is_asleep(track, time_s) else self._options.min_iou

    def _count_scraps(self, frame: int, time_s: float) -> None:
        """Count for each track the frames in which it lay inside a much larger one: it is a part of that vehicle."""
        rows = np.array([track.motion.at(time_s) for track in self._live]).reshape(-1, 4)
        sizes = boxes.areas(rows)
        larger = sizes[None, :] * SCRAP_SHARE > sizes[:, None]
        within = np.asarray((larger & (boxes.shares_inside(rows, rows) >= SCRAP_INSIDE)).any(axis=1))
        for track, scrap in zip(self._live, within, strict=True):
            track.scrap_frames += bool(scrap) and track.points[-1].frame == frame

    def _is_double(self, detection: Detection, row: Floats, frame: int) -> bool:
        """Say whether a detection shows a vehicle that has a point in this frame; a rider only doubles a rider."""
        now = [track for track in self._live if track.points[-1].frame == frame]
        if detection.label in RIDDEN:
            now = [track for track in now if track.points[-1].label in RIDDEN]
        if not now:
            return False
        found, tracked = row[None], np.array([track.last for track in now])
        overlap, inside = boxes.iou(found, tracked), boxes.shares_inside(found, tracked)
        return bool(((overlap > DOUBLE_IOU) | (inside > DOUBLE_INSIDE)).any())

    def _begin(self, frame: int, time_s: float, detection: Detection, row: Floats) -> None:
        point = _point(frame, time_s, detection)
        self._live.append(_LiveTrack(self._next_number, MotionModel.begin(time_s, row), row, row, [point]))
        self._next_number += 1

    def _extend(self, track: _LiveTrack, frame: int, time_s: float, detection: Detection, row: Floats) -> None:
        track.motion = track.motion.corrected(time_s, row)
        track.last = row
        track.points.append(_point(frame, time_s, detection))
        if detection.score >= self._options.certain_score:
            track.certain_points = len(track.points)
        if track.drove_s is None and _travel_between(track.first, row) >= self._options.min_travel:
            track.drove_s = time_s

    def _link(self, frame: int) -> None:
        """Let tracks that have just become long enough continue those of vehicles lost a moment before."""
        least = self._options.min_points
        grown = [track for track in self._live if len(track.points) == least and track.points[-1].frame == frame]
        for later in grown:
            lost = [track for track in self._live if self._may_return(track, later.points[0].time_s)]
            row = continued_track([track.points[: track.certain_points] for track in lost], later.points)
            if row is not None:
                self._live.remove(later)
                self._continue(lost[row], later)

    def _may_return(self, track: _LiveTrack, time_s: float) -> bool:
        """Say whether a track ended shortly before a time, as far as its certain points tell."""
        unseen_s = time_s - track.last_certain_s
        return 0 < unseen_s <= self._options.max_link_s and track.certain_points >= self._options.min_points

    def _continue(self, track: _LiveTrack, later: _LiveTrack) -> None:
        before = track.points[: track.certain_points]
        track.points, track.certain_points = [*before, *later.points], len(before) + later.certain_points
        track.motion, track.last, track.lost = later.motion, later.last, False
        track.holding_frames += later.holding_frames
        track.part_frames += later.part_frames
        if track.drove_s is None and _travel_between(track.first, later.last) >= self._options.min_travel:
            track.drove_s = later.points[-1].time_s

    def _end_lost(self, time_s: float) -> tuple[Track, ...]:
        for track in self._live:
            track.lost = self._is_lost(track, time_s)
        gone = [track for track in self._live if track.lost and not self._may_be_continued(track, time_s)]
        ended = {track.number for track in gone}
        self._live = [track for track in self._live if track.number not in ended]
        tracks = (self._track(track) for track in gone if self._is_whole(track))
        return tuple(track for track in tracks if is_passage(track, self._options))

    def _is_whole(self, track: _LiveTrack) -> bool:
        """Say whether a track follows a whole vehicle, not a part of one or a stretch of road."""
        is_scrap = 2 * track.scrap_frames >= len(track.points)
        is_piece = is_scrap if self._options.in_pieces else is_part(track.points, track.part_frames)
        return not is_piece and not is_road(track.points, track.holding_frames)

    def _may_be_continued(self, track: _LiveTrack, time_s: float) -> bool:
        """Say whether a track that begins, or has just begun, may still continue a lost one."""
        if self._options.in_pieces or track.certain_points < self._options.min_points:
            return False
        return time_s - track.last_certain_s <= self._options.max_link_s + GROWN_S

    def _is_lost(self, track: _LiveTrack, time_s: float) -> bool:
        unseen_s = time_s - track.points[-1].time_s
        if unseen_s <= 0:
            return False
        if len(track.points) < self._options.min_points:
            return unseen_s > self._options.max_gap_s / 2
        return unseen_s > (self._options.max_stand_s if is_standing(track.points) else self._options.max_gap_s)

    def _track(self, track: _LiveTrack) -> Track:
        """Return the points at which the box held this vehicle only, and it drove or had just stopped."""
        if self._options.in_pieces:
            return Track(track.number, without_companions(track.points))
        points = after_setting_off(track.points[: track.certain_points], self._options.settled_s)
        followed = before_fading(points, self._options.certain_score)
        return Track(track.number, followed, in_sight_s=track.points[0].time_s)


def is_standing(points: Sequence[TrackPoint]) -> bool:
    """Say whether a vehicle was in the same place a second before it was last seen."""
    earlier = next((point for point in reversed(points) if points[-1].time_s - point.time_s >= 1.0), None)
    if earlier is None:
        return False
    rows = boxes.to_array([earlier.box, points[-1].box])
    return bool(boxes.iou(rows[:1], rows[1:])[0, 0] > STANDING_IOU)


def is_passage(track: Track, options: TrackerOptions) -> bool:
    """Say whether a track is long and large enough, and moved far enough, to be a vehicle passing by."""
    if len(track.points) < options.min_points or track.last_s - track.first_s < options.min_duration_s:
        return False
    rows = boxes.to_array([point.box for point in track.points])
    sizes = rows[:, 2:] - rows[:, :2]
    if np.max(sizes[:, 1]) < options.min_height_px:
        return False
    return travel(rows) >= options.min_travel


def _travel_between(first: Floats, last: Floats) -> float:
    """Return the `travel` of a track with these two boxes."""
    (left, top, right, bottom), (left_, top_, right_, bottom_) = first.tolist(), last.tolist()
    size = math.sqrt(max(0.0, right - left) * max(0.0, bottom - top))
    size_ = math.sqrt(max(0.0, right_ - left_) * max(0.0, bottom_ - top_))
    across, down = (left_ + right_) / 2 - (left + right) / 2, (top_ + bottom_) / 2 - (top + bottom) / 2
    moved = math.sqrt(across * across + down * down) / max(1.0, (size + size_) / 2)
    return max(moved, abs(math.log(max(1.0, size_) / max(1.0, size))))


def _point(frame: int, time_s: float, detection: Detection) -> TrackPoint:
    return TrackPoint(frame, time_s, detection.box, detection.score, detection.label)
