"""Measure what it saves to set frames aside that show nothing new, and that no passage is lost by it."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.claim import say
from reid.detect import Detector
from reid.detect.learned import LearnedDetector
from reid.detect.still import SparingDetector
from reid.passages import WatchOptions, watch
from reid.scene_log import SceneLog
from reid.timeline import read_timeline

Seen = list[tuple[str, int, int, int]]
"""The footage, first frame, last frame and number of points of each passage."""


def compare_still(paths: Sequence[Path], what: str) -> None:
    """Watch the footage with every frame looked at, and with those set aside that show nothing new."""
    every, every_s = _watched(paths, LearnedDetector)
    spared, spared_s = _watched(paths, lambda: SparingDetector(LearnedDetector()))
    same = len(set(every) & set(spared))
    say(
        f"{what}, watched without the frames that show nothing new: {len(spared)} passages",
        value=spared_s,
        unit="processor seconds",
        peer=f"every frame looked at: {len(every)} passages, {same} of them the same to the frame",
        peer_value=every_s,
        less_is_better=True,
        correct=len(every) == len(spared),
    )


def _watched(paths: Sequence[Path], make: Callable[[], Detector]) -> tuple[Seen, float]:
    began = time.process_time()
    seen: Seen = []
    for path in paths:
        timeline = read_timeline(path)
        for passage in watch(timeline, make(), 0.0, timeline.duration_s, options=WatchOptions(), scene=SceneLog()):
            points = passage.track.points
            seen.append((path.name, points[0].frame, points[-1].frame, len(points)))
    return sorted(seen), time.process_time() - began
