"""Track vehicles with standard parts: OpenCV decoding, a detector on every frame, and ByteTrack of `trackers`."""

from collections import defaultdict
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from index.simulation import truth
from index.simulation.matching import OVERLAP, SightingTrack, TruthFrames
from index.simulation.truth import FootageRow, TrueBox
from reid import boxes
from reid.detect.detectors import make_detector
from reid.vehicle import TrackPoint
from reid.video.frames import frames
from reid.video.timeline import read_timeline


def is_installed() -> bool:
    """Return whether the peer is installed: pip install trackers motmetrics."""
    return all(find_spec(name) is not None for name in ("trackers", "motmetrics"))


def follow(path: Path, name: str, detector_name: str) -> list[SightingTrack]:
    """Decode with OpenCV, detect on every frame, and track by ByteTrack; tracks of a single frame are dropped."""
    supervision, trackers = import_module("supervision"), import_module("trackers")
    detector = make_detector(detector_name)
    learn(path, detector)
    capture = cv2.VideoCapture(str(path))
    fps = float(capture.get(cv2.CAP_PROP_FPS))
    tracker = trackers.ByteTrackTracker(frame_rate=fps, track_activation_threshold=0.3, high_conf_det_threshold=0.3)
    points: dict[int, list[TrackPoint]] = defaultdict(list)
    for number in count():
        there, picture = capture.read()
        if not there:
            break
        found = detector.detect(np.ascontiguousarray(picture[..., ::-1]), number / fps)
        given = supervision.Detections(
            xyxy=boxes.to_array([one.box for one in found]).astype(np.float32),
            confidence=np.array([one.score for one in found], dtype=np.float32),
            class_id=np.zeros(len(found), dtype=int),
        )
        tracked = tracker.update(given)
        for row, track in zip(tracked.xyxy, tracked.tracker_id, strict=True):
            if track >= 0:
                points[int(track)].append(TrackPoint(number, number / fps, boxes.to_box(row), 1.0))
    return [
        SightingTrack(f"{name}-{track}", name, tuple(seen)) for track, seen in sorted(points.items()) if len(seen) > 1
    ]


def learn(path: Path, detector: Any) -> None:
    """Let a detector that learns the empty scene see the same frames as ours."""
    if detector.warm_up_s <= 0:
        return
    for frame in frames(read_timeline(path), to_s=detector.warm_up_s, slot_s=detector.learn_every_s):
        detector.learn(frame.image, frame.time_s)


def motmetrics_idf1(tracks: Sequence[SightingTrack], city: Path) -> float:
    """Return IDF1 by motmetrics over every frame; boxes that do not count are ignored on both sides."""
    import motmetrics

    footage = truth.read(city, FootageRow)
    passages = truth.read(city, truth.TruePassage)
    known = TruthFrames.of(truth.read(city, TrueBox), passages, {row.path: row.camera for row in footage})
    accumulators = [_accumulated(row.path, tracks, known) for row in footage]
    summary = motmetrics.metrics.create().compute_many(accumulators, metrics=["idf1"], generate_overall=True)
    return float(summary.loc["OVERALL", "idf1"])


def _accumulated(video: str, tracks: Sequence[SightingTrack], known: TruthFrames) -> Any:
    import motmetrics

    tracked: dict[int, list[tuple[str, TrackPoint]]] = defaultdict(list)
    for track in tracks:
        for point in track.points:
            if track.video == video:
                tracked[point.frame].append((track.sighting, point))
    accumulator = motmetrics.MOTAccumulator(auto_id=True)
    numbers: dict[str, int] = {}
    boxes_in = {frame: there for (of, frame), there in known.boxes.items() if of == video}
    for frame in sorted(set(tracked) | set(boxes_in)):
        counted = [true for true in boxes_in.get(frame, ()) if known.counted_passage(true) is not None]
        ignored = [true for true in boxes_in.get(frame, ()) if known.counted_passage(true) is None]
        hypotheses = [(name, point) for name, point in tracked[frame] if not _over_ignored(point, counted, ignored)]
        overlap = boxes.iou(
            boxes.to_array([true.box for true in counted]), boxes.to_array([point.box for _, point in hypotheses])
        )
        distances = np.where(overlap >= OVERLAP, 1.0 - overlap, np.nan)
        # motmetrics takes numbers for names
        names = [true.vehicle for true in counted], [name for name, _ in hypotheses]
        accumulator.update(*([numbers.setdefault(name, len(numbers)) for name in side] for side in names), distances)
    return accumulator


def _over_ignored(point: TrackPoint, counted: Sequence[TrueBox], ignored: Sequence[TrueBox]) -> bool:
    """Return whether a tracked box overlaps an ignored box, and more than any counted one."""

    def best(true_boxes: Sequence[TrueBox]) -> float:
        overlap = boxes.iou(boxes.to_array([point.box]), boxes.to_array([true.box for true in true_boxes]))
        return float(overlap.max(initial=0.0))

    return best(ignored) >= OVERLAP and best(ignored) > best(counted)
