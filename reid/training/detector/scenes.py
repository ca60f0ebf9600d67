"""Render the streets that the detector learns from: moments of traffic, the frame before each, the empty scene."""

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from reid.detect.background import Background, background_of
from reid.render.frames import Frame, FrameRenderer
from reid.render.light.weather import WEATHERS
from reid.render.scene import Site, SiteOptions, make_site
from reid.render.street.street import OVERVIEW, PLATE
from reid.training.detector.overhead import site_from_above
from reid.training.detector.traffic import drive_past, placements
from reid.vehicle import VEHICLE_TYPES, Image

LOOK = 2
"""Counts up when these pictures change, so that older ones on disk are not taken for them."""

HEIGHT_PX = 360
"""Pictures are kept this high: a quarter larger than the network sees them, for looking closer."""

UNKNOWN = -1
"""The type of a parked vehicle: nobody wrote it down."""

_WEATHER_SHARES = {"sun": 0.22, "cloud": 0.13, "low sun": 0.18, "dusk": 0.13, "night": 0.12, "rain": 0.13, "fog": 0.09}
_BETWEEN_S = 2.0
_ABOVE_EVERY = 4
"""Each so many streets one is seen from above."""


@dataclass(frozen=True, slots=True)
class SceneOptions:
    """How many streets to render, and how many moments of each, two seconds apart."""

    seed: int = 1
    streets: int = 500
    moments: int = 12


@dataclass(frozen=True, slots=True)
class Street:
    """What is kept of a street.

    `pictures` is (moments + 1, h, w, 4) uint8: RGB and the grey frame before; the last one is the empty scene and how
    much it wavers. `boxes` is (n, 7) float32: moment, left, top, right, bottom, type or UNKNOWN, visible share.
    """

    pictures: npt.NDArray[np.uint8]
    boxes: npt.NDArray[np.float32]

    @property
    def moments(self) -> int:
        """Return how many moments there are."""
        return len(self.pictures) - 1

    def save(self, path: Path) -> None:
        """Write two files; the street is whole when the second is there."""
        np.save(_boxes_path(path), self.boxes, allow_pickle=False)
        unfinished = path.with_suffix(f".{os.getpid()}.tmp")
        with unfinished.open("wb") as file:
            np.save(file, self.pictures, allow_pickle=False)
        unfinished.replace(path)

    @classmethod
    def load(cls, path: Path) -> "Street":
        """Read what `save` wrote; pictures stay on disk until they are looked at."""
        return cls(np.load(path, mmap_mode="r", allow_pickle=False), np.load(_boxes_path(path), allow_pickle=False))


def rendered_streets(options: SceneOptions, cache: Path, report: Callable[[int, int], None]) -> list[Path]:
    """Return the files of all streets, each rendered once and kept in `cache`; a kill loses the one at hand only."""
    folder = cache / _key(options)
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{number:06d}.npy" for number in range(options.streets)]
    for number, path in enumerate(paths):
        if not path.exists():
            render_street(options, number).save(path)
        report(number + 1, options.streets)
    return paths


def render_street(options: SceneOptions, number: int) -> Street:
    """Render one street: its traffic each two seconds, and shortly before each of those."""
    rng = np.random.default_rng([options.seed, 51, number])
    from_above = number % _ABOVE_EVERY == _ABOVE_EVERY - 1
    site = (site_from_above if from_above else make_site)(int(rng.integers(2**31)), _site_options(rng))
    renderer = FrameRenderer(site)
    journeys = drive_past(site, options.moments * _BETWEEN_S + 1.0, rng)
    gap_s = float(rng.choice([0.1, 0.1, 0.2, 0.4]))
    looks, pictures, boxes = [], [], []
    for moment in range(options.moments):
        time_s = 0.5 + moment * _BETWEEN_S
        before = renderer.frame(placements(journeys, time_s - gap_s), time_s - gap_s)
        now = placements(journeys, time_s)
        frame = renderer.frame(now, time_s)
        looks.append(_kept(frame.image))
        pictures.append(np.dstack([looks[-1], cv2.cvtColor(_kept(before.image), cv2.COLOR_RGB2GRAY)]))
        boxes.append(_boxes(moment, frame, [placement.vehicle.type for placement in now], site))
    pictures.append(_scene(background_of(looks)))
    return Street(np.stack(pictures).astype(np.uint8), np.concatenate(boxes))


def _site_options(rng: np.random.Generator) -> SiteOptions:
    """Draw a camera: most look along the road, some across; by day and night, in any weather."""
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


def _kept(image: Image) -> Image:
    width = round(image.shape[1] * HEIGHT_PX / image.shape[0])
    return np.asarray(cv2.resize(image, (width, HEIGHT_PX), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _scene(background: Background) -> npt.NDArray[np.uint8]:
    return np.dstack([background.median, background.spread.max(axis=2)])


def _boxes(moment: int, frame: Frame, types: list[str], site: Site) -> npt.NDArray[np.float32]:
    """Return the rows of one moment, in pixels of what is kept."""
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


def _key(options: SceneOptions) -> str:
    """Name the folder by what decides the pictures; more streets of the same kind go into the same one."""
    told = {**asdict(options), "look": LOOK, "height": HEIGHT_PX}
    del told["streets"]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:12]
