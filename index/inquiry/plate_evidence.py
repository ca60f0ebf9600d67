"""Weigh the plates of sightings against the plate, or the pattern of a plate, that is wanted."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from index.inquiry.wanted import Wanted
from reid.plates.likelihood import text_llrs
from reid.plates.pattern import ANY_NUMBER, ANY_ONE, compile_pattern
from reid.vehicle import Plate

Floats = npt.NDArray[np.float64]

_WRITTEN_AS = str.maketrans({ANY_ONE: "_", ANY_NUMBER: "%"})


def like(pattern: str) -> str:
    """Return the pattern of a plate as SQL's LIKE writes it."""
    return compile_pattern(pattern).symbols.translate(_WRITTEN_AS)


def plate_llr(wanted: Wanted, plates: Sequence[Plate | None]) -> Floats:
    """Return the log-likelihood ratio of each plate, (n,); NaN where there is nothing to compare."""
    ratios = np.full(len(plates), np.nan)
    rows = [row for row, plate in enumerate(plates) if plate is not None and plate.characters]
    read = [plate for plate in plates if plate is not None and plate.characters]
    pattern = wanted.pattern
    if pattern is not None:
        chance = {length: pattern.log_chance(length) for length in {len(plate.characters) for plate in read}}
        fits = [pattern.log_probability(plate.characters) - chance[len(plate.characters)] for plate in read]
        ratios[rows] = fits
    elif wanted.plate is not None and wanted.plate.characters:
        ratios[rows] = text_llrs(wanted.plate, read)
    return ratios
