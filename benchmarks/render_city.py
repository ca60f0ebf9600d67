"""Make cities for measuring: how long it takes, whether truth and pictures agree, and whether workers change a byte."""

import hashlib
import os
import time
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import numpy as np

from benchmarks.render_detector import FIRST_SEED
from index.simulation import truth
from index.simulation.city import make_city
from index.simulation.options import CityOptions
from index.simulation.truth import FootageRow, TrueBox, TrueClock
from reid.render.frames import FrameRenderer
from reid.render.light.glare import glow
from reid.render.light.shading import Surface
from reid.render.scene import Placement, SiteOptions, make_site
from reid.render.vehicles.bodies import TYPE_OF_BODY, make_model, make_vehicle
from reid.render.vehicles.build import build
from reid.render.vehicles.layers import draw_layer
from reid.timeline import read_timeline

TINY = CityOptions(seed=FIRST_SEED, cameras=2, vehicles=40, minutes=0.3, fps=6, width=320, height=180)


@dataclass(frozen=True, slots=True)
class CitySpeed:
    """How long a city took, how many passages it has, and how far the times of boxes are from their frames'."""

    seconds: float
    passages: int
    cameras: int
    off_frames: float


def city_speed(folder: Path, options: CityOptions) -> CitySpeed:
    """Make a city and read its truth beside its videos."""
    began = time.monotonic()
    made = make_city(folder, replace(options, seed=FIRST_SEED))
    return CitySpeed(time.monotonic() - began, made.passages, made.cameras, _off_frames(folder, options.fps))


def _off_frames(city: Path, fps: float) -> float:
    """Return how far the time of any box is from when its frame is shown, in frames."""
    clocks = {clock.camera: clock.offset_s for clock in truth.read(city, TrueClock)}
    boxes = truth.read(city, TrueBox)
    worst = 0.0
    for row in truth.read(city, FootageRow):
        times_s = read_timeline(city / row.path).times_s
        start = row.start - timedelta(seconds=clocks[row.camera])
        for box in (box for box in boxes if box.video == row.path):
            shown = start + timedelta(seconds=float(times_s[box.frame]))
            worst = max(worst, abs((box.time - shown).total_seconds()) * fps)
    return worst


def exact_boxes(*, frames: int) -> tuple[int, int]:
    """Return how many boxes of frames are the very bounds of the drawn mask, and of how many."""
    exact = drawn = 0
    bodies = list(TYPE_OF_BODY)
    for number in range(frames):
        site = make_site(FIRST_SEED + number, SiteOptions(width=640, height=360, parked=0))
        vehicle = make_vehicle(number, make_model(FIRST_SEED + number, bodies[number % len(bodies)]))
        placement = Placement(vehicle, 1 if number % 2 else -1, 3.0)
        x, y, turn = site.place(placement)
        solid = build(vehicle)
        surface = Surface(solid.texture, solid.plate_faces, glow(site.light, braking=False))
        layer = draw_layer(solid.mesh.moved(x, y, turn), surface, site.lens, site.scenery, site.sensor)
        for box in FrameRenderer(site).frame([placement], 0.0).boxes:
            drawn += 1
            if layer is not None and layer.solid.any():
                rows, columns = (np.flatnonzero(layer.solid.any(axis=axis)) for axis in (1, 0))
                left, top = layer.window.x + columns[0], layer.window.y + rows[0]
                size = columns[-1] - columns[0] + 1, rows[-1] - rows[0] + 1
                exact += (box.box.x, box.box.y, box.box.width, box.box.height) == (left, top, *size)
    return exact, drawn


def same_bytes(folder: Path) -> tuple[int, int]:
    """Return how many files of a city are the same byte by byte when one worker films and when all do, and of all."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    make_city(folder / "one", TINY)
    os.sched_setaffinity(0, cores)
    make_city(folder / "all", TINY)
    names = {path.relative_to(folder / one) for one in ("one", "all") for path in _files(folder / one)}
    same = sum(_sha256(folder / "one" / name) == _sha256(folder / "all" / name) for name in names)
    return same, len(names)


def _files(city: Path) -> list[Path]:
    return [path for path in sorted(city.rglob("*")) if path.is_file()]


def _sha256(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
