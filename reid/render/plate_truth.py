"""Say where the plate of a drawn vehicle lies in the picture."""

import numpy as np

from reid.render.light.lens import Lens
from reid.render.mesh import Floats, turning
from reid.render.vehicles.assembly import Solid


def plate_corners(solid: Solid, x_m: float, y_m: float, turn: float, lens: Lens) -> Floats | None:
    """Return the (4, 2) corners of the plate that faces the camera: top left, top right, bottom right, bottom left.

    The vehicle stands at x, y, turned by `turn` radians; None where none of its plates shows its face.
    """
    for plate in solid.plates:
        screen = lens.project(plate @ turning(turn).T + np.array([x_m, y_m, 0], np.float32))
        shows_its_face = screen[1, 0] > screen[0, 0] and screen[:, 2].min() > 0
        if shows_its_face:
            corners: Floats = screen[::-1, :2].astype(np.float32)
            return corners
    return None


def plate_height_px(corners: Floats) -> float:
    """Return the mean length of a plate's two upright sides."""
    rises = corners[[0, 1]] - corners[[3, 2]]
    return float(np.hypot(rises[:, 0], rises[:, 1]).mean())
