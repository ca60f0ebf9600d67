"""Follow vehicles as others do: OpenCV decoding, a detector on each frame, and a tracker of the package `trackers`."""

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
from index.simulation.matching import LEAST_HEIGHT_PX, LEAST_VISIBLE, OVERLAP, SeenTrack, TruthFrames
from index.simulation.truth import FootageRow, TrueBox
from reid import boxes
from reid.detect import make_detector
from reid.timeline import read_timeline
from reid.vehicle import TrackPoint
from reid.video import frames


def is_installed() -> bool:
    """Say whether the peer can run here: pip install trackers motmetrics."""
    return all(find_spec(name) is not None for name in ("trackers", "motmetrics"))


def follow(path: Path, name: str, detector_name: str) -> list[SeenTrack]:
    """Decode with OpenCV, detect on every frame, track by ByteTrack; a track of one moment is none."""
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
        followed = tracker.update(given)
        for row, track in zip(followed.xyxy, followed.tracker_id, strict=True):
            if track >= 0:
                points[int(track)].append(TrackPoint(number, number / fps, boxes.to_box(row), 1.0))
    return [SeenTrack(f"{name}-{track}", name, tuple(seen)) for track, seen in sorted(points.items()) if len(seen) > 1]


def learn(path: Path, detector: Any) -> None:
    """Show a detector that learns the empty scene what ours is shown too."""
    if detector.warm_up_s <= 0:
        return
    for frame in frames(read_timeline(path), to_s=detector.warm_up_s, slot_s=detector.learn_every_s):
        detector.learn(frame.image, frame.time_s)


def motmetrics_idf1(tracks: Sequence[SeenTrack], city: Path) -> float:
    """Return IDF1 as motmetrics counts it, over every frame; boxes that are not wanted count for nobody."""
    import motmetrics

    footage = truth.read(city, FootageRow)
    passages = truth.read(city, truth.TruePassage)
    known = TruthFrames.of(truth.read(city, TrueBox), passages, {row.path: row.camera for row in footage})
    accumulators = [_accumulated(row.path, tracks, known) for row in footage]
    summary = motmetrics.metrics.create().compute_many(accumulators, metrics=["idf1"], generate_overall=True)
    return float(summary.loc["OVERALL", "idf1"])


def _accumulated(video: str, tracks: Sequence[SeenTrack], known: TruthFrames) -> Any:
    import motmetrics

    seen: dict[int, list[tuple[str, TrackPoint]]] = defaultdict(list)
    for track in tracks:
        for point in track.points:
            if track.video == video:
                seen[point.frame].append((track.sighting, point))
    accumulator = motmetrics.MOTAccumulator(auto_id=True)
    numbers: dict[str, int] = {}
    wanted_in = {frame: there for (of, frame), there in known.boxes.items() if of == video}
    for frame in sorted(set(seen) | set(wanted_in)):
        wanted = [true for true in wanted_in.get(frame, ()) if _wanted(true, known)]
        others = [true for true in wanted_in.get(frame, ()) if not _wanted(true, known)]
        hypotheses = [(name, point) for name, point in seen[frame] if not _over(point, wanted, others)]
        overlap = boxes.iou(
            boxes.to_array([true.box for true in wanted]), boxes.to_array([point.box for _, point in hypotheses])
        )
        distances = np.where(overlap >= OVERLAP, 1.0 - overlap, np.nan)
        # motmetrics wants numbers for names
        names = [true.vehicle for true in wanted], [name for name, _ in hypotheses]
        accumulator.update(*([numbers.setdefault(name, len(numbers)) for name in some] for some in names), distances)
    return accumulator


def _wanted(true: TrueBox, known: TruthFrames) -> bool:
    if true.h < LEAST_HEIGHT_PX or true.visible < LEAST_VISIBLE:
        return False
    passage = known.passage_at(true.video, true.vehicle, true.time)
    return passage is not None and passage.counts


def _over(point: TrackPoint, wanted: Sequence[TrueBox], others: Sequence[TrueBox]) -> bool:
    """Say whether a tracked box shows a vehicle that nobody asked for, better than any that was."""

    def best(those: Sequence[TrueBox]) -> float:
        overlap = boxes.iou(boxes.to_array([point.box]), boxes.to_array([true.box for true in those]))
        return float(overlap.max(initial=0.0))

    return best(others) >= OVERLAP and best(others) > best(wanted)
