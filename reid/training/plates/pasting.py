"""Paste plates and other flat pictures into pictures in perspective, paint holders, and paint plates over."""

from functools import lru_cache

import cv2
import numpy as np

from reid.plates.rectify import Quad
from reid.render.number_plates.layouts import LAYOUTS
from reid.render.number_plates.plates import draw, make_plate
from reid.training.plates.printed import print_plate, printed_plate
from reid.vehicle import Image

_PRINTED = 1500
"""Number of different printed plates; printing is slow, and the locator does not depend on the text."""


def draw_any_plate(rng: np.random.Generator) -> Image:
    """Draw a plate of the rendered vehicles' layouts, or more often a printed one."""
    if rng.random() < 0.65:
        return _printed(int(rng.integers(_PRINTED)))
    layout = list(LAYOUTS)[int(rng.integers(len(LAYOUTS)))]
    state = "dirty" if rng.random() < 0.2 else "clean"
    picture = draw(make_plate(int(rng.integers(2**31)), layout, state=state), px_per_m=float(rng.uniform(250, 420)))
    if rng.random() < 0.1:
        picture = 255 - picture
    if rng.random() < 0.5:
        picture = np.clip(picture * rng.uniform(0.55, 1.1, 3), 0, 255).astype(np.uint8)
    return np.ascontiguousarray(picture)


def draw_quad(aspect: float, side_px: int, widths_px: tuple[float, float], rng: np.random.Generator) -> Quad:
    """Return the corners of a plate at a random place in a square picture: any size, mostly level, in perspective."""
    width = float(np.exp(rng.uniform(*np.log(widths_px))))
    half = np.array([width, width / aspect / float(rng.uniform(0.6, 1.05))]) / 2
    quad = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half
    quad += rng.normal(0, 0.035, (4, 2)) * half.min() * 2
    left_high, right_high = np.exp(rng.normal(0, 0.07, 2))
    quad[[0, 3], 1] *= left_high
    quad[[1, 2], 1] *= right_high
    quad[:, 1] += quad[:, 0] * float(rng.normal(0, 0.08))
    angle = np.deg2rad(rng.normal(0, 6) if rng.random() < 0.8 else rng.uniform(-45, 45))
    quad = quad @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    room = np.maximum(side_px - (quad.max(axis=0) - quad.min(axis=0)), 2)
    place: Quad = (quad - quad.min(axis=0) + rng.uniform(0, 1, 2) * room).astype(np.float32)
    return place


def paste(image: Image, picture: Image, cover: Image | None, quad: Quad) -> None:
    """Paste a flat picture onto a quad, with soft edges; changes the picture."""
    low = np.maximum(np.floor(quad.min(axis=0)).astype(int) - 2, 0)
    high = np.minimum(np.ceil(quad.max(axis=0)).astype(int) + 2, image.shape[1::-1])
    if (high <= low).any():
        return
    wide, tall = (float(np.linalg.norm(quad[k] - quad[0])) for k in (1, 3))
    size = (max(4, round(min(picture.shape[1], wide * 2))), max(3, round(min(picture.shape[0], tall * 2))))
    small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    mask = np.full((size[1], size[0]), 255, np.uint8)
    if cover is not None:
        mask = np.asarray(cv2.resize(cover, size, interpolation=cv2.INTER_AREA), np.uint8)
    source = np.array([[0, 0], [size[0], 0], size, [0, size[1]]], np.float32) - np.float32(0.5)
    to_part = cv2.getPerspectiveTransform(source, (quad - low - 0.5).astype(np.float32))
    room = (int(high[0] - low[0]), int(high[1] - low[1]))
    drawn = cv2.warpPerspective(small, to_part, room, borderMode=cv2.BORDER_REPLICATE)
    share = cv2.warpPerspective(mask, to_part, room)[..., None].astype(np.float32) / 255
    part = image[low[1] : high[1], low[0] : high[0]]
    part[:] = (part * (1 - share) + drawn * share).astype(np.uint8)


def paint_holder(image: Image, quad: Quad, rng: np.random.Generator) -> None:
    """Paint the holder or recess behind a plate; changes the picture."""
    if rng.random() < 0.35:
        return
    middle = quad.mean(axis=0)
    grown = middle + (quad - middle) * np.exp(rng.uniform(0.04, 0.8, 2))
    tone = rng.uniform(0, 255, 3) if rng.random() < 0.4 else np.repeat(rng.choice([15, 40, 120, 200, 235]), 3)
    cv2.fillConvexPoly(image, np.round(grown * 16).astype(np.int32), tone.tolist(), cv2.LINE_AA, 4)
    if rng.random() < 0.4:
        top = (quad[:2] + (quad[:2] - quad[[3, 2]]) * rng.uniform(0.1, 0.5)).astype(np.float32)
        shade = np.concatenate([top, quad[[1, 0]]])
        cv2.fillConvexPoly(image, np.round(shade * 16).astype(np.int32), (tone * 0.4).tolist(), cv2.LINE_AA, 4)


def paint_over(image: Image, quad: Quad, rng: np.random.Generator) -> None:
    """Paint a plate over with the colour around it; changes the picture."""
    middle = quad.mean(axis=0)
    grown = middle + (quad - middle) * 1.25
    mask = cv2.fillConvexPoly(np.zeros(image.shape[:2], np.uint8), np.round(grown).astype(np.int32), 255)
    ring = (cv2.dilate(mask, np.ones((5, 5), np.uint8)) > 0) & (mask == 0)
    tone = image[ring].mean(axis=0) if ring.any() else np.full(3, 60.0)
    image[mask > 0] = np.clip(tone + rng.normal(0, 6, 3), 0, 255).astype(np.uint8)


@lru_cache(maxsize=_PRINTED)
def _printed(number: int) -> Image:
    return print_plate(printed_plate(number)).image
