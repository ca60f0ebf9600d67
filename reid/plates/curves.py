"""Turn the scores of a network into llrs, by curves that were measured for several qualities of pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from reid.arrays import Floats

_SLOPE_BEYOND = 0.01
"""Rise of an llr per score outside the calibrated range: almost level, but the order of pairs is kept."""


@dataclass(frozen=True, slots=True)
class Curve:
    """The llr of a score: linear between the points, almost level beyond them, where nothing was measured."""

    scores: tuple[float, ...]
    llrs: tuple[float, ...]

    def at(self, scores: Floats) -> Floats:
        """Return the llr of each score."""
        beyond = scores - np.clip(scores, self.scores[0], self.scores[-1])
        return np.asarray(np.interp(scores, self.scores, self.llrs) + _SLOPE_BEYOND * beyond, np.float64)


@dataclass(frozen=True, slots=True)
class Curves:
    """One curve for each of several rising qualities; a pair between two qualities is interpolated."""

    qualities: tuple[float, ...]
    curves: tuple[Curve, ...]

    def at(self, scores: Floats, quality: Floats) -> Floats:
        """Return the llr of each pair, (n,)."""
        place = np.interp(quality, self.qualities, np.arange(len(self.qualities)))
        below = np.minimum(place.astype(int), len(self.curves) - 1)
        above = np.minimum(below + 1, len(self.curves) - 1)
        every = np.stack([curve.at(scores) for curve in self.curves])
        pair, share = np.arange(len(scores)), place - below
        return np.asarray((1 - share) * every[below, pair] + share * every[above, pair], np.float64)


def curves_document(curves: Curves) -> dict[str, Any]:
    """Return curves as plain values for JSON."""
    points = [{"scores": curve.scores, "ratios": curve.llrs} for curve in curves.curves]
    return {"qualities": curves.qualities, "curves": points}


def as_curves(document: Mapping[str, Any]) -> Curves:
    """Return the curves that `curves_document` wrote; raise KeyError, TypeError or ValueError if it is none."""
    curves = tuple(Curve(_numbers(curve["scores"]), _numbers(curve["ratios"])) for curve in document["curves"])
    qualities = _numbers(document["qualities"])
    if not curves or len(curves) != len(qualities):
        raise ValueError(f"{len(curves)} curves of {len(qualities)} qualities")
    return Curves(qualities, curves)


def _numbers(values: Sequence[float]) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
