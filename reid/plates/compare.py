"""Compare plate crops: look at each picture once, weigh each pair by what it reads and how it looks."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reid.images import read_image
from reid.plates.fusion import fused_llr
from reid.plates.likelihood import same_probability, text_llr
from reid.plates.looks import PlateLooks, Verifier, height_px
from reid.plates.read import read_plate_crop
from reid.plates.verify import installed_verifier
from reid.vehicle import Image, Plate

UNKNOWN = 0.5
"""The probability at even prior where a picture shows nothing: nothing was learned."""

TWINS_FROM_PX = 12.0
"""Below this height plates that differ in one character mostly look the same."""

_LEAST_CONTRAST = 2.0
_SURE = 0.99


@dataclass(frozen=True, slots=True)
class Compared:
    """Probability at even prior that two crops show one plate, and what it rests on: "text", "siamese" or "both".

    `llr` is None where a picture shows nothing; `height_px` is that of the smaller plate.
    """

    same: float
    llr: float | None
    by: str
    height_px: float

    @property
    def words(self) -> str:
        """Say in words what may be claimed, and no more."""
        if self.llr is None:
            return "nothing can be seen"
        if 1 - _SURE < self.same < _SURE:
            return "undecided" if abs(self.same - UNKNOWN) < 0.3 else _leaning(self.same)
        if self.same < UNKNOWN:
            return "another plate"
        small = self.by == "siamese" and self.height_px < TWINS_FROM_PX
        return "consistent with the same plate" if small else "the same plate"


@dataclass(frozen=True, slots=True)
class _Seen:
    """A crop: what was read, and how its plate looks; no looks where there is no verifier, or nothing to see."""

    plate: Plate
    looks: PlateLooks | None


def compare_crops(pairs: Sequence[tuple[Path, Path]]) -> list[Compared]:
    """Return how alike the plates of each pair of picture files are, in the order given."""
    verifier = installed_verifier()
    paths = dict.fromkeys(path for pair in pairs for path in pair)
    seen = {path: _seen(read_image(path), verifier) for path in paths}
    return [_compared(seen[a], seen[b], verifier) for a, b in pairs]


def _seen(image: Image, verifier: Verifier | None) -> _Seen:
    plate = read_plate_crop(image)
    blank = float(image.std()) < _LEAST_CONTRAST
    return _Seen(plate, None if blank or verifier is None else verifier.look([(image, plate.corners)]))


def _compared(first: _Seen, second: _Seen, verifier: Verifier | None) -> Compared:
    text = text_llr(first.plate, second.plate)
    looks = None
    if verifier is not None and first.looks is not None and second.looks is not None:
        looks = float(verifier.llr(first.looks, second.looks)[0])
    height = min(height_px(first.plate.corners), height_px(second.plate.corners))
    if text is None and looks is None:
        return Compared(UNKNOWN, None, "text" if verifier is None else "siamese", height)
    of_text, of_looks = (np.array([np.nan if one is None else one]) for one in (text, looks))
    ratio = float(fused_llr(of_text, of_looks)[0])
    by = "siamese" if text is None else "text" if looks is None or ratio == text else "both"
    return Compared(same_probability(ratio), round(ratio, 4), by, height)


def _leaning(same: float) -> str:
    return "rather the same plate" if same > UNKNOWN else "rather another plate"
