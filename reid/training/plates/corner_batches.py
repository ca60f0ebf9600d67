"""Cut plates out as roughly as a locator finds them, with how far each corner is off."""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from reid.plates.corners import rough_cut, to_cut
from reid.training.augmentation import as_taken
from reid.training.plates.compose import CAMERA, Composed, ComposeOptions, compose
from reid.training.plates.decoys import Decoy
from reid.training.plates.pasting import any_quad
from reid.training.plates.scenes import Scene
from reid.vehicle import Image

Floats = npt.NDArray[np.float32]

_DECOY_SHARE = 0.15
"""How often a picture's cuts are followed by those of decoys."""

_FURTHEST = 0.27
"""Corners are never further off than this share of the plate: beyond it the cut does not show them."""


@dataclass(frozen=True, slots=True)
class CornerBatch:
    """Rough cuts (n, h, w, 3); how far their corners are off (n, 8), as shares; whether each is a plate (n,)."""

    cuts: Image
    offsets: Floats
    plates: Floats


@dataclass(frozen=True, slots=True)
class CornerBatches:
    """Makes batch number k of a seed: cuts of plates, and about as many of what is none, `decoys` among them."""

    scenes: tuple[Scene, ...]
    options: ComposeOptions
    seed: int
    size: int
    decoys: tuple[Decoy, ...] = ()

    def __call__(self, number: int) -> CornerBatch:
        """Compose pictures until there are enough cuts."""
        rng = np.random.default_rng([self.seed, 56, number])
        cuts = self._cuts(rng)
        return batch_of([next(cuts) for _ in range(self.size)])

    def _cuts(self, rng: np.random.Generator) -> Iterator["Cut"]:
        while True:
            yield from cuts_of(compose(self.scenes, self.options, rng), self.options, rng)
            if self.decoys and rng.random() < _DECOY_SHARE:
                decoy = self.decoys[int(rng.integers(len(self.decoys)))]
                seen = as_taken(self.scenes[decoy.scene].image, CAMERA, rng)
                yield from (Cut(rough_cut(seen, roughly(decoy.corners, rng)), None) for _ in range(2))


@dataclass(frozen=True, slots=True)
class Cut:
    """One rough cut; `offsets` (4, 2) are shares of the plate's width and height, None where it is no plate."""

    image: Image
    offsets: Floats | None


def cuts_of(picture: Composed, options: ComposeOptions, rng: np.random.Generator) -> Iterator[Cut]:
    """Yield two cuts of each plate, one of each distractor, and one of anything that is no plate."""
    for plate in picture.plates:
        for _ in range(2):
            rough = roughly(plate, rng)
            yield Cut(rough_cut(picture.image, rough), (to_cut(plate, rough) - to_cut(rough, rough)).astype(np.float32))
    others = [*picture.distractors, any_quad(float(rng.uniform(1.0, 5.0)), options.side_px, options.widths_px, rng)]
    taken = [*picture.plates, *picture.unclear]
    for other in others:
        if not any(_touches(other, plate) for plate in taken):
            yield Cut(rough_cut(picture.image, roughly(other, rng)), None)


def batch_of(cuts: list[Cut]) -> CornerBatch:
    """Return cuts with their targets."""
    nothing = np.zeros((4, 2), np.float32)
    offsets = np.stack([nothing if cut.offsets is None else cut.offsets for cut in cuts]).reshape(len(cuts), 8)
    plates = np.array([cut.offsets is not None for cut in cuts], np.float32)
    return CornerBatch(np.stack([cut.image for cut in cuts]), offsets, plates)


def roughly(quad: Floats, rng: np.random.Generator) -> Floats:
    """Return the corners as a locator may find them: moved, stretched, turned, each a little by itself."""
    middle = quad.mean(axis=0)
    across, down = (quad[1] + quad[2] - quad[0] - quad[3]) / 2, (quad[3] + quad[2] - quad[0] - quad[1]) / 2
    sides = np.stack([across, down])
    careless = float(rng.uniform(0.2, 1.0))
    signs = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) / 2
    shares = signs * np.exp(rng.normal(0, 0.16, 2) * careless) + rng.normal(0, 0.09, 2) * careless
    # a plate is wider than high: what is off by pixels is off by more of its height
    shares += rng.normal(0, 1, (4, 2)) * careless * np.array([0.04, 0.12])
    shares = signs + np.clip(shares - signs, -_FURTHEST, _FURTHEST)
    own = quad - (middle + signs @ sides)
    return np.asarray(middle + shares @ sides + own * float(rng.uniform(0.0, 1.0)), np.float32)


def _touches(first: Floats, second: Floats) -> bool:
    area, _ = cv2.intersectConvexConvex(first, second)
    return bool(area > 0)
