"""Measure the renderer: how fast it is, and what a detector of real vehicles makes of what it draws.

`python -m benchmarks.render [--full]`; the claims about the detector and real crops need RETRACE_MATERIAL.
"""

import json
import os
import platform
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.render_detector import CocoDetector, FoundShares, found_shares
from reid.render.crops import CropOptions, draw_crop
from reid.render.frames import FrameRenderer
from reid.render.light.lens import aimed
from reid.render.light.sensor import Picture
from reid.render.rasteriser import cover, fill_numpy
from reid.render.scene import Placement, SiteOptions, make_site
from reid.render.vehicles.bodies import make_model, make_vehicle

_GALLERY = 93
_REAL_RANK1 = 0.71
"""What the histogram reaches on 92 real four-wheelers, one crop each on two cameras."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One measured figure beside what it is compared with."""

    claim: str
    value: float
    unit: str
    peer: str
    peer_value: float | None
    correct: bool

    def as_json(self) -> str:
        """Return the claim as one line of JSON."""
        ratio = round(self.value / self.peer_value, 3) if self.peer_value else None
        record = {
            "claim": self.claim,
            "value": round(self.value, 3),
            "unit": self.unit,
            "peer": self.peer,
            "peer_value": self.peer_value,
            "ratio": ratio,
            "correct": self.correct,
            "machine": f"{platform.machine()}, {os.cpu_count()} cores, one used",
        }
        return json.dumps(record)


def main() -> None:
    """Print the claims, each as soon as it is measured."""
    cv2.setNumThreads(1)
    full = "--full" in sys.argv[1:]
    for claim in _claims(full=full):
        print(claim.as_json(), flush=True)


def _claims(*, full: bool) -> Iterator[Claim]:
    """Yield every claim that can be measured here."""
    yield _frame_speed()
    yield _crop_speed()
    yield _histogram_rank1(sets=12 if full else 4)
    if find_spec("numba"):
        yield _fill_agreement()
    material = os.environ.get("RETRACE_MATERIAL")
    if material:
        detector = CocoDetector(Path(material) / "models" / "yolox_nano.onnx")
        shares = found_shares(detector, sites=60 if full else 16)
        yield from _detector_claims(shares)


def _frame_speed() -> Claim:
    """Return the processor time of a 720p frame with three vehicles in it."""
    site = make_site(7, SiteOptions(heading_deg=20.0))
    renderer = FrameRenderer(site)
    rows = (("suv", 1, 2.0), ("hatch", 1, 16.0), ("van", -1, -8.0))
    traffic = [Placement(make_vehicle(i, make_model(i, body)), way, along) for i, (body, way, along) in enumerate(rows)]
    first = renderer.frame(traffic, 0.0)
    spent = []
    for number in range(1, 41):
        start = time.process_time()
        renderer.frame([_driven(placement, 0.1 * number) for placement in traffic], number / 12)
        spent.append(time.process_time() - start)
    seen = sum(box.index >= 0 for box in first.boxes) == 3
    return Claim(
        "720p frame with three vehicles, processor time", 1e3 * float(np.median(spent)), "ms", "aim", 15.0, seen
    )


def _driven(placement: Placement, by_m: float) -> Placement:
    """Return the placement a little later."""
    return Placement(placement.vehicle, placement.direction, placement.along_m + by_m)


def _crop_speed() -> Claim:
    """Return how many training crops a second one core draws, vehicles built anew included."""
    options = CropOptions(seed=77, size_px=160)
    draw_crop(options, 0)
    start = time.process_time()
    crops = [draw_crop(options, number) for number in range(8, 136)]
    rate = len(crops) / (time.process_time() - start)
    again = draw_crop(options, 8).image
    return Claim(
        "training crops of 160 px, processor time",
        rate,
        "crops/s a core",
        "aim",
        40.0,
        bool((again == crops[0].image).all()),
    )


def _histogram_rank1(*, sets: int) -> Claim:
    """Return how often a colour histogram puts the right one of 93 rendered vehicles first, same view."""
    ranks = []
    for number in range(sets):
        options = CropOptions(seed=9000 + number, vehicles=10**6, models=1500)
        rows = [_two_views(options, vehicle) for vehicle in range(_GALLERY)]
        gallery, queries = (np.stack([_histogram(row[side]) for row in rows]) for side in (0, 1))
        ranks.append(float(((queries @ gallery.T).argmax(axis=1) == np.arange(_GALLERY)).mean()))
    value = float(np.mean(ranks))
    claim = "histogram rank-1, 93 rendered four-wheelers, two cameras, rear view"
    return Claim(claim, value, "share", "92 real four-wheelers", _REAL_RANK1, 0.55 <= value <= 0.70)


def _two_views(options: CropOptions, number: int) -> tuple[Picture, Picture]:
    """Return one vehicle on two day cameras that see rears, far enough apart in look as real ones are."""
    rng = np.random.default_rng([options.seed, number])
    bodies = ("hatch", "sedan", "suv", "mpv", "pickup", "box truck", "container truck", "minibus", "bus", "tanker")
    shares = (0.18, 0.19, 0.18, 0.11, 0.02, 0.15, 0.08, 0.05, 0.02, 0.02)
    model = make_model(int(rng.integers(2**31)), str(rng.choice(bodies, p=shares)))
    vehicle = make_vehicle(int(rng.integers(2**31)), model)
    views, spot = [], float(rng.uniform(-2, 4))
    for camera in (0, 1):
        site = _rear_camera(options.seed * 2 + camera)
        along = spot + float(rng.uniform(-1, 1))
        frame = site.frame([Placement(vehicle, 1, along)], along)
        box = next(box.box for box in frame.boxes if box.index == 0)
        x, y, slack = int(box.x), int(box.y), rng.integers(0, 4, 4)
        rows = slice(max(0, y - slack[0]), y + int(box.height) + slack[1])
        columns = slice(max(0, x - slack[2]), x + int(box.width) + slack[3])
        views.append(frame.image[rows, columns])
    return views[0], views[1]


_CAMERAS: dict[int, FrameRenderer] = {}


def _rear_camera(seed: int) -> FrameRenderer:
    """Return a day camera that looks after the traffic."""
    if seed not in _CAMERAS:
        options = SiteOptions(heading_deg=float(seed % 2 * 6), weather="cloud", parked=0)
        _CAMERAS[seed] = FrameRenderer(make_site(seed, options))
    return _CAMERAS[seed]


def _histogram(picture: Picture) -> npt.NDArray[np.float32]:
    """Return the 4 x 4-cell HSV histogram of a picture, square-rooted, of unit length."""
    hsv = cv2.cvtColor(cv2.resize(picture, (64, 64)), cv2.COLOR_RGB2HSV)
    cells = []
    for row in range(4):
        for column in range(4):
            cell = hsv[16 * row : 16 * row + 16, 16 * column : 16 * column + 16]
            cells.append(np.asarray(cv2.calcHist([cell], [0, 1], None, [8, 4], [0, 180, 0, 256])).ravel())
            cells.append(np.asarray(cv2.calcHist([cell], [2], None, [8], [0, 256])).ravel())
    root = np.sqrt(np.concatenate(cells))
    return np.asarray(root / np.linalg.norm(root), np.float32)


def _fill_agreement() -> Claim:
    """Return which share of pixels numba and numpy give to the same triangle."""
    from reid.render.compiled import fill_numba
    from reid.render.vehicles.build import build

    mesh = build(make_vehicle(1, make_model(1, "suv"))).mesh
    lens = aimed((-9, 4, 5), (0, 0, 0.6), 900, 640, 480)
    one, other = (cover(lens.project(mesh.points), mesh.faces, 640, 480, fill) for fill in (fill_numpy, fill_numba))
    same = np.intersect1d(one.pixels * 10**5 + one.faces, other.pixels * 10**5 + other.faces).size
    share = same / max(one.pixels.size, other.pixels.size)
    return Claim("pixels that numba and numpy fill alike", share, "share", "stated tolerance", 0.999, share >= 0.999)


def _detector_claims(shares: FoundShares) -> Iterator[Claim]:
    """Yield what a detector trained on real pictures makes of rendered ones."""
    found, right = shares.found / shares.shown, shares.named / max(shares.found, 1)
    rule = f"of {shares.shown} by day, 86 px or higher, 70 % visible, wholly in the frame"
    yield Claim(f"YOLOX-nano finds, {rule}", found, "share", "aim", 0.9, found >= 0.9)
    yield Claim("YOLOX-nano names the type of those found", right, "share", "aim", 0.8, right >= 0.8)


if __name__ == "__main__":
    main()
