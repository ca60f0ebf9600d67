"""Count the sightings of real clips whose type is right, where one person could tell it by eye.

`python -m benchmarks.street_types CLIP... [--weights DETECTOR.onnx]`: `labels/judged-sightings.csv` beside it has clip,
second, box and type of 70 sightings of eight clips, as the packaged detector made them, another one others.
"""

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.claim import machine
from benchmarks.street_tracks import clips_and_detector, kind_of
from reid import boxes
from reid.appearance.embedders import make_embedder
from reid.detect.detectors import SparingDetector
from reid.detect.learned import LearnedDetector
from reid.passages import WatchOptions, watch
from reid.scene.scene_log import SceneLog
from reid.vehicle import Box
from reid.video.timeline import read_timeline
from reid.weights import Weights

LABELS = Path(__file__).parent / "labels" / "judged-sightings.csv"
SAME_S, SAME_OVERLAP = 0.5, 0.5


@dataclass(frozen=True, slots=True)
class JudgedSighting:
    """A sighting that one person looked at, and the types that it can be."""

    time_s: float
    box: Box
    types: tuple[str, ...]


def main() -> None:
    """Print the counts by type."""
    clips, weights = clips_and_detector(__doc__)
    judged = read_judged(LABELS)
    asked, right = Counter[str](), Counter[str]()
    for clip in clips:
        for type_, said in told(clip, weights, judged.get(clip.stem, ())):
            asked[type_] += 1
            right[type_] += said in type_.split(" or ")
    by_type = {name: [right[name], asked[name]] for name in sorted(asked)}
    print(json.dumps({"right": right.total(), "of": asked.total(), "by_type": by_type, "machine": machine()}))


def read_judged(path: Path) -> Mapping[str, Sequence[JudgedSighting]]:
    """Return the sightings that were looked at, by clip."""
    found: dict[str, list[JudgedSighting]] = defaultdict(list)
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            box = Box(*(float(row[side]) for side in "xywh"))
            found[row["clip"]].append(JudgedSighting(float(row["time_s"]), box, tuple(row["type"].split(" or "))))
    return found


def told(clip: Path, weights: Weights, judged: Sequence[JudgedSighting]) -> list[tuple[str, str]]:
    """Return the true type, or types, and the told one of each sighting of a clip that was looked at."""
    timeline, embedder = read_timeline(clip), make_embedder("appearance", threads=1)
    detector = SparingDetector(LearnedDetector(weights=weights))
    pairs = []
    for passage in watch(timeline, detector, 0.0, timeline.duration_s, options=WatchOptions(), scene=SceneLog()):
        shot = passage.shots[0]
        near = [one for one in judged if abs(one.time_s - shot.time_s) <= SAME_S]
        overlap = boxes.iou(boxes.to_array([shot.box]), boxes.to_array([one.box for one in near]))
        if overlap.max(initial=0.0) >= SAME_OVERLAP:
            pairs.append((" or ".join(near[int(overlap[0].argmax())].types), kind_of(passage, embedder, timeline)))
    return pairs


if __name__ == "__main__":
    main()
