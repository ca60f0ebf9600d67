"""Read training pictures of vehicles seen by two real cameras, and make variants of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from reid.evaluation.pairs import PairFiles
from reid.images import read_image
from reid.training.appearance.datasets import UNKNOWN, Crops, resized_box
from reid.vehicle import VEHICLE_TYPES, Image

HUE_TURNS = (25, 55, 90, 125, 155)
"""Hue shifts in OpenCV's half degrees; each makes a twin of the vehicle in another colour."""

MIN_PAINTED_SHARE = 0.12
"""Vehicles with less coloured area get no twins, because shifting their hue changes nothing."""

SEAM, SEAM_SPREAD = 0.5, 0.08
"""Mean and spread of the seam between the upper part of one vehicle and the lower part of another, in heights."""

TwoViews = tuple[Image, Image]
"""One vehicle on both cameras."""


@dataclass(frozen=True, slots=True)
class _TwoViewVehicle:
    """A vehicle on both cameras; variants of one filmed vehicle share `model`; `type` indexes VEHICLE_TYPES."""

    both: TwoViews
    model: int
    type: int


def read_real_crops(pairs: Sequence[PairFiles], *, more: bool) -> Crops:
    """Return both pictures of each vehicle; `more` adds variants that were never filmed.

    Variants are twins in other colours, and combinations of the upper part of one vehicle with the lower part of
    another of its type, which differ from either in only one half.
    """
    filmed = [_read(pair, number) for number, pair in enumerate(pairs)]
    return _crops([*filmed, *_repainted(filmed), *_recombined(filmed)] if more else filmed)


def _read(pair: PairFiles, number: int) -> _TwoViewVehicle:
    both = resized_box(read_image(pair.first)), resized_box(read_image(pair.second))
    return _TwoViewVehicle(both, number, VEHICLE_TYPES.index(pair.kind) if pair.kind in VEHICLE_TYPES else UNKNOWN)


def _crops(vehicles: Sequence[_TwoViewVehicle]) -> Crops:
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


def _repainted(vehicles: Sequence[_TwoViewVehicle]) -> Iterator[_TwoViewVehicle]:
    for one in vehicles:
        for turn in HUE_TURNS if _is_painted(one.both) else ():
            yield replace(one, both=(_with_hue_shift(one.both[0], turn), _with_hue_shift(one.both[1], turn)))


def _recombined(vehicles: Sequence[_TwoViewVehicle]) -> Iterator[_TwoViewVehicle]:
    """Yield the upper part of each vehicle joined to the lower part of the next two of its type."""
    rng = np.random.default_rng(0)
    for kind in sorted({one.type for one in vehicles}):
        alike = [one for one in vehicles if one.type == kind]
        for step in range(1, min(3, len(alike))):
            for upper, lower in zip(alike, alike[step:] + alike[:step], strict=True):
                seam = rng.normal(SEAM, SEAM_SPREAD)
                firsts, seconds = zip(upper.both, lower.both, strict=True)
                yield replace(upper if step == 1 else lower, both=(_blended(*firsts, seam), _blended(*seconds, seam)))


def _blended(upper: Image, lower: Image, seam: float) -> Image:
    """Return the upper part of one picture above the lower part of another, with a soft seam."""
    row = np.arange(upper.shape[0])[:, None, None] / upper.shape[0]
    share = np.clip((row - seam) * 12 + 0.5, 0, 1)
    return np.asarray(upper * (1 - share) + lower * share, dtype=np.uint8)


def _is_painted(pictures: Sequence[Image]) -> bool:
    """Return whether all pictures show enough colour in their middle."""
    return all(_painted_share(picture) >= MIN_PAINTED_SHARE for picture in pictures)


def _painted_share(picture: Image) -> float:
    side = picture.shape[0]
    middle = picture[side // 6 : -side // 6, side // 6 : -side // 6]
    hsv = cv2.cvtColor(middle, cv2.COLOR_RGB2HSV)
    return float(((hsv[..., 1] > 90) & (hsv[..., 2] > 50)).mean())


def _with_hue_shift(picture: Image, turn: int) -> Image:
    hsv = cv2.cvtColor(picture, cv2.COLOR_RGB2HSV)
    hsv[..., 0] = (hsv[..., 0].astype(np.int64) + turn) % 180
    return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), dtype=np.uint8)
