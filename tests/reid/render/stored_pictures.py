"""Draw the small pictures whose stored copies show whether the renderer's pictures have changed.

After an intended change of pictures: `python -m tests.reid.render.stored_pictures`, and raise RENDER_VERSION in
`reid/training/appearance/rendered.py`, for crops that were drawn before it no longer count.
"""

from pathlib import Path

import cv2
import numpy as np

from reid.render.crops import RenderedCropOptions, draw_crop
from reid.render.frames import FrameRenderer
from reid.render.scene import Placement, SiteOptions, make_site
from reid.render.vehicles.bodies import make_model, make_vehicle
from reid.vehicle import Image

STORED = Path(__file__).with_name("stored_pictures.png")
SITES = (("sun", "overview", 20.0), ("night", "overview", 190.0), ("rain", "overview", 80.0), ("low sun", "plate", 8.0))
BODIES = (("suv", "box truck"), ("sedan", "bus"), ("articulated", "scooter"), ("hatch", "van"))
CROPS = 20
TILE = (64, 36)


def thumbnails() -> Image:
    """Return a street a column in the first row, then crops."""
    streets = [_street(number) for number in range(len(SITES))]
    crops = [_small(draw_crop(RenderedCropOptions(seed=21, vehicles=40), 8 * number).image) for number in range(CROPS)]
    rows = [streets, *(crops[i : i + len(SITES)] for i in range(0, CROPS, len(SITES)))]
    return np.vstack([np.hstack(row) for row in rows])


def _street(number: int) -> Image:
    weather, kind, heading_deg = SITES[number]
    options = SiteOptions(width=480, height=270, weather=weather, kind=kind, heading_deg=heading_deg)
    traffic = [
        Placement(make_vehicle(10 * number + i, make_model(number + i, body)), direction, 3.0, braking=i == 0)
        for i, (body, direction) in enumerate(zip(BODIES[number], (1, -1), strict=True))
    ]
    return _small(FrameRenderer(make_site(60 + number, options)).frame(traffic, 1.0).image)


def _small(picture: Image) -> Image:
    return np.asarray(cv2.resize(picture, TILE, interpolation=cv2.INTER_AREA), np.uint8)


if __name__ == "__main__":
    cv2.imwrite(str(STORED), thumbnails()[..., ::-1])
