"""Collect what a trained finder takes for plates and what is none: wheels, lamps, empty places for a plate."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import torch

from reid.plates.candidates import Located, box_iou, peaks
from reid.plates.networks.locator import LocatorNet
from reid.training.plates.picture_input import as_input
from reid.training.plates.scenes import NONE, Scene
from reid.vehicle import Image

LEAST_HEAT = 0.12
"""A little cooler than what is looked at from near when plates are located."""

_MOST_OF_SCENE = 3
_AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class Decoy:
    """A place in scene number `scene` that looks like a plate from afar: corners (4, 2) in its pixels."""

    scene: int
    corners: npt.NDArray[np.float32]


@torch.inference_mode()
def find_decoys(finder: LocatorNet, scenes: Sequence[Scene], side_px: int) -> tuple[Decoy, ...]:
    """Return what the finder sees in the scenes, each made `side_px` large, that does not touch a plate."""
    finder.eval()
    device = next(finder.parameters()).device
    decoys: list[Decoy] = []
    for first in range(0, len(scenes), _AT_ONCE):
        some = scenes[first : first + _AT_ONCE]
        fitted = [_fitted(scene.image, side_px) for scene in some]
        said = finder(as_input(np.stack([picture for picture, _ in fitted]), device))
        heats, offsets = said.logits[:, 0].float().sigmoid().cpu().numpy(), said.corners.float().cpu().numpy()
        for row, (scene, (_, scale)) in enumerate(zip(some, fitted, strict=True)):
            hot = peaks(heats[row], offsets[row], least=LEAST_HEAT, most=_MOST_OF_SCENE)
            decoys += [Decoy(first + row, corners) for corners in _none_of(scene, hot, scale)]
    return tuple(decoys)


def _none_of(scene: Scene, hot: Sequence[Located], scale: float) -> Iterator[npt.NDArray[np.float32]]:
    """Yield the corners, in the scene, of what keeps clear of its plate."""
    for one in hot:
        corners = np.asarray(one.corners / scale, np.float32)
        if scene.plate == NONE or box_iou(corners, scene.corners) == 0:
            yield corners


def _fitted(image: Image, side_px: int) -> tuple[Image, float]:
    """Return a picture at the upper left of a square, its longer side as long, and how much it was enlarged."""
    scale = side_px / max(image.shape[:2])
    size = (round(image.shape[1] * scale), round(image.shape[0] * scale))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    square = np.full((side_px, side_px, 3), image.mean(axis=(0, 1)), np.uint8)
    square[: size[1], : size[0]] = cv2.resize(image, size, interpolation=how)
    return square, scale
