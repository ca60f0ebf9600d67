"""Make what the plate networks see while they learn: views, cut out as a locator does, sometimes spoilt further."""

import numpy as np

from reid.plates.networks.blocks import HEIGHT_PX, WIDTH_PX
from reid.plates.rectify import MARGIN, Quad, quad_size, rectified
from reid.render.number_plates.views import SEVERITIES, PlateView, view
from reid.training.plates.spoiling import spoilt
from reid.vehicle import Image

LOWEST_PX, HIGHEST_PX = 7.5, 48.0
_LOOSE_CHANCE = 0.06
HARSH_CHANCE = 0.35


def draw_view(picture: Image, rng: np.random.Generator) -> PlateView:
    """Return a drawn plate at a random height and severity, small and middling ones as often as large and good ones."""
    height_px = float(np.exp(rng.uniform(np.log(LOWEST_PX), np.log(HIGHEST_PX))))
    severity = int(np.clip(rng.normal(1.2, 1.0), 0, len(SEVERITIES) - 1))
    return view(picture, rng, height_px, severity)


def network_picture(seen: PlateView, rng: np.random.Generator, *, careless: bool, harsh: bool) -> Image:
    """Return the plate as the networks take it, (HEIGHT_PX, WIDTH_PX, 3).

    `careless` moves the corners as a locator's errors do, `harsh` lets some pictures be spoilt further.
    """
    corners = located(seen, rng) if careless else seen.corners
    picture = rectified(seen.image, corners, WIDTH_PX, HEIGHT_PX, MARGIN)
    return spoilt(picture, rng) if harsh and rng.random() < HARSH_CHANCE else picture


def located(seen: PlateView, rng: np.random.Generator) -> Quad:
    """Return corners as a locator gives them: off by a part of a pixel and of the plate, seldom the whole picture."""
    height, width = seen.image.shape[:2]
    if rng.random() < _LOOSE_CHANCE:
        return np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    size = np.array(quad_size(seen.corners))
    middle = seen.corners.mean(axis=0)
    grown = middle + (seen.corners - middle) * rng.normal(1.01, 0.03, 2)
    shift = rng.normal(0, 0.02, 2) * size
    return np.asarray(grown + shift + rng.normal(0, 0.15 + 0.015 * size.min(), (4, 2)), np.float32)
