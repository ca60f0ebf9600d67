"""Place plates on bodywork at an angle, and draw pictures without a plate."""

from dataclasses import dataclass

import cv2
import numpy as np

from reid.plates.rectify import Quad
from reid.render import noise
from reid.vehicle import Image


@dataclass(frozen=True, slots=True)
class PlacedPlate:
    """A picture with a plate, and the plate's corners, clockwise from the top left, in pixels."""

    image: Image
    corners: Quad


def on_bodywork(plate: Image, rng: np.random.Generator) -> PlacedPlate:
    """Return the plate (h, w, 3) on bodywork, seen from the side, from above or tilted."""
    height, width = plate.shape[:2]
    room_x, room_y = rng.uniform(0.06, 0.25) * width, rng.uniform(0.15, 0.45) * height
    tilted = _tilted(width, height, rng)
    tilted -= tilted.min(axis=0)
    size = (round(tilted[:, 0].max() + 2 * room_x), round(tilted[:, 1].max() + 2 * room_y))
    quad = np.asarray(tilted + np.array([room_x, room_y]), np.float32)
    behind = _bodywork(size[1], size[0], rng)
    source = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    warp = cv2.getPerspectiveTransform(source, quad)
    seen = cv2.warpPerspective(plate, warp, size, borderMode=cv2.BORDER_REPLICATE)
    inside = np.zeros((size[1], size[0]), np.uint8)
    cv2.fillConvexPoly(inside, np.round(quad * 16).astype(np.int32), 255, cv2.LINE_AA, 4)
    if rng.random() < 0.6:
        behind = _shaded_edge(behind, quad, rng)
    share = inside[..., None].astype(np.float32) / 255
    return PlacedPlate(np.asarray(behind + (seen - behind.astype(np.float32)) * share, np.uint8), quad)


def draw_without_plate(height: int, width: int, rng: np.random.Generator) -> Image:
    """Return a picture (height, width, 3) without a plate: bodywork, noise, one colour, or lines of small print."""
    kind = int(rng.integers(5))
    if kind == 0:
        return np.full((height, width, 3), rng.integers(0, 256, 3), np.uint8)
    if kind == 1:
        coarse = rng.integers(0, 256, (int(rng.integers(2, height)), int(rng.integers(2, width)), 3), np.uint8)
        return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
    picture = _bodywork(height * 2, width * 2, rng)
    if kind == 2:
        picture = _page(picture, rng)
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _tilted(width: int, height: int, rng: np.random.Generator) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
    """Return the corners of a plate that is rotated, sheared and in perspective."""
    quad = np.array([[-width, -height], [width, -height], [width, height], [-width, height]]) / 2
    quad[:, 0] *= rng.uniform(0.7, 1.0)
    quad[[0, 3], 1] *= 1 + rng.normal(0, 0.08)
    quad[[1, 2], 1] *= 1 + rng.normal(0, 0.08)
    quad[[0, 1], 0] *= 1 + rng.normal(0, 0.02)
    turn = rng.normal(0, 0.06)
    quad = quad @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    quad[:, 1] += quad[:, 0] * rng.normal(0, 0.06)
    quad[:, 0] += quad[:, 1] * rng.normal(0, 0.12)
    return np.asarray(quad, np.float64)


def _bodywork(height: int, width: int, rng: np.random.Generator) -> Image:
    """Return a picture of paint or plastic with a few edges and gaps."""
    colour = rng.normal(rng.choice([30, 60, 120, 190]), 20) + rng.normal(0, rng.choice([4, 25]), 3)
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    scale, shift = float(rng.uniform(0.1, 1.0)), float(rng.uniform(0, 400))
    soft = noise.at(x * scale + shift, y * scale)[..., None] * rng.uniform(2, 30)
    slope = np.linspace(-1, 1, height)[:, None, None] * rng.normal(0, 25)
    picture = np.asarray(np.clip(colour + soft + slope, 0, 255), np.uint8)
    for _ in range(int(rng.choice([0, 1, 2, 3]))):
        shade = [float(value) for value in np.clip(colour + rng.normal(0, 50), 0, 255)]
        level = int(rng.integers(height))
        ends = (0, level), (width, level + round(rng.normal(0, 0.08) * width))
        cv2.line(picture, *ends, shade, int(rng.integers(1, max(2, height // 10))), cv2.LINE_AA)
    return picture


def _shaded_edge(behind: Image, quad: Quad, rng: np.random.Generator) -> Image:
    """Return the bodywork with the plate's shadow or recess."""
    shadow = np.zeros(behind.shape[:2], np.float32)
    moved = quad + rng.normal(0, 0.04, 2) * np.ptp(quad[:, 1])
    cv2.fillConvexPoly(shadow, np.round(moved).astype(np.int32), float(rng.uniform(0.2, 0.7)))
    soft = np.asarray(cv2.GaussianBlur(shadow, (0, 0), float(rng.uniform(1, 5))), np.float32)
    return np.asarray(behind * (1 - soft[..., None]), np.uint8)


def _page(picture: Image, rng: np.random.Generator) -> Image:
    """Return a page with more and smaller lines than a plate has."""
    page = np.full_like(picture, int(rng.integers(190, 256)))
    lines = int(rng.integers(3, 8))
    tall = page.shape[0] / lines
    for line in range(lines):
        words = "".join(rng.choice(list("abcdefghij klmnop qrstuvw xyz, ABE"), 60))
        at = (int(rng.integers(-10, 6)), round((line + 0.75) * tall))
        cv2.putText(page, words, at, cv2.FONT_HERSHEY_SIMPLEX, tall / 34, (30, 30, 34), 1, cv2.LINE_AA)
    return page
