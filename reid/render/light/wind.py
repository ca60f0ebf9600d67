"""Let the wind sway a camera's mast: slowly, and never by whole pixels at once."""

import cv2
import numpy as np

from reid.render.light.sensor import Picture

_SWINGS_HZ = (0.37, 0.83, 1.9)


def sway(seed: int, strength_px: float, time_s: float) -> tuple[float, float]:
    """Return by how many pixels the picture has moved right and down; `strength_px` is the spread."""
    if not strength_px:
        return 0.0, 0.0
    phases = np.random.default_rng([seed, 94]).uniform(0, 2 * np.pi, (2, len(_SWINGS_HZ)))
    swings = np.sin(2 * np.pi * np.array(_SWINGS_HZ) * time_s + phases).sum(axis=1)
    right, down = swings * strength_px * np.sqrt(2 / len(_SWINGS_HZ)) * (0.8, 0.6)
    return float(right), float(down)


def cut_out(picture: Picture, right_px: float, down_px: float, margin_px: int, *, smooth: bool = True) -> Picture:
    """Return the middle of a picture with a margin, moved by parts of a pixel; masks are moved by whole ones."""
    height, width = picture.shape[0] - 2 * margin_px, picture.shape[1] - 2 * margin_px
    if not smooth or not (right_px or down_px):
        y, x = margin_px - round(down_px), margin_px - round(right_px)
        return picture[y : y + height, x : x + width]
    move = np.array([[1, 0, right_px - margin_px], [0, 1, down_px - margin_px]], np.float32)
    return np.asarray(cv2.warpAffine(picture, move, (width, height), flags=cv2.INTER_LINEAR), np.uint8)
