"""Measure how fast and how accurately footage becomes sightings, against a pipeline of standard parts."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import cv2
import numpy as np

from benchmarks import ingest_peer
from benchmarks.claim import say
from index.access.permissions import local_person
from index.ingest.ingest import ingest
from index.ingest.ingest_options import IngestOptions
from index.ingest.registration import FootageJob
from index.simulation import truth
from index.simulation.city import make_city
from index.simulation.matching import SightingTrack
from index.simulation.options import CityOptions
from index.simulation.truth import FootageRow
from index.store.archive import Archive
from index.store.catalogue import cameras, sightings
from index.store.catalogue.cameras import StoredCamera
from index.store.catalogue.sightings import SightingFilter
from reid.detect.detectors import Detector, SparingDetector
from reid.detect.learned import LearnedDetector
from reid.detect.motion import MotionDetector
from reid.passages import WatchOptions, watch
from reid.scene.scene_log import SceneLog
from reid.vehicle import Image
from reid.video.frames import frames
from reid.video.timeline import read_timeline
from reid.video.writer import FilmOptions, film
from reid.weights import list_weights

SIZE = (960, 540)
FPS = 25
SECONDS = 60
CARS = 12
CITY = CityOptions(seed=21_000, cameras=2, vehicles=60, minutes=1.5, width=960, height=540)
"""A city on which nothing was tuned; at its 12 frames a second ours analyses every frame too."""
Passages = list[tuple[str, int, int, int]]
"""The footage, first frame, last frame and number of points of each passage."""


def main() -> None:
    """Print one line of JSON a claim, on a generated street, and on real footage if there is any."""
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory(prefix="retrace-benchmark-") as folder:
        made = make_street(Path(folder) / "street.mp4")
        compare(made, Path(folder) / "archive-street", "motion", CARS)
        for path, detector in product(real_footage(), ("motion", "learned")):
            compare(path, Path(folder) / f"archive-{path.stem}-{detector}", detector, None)
        compare_detectors(made)
        compare_still([make_street(Path(folder) / "empty.mp4", 0)], "an empty street of 60 s")
        city = Path(folder) / "city"
        make_city(city, CITY)
        rows = truth.read(city, FootageRow)
        compare_still([city / row.path for row in rows], f"the city of seed {CITY.seed}")
        if ingest_peer.is_installed():
            compare_tracking(Path(folder), city, rows)


def compare_tracking(folder: Path, city: Path, rows: Sequence[FootageRow]) -> None:
    """Ingest a city's footage with each detector, and track its vehicles as the peer does with the same detector."""
    seconds_of_video = sum(read_timeline(city / row.path).duration_s for row in rows)
    for detector in detectors():
        ours, ours_s = _ours(city, rows, folder / f"archive-{Path(detector).stem}", detector)
        began = time.perf_counter()
        theirs = [track for row in rows for track in ingest_peer.follow(city / row.path, row.path, detector)]
        theirs_s = time.perf_counter() - began
        scores = [ingest_peer.motmetrics_idf1(tracks, city) for tracks in (ours, theirs)]
        _say_tracking(Path(detector).stem, scores, (seconds_of_video / ours_s, seconds_of_video / theirs_s))


def detectors() -> Iterator[str]:
    """Yield the detectors to compare: motion, learned, and YOLOX-nano if it is installed or in the material."""
    yield from ("motion", "learned")
    added = {one.card.name for one in list_weights() if one.card.task == "detector"}
    if "yolox-nano" in added:
        yield "yolox-nano"
    elif (folder := os.environ.get("RETRACE_MATERIAL")) and (Path(folder) / "models" / "yolox_nano.onnx").is_file():
        yield str(Path(folder) / "models" / "yolox_nano.onnx")


def compare(path: Path, folder: Path, detector: str, expected: int | None) -> None:
    """Ingest a file with all stages on and one worker; the peer only decodes and subtracts the background."""
    seconds_of_video = read_timeline(path).duration_s
    with Archive.create(folder) as archive:
        with archive.catalogue.writing() as connection:
            cameras.put(connection, [StoredCamera("one", 48.41, 15.6)])
        began = time.perf_counter()
        job = FootageJob(path, "one", datetime(2026, 5, 4, 8, tzinfo=UTC))
        (done,) = ingest(archive, [job], local_person(), IngestOptions(detector=detector))
        ours_s = time.perf_counter() - began
    began = time.perf_counter()
    decode_and_subtract(path)
    peer_s = time.perf_counter() - began
    say(
        f"ingest of {path.name}, {detector}, all stages on, one worker, first run",
        value=seconds_of_video / ours_s,
        unit="seconds of video a second",
        peer="OpenCV decoding and MOG2 on every frame, no tracks, crops, vectors, plates or archive",
        peer_value=seconds_of_video / peer_s,
        less_is_better=False,
        correct=done.sightings == expected if expected is not None else done.sightings > 0,
    )


def compare_detectors(path: Path) -> None:
    """Time the motion detector on one frame, and MOG2 on the same full frame."""
    pictures = [frame.image for frame in frames(read_timeline(path), to_s=8.0, every_s=0.1)]
    detector = MotionDetector()
    for number, picture in enumerate(pictures[:25]):
        detector.learn(picture, 2.0 * number)
    ours_ms = _milliseconds(lambda picture: detector.detect(picture, 60.0), pictures)
    subtractor = cv2.createBackgroundSubtractorMOG2()
    peer_ms = _milliseconds(subtractor.apply, pictures)
    say(
        f"motion detector, one frame of {SIZE[0]}x{SIZE[1]}, boxes included",
        value=ours_ms,
        unit="ms",
        peer="OpenCV MOG2 mask of the same frame",
        peer_value=peer_ms,
        less_is_better=True,
        correct=any(detector.detect(picture, 60.0) for picture in pictures),
    )


def decode_and_subtract(path: Path) -> None:
    """Decode a video and subtract its background, as the peer."""
    capture = cv2.VideoCapture(str(path))
    subtractor = cv2.createBackgroundSubtractorMOG2()
    while True:
        there, picture = capture.read()
        if not there:
            return
        subtractor.apply(picture)


def real_footage() -> Iterator[Path]:
    """Yield the real footage in RETRACE_MATERIAL, if any."""
    folder = os.environ.get("RETRACE_MATERIAL")
    if folder:
        yield from sorted((Path(folder) / "footage").glob("*.mp4"))


def make_street(path: Path, cars: int = CARS, *, seconds: int = SECONDS) -> Path:
    """Film patterned blocks that drive over a still, patterned ground one after another."""
    rng = np.random.default_rng(1)
    ground = np.kron(rng.integers(90, 150, (SIZE[1] // 30, SIZE[0] // 30, 3)), np.ones((30, 30, 1))).astype(np.uint8)
    blocks = [_block(rng) for _ in range(cars)]
    with film(path, FilmOptions(*SIZE, FPS)) as writing:
        for number in range(seconds * FPS):
            writing.add(_street(ground, blocks, number / FPS))
    return path


def compare_still(paths: Sequence[Path], what: str) -> None:
    """Watch the footage with every frame analysed, and with unchanged frames skipped."""
    every, every_s = _watch(paths, LearnedDetector)
    spared, spared_s = _watch(paths, lambda: SparingDetector(LearnedDetector()))
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


def _say_tracking(detector: str, idf1: Sequence[float], speed: tuple[float, float]) -> None:
    peer = f"OpenCV decoding, {detector} on every frame, ByteTrack of `trackers`: no crops, vectors, plates or archive"
    city = f"a {CITY.preset} city of seed {CITY.seed}, {CITY.cameras} cameras, {CITY.minutes:g} min, {CITY.width} px"
    say(
        f"IDF1 by motmetrics of {detector}'s tracks in {city}",
        value=idf1[0],
        unit="share",
        peer=peer,
        peer_value=idf1[1],
        less_is_better=False,
        correct=idf1[0] >= idf1[1],
    )
    say(
        f"ingest of {city}, {detector}, all stages on, one worker",
        value=speed[0],
        unit="seconds of video a second",
        peer=peer,
        peer_value=speed[1],
        less_is_better=False,
        correct=idf1[0] >= idf1[1],
    )


def _ours(city: Path, rows: Sequence[FootageRow], folder: Path, detector: str) -> tuple[list[SightingTrack], float]:
    """Return the archive's tracks, and the seconds that ingest took."""
    with Archive.create(folder) as archive:
        with archive.catalogue.writing() as connection:
            cameras.put(connection, [StoredCamera(row.camera, 48.41, 15.6) for row in rows])
        jobs = [FootageJob(city / row.path, row.camera, row.start) for row in rows]
        began = time.perf_counter()
        done = ingest(archive, jobs, local_person(), IngestOptions(detector=detector))
        taken_s = time.perf_counter() - began
        video_of = {file.sha256: row.path for file, row in zip(done, rows, strict=True)}
        with archive.catalogue.reading() as connection:
            seen = list(sightings.listing(connection, SightingFilter()))
            tracks = sightings.tracks(connection, [one.id for one in seen])
    return [SightingTrack(one.id, video_of[one.footage], tracks[one.id]) for one in seen], taken_s


def _street(ground: Image, blocks: list[Image], time_s: float) -> Image:
    picture = ground.copy()
    for number, block in enumerate(blocks):
        left = round(220 * (time_s - 1.0 - number * 4.5)) - block.shape[1]
        x0, x1 = max(0, left), min(SIZE[0], left + block.shape[1])
        if x1 > x0:
            picture[200 : 200 + block.shape[0], x0:x1] = block[:, x0 - left : x1 - left]
    return picture


def _block(rng: np.random.Generator) -> Image:
    pattern = rng.integers(-30, 30, (9, 15, 1)) + rng.integers(30, 225, 3)
    return np.clip(np.kron(pattern, np.ones((10, 10, 1))), 0, 255).astype(np.uint8)


def _milliseconds(action: Callable[[Image], object], pictures: list[Image]) -> float:
    began = time.perf_counter()
    for picture in pictures:
        action(picture)
    return 1000 * (time.perf_counter() - began) / len(pictures)


def _watch(paths: Sequence[Path], make: Callable[[], Detector]) -> tuple[Passages, float]:
    began = time.process_time()
    seen: Passages = []
    for path in paths:
        timeline = read_timeline(path)
        for passage in watch(timeline, make(), 0.0, timeline.duration_s, options=WatchOptions(), scene=SceneLog()):
            points = passage.track.points
            seen.append((path.name, points[0].frame, points[-1].frame, len(points)))
    return sorted(seen), time.process_time() - began


if __name__ == "__main__":
    main()
