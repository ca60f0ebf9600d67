"""Make training pictures of vehicles that two real cameras saw, and of more vehicles out of these."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from reid.evaluation.pairs import PairFiles
from reid.images import read_image
from reid.training.datasets import UNKNOWN, Crops, squared
from reid.vehicle import VEHICLE_TYPES, Image

HUE_TURNS = (25, 55, 90, 125, 155)
"""In OpenCV's half degrees; painting a vehicle anew gives a twin of it that was never filmed."""
MIN_PAINTED_SHARE = 0.12
"""A vehicle with less colour looks the same however its hue is turned, so it gets no twins."""
SEAM, SEAM_SPREAD = 0.5, 0.08
"""Where the upper part of one vehicle meets the lower part of another, in heights, and how far that varies."""

Both = tuple[Image, Image]
"""What the two cameras saw of one vehicle."""


@dataclass(frozen=True, slots=True)
class _Vehicle:
    """A vehicle as both cameras saw it; `model` numbers what it is built like, `type` indexes VEHICLE_TYPES."""

    both: Both
    model: int
    type: int


def read_crops(pairs: Sequence[PairFiles], *, more: bool) -> Crops:
    """Return both pictures of each vehicle; with `more` also of vehicles made of them, which were never filmed.

    Those are twins in other colours, and the upper part of each on the lower part of another of its type: only one of
    the two tells them from either.
    """
    filmed = [_read(pair, number) for number, pair in enumerate(pairs)]
    return _crops([*filmed, *_repainted(filmed), *_put_together(filmed)] if more else filmed)


def _read(pair: PairFiles, number: int) -> _Vehicle:
    both = squared(read_image(pair.first)), squared(read_image(pair.second))
    return _Vehicle(both, number, VEHICLE_TYPES.index(pair.kind) if pair.kind in VEHICLE_TYPES else UNKNOWN)


def _crops(vehicles: Sequence[_Vehicle]) -> Crops:
    count = len(vehicles)
    return Crops(
        pictures=np.stack([picture for one in vehicles for picture in one.both]),
        vehicle=np.repeat(np.arange(count), 2),
        model=np.repeat([one.model for one in vehicles], 2),
        camera=np.tile([0, 1], count),
        type=np.repeat([one.type for one in vehicles], 2),
        colour=np.full(2 * count, UNKNOWN),
        heading_deg=np.full(2 * count, np.nan, dtype=np.float32),
        source=np.zeros(2 * count, dtype=np.int64),
    )


def _repainted(vehicles: Sequence[_Vehicle]) -> Iterator[_Vehicle]:
    for one in vehicles:
        for turn in HUE_TURNS if _is_painted(one.both) else ():
            yield replace(one, both=(_turn_hue(one.both[0], turn), _turn_hue(one.both[1], turn)))


def _put_together(vehicles: Sequence[_Vehicle]) -> Iterator[_Vehicle]:
    """Yield the upper part of each vehicle on the lower part of the next two of its type."""
    rng = np.random.default_rng(0)
    for kind in sorted({one.type for one in vehicles}):
        alike = [one for one in vehicles if one.type == kind]
        for step in range(1, min(3, len(alike))):
            for upper, lower in zip(alike, alike[step:] + alike[:step], strict=True):
                seam = rng.normal(SEAM, SEAM_SPREAD)
                firsts, seconds = zip(upper.both, lower.both, strict=True)
                yield replace(upper if step == 1 else lower, both=(_joined(*firsts, seam), _joined(*seconds, seam)))


def _joined(upper: Image, lower: Image, seam: float) -> Image:
    """Return the upper part of one picture on the lower part of another, with a soft seam."""
    row = np.arange(upper.shape[0])[:, None, None] / upper.shape[0]
    share = np.clip((row - seam) * 12 + 0.5, 0, 1)
    return np.asarray(upper * (1 - share) + lower * share, dtype=np.uint8)


def _is_painted(pictures: Sequence[Image]) -> bool:
    """Tell whether every picture shows enough colour in its middle."""
    return all(_painted_share(picture) >= MIN_PAINTED_SHARE for picture in pictures)


def _painted_share(picture: Image) -> float:
    side = picture.shape[0]
    middle = picture[side // 6 : -side // 6, side // 6 : -side // 6]
    hsv = cv2.cvtColor(middle, cv2.COLOR_RGB2HSV)
    return float(((hsv[..., 1] > 90) & (hsv[..., 2] > 50)).mean())


def _turn_hue(picture: Image, turn: int) -> Image:
    hsv = cv2.cvtColor(picture, cv2.COLOR_RGB2HSV)
    hsv[..., 0] = (hsv[..., 0].astype(np.int64) + turn) % 180
    return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), dtype=np.uint8)
