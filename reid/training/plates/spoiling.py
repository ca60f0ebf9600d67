"""Spoil pictures of plates as unusual cameras, hours and places do."""

import cv2
import numpy as np
import numpy.typing as npt

from reid.plates.networks.blocks import HEIGHT_PX, WIDTH_PX
from reid.vehicle import Image


def spoilt(picture: Image, rng: np.random.Generator) -> Image:
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


def _sharpened(picture: Image, rng: np.random.Generator) -> Image:
    """Show the bright seams along every edge that cameras draw to look sharp."""
    soft = cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(0.8, 2.5))).astype(np.float32)
    gain = np.float32(rng.uniform(0.5, 2.5))
    return np.asarray(np.clip(picture + gain * (picture - soft), 0, 255), np.uint8)


def _smoothed(picture: Image, rng: np.random.Generator) -> Image:
    """Show what is left where a camera wiped its noise away."""
    if rng.random() < 0.5:
        return np.asarray(cv2.medianBlur(picture, 3 if rng.random() < 0.7 else 5), np.uint8)
    return np.asarray(cv2.bilateralFilter(picture, 5, float(rng.uniform(30, 120)), float(rng.uniform(1, 4))), np.uint8)


def _packed(picture: Image, rng: np.random.Generator) -> Image:
    """Show the blocks of a film that was packed hard: coarser in colour than in light."""
    quality = int(rng.integers(6, 35))
    packed = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)


def _enlarged(picture: Image, rng: np.random.Generator) -> Image:
    """Show a picture that somebody enlarged, and not smoothly."""
    share = float(rng.uniform(0.3, 0.7))
    size = max(8, round(WIDTH_PX * share)), max(6, round(HEIGHT_PX * share))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if rng.random() < 0.5 else cv2.INTER_NEAREST)
    how = (cv2.INTER_NEAREST, cv2.INTER_LINEAR, cv2.INTER_LANCZOS4)[int(rng.integers(3))]
    return np.asarray(cv2.resize(small, (WIDTH_PX, HEIGHT_PX), interpolation=how), np.uint8)


def _scaled(picture: Image, gains: npt.NDArray[np.float64]) -> Image:
    return np.asarray(np.clip(picture * gains.astype(np.float32), 0, 255), np.uint8)


_SPOILERS = (
    _cast, _grey, _over_exposed, _by_night, _glaring, _half_hidden, _sharpened, _smoothed, _packed, _enlarged
)  # fmt: skip
_SHARES = (0.24, 0.14, 0.09, 0.09, 0.08, 0.06, 0.12, 0.06, 0.06, 0.06)
