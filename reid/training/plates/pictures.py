"""Make what the plate networks see while they learn: views, cut out as a locator does, sometimes spoilt further."""

import cv2
import numpy as np
import numpy.typing as npt

from reid.plates.networks.blocks import HEIGHT_PX, WIDTH_PX
from reid.plates.rectify import MARGIN, Quad, quad_size, rectified
from reid.render.number_plates.views import SEVERITIES, PlateView, view
from reid.vehicle import Image

LOWEST_PX, HIGHEST_PX = 7.5, 48.0
_LOOSE_CHANCE = 0.06
_HARSH_CHANCE = 0.35


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
    return _spoilt(picture, rng) if harsh and rng.random() < _HARSH_CHANCE else picture


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


def _spoilt(picture: Image, rng: np.random.Generator) -> Image:
    """Return the picture as an unusual camera, hour or place shows it."""
    return _SPOILERS[int(rng.choice(len(_SPOILERS), p=_SHARES))](picture, rng)


def _cast(picture: Image, rng: np.random.Generator) -> Image:
    return _scaled(picture, np.exp(rng.normal(0, 0.35, 3)))


def _grey(picture: Image, rng: np.random.Generator) -> Image:
    weights = rng.dirichlet((2.0, 4.0, 2.0))
    return np.asarray(cv2.transform(picture, np.tile(weights, (3, 1))), np.uint8)


def _over_exposed(picture: Image, rng: np.random.Generator) -> Image:
    return _scaled(picture, np.full(3, rng.uniform(1.3, 2.4)))


def _by_night(picture: Image, rng: np.random.Generator) -> Image:
    """Show little light and its noise, sometimes without colour."""
    dim = picture * rng.uniform(0.08, 0.35)
    noise = cv2.GaussianBlur(rng.normal(0, rng.uniform(0.5, 3.0), picture.shape).astype(np.float32), (0, 0), 1.0)
    if rng.random() < 0.5:
        dim = np.repeat(dim.mean(axis=2, keepdims=True), 3, axis=2)
    return np.asarray(np.clip(dim + noise, 0, 255), np.uint8)


def _glaring(picture: Image, rng: np.random.Generator) -> Image:
    """Show a lamp or the sun on a part of the plate."""
    y, x = np.mgrid[0:HEIGHT_PX, 0:WIDTH_PX].astype(np.float32)
    place_x, place_y = rng.uniform(0, WIDTH_PX), rng.uniform(0, HEIGHT_PX)
    reach = rng.uniform(6, 30)
    light = np.exp(-((x - place_x) ** 2 + (y - place_y) ** 2) / (2 * reach * reach)) * rng.uniform(100, 350)
    return np.asarray(np.clip(picture + light[..., None], 0, 255), np.uint8)


def _half_hidden(picture: Image, rng: np.random.Generator) -> Image:
    """Hide a part behind something flat: a tow bar, the picture's end, another vehicle."""
    hidden = picture.copy()
    share = rng.uniform(0.08, 0.5)
    colour = rng.integers(0, 256, 3)
    side = int(rng.integers(4))
    if side == 0:
        hidden[:, : round(WIDTH_PX * share)] = colour
    elif side == 1:
        hidden[:, round(WIDTH_PX * (1 - share)) :] = colour
    elif side == 2:
        hidden[: round(HEIGHT_PX * share * 0.6)] = colour
    else:
        hidden[round(HEIGHT_PX * (1 - share * 0.6)) :] = colour
    return hidden


def _scaled(picture: Image, gains: npt.NDArray[np.float64]) -> Image:
    return np.asarray(np.clip(picture * gains.astype(np.float32), 0, 255), np.uint8)


_SPOILERS = (_cast, _grey, _over_exposed, _by_night, _glaring, _half_hidden)
_SHARES = (0.36, 0.2, 0.12, 0.12, 0.1, 0.1)
