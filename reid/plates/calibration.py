"""Turn what the verifier scores into log-likelihood ratios, by how well both pictures show their plates."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_BEYOND = 0.01
"""Rise of a ratio with the score beyond what was seen: next to nothing, but the order of pairs is kept."""


@dataclass(frozen=True, slots=True)
class Curve:
    """Ratios that rise with the score; between its points straight, beyond them all but level: no more is claimed."""

    scores: tuple[float, ...]
    ratios: tuple[float, ...]

    def at(self, scores: Floats) -> Floats:
        """Return the ratios of scores."""
        beyond = scores - np.clip(scores, self.scores[0], self.scores[-1])
        return np.asarray(np.interp(scores, self.scores, self.ratios) + _BEYOND * beyond, np.float64)


@dataclass(frozen=True, slots=True)
class Curves:
    """Curves of rising quality; a pair between two qualities lies between their curves."""

    qualities: tuple[float, ...]
    curves: tuple[Curve, ...]

    def at(self, scores: Floats, quality: Floats) -> Floats:
        """Return the ratios of pairs, (n,)."""
        place = np.interp(quality, self.qualities, np.arange(len(self.qualities)))
        below = np.minimum(place.astype(int), len(self.curves) - 1)
        above = np.minimum(below + 1, len(self.curves) - 1)
        every = np.stack([curve.at(scores) for curve in self.curves])
        pair, share = np.arange(len(scores)), place - below
        return np.asarray((1 - share) * every[below, pair] + share * every[above, pair], np.float64)


@dataclass(frozen=True, slots=True)
class Calibration:
    """What the verifier's scores of pairs, and the cosines of its vectors, are worth.

    `sharpness_weight` is how many doublings of height one unit of sharpness is worth.
    """

    pairs: Curves
    cosines: Curves
    sharpness_weight: float

    def quality(self, heights_px: Floats, sharpness: Floats) -> Floats:
        """Return how well pictures show their plates, in doublings of height."""
        return np.asarray(height_quality(heights_px) + self.sharpness_weight * sharpness, np.float64)


def height_quality(heights_px: Floats) -> Floats:
    """Return heights in doublings; under one pixel nothing is seen."""
    return np.asarray(np.log2(np.maximum(heights_px, 1.0)), np.float64)


def pair_quality(first: Floats, second: Floats) -> Floats:
    """Return the quality of pairs: the worse picture decides, the better one helps a little."""
    return np.asarray(0.75 * np.minimum(first, second) + 0.25 * np.maximum(first, second), np.float64)


def as_document(calibration: Calibration) -> dict[str, Any]:
    """Return the calibration as plain values for JSON."""
    return asdict(calibration)


def from_document(document: Mapping[str, Any]) -> Calibration:
    """Return the calibration that `as_document` wrote; raise KeyError, TypeError or ValueError if it is none."""
    return Calibration(_curves(document["pairs"]), _curves(document["cosines"]), float(document["sharpness_weight"]))


def _curves(document: Mapping[str, Any]) -> Curves:
    curves = tuple(Curve(_numbers(one["scores"]), _numbers(one["ratios"])) for one in document["curves"])
    qualities = _numbers(document["qualities"])
    if not curves or len(curves) != len(qualities):
        raise ValueError(f"{len(curves)} curves of {len(qualities)} qualities")
    return Curves(qualities, curves)


def _numbers(values: Sequence[float]) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
