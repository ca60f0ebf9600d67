"""Show made-up plates in typefaces that no training sees: how a reader fares with what it was not made for."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from reid.plates.rectify import Quad
from reid.render.number_plates.glyphs import Typeface
from reid.render.number_plates.views import draw_wear, view, worn
from reid.training.plates.lettering import CJK_FONTS, UNSEEN_FONTS, Face, installed
from reid.training.plates.lighting import lit
from reid.training.plates.printed import print_plate, printed_plate
from reid.vehicle import Image

_SEED_SPREAD = 7_919
"""Plates of one number stand this far from those of the next: training draws its plates from 0 to 2**40."""


@dataclass(frozen=True, slots=True)
class Unseen:
    """A view of a plate with its corners, its text, and the family of plates and the typeface it is of."""

    image: Image
    corners: Quad
    text: str
    family: str
    face: str


def show_unseen(count: int, height_px: float, severity: int, *, seed: int) -> Iterator[Unseen]:
    """Yield one view each of plates of all families, in the installed typefaces that training leaves out."""
    latin, chinese = installed(UNSEEN_FONTS), installed(CJK_FONTS)
    if not latin:
        return
    for number in range(count):
        rng = np.random.default_rng([seed, 84, number])
        plate = printed_plate(2**41 + seed + _SEED_SPREAD * number)
        name = str(rng.choice(latin))
        face = Face(Typeface(), name, str(rng.choice(chinese)) if chinese else None, float(rng.uniform(0.72, 1.0)))
        drawn = worn(print_plate(plate, face).image, draw_wear(rng))
        seen = view(lit(drawn, rng), rng, height_px, severity)
        yield Unseen(seen.image, seen.corners, plate.text, plate.family, name)
