"""Measure how well a colour histogram recognises vehicles across two rendered cameras."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.render_detector import FIRST_SEED
from reid.evaluation.intervals import Figure, share
from reid.render.frames import FrameRenderer
from reid.render.scene import Placement, Site, SiteOptions, make_site
from reid.render.vehicles.bodies import make_model, make_vehicle
from reid.vehicle import Image

GALLERY = 93
_BODIES = ("hatch", "sedan", "suv", "mpv", "pickup", "box truck", "container truck", "minibus", "bus", "tanker")
_SHARES = (0.18, 0.19, 0.18, 0.11, 0.02, 0.15, 0.08, 0.05, 0.02, 0.02)


@dataclass(frozen=True, slots=True)
class CameraPair:
    """Two cameras, the angle between their views, and for each vehicle whether the right one was ranked first."""

    name: str
    apart_deg: float
    right: tuple[bool, ...]


def histogram_pairs(*, sets: int) -> list[CameraPair]:
    """Return, for pairs of cameras, whether a histogram ranks the right one of GALLERY vehicles first."""
    return [_pair(FIRST_SEED + number) for number in range(sets)]


def rank1(pairs: Sequence[CameraPair]) -> Figure:
    """Return how often the right vehicle was ranked first.

    The interval resamples pairs of cameras, because cameras move the figure more than vehicles do.
    """
    named = [(pair.name, right) for pair in pairs for right in pair.right]
    return share([name for name, _ in named], [right for _, right in named])


def _pair(seed: int) -> CameraPair:
    shots = [_two_views(seed, vehicle) for vehicle in range(GALLERY)]
    gallery, queries = (np.stack([_histogram(views[side]) for views in shots]) for side in (0, 1))
    right = (queries @ gallery.T).argmax(axis=1) == np.arange(GALLERY)
    return CameraPair(
        str(seed), _apart_deg(*(_rear_camera(seed * 2 + camera).site for camera in (0, 1))), tuple(right.tolist())
    )


def _apart_deg(one: Site, other: Site) -> float:
    """Return the angle between the directions in which two cameras look at the middle of the road."""
    directions = []
    for site in (one, other):
        place = np.array([1.0, site.street.lane_y_m(1, 0), 0.7]) - site.lens.eye
        directions.append(place / np.linalg.norm(place))
    return float(np.degrees(np.arccos(np.clip(directions[0] @ directions[1], -1, 1))))


def _two_views(seed: int, number: int) -> tuple[Image, Image]:
    """Return one vehicle on two day cameras that see its rear and differ as much as real ones do."""
    rng = np.random.default_rng([seed, number])
    model = make_model(int(rng.integers(2**31)), str(rng.choice(_BODIES, p=_SHARES)))
    vehicle = make_vehicle(int(rng.integers(2**31)), model)
    views, spot = [], float(rng.uniform(-2, 4))
    for camera in (0, 1):
        along = spot + float(rng.uniform(-1, 1))
        frame = _rear_camera(seed * 2 + camera).frame([Placement(vehicle, 1, along)], along)
        box = next(box.box for box in frame.boxes if box.index == 0)
        x, y, slack = int(box.x), int(box.y), rng.integers(0, 4, 4)
        rows = slice(max(0, y - slack[0]), y + int(box.height) + slack[1])
        columns = slice(max(0, x - slack[2]), x + int(box.width) + slack[3])
        views.append(frame.image[rows, columns])
    return views[0], views[1]


@lru_cache(maxsize=2)
def _rear_camera(seed: int) -> FrameRenderer:
    """Return a day camera that sees the traffic from behind."""
    options = SiteOptions(heading_deg=float(seed % 2 * 6), weather="cloud", parked=0)
    return FrameRenderer(make_site(seed, options))


def _histogram(picture: Image) -> npt.NDArray[np.float32]:
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
