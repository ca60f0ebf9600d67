"""Train the corner network: rough plate crops with their corner offsets, hard negatives, losses and validation."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from reid.arrays import Floats32
from reid.plates.locate import Located, box_iou, peaks
from reid.plates.networks.blocks import as_input
from reid.plates.networks.corners import CornersNet
from reid.plates.networks.grid import CUT_HEIGHT_PX, CUT_WIDTH_PX
from reid.plates.networks.locator import LocatorNet
from reid.plates.rectify import rough_cut, to_cut
from reid.training.augmentation import with_camera_effects
from reid.training.plates.compose import PICTURE_AUGMENTATION, ComposedPicture, ComposeOptions, compose
from reid.training.plates.pasting import draw_quad
from reid.training.plates.scenes import NO_PLATE, PlateScene
from reid.vehicle import Image

_HARD_NEGATIVE_SHARE = 0.15
"""How often a picture's cuts are followed by cuts of hard negatives."""

_FURTHEST = 0.27
"""Largest corner offset as a share of the plate: farther corners lie outside the cut."""

LEAST_HEAT = 0.12
"""A little below the heat from which the locator refines a candidate."""

_MOST_OF_SCENE = 3
_AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class CornerBatch:
    """Rough cuts (n, h, w, 3), their corner offsets (n, 8) as shares, and whether each shows a plate (n,)."""

    cuts: Image
    offsets: Floats32
    plates: Floats32


@dataclass(frozen=True, slots=True)
class HardNegative:
    """A false detection of the locator in scene number `scene`: corners (4, 2) in its pixels."""

    scene: int
    corners: Floats32


@dataclass(frozen=True, slots=True)
class CornerBatches:
    """Makes batch number k of a seed: cuts of plates, and about as many of other things and `hard_negatives`."""

    scenes: tuple[PlateScene, ...]
    options: ComposeOptions
    seed: int
    size: int
    hard_negatives: tuple[HardNegative, ...] = ()

    def __call__(self, number: int) -> CornerBatch:
        """Compose pictures until there are enough cuts."""
        rng = np.random.default_rng([self.seed, 56, number])
        cuts = self._cuts(rng)
        return corner_batch([next(cuts) for _ in range(self.size)])

    def _cuts(self, rng: np.random.Generator) -> Iterator["CornerCut"]:
        while True:
            yield from draw_cuts(compose(self.scenes, self.options, rng), self.options, rng)
            if self.hard_negatives and rng.random() < _HARD_NEGATIVE_SHARE:
                negative = self.hard_negatives[int(rng.integers(len(self.hard_negatives)))]
                seen = with_camera_effects(self.scenes[negative.scene].image, PICTURE_AUGMENTATION, rng)
                yield from (
                    CornerCut(rough_cut(seen, perturbed_corners(negative.corners, rng)), None) for _ in range(2)
                )


@dataclass(frozen=True, slots=True)
class CornerCut:
    """One rough cut; `offsets` (4, 2) are shares of the plate's width and height, None if it shows no plate."""

    image: Image
    offsets: Floats32 | None


def draw_cuts(picture: ComposedPicture, options: ComposeOptions, rng: np.random.Generator) -> Iterator[CornerCut]:
    """Yield two cuts of each plate, one of each distractor, and one of a random place without a plate."""
    for plate in picture.plates:
        for _ in range(2):
            rough = perturbed_corners(plate, rng)
            yield CornerCut(
                rough_cut(picture.image, rough), (to_cut(plate, rough) - to_cut(rough, rough)).astype(np.float32)
            )
    others = [*picture.distractors, draw_quad(float(rng.uniform(1.0, 5.0)), options.side_px, options.widths_px, rng)]
    taken = [*picture.plates, *picture.unclear]
    for other in others:
        if not any(_touches(other, plate) for plate in taken):
            yield CornerCut(rough_cut(picture.image, perturbed_corners(other, rng)), None)


def corner_batch(cuts: list[CornerCut]) -> CornerBatch:
    """Collate cuts into a batch."""
    nothing = np.zeros((4, 2), np.float32)
    offsets = np.stack([nothing if cut.offsets is None else cut.offsets for cut in cuts]).reshape(len(cuts), 8)
    plates = np.array([cut.offsets is not None for cut in cuts], np.float32)
    return CornerBatch(np.stack([cut.image for cut in cuts]), offsets, plates)


def perturbed_corners(quad: Floats32, rng: np.random.Generator) -> Floats32:
    """Return the corners with a locator's errors: shifted, stretched, rotated, and each moved a little by itself."""
    middle = quad.mean(axis=0)
    across, down = (quad[1] + quad[2] - quad[0] - quad[3]) / 2, (quad[3] + quad[2] - quad[0] - quad[1]) / 2
    sides = np.stack([across, down])
    careless = float(rng.uniform(0.2, 1.0))
    signs = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) / 2
    shares = signs * np.exp(rng.normal(0, 0.16, 2) * careless) + rng.normal(0, 0.09, 2) * careless
    # a plate is wider than high, so the same error in pixels is a larger share of its height
    shares += rng.normal(0, 1, (4, 2)) * careless * np.array([0.04, 0.12])
    shares = signs + np.clip(shares - signs, -_FURTHEST, _FURTHEST)
    own = quad - (middle + signs @ sides)
    return np.asarray(middle + shares @ sides + own * float(rng.uniform(0.0, 1.0)), np.float32)


@torch.inference_mode()
def find_hard_negatives(locator: LocatorNet, scenes: Sequence[PlateScene], side_px: int) -> tuple[HardNegative, ...]:
    """Return the locator's detections in the scenes, each resized to `side_px`, that touch no plate."""
    locator.eval()
    device = next(locator.parameters()).device
    hard_negatives: list[HardNegative] = []
    for first in range(0, len(scenes), _AT_ONCE):
        block = scenes[first : first + _AT_ONCE]
        fitted = [_fitted(scene.image, side_px) for scene in block]
        outputs = locator(as_input(np.stack([picture for picture, _ in fitted]), device))
        heats, offsets = outputs.logits[:, 0].float().sigmoid().cpu().numpy(), outputs.corners.float().cpu().numpy()
        for row, (scene, (_, scale)) in enumerate(zip(block, fitted, strict=True)):
            hot = peaks(heats[row], offsets[row], least=LEAST_HEAT, most=_MOST_OF_SCENE)
            hard_negatives += [HardNegative(first + row, corners) for corners in _away_from_plate(scene, hot, scale)]
    return tuple(hard_negatives)


def corner_losses(network: CornersNet, batch: CornerBatch) -> Mapping[str, Tensor]:
    """Return the losses: smooth L1 of the corner offsets of plates, and cross-entropy of plate or not."""
    device = next(network.parameters()).device
    outputs = network(as_input(batch.cuts, device))
    offsets, plates = (torch.from_numpy(part).to(device) for part in (batch.offsets, batch.plates))
    off = functional.smooth_l1_loss(outputs.offsets.float(), offsets, beta=0.02, reduction="none").mean(1)
    return {
        "corners": 10 * (off * plates).sum() / plates.sum().clamp(min=1),
        "plate": functional.binary_cross_entropy_with_logits(outputs.logits.float(), plates),
    }


@dataclass(frozen=True, slots=True)
class CornerValidation:
    """Scores a network on cuts of held-out vehicles."""

    batch: CornerBatch

    def __call__(self, network: CornersNet) -> dict[str, float]:
        """Return the score (minus the median error in plate heights), errors after and before, and mistaken cuts."""
        with torch.inference_mode():
            outputs = network(as_input(self.batch.cuts, next(network.parameters()).device))
        plates = self.batch.plates > 0
        before = self.batch.offsets.reshape(-1, 4, 2)[plates]
        after = before - outputs.offsets.float().cpu().numpy().reshape(-1, 4, 2)[plates]
        sure = outputs.logits.cpu().numpy() > 0
        error, rough = (float(np.median(_error(part))) for part in (after, before))
        missed, false = float((~sure[plates]).mean()), float(sure[~plates].mean())
        return {"score": -error, "error": error, "rough": rough, "missed": missed, "false": false}


def _touches(first: Floats32, second: Floats32) -> bool:
    area, _ = cv2.intersectConvexConvex(first, second)
    return bool(area > 0)


def _away_from_plate(scene: PlateScene, hot: Sequence[Located], scale: float) -> Iterator[Floats32]:
    """Yield the corners, in the scene, of detections that do not touch its plate."""
    for one in hot:
        corners = np.asarray(one.corners / scale, np.float32)
        if scene.plate == NO_PLATE or box_iou(corners, scene.corners) == 0:
            yield corners


def _fitted(image: Image, side_px: int) -> tuple[Image, float]:
    """Return a picture resized into the upper left of a square, and its scale."""
    scale = side_px / max(image.shape[:2])
    size = (round(image.shape[1] * scale), round(image.shape[0] * scale))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    square = np.full((side_px, side_px, 3), image.mean(axis=(0, 1)), np.uint8)
    square[: size[1], : size[0]] = cv2.resize(image, size, interpolation=how)
    return square, scale


def _error(offsets: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the mean corner distance of offsets (n, 4, 2), in heights of a plate with the proportions of a cut."""
    stretched = offsets * np.array([CUT_WIDTH_PX / CUT_HEIGHT_PX, 1.0])
    return np.asarray(np.linalg.norm(stretched, axis=2).mean(axis=1), np.float64)
