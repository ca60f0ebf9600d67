"""Follow given detections as others do: with ByteTrack and OC-SORT of the package `trackers`."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from reid import boxes
from reid.vehicle import VEHICLE_TYPES, Detection, Track, TrackPoint

LABELS = (*VEHICLE_TYPES, "bicycle")
PATIENCE_FRAMES = 30
"""How long a vehicle may be unseen: three seconds at ten frames a second, which served them best of 10, 30 and 100."""

Looked = tuple[int, float, Sequence[Detection]]
"""A frame's number, its second of footage, and what was found in it."""


def is_installed() -> bool:
    """Say whether the peers can run here: pip install trackers."""
    return find_spec("trackers") is not None and find_spec("supervision") is not None


def byte_track(looked: Sequence[Looked], fps: float, certain_score: float) -> list[Track]:
    """Follow by ByteTrack, told from which score our tracker believes a detection by itself."""
    tracker = import_module("trackers").ByteTrackTracker(
        frame_rate=fps,
        lost_track_buffer=PATIENCE_FRAMES,
        track_activation_threshold=certain_score,
        minimum_consecutive_frames=2,
    )
    return _followed(tracker, looked)


def oc_sort(looked: Sequence[Looked], fps: float, certain_score: float) -> list[Track]:
    """Follow by OC-SORT, shown only detections of the score from which ours believes them by themselves."""
    tracker = import_module("trackers").OCSORTTracker(
        frame_rate=fps,
        lost_track_buffer=PATIENCE_FRAMES,
        minimum_consecutive_frames=2,
        high_conf_det_threshold=certain_score,
    )
    return _followed(tracker, looked)


PEERS: Mapping[str, Callable[[Sequence[Looked], float, float], list[Track]]] = {
    "ByteTrack": byte_track,
    "OC-SORT": oc_sort,
}


def _followed(tracker: Any, looked: Sequence[Looked]) -> list[Track]:
    supervision = import_module("supervision")
    points: dict[int, list[TrackPoint]] = defaultdict(list)
    for frame, time_s, found in looked:
        given = supervision.Detections(
            xyxy=boxes.to_array([one.box for one in found]).astype(np.float32),
            confidence=np.array([one.score for one in found], dtype=np.float32),
            class_id=np.array([LABELS.index(one.label or "car") for one in found], dtype=int),
        )
        seen = tracker.update(given)
        if seen.tracker_id is None:
            continue
        for row, score, kind, number in zip(seen.xyxy, seen.confidence, seen.class_id, seen.tracker_id, strict=True):
            if number >= 0:
                point = TrackPoint(frame, time_s, boxes.to_box(row), float(score), LABELS[int(kind)])
                points[int(number)].append(point)
    return [Track(number, tuple(seen)) for number, seen in sorted(points.items())]
