"""Ask how alike one vehicle looks on two rendered cameras, as a colour histogram sees it."""

from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.render_detector import FIRST_SEED
from reid.evaluation.intervals import Figure, share
from reid.render.frames import FrameRenderer
from reid.render.light.sensor import Picture
from reid.render.scene import Placement, SiteOptions, make_site
from reid.render.vehicles.bodies import make_model, make_vehicle

GALLERY = 93
_BODIES = ("hatch", "sedan", "suv", "mpv", "pickup", "box truck", "container truck", "minibus", "bus", "tanker")
_SHARES = (0.18, 0.19, 0.18, 0.11, 0.02, 0.15, 0.08, 0.05, 0.02, 0.02)


def histogram_rank1(*, sets: int) -> Figure:
    """Return how often a histogram puts the right one of GALLERY vehicles first, same view, on pairs of cameras.

    The interval draws pairs of cameras: what two of them differ by moves the figure more than the vehicles do.
    """
    pair_of: list[str] = []
    right: list[bool] = []
    for number in range(sets):
        pairs = [_two_views(FIRST_SEED + number, vehicle) for vehicle in range(GALLERY)]
        gallery, queries = (np.stack([_histogram(pair[side]) for pair in pairs]) for side in (0, 1))
        pair_of += [str(number)] * GALLERY
        right += ((queries @ gallery.T).argmax(axis=1) == np.arange(GALLERY)).tolist()
    return share(pair_of, right)


def _two_views(seed: int, number: int) -> tuple[Picture, Picture]:
    """Return one vehicle on two day cameras that see rears, far enough apart in look as real ones are."""
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
    """Return a day camera that looks after the traffic."""
    options = SiteOptions(heading_deg=float(seed % 2 * 6), weather="cloud", parked=0)
    return FrameRenderer(make_site(seed, options))


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
