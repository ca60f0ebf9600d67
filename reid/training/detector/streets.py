"""Render the streets for the detector's training: moments of traffic, the frame before each, the empty scene."""

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from reid.arrays import Floats32
from reid.detect.background import Background, background_of
from reid.render.frames import FrameRenderer, RenderedFrame
from reid.render.light.lens import Lens, aimed
from reid.render.light.shading import Scenery
from reid.render.light.weather import WEATHERS, environment_map, make_light
from reid.render.scene import MARGIN_PX, Site, SiteOptions, draw_site_sensor, make_site
from reid.render.street.backdrop import draw_backdrop
from reid.render.street.street import OVERVIEW, PLATE, Street, draw_distortion, draw_street
from reid.training.detector.traffic import draw_traffic, placements
from reid.vehicle import VEHICLE_TYPES, Image

RENDER_VERSION = 2
"""Increase it when these pictures change, so that cached older ones are not used."""

HEIGHT_PX = 360
"""Height of stored pictures: a quarter larger than the network's input, so that crops can be enlarged."""

UNKNOWN = -1
"""The type of a vehicle that nobody told: a parked one, or one of a real picture."""

Pixels = npt.NDArray[np.uint8]

_WEATHER_SHARES = {"sun": 0.22, "cloud": 0.13, "low sun": 0.18, "dusk": 0.13, "night": 0.12, "rain": 0.13, "fog": 0.09}
_BETWEEN_S = 2.0
_ABOVE_EVERY = 4
"""Every fourth street is seen from above."""


@dataclass(frozen=True, slots=True)
class StreetOptions:
    """How many streets to render, and how many moments of each, two seconds apart."""

    seed: int = 1
    streets: int = 500
    moments: int = 12


@dataclass(frozen=True, slots=True)
class StoredStreet:
    """The stored pictures and boxes of a street.

    `pictures` is (moments + 1, h, w, 4) uint8: RGB and the grey frame before; the last one is the empty scene and its
    variation. `boxes` is (n, 7) float32: moment, left, top, right, bottom, type or UNKNOWN, visible share.
    """

    pictures: Pixels
    boxes: Floats32

    @property
    def moments(self) -> int:
        """Return the number of moments."""
        return len(self.pictures) - 1

    def save(self, path: Path) -> None:
        """Write two files; the street is complete when the second exists."""
        np.save(_boxes_path(path), self.boxes, allow_pickle=False)
        unfinished = path.with_suffix(f".{os.getpid()}.tmp")
        with unfinished.open("wb") as file:
            np.save(file, self.pictures, allow_pickle=False)
        unfinished.replace(path)

    @classmethod
    def load(cls, path: Path) -> "StoredStreet":
        """Read what `save` wrote; pictures are memory-mapped."""
        return cls(np.load(path, mmap_mode="r", allow_pickle=False), np.load(_boxes_path(path), allow_pickle=False))


def rendered_streets(options: StreetOptions, cache: Path, report: Callable[[int, int], None]) -> list[Path]:
    """Return the files of all streets, each rendered once and kept in `cache`; an interruption loses only one."""
    folder = cache / _key(options)
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{number:06d}.npy" for number in range(options.streets)]
    for number, path in enumerate(paths):
        if not path.exists():
            render_street(options, number).save(path)
        report(number + 1, options.streets)
    return paths


def render_street(options: StreetOptions, number: int) -> StoredStreet:
    """Render one street: its traffic every two seconds, each with a frame shortly before."""
    rng = np.random.default_rng([options.seed, 51, number])
    from_above = number % _ABOVE_EVERY == _ABOVE_EVERY - 1
    site = (site_from_above if from_above else make_site)(int(rng.integers(2**31)), _site_options(rng))
    renderer = FrameRenderer(site)
    trips = draw_traffic(site, options.moments * _BETWEEN_S + 1.0, rng)
    gap_s = float(rng.choice([0.1, 0.1, 0.2, 0.4]))
    images, pictures, boxes = [], [], []
    for moment in range(options.moments):
        time_s = 0.5 + moment * _BETWEEN_S
        before = renderer.frame(placements(trips, time_s - gap_s), time_s - gap_s)
        now = placements(trips, time_s)
        frame = renderer.frame(now, time_s)
        images.append(_resized(frame.image))
        pictures.append(np.dstack([images[-1], cv2.cvtColor(_resized(before.image), cv2.COLOR_RGB2GRAY)]))
        boxes.append(_boxes(moment, frame, [placement.vehicle.type for placement in now], site))
    pictures.append(empty_scene(background_of(images)))
    return StoredStreet(np.stack(pictures).astype(np.uint8), np.concatenate(boxes))


def site_from_above(seed: int, options: SiteOptions) -> Site:
    """Return a site like those of `make_site`, but seen steeply from above, as from bridges, gantries and houses."""
    street = draw_street(seed, keeps_left=options.keeps_left)
    lens = _lens_from_above(seed, street, options)
    light = make_light(seed, options.weather)
    sensor = draw_site_sensor(seed, light, options)
    scenery = Scenery(light, environment_map(light, seed), lens.eye)
    wide = lens.part(-MARGIN_PX, -MARGIN_PX, lens.width + 2 * MARGIN_PX, lens.height + 2 * MARGIN_PX)
    drawn = draw_backdrop(seed, street, wide, scenery, sensor, heading_deg=options.heading_deg, parked=options.parked)
    picture = (drawn.picture, drawn.poles, drawn.before, drawn.parked)
    return Site(seed, options, street, lens, light, sensor, scenery, *picture)


def _site_options(rng: np.random.Generator) -> SiteOptions:
    """Draw a camera: most look along the road, some across it, at any hour and in any weather."""
    kind = PLATE if rng.random() < 0.35 else OVERVIEW
    spread_deg = float(rng.choice([10.0, 25.0, 60.0], p=[0.4, 0.35, 0.25]))
    heading_deg = (float(rng.choice([0.0, 180.0])) + rng.normal(0, spread_deg)) % 360
    weathers = list(_WEATHER_SHARES)
    if set(weathers) != set(WEATHERS):
        raise ValueError(f"weathers {set(weathers) ^ set(WEATHERS)} have no share here, or are none")
    return SiteOptions(
        width=int(rng.choice([960, 720], p=[0.85, 0.15])),
        height=540,
        kind=kind,
        heading_deg=heading_deg,
        weather=str(rng.choice(weathers, p=list(_WEATHER_SHARES.values()))),
        keeps_left=bool(rng.random() < 0.3),
        parked=int(rng.choice([0, 2, 3, 5])),
        shakes=bool(rng.random() < 0.12),
    )


def _resized(image: Image) -> Image:
    width = round(image.shape[1] * HEIGHT_PX / image.shape[0])
    return np.asarray(cv2.resize(image, (width, HEIGHT_PX), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def empty_scene(background: Background) -> Pixels:
    """Return the picture and the variation of a scene, as the network is shown them."""
    return np.dstack([background.median, background.spread.max(axis=2)])


def _boxes(moment: int, frame: RenderedFrame, types: list[str], site: Site) -> Floats32:
    """Return the boxes of one moment, in pixels of the stored pictures."""
    scale = HEIGHT_PX / site.options.height
    rows = [
        (
            moment,
            seen.box.x * scale,
            seen.box.y * scale,
            (seen.box.x + seen.box.width) * scale,
            (seen.box.y + seen.box.height) * scale,
            VEHICLE_TYPES.index(types[seen.index]) if seen.index >= 0 else UNKNOWN,
            seen.visible,
        )
        for seen in frame.boxes
    ]
    return np.array(rows, dtype=np.float32).reshape(-1, 7)


def _boxes_path(path: Path) -> Path:
    return path.with_suffix(".boxes.npy")


def _key(options: StreetOptions) -> str:
    """Return the cache folder's name, which does not depend on the number of streets."""
    document = {**asdict(options), "look": RENDER_VERSION, "height": HEIGHT_PX}
    del document["streets"]
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:12]


def _lens_from_above(seed: int, street: Street, options: SiteOptions) -> Lens:
    rng = np.random.default_rng([seed, 83])
    turn, steepness = np.radians(options.heading_deg), np.radians(rng.uniform(32, 82))
    away_m = float(rng.uniform(10, 24))
    ground = -away_m * np.cos(steepness) * np.array([np.cos(turn), np.sin(turn)])
    eye = (float(ground[0]), float(ground[1]), away_m * float(np.sin(steepness)))
    target = (0.0, float(rng.uniform(-1, 1)) * street.half_width_m, 0.5)
    shown_m = float(rng.uniform(9, 30))
    focal = away_m / shown_m
    return aimed(
        eye, target, options.width * focal, options.width, options.height, drawn_in=draw_distortion(rng, focal)
    )
