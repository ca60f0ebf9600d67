"""Measure what is seen in footage: passages of simulated cities beside other trackers, and boxes of real clips.

`python -m benchmarks.watching --cities CITY... --clips CLIP... --yolox yolox_nano.onnx`; the two trackers of `trackers`
take part where it is installed (`pip install trackers`).
"""

import argparse
import math
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

import cv2

from benchmarks import watching_clips, watching_peers
from benchmarks.watching_peers import Looked
from index.simulation import truth
from index.simulation.matching import Identity, Match, SeenTrack, TruthFrames, identities, match
from index.simulation.recall import read_truth
from index.simulation.seeing_score import Figures, passage_figures
from index.simulation.truth import FootageRow, TrueBox, TruePassage, TrueWeather
from reid.detect import Detector, make_detector
from reid.evaluation.intervals import Figure
from reid.passages import WatchOptions, tracker_for, vehicles_in, warm_up
from reid.threads import stay_on_one_thread
from reid.timeline import read_timeline
from reid.track.tracker import TrackerOptions, is_passage
from reid.vehicle import Track
from reid.video import frames

EVERY_S = WatchOptions().every_s
FIGURES = ("recall", "duplicates", "phantoms", "idf1")


@dataclass(frozen=True, slots=True)
class Judged:
    """What one way of seeing made of one camera, beside what is true of it."""

    way: str
    weather: str
    matches: tuple[Match, ...]
    passages: tuple[TruePassage, ...]
    identities: tuple[Identity, ...]


def main() -> None:
    """Print a table for the cities together, and a line for each clip."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cities", type=Path, nargs="*", default=[])
    parser.add_argument("--clips", type=Path, nargs="*", default=[])
    parser.add_argument("--yolox", type=Path, help="YOLOX-nano as ONNX, whose boxes in the clips are to be found")
    parser.add_argument("--workers", type=int, default=1, help="cameras watched at once")
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    if asked.cities and not watching_peers.is_installed():
        print("ByteTrack and OC-SORT are left out: `pip install trackers` for them", file=sys.stderr)
    if asked.cities:
        print(table(judge_cities(asked.cities, asked.workers)))
    for clip in asked.clips:
        print(watching_clips.told(clip, *(look(clip, make_detector(name)) for name in ("learned", str(asked.yolox)))))


def judge_cities(cities: Sequence[Path], workers: int) -> list[Judged]:
    """Watch every camera of the cities in every way, some cameras at once."""
    cameras = [(city, row) for city in cities for row in truth.read(city, FootageRow)]
    with ProcessPoolExecutor(workers, get_context("spawn"), initializer=stay_on_one_thread) as pool:
        return [one for judged in pool.map(judge_camera, *zip(*cameras, strict=True)) for one in judged]


def judge_camera(city: Path, row: FootageRow) -> list[Judged]:
    """Watch one camera in every way."""
    true, boxes = read_truth(city), [box for box in truth.read(city, TrueBox) if box.video == row.path]
    looked_at = frozenset(read_timeline(city / row.path).select(0.0, math.inf, EVERY_S).tolist())
    known = TruthFrames.of(boxes, true.passages, {row.path: row.camera}, {row.path: looked_at})
    weather = next(of.weather for of in truth.read(city, TrueWeather) if of.camera == row.camera)
    return [_judged(way, weather, tracks, city, row, known) for way, tracks in _ways(city / row.path).items()]


def look(path: Path, detector: Detector) -> list[Looked]:
    """Return what a detector finds in the analysed frames of a video, learning the scene as at work."""
    timeline = read_timeline(path)
    warm_up(detector, timeline, 0.0, EVERY_S)
    seen = frames(timeline, every_s=EVERY_S)
    return [(frame.index, frame.time_s, vehicles_in(detector, frame, None)) for frame in seen]


def follow(looked: Sequence[Looked], detector: Detector) -> list[Track]:
    """Return the passages that our tracker makes of what was found."""
    tracker = tracker_for(detector, TrackerOptions())
    ended = [track for frame, time_s, found in looked for track in tracker.update(frame, time_s, found).ended]
    return [*ended, *tracker.finish()]


def _ways(path: Path) -> Mapping[str, list[Track]]:
    """Return the passages of a video by each detector and our tracker, and by ours with each other tracker."""
    detectors = {name: make_detector(name) for name in ("learned", "motion")}
    looked = {name: look(path, detector) for name, detector in detectors.items()}
    ways = {name: follow(looked[name], detector) for name, detector in detectors.items()}
    if watching_peers.is_installed():
        learned = detectors["learned"]
        rule = TrackerOptions(certain_score=learned.certain_score, in_pieces=learned.in_pieces)
        for name, peer in watching_peers.PEERS.items():
            tracks = peer(looked["learned"], 1 / EVERY_S, learned.certain_score)
            ways[f"learned, {name}"] = [track for track in tracks if is_passage(track, rule)]
    return ways


def _judged(way: str, weather: str, tracks: Sequence[Track], city: Path, row: FootageRow, known: TruthFrames) -> Judged:
    """Match the tracks with what is true; names get the city's before them."""
    seen = [SeenTrack(f"{row.path}-{number}", row.path, track.points) for number, track in enumerate(tracks)]
    matches = [match(track, known) for track in seen]
    passages = [one for of_vehicle in known.passages.values() for one in of_vehicle if one.camera == row.camera]
    return Judged(
        way,
        weather,
        tuple(replace(one, vehicle=_of(city, one.vehicle), passage=_of(city, one.passage)) for one in matches),
        tuple(replace(one, vehicle=f"{city}/{one.vehicle}", passage=f"{city}/{one.passage}") for one in passages),
        tuple(replace(one, group=f"{city}/{one.group}") for one in identities(seen, known)),
    )


def _of(city: Path, name: str | None) -> str | None:
    return None if name is None else f"{city}/{name}"


def table(judged: Sequence[Judged]) -> str:
    """Return a row for each way over all cameras, then one for each way and weather."""
    lines = ["| | passages | sightings | recall | duplicates | phantoms | IDF1 |", "|---|---|---|---|---|---|---|"]
    for weather in (None, *sorted({one.weather for one in judged})):
        for way in dict.fromkeys(one.way for one in judged):
            chosen = [one for one in judged if one.way == way and weather in (None, one.weather)]
            lines.append(_line(way if weather is None else f"{way}; {weather}", chosen))
    return "\n".join(lines)


def _line(title: str, judged: Sequence[Judged]) -> str:
    matches = [match for one in judged for match in one.matches]
    passages = [passage for one in judged for passage in one.passages]
    figures: Figures = passage_figures(matches, passages, [part for one in judged for part in one.identities])
    counted = [str(sum(passage.counts for passage in passages)), str(len(matches))]
    return f"| {' | '.join([title, *counted, *(_told(figures[name]) for name in FIGURES)])} |"


def _told(figure: Figure) -> str:
    if figure.value is None:
        return ""
    return f"{figure.value:.3f} [{figure.low:.2f}, {figure.high:.2f}]"


if __name__ == "__main__":
    main()
