"""Measure the renderer: its speed, how detectors and histograms see its pictures, and whether its truth is right.

`python -m benchmarks.render [--full]`; the claims about the detector need RETRACE_MATERIAL. Seeds from 20,000 on are
used for nothing else.
"""

import os
import sys
import tempfile
import time
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np

from benchmarks.claim import say
from benchmarks.render_city import city_speed, exact_boxes, same_bytes, smeared_boxes
from benchmarks.render_detector import FIRST_SEED, CocoDetector, found_share, named_share, real, rendered
from benchmarks.render_similarity import GALLERY, histogram_pairs, rank1
from reid.evaluation.intervals import Figure
from reid.render.crops import RenderedCropOptions, draw_crop
from reid.render.frames import FrameRenderer
from reid.render.light.lens import aimed
from reid.render.rasteriser import cover, fill_numpy
from reid.render.scene import Placement, SiteOptions, make_site
from reid.render.vehicles.bodies import make_model, make_vehicle
from ui.demo import demo_city

REAL_RANK1 = 0.71
"""The histogram's rank-1 on 92 real four-wheelers, one crop each on two cameras."""
SAME_VIEW_DEG = 10.0
"""Cameras whose views differ by no more than this see the same side of the traffic."""
STREETS = 4
DRIVING_MPS = 12.0
AIMED_FRAME_MS, AIMED_CROPS, AIMED_CITY_S = 15.0, 40.0, 45.0
AIMED_FOUND, AIMED_NAMED = 0.9, 0.8
BOX_TOLERANCE_PX = 3.0


def main() -> None:
    """Print the claims, each as soon as it is measured."""
    cv2.setNumThreads(1)
    full = "--full" in sys.argv[1:]
    for weather in ("sun", "night", "rain"):
        frame_speed(weather)
    crop_speed()
    similarity(sets=24 if full else 8)
    filling()
    material = os.environ.get("RETRACE_MATERIAL")
    if material:
        detection(Path(material), sites=100 if full else 24)
    boxes(frames=90 if full else 30)
    with tempfile.TemporaryDirectory(prefix="retrace-benchmark-") as folder:
        workers(Path(folder))
        city(Path(folder) / "city")


def frame_speed(weather: str) -> None:
    """Claim the processor time of a 720p frame with three moving vehicles, over several streets."""
    rows = (("suv", 1, 2.0), ("hatch", 1, 16.0), ("van", -1, -8.0))
    traffic = [
        Placement(make_vehicle(i, make_model(i, body)), direction, along, speed_mps=DRIVING_MPS)
        for i, (body, direction, along) in enumerate(rows)
    ]
    spent, all_boxed = [], True
    for seed in range(FIRST_SEED, FIRST_SEED + STREETS):
        renderer = FrameRenderer(make_site(seed, SiteOptions(heading_deg=20.0, weather=weather)))
        first = renderer.frame(traffic, 0.0)
        all_boxed = all_boxed and sum(box.index >= 0 for box in first.boxes) == len(traffic)
        for number in range(1, 21):
            later = [replace(placement, along_m=placement.along_m + 0.1 * number) for placement in traffic]
            began = time.process_time()
            renderer.frame(later, number / 12)
            spent.append(time.process_time() - began)
    claim = f"720p frame with three vehicles, {weather}, processor time"
    _say(claim, 1e3 * float(np.median(spent)), "ms", "aim", AIMED_FRAME_MS, correct=all_boxed, less=True)


def crop_speed() -> None:
    """Claim the training crops a second on one core, building the vehicles included."""
    options = RenderedCropOptions(seed=FIRST_SEED, size_px=160)
    draw_crop(options, 0)
    began = time.process_time()
    crops = [draw_crop(options, number) for number in range(8, 136)]
    rate = len(crops) / (time.process_time() - began)
    same = bool((draw_crop(options, 8).image == crops[0].image).all())
    _say("training crops of 160 px, processor time", rate, "crops/s a core", "aim", AIMED_CROPS, correct=same)


def similarity(*, sets: int) -> None:
    """Claim how often a colour histogram ranks the right vehicle first: it should be as hard as in reality."""
    pairs = histogram_pairs(sets=sets)
    near = [pair for pair in pairs if pair.apart_deg <= SAME_VIEW_DEG]
    for chosen, which in ((pairs, "all"), (near, f"those up to {SAME_VIEW_DEG:.0f} degrees apart")):
        first = rank1(chosen)
        claim = f"histogram rank-1, gallery {GALLERY}, four-wheelers, two rear cameras, {which}: {len(chosen)} pairs"
        claim = f"{claim} {_interval(first)}"
        _say(claim, _value(first), "share", "92 real ones", REAL_RANK1, correct=0.55 <= _value(first) <= 0.70)


def filling() -> None:
    """Claim the share of pixels that numba, if installed, and numpy give to the same triangle."""
    if find_spec("numba") is None:
        return
    from reid.render.numba_fill import fill_numba
    from reid.render.vehicles.build import build

    mesh = build(make_vehicle(1, make_model(1, "suv"))).mesh
    lens = aimed((-9, 4, 5), (0, 0, 0.6), 900, 640, 480)
    one, other = (cover(lens.project(mesh.points), mesh.faces, 640, 480, fill) for fill in (fill_numpy, fill_numba))
    same = np.intersect1d(one.pixels * 10**5 + one.faces, other.pixels * 10**5 + other.faces).size
    alike = same / max(one.pixels.size, other.pixels.size)
    _say("pixels that numba and numpy fill alike", alike, "share", "stated tolerance", 0.999, correct=alike >= 0.999)


def detection(material: Path, *, sites: int) -> None:
    """Claim how well a detector of real vehicles finds rendered ones, compared with real ones as small."""
    detector = CocoDetector(material / "models" / "yolox_nano.onnx")
    shown = rendered(detector, sites=sites)
    clips = sorted((material / "footage").glob("*.mp4"))
    again = real(detector, clips, [one.height_px for one in shown])
    found, named = found_share(shown), named_share(shown)
    rule = f"of {len(shown)} by day, 86 px or higher, 70 % visible, wholly in the frame"
    claim = f"YOLOX-nano finds, {rule} {_interval(found)}"
    _say(claim, _value(found), "share", "aim", AIMED_FOUND, correct=_value(found) >= AIMED_FOUND)
    claim = f"YOLOX-nano names the type of those found {_interval(named)}"
    _say(claim, _value(named), "share", "aim", AIMED_NAMED, correct=_value(named) >= AIMED_NAMED)
    if again:
        real_found = found_share(again)
        low, high = real_found.low or 0.0, real_found.high or 1.0
        claim = f"YOLOX-nano finds of rendered vehicles {_interval(found)}"
        peer = (
            f"of its own {len(again)} confident boxes in {len(clips)} real clips, shrunk as far {_interval(real_found)}"
        )
        meets = low <= (found.high or 1.0) and (found.low or 0.0) <= high
        _say(claim, _value(found), "share", peer, _value(real_found), correct=meets)


def boxes(*, frames: int) -> None:
    """Claim how many true boxes equal the bounds of the drawn vehicle."""
    exact, drawn = exact_boxes(frames=frames)
    _say(f"boxes equal to masks, of {drawn}", exact / drawn, "share", "all", 1.0, correct=exact == drawn)
    off_px = smeared_boxes(frames=frames)
    most_px = float(np.quantile(off_px, 0.95))
    claim = f"95 % of {off_px.size} sides of boxes by night, beside what the smeared picture covers half"
    _say(claim, most_px, "px", "tolerance", BOX_TOLERANCE_PX, correct=most_px <= BOX_TOLERANCE_PX, less=True)


def workers(folder: Path) -> None:
    """Claim how many files of a city are identical with one worker and with several."""
    same, files = same_bytes(folder)
    _say(f"files of a city alike with 1 and {len(os.sched_getaffinity(0))} workers, of {files}", same / files, "share",
         "all", 1.0, correct=same == files)  # fmt: skip


def city(folder: Path) -> None:
    """Claim how long the demo's city takes, and how far its box times are from its frame times."""
    made = city_speed(folder, demo_city(FIRST_SEED))
    claim = f"the demo's city, {made.cameras} cameras, {made.passages} passages, wall time on all cores"
    _say(claim, made.seconds, "s", "aim, on 2 cores", AIMED_CITY_S, correct=made.passages > 0, less=True)
    claim = "times of true boxes beside those of their frames, the worst"
    _say(claim, made.off_frames, "frames", "aim", 0.5, correct=made.off_frames <= 0.5, less=True)


def _say(
    claim: str, value: float, unit: str, peer: str, peer_value: float, *, correct: bool, less: bool = False
) -> None:
    # A difference of zero has no ratio to its peer.
    say(
        claim, value=max(value, 1e-6), unit=unit, peer=peer, peer_value=peer_value, less_is_better=less, correct=correct
    )


def _value(figure: Figure) -> float:
    return figure.value if figure.value is not None else 0.0


def _interval(figure: Figure) -> str:
    if figure.low is None or figure.high is None:
        return "(nothing was measured)"
    return f"(95 %: {figure.low:.3f} to {figure.high:.3f})"


if __name__ == "__main__":
    main()
