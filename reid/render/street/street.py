"""Lay out a street and place a camera beside it, from a seed."""

from dataclasses import dataclass

import numpy as np

from reid.arrays import AnyFloats
from reid.render.light.lens import Lens, aimed

OVERVIEW, PLATE = "overview", "plate"
_WIDEST = 0.85
"""Focal length of the widest overview cameras, as a share of the picture's width."""


@dataclass(frozen=True, slots=True)
class Street:
    """A straight road along x through the point the camera looks at; y is to its left. Lane middles are (y, direction).

    `edges_m` are the y of both kerbs, right then left. Traffic keeps right unless `keeps_left`.
    """

    lane_width_m: float
    lanes_each_way: int
    keeps_left: bool

    @property
    def half_width_m(self) -> float:
        """Return how far the kerbs are from the middle line."""
        return self.lanes_each_way * self.lane_width_m + 0.4

    def lane_y_m(self, direction: int, lane: int) -> float:
        """Return the y of the middle of a lane; lane 0 is the outermost, next to the kerb."""
        from_middle = (self.lanes_each_way - min(lane, self.lanes_each_way - 1) - 0.5) * self.lane_width_m
        return (from_middle if self.keeps_left else -from_middle) * direction


def draw_street(seed: int, *, keeps_left: bool = False, narrow: bool = False) -> Street:
    """Draw a street; a `narrow` one has a single lane each way, as many as a plate camera can hold."""
    rng = np.random.default_rng([seed, 81])
    return Street(float(rng.uniform(3.1, 3.7)), 1 if narrow else int(rng.choice([1, 1, 2])), keeps_left)


def place_camera(seed: int, street: Street, heading_deg: float, kind: str, width: int, height: int) -> Lens:
    """Return a camera on a mast beside the street, so that direction +1 drives at `heading_deg` in its picture.

    A plate camera has a long lens; an overview camera sees the street as a whole.
    """
    rng = np.random.default_rng([seed, 82])
    turn = np.radians(heading_deg)
    forward = np.array([np.cos(turn), np.sin(turn)])
    across = abs(float(np.sin(turn)))
    narrow = kind == PLATE
    mast = float(rng.uniform(4.2, 6.2) if narrow else rng.uniform(5.0, 8.0))
    away = float(rng.uniform(14, 17) if narrow else rng.uniform(15, 25))
    shift = float(rng.uniform(-1, 1)) * street.half_width_m * (1 - across)
    ground = -away * forward + np.array([0.0, shift * 0.8])
    focal = width * float(rng.uniform(2.2, 2.7) if narrow else rng.uniform(_WIDEST, 1.3))
    aim_height = 0.8 if narrow else float(rng.uniform(1.0, 2.2)) + 1.2 * (1 - across)
    eye, target = (ground[0], ground[1], mast), (0.0, shift * 0.3, aim_height)
    return aimed(eye, target, focal, width, height, drawn_in=draw_distortion(rng, focal / width))


def draw_distortion(rng: np.random.Generator, focal_share: float) -> float:
    """Draw the barrel distortion at the picture's corners; the focal length is a share of the picture's width.

    Lenses of 60 degrees or more move corners inwards by up to a tenth, long ones hardly at all.
    """
    return float(rng.uniform(0.2, 1.0)) * 0.10 * (_WIDEST / max(focal_share, _WIDEST)) ** 2


def on_ground(lens: Lens, rays: AnyFloats) -> tuple[AnyFloats, AnyFloats, AnyFloats]:
    """Return x, y and distance (h, w) where each ray meets the ground; rays that never do get a large distance."""
    down = np.minimum(rays[..., 2], -1e-4)
    distance = np.where(rays[..., 2] < -1e-3, -lens.eye[2] / down, 1e4).astype(np.float32)
    return lens.eye[0] + rays[..., 0] * distance, lens.eye[1] + rays[..., 1] * distance, distance
