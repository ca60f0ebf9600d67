"""Measure what is found in real clips whose vehicles were tracked by hand: found, found twice, phantoms, types.

`python -m benchmarks.street_tracks CLIP... [--weights DETECTOR.onnx]`: beside each clip lies a CSV with its vehicles
(`frame,track,x,y,w,h,type,parked,stopped`). A vehicle counts that is 24 px or more and drives for a second or more.
"""

import argparse
import csv
import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.claim import machine
from reid import boxes
from reid.appearance.attributes import describe
from reid.appearance.embedders import Embedder, make_embedder
from reid.detect.detectors import SparingDetector
from reid.detect.learned import PACKAGED, LearnedDetector
from reid.images import stay_on_one_thread
from reid.passages import ObservedPassage, WatchOptions, watch
from reid.scene.scene_log import SceneLog
from reid.vehicle import VEHICLE_TYPES, Box, Track
from reid.video.timeline import Timeline, read_timeline
from reid.weights import Weights, find_weights, weights_at

LEAST_PX, LEAST_MOVING_S, LEAST_TRAVEL = 24, 1.0, 0.6
OVERLAP = 0.3
"""The least IoU with a box drawn by hand: those are loose, and small vehicles a few pixels wide."""

SAME_TYPES: Mapping[str, tuple[str, ...]] = {
    "car": ("car", "van"),
    "truck": ("truck", "van"),
    "bus": ("bus",),
    "motorbike": ("motorcycle",),
}
"""Types drawn by hand, which know no vans, and ours that mean the same; of others nothing is known."""


@dataclass(frozen=True, slots=True)
class HandTrack:
    """A vehicle tracked by hand: its type, its box in each frame, and the frames in which it drives."""

    kind: str
    boxes: Mapping[int, Box]
    driving: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """A sighting: the vehicle tracked by hand that it shows, None if none was drawn there, and its likeliest type."""

    vehicle: int | None
    kind: str


def clips_and_detector(about: str | None) -> tuple[list[Path], Weights]:
    """Return the clips named on the command line, and the detector to watch them with; all runs on one thread."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("clips", type=Path, nargs="+")
    parser.add_argument("--weights", type=Path, help="a detector with its card beside it, in place of the packaged one")
    arguments = parser.parse_args()
    stay_on_one_thread()
    weights = find_weights(PACKAGED) if arguments.weights is None else weights_at(arguments.weights)
    return arguments.clips, weights


def main() -> None:
    """Print the counts of each clip, and of all together."""
    clips, weights = clips_and_detector(__doc__)
    total: Counter[str] = Counter()
    for clip in clips:
        counts = measure(clip, weights)
        total.update(counts)
        print(json.dumps({"clip": clip.stem, "detector": weights.model_id, **counts}), flush=True)
    print(json.dumps({"clip": "all", "detector": weights.model_id, **total, "machine": machine()}))


def measure(clip: Path, weights: Weights) -> dict[str, int]:
    """Watch a clip as ingest does and compare its sightings with the tracks drawn by hand."""
    timeline, embedder = read_timeline(clip), make_embedder("appearance", threads=1)
    truth = read_tracks(clip.with_suffix(".csv"))
    detector = SparingDetector(LearnedDetector(weights=weights))
    passages = watch(timeline, detector, 0.0, timeline.duration_s, options=WatchOptions(), scene=SceneLog())
    seen = [Seen(shown_vehicle(p.track, truth), kind_of(p, embedder, timeline)) for p in passages]
    return count(seen, truth, fps=round(1 / timeline.frame_s))


def read_tracks(path: Path) -> dict[int, HandTrack]:
    """Read the vehicles of a clip by their number."""
    rows: dict[int, list[dict[str, str]]] = defaultdict(list)
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            rows[int(row["track"])].append(row)
    return {number: _hand_track(of_vehicle) for number, of_vehicle in sorted(rows.items())}


def drives(vehicle: HandTrack, fps: int) -> bool:
    """Say whether a vehicle is large enough and drives long and far enough to be looked for."""
    rows = boxes.to_array([vehicle.boxes[frame] for frame in vehicle.driving])
    rows = rows[(rows[:, 2:] - rows[:, :2]).max(axis=1, initial=0.0) >= LEAST_PX]
    if len(rows) < LEAST_MOVING_S * fps:
        return False
    away = np.linalg.norm((rows[:, :2] + rows[:, 2:] - rows[0, :2] - rows[0, 2:]) / 2, axis=1)
    return bool(away.max() >= LEAST_TRAVEL * np.sqrt(np.median(boxes.areas(rows))))


def shown_vehicle(track: Track, truth: Mapping[int, HandTrack]) -> int | None:
    """Return the vehicle that most frames of a track show, None if they show none that was drawn."""
    votes: Counter[int] = Counter()
    for point in track.points:
        there = {
            number: vehicle.boxes[point.frame] for number, vehicle in truth.items() if point.frame in vehicle.boxes
        }
        overlap = boxes.iou(boxes.to_array([point.box]), boxes.to_array(list(there.values())))
        if overlap.max(initial=0.0) >= OVERLAP:
            votes[list(there)[int(overlap[0].argmax())]] += 1
    number, most = max(votes.items(), key=lambda vote: (vote[1], -vote[0]), default=(0, 0))
    return number if 2 * most > len(track.points) else None


def count(seen: Sequence[Seen], truth: Mapping[int, HandTrack], fps: int) -> dict[str, int]:
    """Return the counts; `unmatched` sightings are phantoms, or vehicles that nobody drew: look at them."""
    sightings = Counter(one.vehicle for one in seen if one.vehicle is not None)
    wanted = [number for number, vehicle in truth.items() if drives(vehicle, fps)]
    known = [(truth[one.vehicle].kind, one.kind) for one in seen if one.vehicle is not None]
    return {
        "sightings": len(seen),
        "vehicles": len(wanted),
        "found": sum(number in sightings for number in wanted),
        "twice": sum(times - 1 for times in sightings.values()),
        "unmatched": sum(one.vehicle is None for one in seen),
        "types": sum(kind in SAME_TYPES for kind, _ in known),
        "types_right": sum(ours in SAME_TYPES.get(kind, ()) for kind, ours in known),
    }


def _hand_track(rows: Sequence[Mapping[str, str]]) -> HandTrack:
    placed = {int(row["frame"]): Box(*(float(row[side]) for side in "xywh")) for row in rows}
    driving = tuple(int(row["frame"]) for row in rows if row["parked"] == row["stopped"] == "0")
    return HandTrack(rows[0]["type"], placed, driving)


def kind_of(passage: ObservedPassage, embedder: Embedder, timeline: Timeline) -> str:
    """Return the likeliest type of a sighting, as ingest tells it."""
    looks = embedder.appearance([shot.image for shot in passage.shots])
    size = {"width_px": timeline.width, "height_px": timeline.height}
    types = describe(passage.shots, passage.track.points, looks, **size).types
    return max(VEHICLE_TYPES, key=lambda name: types[name])


if __name__ == "__main__":
    main()
