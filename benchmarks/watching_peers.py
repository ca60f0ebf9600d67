"""Follow given detections as others do: with ByteTrack and OC-SORT of the package `trackers` (Apache-2.0)."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from reid import boxes
from reid.vehicle import VEHICLE_TYPES, Detection, Track, TrackPoint

LABELS = (*VEHICLE_TYPES, "bicycle")

Looked = tuple[int, float, Sequence[Detection]]
"""A frame's number, its second of footage, and what was found in it."""

Follow = Callable[[Sequence[Looked], float, float], list[Track]]
"""Follow what was found, so many frames a second, believing detections by themselves from such a score."""


def is_installed() -> bool:
    """Say whether the peers can run here."""
    return find_spec("trackers") is not None and find_spec("supervision") is not None


def byte_track(looked: Sequence[Looked], fps: float, certain_score: float) -> list[Track]:
    """Follow by ByteTrack, which may lose a vehicle for a second, as ours may one that moves."""
    options = {"track_activation_threshold": certain_score, "high_conf_det_threshold": certain_score}
    return _followed(import_module("trackers").ByteTrackTracker(frame_rate=fps, **options), looked)


def oc_sort(looked: Sequence[Looked], fps: float, certain_score: float) -> list[Track]:
    """Follow by OC-SORT, which may lose a vehicle for a second too."""
    tracker = import_module("trackers").OCSORTTracker(
        frame_rate=fps, minimum_consecutive_frames=2, high_conf_det_threshold=certain_score
    )
    return _followed(tracker, looked)


PEERS: Mapping[str, Follow] = {"ByteTrack": byte_track, "OC-SORT": oc_sort}


def _followed(tracker: Any, looked: Sequence[Looked]) -> list[Track]:
    supervision = import_module("supervision")
    points: dict[int, list[TrackPoint]] = defaultdict(list)
    for frame, time_s, found in looked:
        given = supervision.Detections(
            xyxy=boxes.to_array([one.box for one in found]).astype(np.float32),
            confidence=np.array([one.score for one in found], dtype=np.float32),
            class_id=np.array([LABELS.index(one.label or LABELS[0]) for one in found], dtype=int),
        )
        seen = tracker.update(given)
        rows = [] if seen.tracker_id is None else seen.tracker_id.tolist()
        for row, number in enumerate(rows):
            if number >= 0:
                box, label = boxes.to_box(seen.xyxy[row]), LABELS[int(seen.class_id[row])]
                points[number].append(TrackPoint(frame, time_s, box, float(seen.confidence[row]), label))
    return [Track(number, tuple(of_one)) for number, of_one in sorted(points.items())]
