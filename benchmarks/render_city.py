"""Make cities to measure their speed, whether truth and pictures agree, and whether workers change any byte."""

import hashlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.render_detector import FIRST_SEED
from index.simulation import truth
from index.simulation.city import make_city
from index.simulation.options import CityOptions
from index.simulation.truth import FootageRow, TrueBox, TrueClock
from reid.render.frames import FrameRenderer
from reid.render.light.glare import lamp_light
from reid.render.light.shading import Surface
from reid.render.scene import Placement, Site, SiteOptions, make_site
from reid.render.vehicles.bodies import TYPE_OF_BODY, make_model, make_vehicle
from reid.render.vehicles.build import build
from reid.render.vehicles.layers import Layer, draw_layer
from reid.render.vehicles.motion_blur import motion, motion_blurred
from reid.video.timeline import read_timeline

NIGHT_MPS = 12.0
TINY = CityOptions(seed=FIRST_SEED, cameras=2, vehicles=40, minutes=0.3, fps=6, width=320, height=180)


@dataclass(frozen=True, slots=True)
class CitySpeed:
    """How long a city took, its passages and cameras, and the largest error of a box's time in frames."""

    seconds: float
    passages: int
    cameras: int
    off_frames: float


def city_speed(folder: Path, options: CityOptions) -> CitySpeed:
    """Make a city, and compare its truth with its videos."""
    began = time.monotonic()
    made = make_city(folder, replace(options, seed=FIRST_SEED))
    return CitySpeed(time.monotonic() - began, made.passages, made.cameras, _off_frames(folder, options.fps))


def _off_frames(city: Path, fps: float) -> float:
    """Return the largest difference between a box's time and its frame's, in frames."""
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
    """Return how many boxes equal the bounds of the drawn mask, and the number of boxes."""
    exact = drawn = 0
    for site, placement in _streets(frames, weather="sun"):
        layer = _layer(site, placement)
        for box in (seen.box for seen in FrameRenderer(site).frame([placement], 0.0).boxes):
            drawn += 1
            sides = box.x, box.y, box.x + box.width, box.y + box.height
            exact += layer is not None and sides == _sides(layer)
    return exact, drawn


def smeared_boxes(*, frames: int) -> npt.NDArray[np.float64]:
    """Return how far each side of a box is from that of the half-covered area under an open shutter, in pixels."""
    off_px = []
    for site, placement in _streets(frames, weather="night"):
        layer = _layer(site, placement)
        if layer is not None:
            way_m = NIGHT_MPS * site.sensor.shutter_s
            moves = motion(build(placement.vehicle), site.place(placement), way_m, site.lens)
            soft = motion_blurred(layer, moves, site.lens.width, site.lens.height)
            off_px += [abs(one - other) for one, other in zip(_sides(layer), _sides(soft), strict=True)]
    return np.array(off_px, float)


def _streets(frames: int, *, weather: str) -> Iterator[tuple[Site, Placement]]:
    """Yield streets with one vehicle each: every body in turn, from every side."""
    bodies = list(TYPE_OF_BODY)
    for number in range(frames):
        options = SiteOptions(width=640, height=360, parked=0, weather=weather, heading_deg=float(number * 37 % 360))
        vehicle = make_vehicle(number, make_model(FIRST_SEED + number, bodies[number % len(bodies)]))
        yield make_site(FIRST_SEED + number, options), Placement(vehicle, 1 if number % 2 else -1, 1.0)


def _layer(site: Site, placement: Placement) -> Layer | None:
    """Draw the vehicle alone; None if it is outside the picture."""
    solid = build(placement.vehicle)
    surface = Surface(solid.texture, solid.plate_faces, lamp_light(site.light, braking=False))
    layer = draw_layer(solid.mesh.moved(*site.place(placement)), surface, site.lens, site.scenery, site.sensor)
    return layer if layer is not None and layer.solid.any() else None


def _sides(layer: Layer) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of the pixels that a layer covers at least half."""
    left, top, width, height = cv2.boundingRect(layer.solid.view(np.uint8))
    x, y = layer.window.x + left, layer.window.y + top
    return x, y, x + width, y + height


def same_bytes(folder: Path) -> tuple[int, int]:
    """Return how many files of a city are identical with one worker and with all, and the number of files."""
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
