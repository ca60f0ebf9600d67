"""Set the corners of plates right, by a network that sees each plate laid roughly flat."""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from reid.plates.networks.grid import CUT_HEIGHT_PX, CUT_MARGIN, CUT_WIDTH_PX, MEAN, SPREAD
from reid.plates.rectify import Quad, rectified
from reid.vehicle import Image

_SIGNS = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)


def rough_cut(image: Image, corners: Quad) -> Image:
    """Return the plate (CUT_HEIGHT_PX, CUT_WIDTH_PX, 3) laid flat by corners that may be off, with room around."""
    return rectified(image, corners, CUT_WIDTH_PX, CUT_HEIGHT_PX, CUT_MARGIN)


def to_cut(places: Quad, corners: Quad) -> Quad:
    """Return places (n, 2) of a picture as shares of a plate that is laid flat by `corners`, (0, 0) its top left."""
    warp = cv2.getPerspectiveTransform(corners.astype(np.float32), _SIGNS)
    return np.asarray(cv2.perspectiveTransform(places[None].astype(np.float32), warp)[0], np.float32)


def from_cut(shares: Quad, corners: Quad) -> Quad:
    """Return the places in the picture of shares (n, 2) of a plate that is laid flat by `corners`."""
    warp = cv2.getPerspectiveTransform(_SIGNS, corners.astype(np.float32))
    return np.asarray(cv2.perspectiveTransform(shares[None].astype(np.float32), warp)[0], np.float32)


def corrected(image: Image, rough: Sequence[Quad], session: Any) -> list[tuple[Quad, float]]:
    """Return for each of some rough plates its corners as the network sees them, and how likely it is a plate."""
    if not rough:
        return []
    cuts = [rough_cut(image, corners) for corners in rough]
    offsets, chances = session.run(["offsets", "chance"], {"cuts": as_planes(cuts)})
    moved = [from_cut(_SIGNS + off.reshape(4, 2), corners) for off, corners in zip(offsets, rough, strict=True)]
    return list(zip(moved, chances.tolist(), strict=True))


def as_planes(pictures: Sequence[Image]) -> npt.NDArray[np.float32]:
    """Return pictures of one size as (n, 3, h, w), -1 to 1."""
    planes = np.ascontiguousarray(np.stack(pictures).transpose(0, 3, 1, 2)).astype(np.float32)
    planes -= np.float32(MEAN)
    planes /= np.float32(SPREAD)
    return planes
