"""Compare crops of plates in pairs, by their text and by their appearance."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reid.images import read_image
from reid.plates.fusion import fused_llr
from reid.plates.likelihood import same_probability, text_llr
from reid.plates.read import read_plate_crop
from reid.plates.verify import PlateAppearance, Verifier, height_px, installed_verifier
from reid.vehicle import Image, Plate

UNKNOWN = 0.5
"""The probability at even prior where a picture shows nothing."""

TWINS_FROM_PX = 24.0
"""On lower plates a difference of one character is often invisible, and misread: of such twins 8 % look surely the same
at 16 px, read or not, 1.5 % at 24 px."""

_LEAST_CONTRAST = 2.0
_SURE = 0.99


@dataclass(frozen=True, slots=True)
class PlateComparison:
    """Probability at even prior that two crops show one plate, and its evidence: "text", "siamese" or "both".

    `llr` is None if a picture shows nothing; `height_px` is that of the smaller plate.
    """

    same: float
    llr: float | None
    by: str
    height_px: float

    @property
    def words(self) -> str:
        """Say in words what the evidence supports, and no more."""
        if self.llr is None:
            return "nothing can be seen"
        if 1 - _SURE < self.same < _SURE:
            return "undecided" if abs(self.same - UNKNOWN) < 0.3 else _leaning(self.same)
        if self.same < UNKNOWN:
            return "another plate"
        return "consistent with the same plate" if self.height_px < TWINS_FROM_PX else "the same plate"


@dataclass(frozen=True, slots=True)
class _PlateCrop:
    """What was read on a crop, and its appearance; None without a verifier, or if there is nothing to see."""

    plate: Plate
    appearance: PlateAppearance | None


def compare_crops(pairs: Sequence[tuple[Path, Path]]) -> list[PlateComparison]:
    """Compare the plates of each pair of picture files, in the order given."""
    verifier = installed_verifier()
    paths = dict.fromkeys(path for pair in pairs for path in pair)
    crops = {path: _plate_crop(read_image(path), verifier) for path in paths}
    return [_compared(crops[a], crops[b], verifier) for a, b in pairs]


def _plate_crop(image: Image, verifier: Verifier | None) -> _PlateCrop:
    plate = read_plate_crop(image)
    blank = float(image.std()) < _LEAST_CONTRAST
    return _PlateCrop(plate, None if blank or verifier is None else verifier.appearance([(image, plate.corners)]))


def _compared(first: _PlateCrop, second: _PlateCrop, verifier: Verifier | None) -> PlateComparison:
    text = text_llr(first.plate, second.plate)
    appearance = None
    if verifier is not None and first.appearance is not None and second.appearance is not None:
        appearance = float(verifier.llr(first.appearance, second.appearance)[0])
    height = min(height_px(first.plate.corners), height_px(second.plate.corners))
    if text is None and appearance is None:
        return PlateComparison(UNKNOWN, None, "text" if verifier is None else "siamese", height)
    of_text, of_appearance = (np.array([np.nan if llr is None else llr]) for llr in (text, appearance))
    llr = float(fused_llr(of_text, of_appearance)[0])
    by = "siamese" if text is None else "text" if appearance is None or llr == text else "both"
    return PlateComparison(same_probability(llr), round(llr, 4), by, height)


def _leaning(same: float) -> str:
    return "rather the same plate" if same > UNKNOWN else "rather another plate"
