"""Blur a layer by its vehicle's motion in the picture while the shutter is open."""

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np

from reid.arrays import AnyFloats
from reid.render.light.lens import Lens
from reid.render.mesh import turning
from reid.render.vehicles.assembly import Solid
from reid.render.vehicles.layers import Layer, widened

_LEAST_PX = 1.0
"""Shorter motions are not blurred."""

_MOST_DOUBLINGS = 6


@dataclass(frozen=True, slots=True)
class Motion:
    """The motion of a picture while the shutter is open.

    The place `centre` (2,) moves by `way` (2,) pixels, and its surroundings grow by the share `growth`.
    """

    centre: AnyFloats
    way: AnyFloats
    growth: float

    def reach_px(self, layer: Layer) -> float:
        """Return the largest motion of a layer's corners."""
        window = layer.window
        sides = np.array([window.width, window.height], np.float32)
        corners = np.array([window.x, window.y], np.float32) + sides * [(0, 0), (0, 1), (1, 0), (1, 1)]
        ways = self.way + self.growth * (corners - self.centre)
        return float(np.hypot(ways[:, 0], ways[:, 1]).max())

    def step(self, share: float, layer: Layer) -> AnyFloats:
        """Return the (2, 3) affine map of a share of the motion, in the pixels of a layer's window."""
        centre = self.centre - (layer.window.x, layer.window.y)
        grown = share * self.growth
        shift = share * self.way - grown * centre
        return np.array([[1 + grown, 0, shift[0]], [0, 1 + grown, shift[1]]], np.float32)


def motion(solid: Solid, pose: tuple[float, float, float], way_m: float, lens: Lens) -> Motion | None:
    """Return the motion in the picture of a vehicle that drives `way_m` ahead; None if it stands or is not visible.

    Its pose x, y, turn is that in the middle of the exposure.
    """
    if not way_m:
        return None
    x, y, turn = pose
    half = np.array([solid.length_m / 2, solid.width_m / 2, 0], np.float32)
    corners = np.array([(i, j, 0) for i in (-1, 1) for j in (-1, 1)], np.float32) * half
    box = np.concatenate([corners, corners + np.array([0, 0, solid.height_m], np.float32)])
    ahead = np.array([way_m / 2, 0, 0], np.float32)
    place = np.array([x, y, 0], np.float32)
    start, end = (lens.project((box + shift) @ turning(turn).T + place) for shift in (-ahead, ahead))
    if min(start[:, 2].min(), end[:, 2].min()) <= 0:
        return None
    first, last = start[:, :2].mean(axis=0), end[:, :2].mean(axis=0)
    spreads = [float(np.linalg.norm(shown[:, :2] - middle)) for shown, middle in ((start, first), (end, last))]
    return Motion((first + last) / 2, last - first, spreads[1] / max(spreads[0], 1e-3) - 1)


def motion_blurred(layer: Layer, moves: Motion | None, width: int, height: int) -> Layer:
    """Return the layer with motion blur, in a picture of a size: the mean of the layer at all its places.

    Averaging two places, then two such means, and so on, doubles their number with each step.
    """
    reach = 0.0 if moves is None else moves.reach_px(layer)
    if moves is None or reach < _LEAST_PX:
        return layer
    doublings = min(_MOST_DOUBLINGS, math.ceil(math.log2(max(reach, 2.0))))
    wide = widened(layer, math.ceil(reach / 2) + 1, width, height)
    picture, places = np.dstack([wide.rgb, wide.coverage]), 2**doublings
    start = (1 - places) / (2 * places)
    mean = _mean(_moved(picture, moves.step(start, wide)), _moved(picture, moves.step(start + 1 / places, wide)))
    for doubling in range(1, doublings):
        mean = _mean(mean, _moved(mean, moves.step(2**doubling / places, wide)))
    return replace(wide, rgb=np.ascontiguousarray(mean[..., :3]), coverage=np.ascontiguousarray(mean[..., 3]))


def _moved(picture: AnyFloats, step: AnyFloats) -> AnyFloats:
    """Return a picture moved by an affine map; its border is replicated outside it."""
    height, width = picture.shape[:2]
    return np.asarray(cv2.warpAffine(picture, step, (width, height), borderMode=cv2.BORDER_REPLICATE))


def _mean(one: AnyFloats, other: AnyFloats) -> AnyFloats:
    return np.asarray(cv2.addWeighted(one, 0.5, other, 0.5, 0))
