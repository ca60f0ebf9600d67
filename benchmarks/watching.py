"""Measure what is found in footage: passages of simulated cities and of other trackers, and boxes in real clips.

`python -m benchmarks.watching --cities CITY... --clips CLIP... --yolox yolox_nano.onnx`. ByteTrack and OC-SORT of the
package `trackers` (Apache-2.0) are compared where it is installed (`pip install trackers`).
"""

import argparse
import math
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from index.simulation import truth
from index.simulation.match_archive import read_truth
from index.simulation.matching import (
    IdentityFrames,
    Match,
    SightingTrack,
    TruthFrames,
    identity_frames,
    match_track,
)
from index.simulation.sighting_score import Figures, passage_figures
from index.simulation.truth import FootageRow, TrueBox, TruePassage, TrueWeather
from reid import boxes
from reid.detect.detectors import Detector, make_detector
from reid.detect.learned import LearnedOptions
from reid.evaluation.intervals import Figure, share
from reid.images import stay_on_one_thread
from reid.passages import WatchOptions, tracker_for, vehicles_in, warm_up
from reid.track.tracker import Tracker, TrackerOptions, is_passage
from reid.vehicle import VEHICLE_TYPES, Box, Detection, Track, TrackPoint
from reid.video.frames import frames
from reid.video.timeline import read_timeline

EVERY_S = WatchOptions().every_s
FIGURES = ("recall", "duplicates", "phantoms", "idf1")
LABELS = (*VEHICLE_TYPES, "bicycle")
CONFIDENT, OVERLAP = 0.5, 0.5
"""The least score of a reference box in a clip, and the least overlap with a box that finds it."""
LARGE_PX = 32

Detections = tuple[int, float, Sequence[Detection]]
"""A frame's number, its second of footage, and the vehicles detected in it."""
ReferenceBoxes = Mapping[int, Sequence[tuple[int, Box]]]
"""Frame -> the boxes to be found, each with the number of its track."""


@dataclass(frozen=True, slots=True)
class WatchedCamera:
    """The tracks of one method on one camera, matched with the truth."""

    method: str
    weather: str
    matches: tuple[Match, ...]
    passages: tuple[TruePassage, ...]
    identities: tuple[IdentityFrames, ...]


def main() -> None:
    """Print a table for the cities together, and one for each clip."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cities", type=Path, nargs="*", default=[])
    parser.add_argument("--clips", type=Path, nargs="*", default=[])
    parser.add_argument("--yolox", type=Path, help="YOLOX-nano as ONNX, whose boxes in the clips are to be found")
    parser.add_argument("--workers", type=int, default=1, help="cameras watched at once")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    if arguments.cities and not _has_trackers():
        print("ByteTrack and OC-SORT are left out: `pip install trackers` for them", file=sys.stderr)
    if arguments.cities:
        print(city_table(watch_cities(arguments.cities, arguments.workers)))
    for clip in arguments.clips:
        print(clip_table(clip, *(detect(clip, make_detector(name)) for name in ("learned", str(arguments.yolox)))))


def watch_cities(cities: Sequence[Path], workers: int) -> list[WatchedCamera]:
    """Watch every camera of the cities by every method, several cameras at once."""
    cameras = [(city, row) for city in cities for row in truth.read(city, FootageRow)]
    with ProcessPoolExecutor(workers, get_context("spawn"), initializer=stay_on_one_thread) as pool:
        return [watched for camera in pool.map(watch_camera, *zip(*cameras, strict=True)) for watched in camera]


def watch_camera(city: Path, row: FootageRow) -> list[WatchedCamera]:
    """Watch one camera by every method."""
    boxes_of_video = [box for box in truth.read(city, TrueBox) if box.video == row.path]
    analysed = frozenset(read_timeline(city / row.path).select(0.0, math.inf, EVERY_S).tolist())
    known = TruthFrames.of(boxes_of_video, read_truth(city).passages, {row.path: row.camera}, {row.path: analysed})
    weather = next(of.weather for of in truth.read(city, TrueWeather) if of.camera == row.camera)
    tracks_by_method = _tracks_by_method(city / row.path)
    return [_matched(method, weather, tracks, city, row, known) for method, tracks in tracks_by_method.items()]


def detect(path: Path, detector: Detector) -> list[Detections]:
    """Return the vehicles detected in the analysed frames of a video, after learning the scene as ingest does."""
    timeline = read_timeline(path)
    warm_up(detector, timeline, 0.0, EVERY_S)
    analysed = frames(timeline, every_s=EVERY_S)
    return [(frame.index, frame.time_s, vehicles_in(detector, frame, None)) for frame in analysed]


def track(detected: Sequence[Detections], detector: Detector) -> list[Track]:
    """Return the passages that our tracker makes of detections."""
    tracker = tracker_for(detector, TrackerOptions())
    ended = [track for frame, time_s, found in detected for track in tracker.update(frame, time_s, found).ended]
    return [*ended, *tracker.finish()]


def byte_track(detected: Sequence[Detections], fps: float, certain_score: float) -> list[Track]:
    """Track by ByteTrack, which like ours may lose a moving vehicle for a second."""
    options = {"track_activation_threshold": certain_score, "high_conf_det_threshold": certain_score}
    return _tracked_by(import_module("trackers").ByteTrackTracker(frame_rate=fps, **options), detected)


def oc_sort(detected: Sequence[Detections], fps: float, certain_score: float) -> list[Track]:
    """Track by OC-SORT, which may lose a vehicle for a second too."""
    tracker = import_module("trackers").OCSORTTracker(
        frame_rate=fps, minimum_consecutive_frames=2, high_conf_det_threshold=certain_score
    )
    return _tracked_by(tracker, detected)


PEERS: Mapping[str, Callable[[Sequence[Detections], float, float], list[Track]]] = {
    "ByteTrack": byte_track,
    "OC-SORT": oc_sort,
}


def city_table(watched: Sequence[WatchedCamera]) -> str:
    """Return a row for each method over all cameras, then one for each method and weather."""
    lines = ["| | passages | sightings | recall | duplicates | phantoms | IDF1 |", "|---|---|---|---|---|---|---|"]
    for weather in (None, *sorted({camera.weather for camera in watched})):
        for method in dict.fromkeys(camera.method for camera in watched):
            chosen = [camera for camera in watched if camera.method == method and weather in (None, camera.weather)]
            lines.append(_city_line(method if weather is None else f"{method}; {weather}", chosen))
    return "\n".join(lines)


def clip_table(clip: Path, ours: Sequence[Detections], theirs: Sequence[Detections]) -> str:
    """Return the recall of another detector's boxes at several of our scores; intervals are over tracks."""
    reference = moving_boxes(theirs)
    certain = LearnedOptions().certain_score
    lines = [
        f"{clip.name}: {sum(map(len, reference.values()))} boxes",
        "| score | all | of 32 px and more |",
        "|---|---|---|",
    ]
    for score in sorted({certain, 0.3, 0.4}, reverse=True):
        every, large = (_recall(ours, reference, score, least_px) for least_px in (0, LARGE_PX))
        lines.append(f"| {score:g} | {every} | {large} |")
    return "\n".join(lines)


def moving_boxes(detected: Sequence[Detections]) -> ReferenceBoxes:
    """Return the confident boxes of moving vehicles."""
    tracker = Tracker(TrackerOptions(certain_score=CONFIDENT, in_pieces=False))
    ended = [track for frame, time_s, found in detected for track in tracker.update(frame, time_s, found).ended]
    reference: dict[int, list[tuple[int, Box]]] = defaultdict(list)
    for moving in (*ended, *tracker.finish()):
        for point in moving.points:
            if point.score >= CONFIDENT:
                reference[point.frame].append((moving.number, point.box))
    return reference


def _tracks_by_method(path: Path) -> Mapping[str, list[Track]]:
    """Return the passages by each detector with our tracker, and by our detector with each other tracker."""
    detectors = {name: make_detector(name) for name in ("learned", "motion")}
    detected = {name: detect(path, detector) for name, detector in detectors.items()}
    tracks = {name: track(detected[name], detector) for name, detector in detectors.items()}
    if _has_trackers():
        learned = detectors["learned"]
        rule = TrackerOptions(certain_score=learned.certain_score, in_pieces=learned.in_pieces)
        for name, peer in PEERS.items():
            theirs = peer(detected["learned"], 1 / EVERY_S, learned.certain_score)
            tracks[f"learned, {name}"] = [their for their in theirs if is_passage(their, rule)]
    return tracks


def _has_trackers() -> bool:
    return find_spec("trackers") is not None and find_spec("supervision") is not None


def _tracked_by(tracker: Any, detected: Sequence[Detections]) -> list[Track]:
    supervision = import_module("supervision")
    points: dict[int, list[TrackPoint]] = defaultdict(list)
    for frame, time_s, found in detected:
        given = supervision.Detections(
            xyxy=boxes.to_array([detection.box for detection in found]).astype(np.float32),
            confidence=np.array([detection.score for detection in found], dtype=np.float32),
            class_id=np.array([LABELS.index(detection.label or LABELS[0]) for detection in found], dtype=int),
        )
        updated = tracker.update(given)
        rows = [] if updated.tracker_id is None else updated.tracker_id.tolist()
        for row, number in enumerate(rows):
            if number >= 0:
                box, label = boxes.to_box(updated.xyxy[row]), LABELS[int(updated.class_id[row])]
                points[number].append(TrackPoint(frame, time_s, box, float(updated.confidence[row]), label))
    return [Track(number, tuple(of_track)) for number, of_track in sorted(points.items())]


def _matched(
    method: str, weather: str, tracks: Sequence[Track], city: Path, row: FootageRow, known: TruthFrames
) -> WatchedCamera:
    """Match the tracks with the truth; names are prefixed with their city."""
    followed = [SightingTrack(f"{row.path}-{number}", row.path, track.points) for number, track in enumerate(tracks)]
    matches = [match_track(track, known) for track in followed]
    passages = [p for of_vehicle in known.passages.values() for p in of_vehicle if p.camera == row.camera]
    return WatchedCamera(
        method,
        weather,
        tuple(replace(m, vehicle=_in_city(city, m.vehicle), passage=_in_city(city, m.passage)) for m in matches),
        tuple(replace(p, vehicle=f"{city}/{p.vehicle}", passage=f"{city}/{p.passage}") for p in passages),
        tuple(replace(part, group=f"{city}/{part.group}") for part in identity_frames(followed, known)),
    )


def _in_city(city: Path, name: str | None) -> str | None:
    return None if name is None else f"{city}/{name}"


def _city_line(title: str, watched: Sequence[WatchedCamera]) -> str:
    matches = [match for camera in watched for match in camera.matches]
    passages = [passage for camera in watched for passage in camera.passages]
    identities = [part for camera in watched for part in camera.identities]
    figures: Figures = passage_figures(matches, passages, identities)
    counted = [str(sum(passage.counts for passage in passages)), str(len(matches))]
    return f"| {' | '.join([title, *counted, *(_with_interval(figures[name]) for name in FIGURES)])} |"


def _recall(ours: Sequence[Detections], reference: ReferenceBoxes, score: float, least_px: int) -> str:
    groups: list[str] = []
    found: list[bool] = []
    for frame, _, detected in ours:
        expected = [(number, box) for number, box in reference.get(frame, ()) if box.height >= least_px]
        rows = boxes.to_array([detection.box for detection in detected if detection.score >= score])
        overlap = boxes.iou(boxes.to_array([box for _, box in expected]), rows)
        groups += [str(number) for number, _ in expected]
        found += (np.max(overlap, axis=1, initial=0.0) >= OVERLAP).tolist()
    figure = share(groups, found)
    if figure.value is None:
        return "none to find"
    return f"{figure.value:.2f} [{figure.low:.2f}, {figure.high:.2f}] of {len(found)}"


def _with_interval(figure: Figure) -> str:
    if figure.value is None:
        return ""
    return f"{figure.value:.3f} [{figure.low:.2f}, {figure.high:.2f}]"


if __name__ == "__main__":
    main()
