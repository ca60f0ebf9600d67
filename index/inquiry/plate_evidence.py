"""Weigh the plates of sightings against the plate, or the pattern of a plate, that is wanted."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from index.inquiry.wanted import Wanted
from reid.plates.fusion import fused_llr
from reid.plates.likelihood import text_llrs
from reid.vehicle import Plate

Floats = npt.NDArray[np.float64]


def plate_llr(wanted: Wanted, plates: Sequence[Plate | None], looks: Floats | None = None) -> Floats:
    """Return the log-likelihood ratio of each plate, (n,); NaN where there is nothing to compare.

    `looks` are the ratios by the looks of the plates, where these were compared: they count as far as reading leaves
    room for them.
    """
    text = text_llr(wanted, plates)
    return text if looks is None else fused_llr(text, looks)


def text_llr(wanted: Wanted, plates: Sequence[Plate | None]) -> Floats:
    """Return the ratio of each plate by what was read; NaN where the wanted plate or the other has no text."""
    ratios = np.full(len(plates), np.nan)
    rows = [row for row, plate in enumerate(plates) if plate is not None and plate.characters]
    read = [plate for plate in plates if plate is not None and plate.characters]
    pattern = wanted.pattern
    if pattern is not None:
        chance = {length: pattern.log_chance(length) for length in {len(plate.characters) for plate in read}}
        fits = pattern.log_probabilities([plate.characters for plate in read])
        ratios[rows] = fits - np.array([chance[len(plate.characters)] for plate in read])
    elif wanted.plate is not None and wanted.plate.characters:
        ratios[rows] = text_llrs(wanted.plate, read)
    return ratios
