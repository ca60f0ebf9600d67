"""Say how many of another detector's confident boxes of moving vehicles ours finds in a clip, frame by frame."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from benchmarks.watching_peers import Looked
from reid import boxes
from reid.detect.learned import LearnedOptions
from reid.evaluation.intervals import share
from reid.track.tracker import Tracker, TrackerOptions
from reid.vehicle import Box

CONFIDENT, OVERLAP = 0.5, 0.5
"""The score from which the other's box is wanted, and the overlap that finds it."""

HIGH_PX = 32

Wanted = Mapping[int, Sequence[tuple[int, Box]]]
"""Frame -> the boxes to be found, each with the number of its track."""


def told(clip: Path, ours: Sequence[Looked], theirs: Sequence[Looked]) -> str:
    """Return a table of the recall at several scores, of all boxes and of high ones; intervals are over tracks."""
    wanted = moving(theirs)
    certain = LearnedOptions().certain_score
    lines = [
        f"{clip.name}: {sum(map(len, wanted.values()))} boxes",
        "| score | all | of 32 px and more |",
        "|---|---|---|",
    ]
    for score in sorted({certain, 0.3, 0.4}, reverse=True):
        lines.append(f"| {score:g} | {_recall(ours, wanted, score, 0)} | {_recall(ours, wanted, score, HIGH_PX)} |")
    return "\n".join(lines)


def moving(looked: Sequence[Looked]) -> Wanted:
    """Return the confident boxes of what drives past."""
    tracker = Tracker(TrackerOptions(certain_score=CONFIDENT, in_pieces=False))
    ended = [track for frame, time_s, found in looked for track in tracker.update(frame, time_s, found).ended]
    wanted: dict[int, list[tuple[int, Box]]] = defaultdict(list)
    for track in (*ended, *tracker.finish()):
        for point in track.points:
            if point.score >= CONFIDENT:
                wanted[point.frame].append((track.number, point.box))
    return wanted


def _recall(ours: Sequence[Looked], wanted: Wanted, score: float, high_px: int) -> str:
    groups: list[str] = []
    found: list[bool] = []
    for frame, _, seen in ours:
        asked = [(track, box) for track, box in wanted.get(frame, ()) if box.height >= high_px]
        rows = boxes.to_array([one.box for one in seen if one.score >= score])
        overlap = boxes.iou(boxes.to_array([box for _, box in asked]), rows)
        groups += [str(track) for track, _ in asked]
        found += (np.max(overlap, axis=1, initial=0.0) >= OVERLAP).tolist()
    figure = share(groups, found)
    if figure.value is None:
        return "none to find"
    return f"{figure.value:.2f} [{figure.low:.2f}, {figure.high:.2f}] of {len(found)}"
