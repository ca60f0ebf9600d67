"""Measure how well the ratios of same pairs stand out from those of different ones, with intervals over plates."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reid.evaluation.intervals import RESAMPLES, Figure

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

FALSE_RATE = 0.01
_AT_ONCE = 50
"""Resamples that are worked out together: more would need more memory than the processor keeps near."""


@dataclass(frozen=True, slots=True)
class Told:
    """How well same pairs stand out from one kind of different ones.

    `tpr` is at FALSE_RATE false positives; `error` is the balanced error of saying yes where the ratio is above 1.
    """

    auc: Figure
    tpr: Figure
    error: Figure
    negatives: int


def told_apart(same: Floats, different: Floats, plates: int, *, seed: int = 0) -> Told:
    """Return the figures of logarithmic ratios; pair k of either kind is one of plate k % plates.

    An interval draws the plates again and again, each with all of its pairs.
    """
    pairs = _Sorted.of(same, different, plates)
    draws = np.random.default_rng(seed).multinomial(plates, np.full(plates, 1 / plates), RESAMPLES)
    values = pairs.figures(np.ones((1, plates), np.int64))[0]
    parts = [pairs.figures(draws[start : start + _AT_ONCE]) for start in range(0, RESAMPLES, _AT_ONCE)]
    low, high = np.nanquantile(np.concatenate(parts), (0.025, 0.975), axis=0)
    auc, tpr, error = (Figure(float(values[k]), float(low[k]), float(high[k])) for k in range(3))
    return Told(auc, tpr, error, len(different))


@dataclass(frozen=True, slots=True)
class _Sorted:
    """Pairs from the highest ratio down: whose they are, whether they are same, where runs of equal ratios end."""

    plate: Counts
    same: npt.NDArray[np.bool_]
    ends: Counts
    yes: int

    @classmethod
    def of(cls, same: Floats, different: Floats, plates: int) -> "_Sorted":
        ratios = np.concatenate([same, different])
        plate = np.concatenate([np.arange(len(same)), np.arange(len(different))]) % plates
        order = np.argsort(-ratios, kind="stable")
        ends = np.append(np.flatnonzero(np.diff(ratios[order])), len(ratios) - 1)
        return cls(plate[order], (np.arange(len(ratios)) < len(same))[order], ends, int((ratios > 0).sum()))

    def figures(self, draws: Counts) -> Floats:
        """Return (n, 3): AUC, true rate and balanced error, where each plate counts as often as it was drawn."""
        weight = draws[:, self.plate]
        true = np.cumsum(weight * self.same, axis=1, dtype=np.float64)
        false = np.cumsum(weight * ~self.same, axis=1, dtype=np.float64)
        true, false = true / true[:, -1:], false / false[:, -1:]
        accepted = [side[:, self.yes - 1] if self.yes else np.zeros(len(draws)) for side in (true, false)]
        rates = [np.pad(side[:, self.ends], ((0, 0), (1, 0))) for side in (true, false)]
        auc = np.trapezoid(rates[0], rates[1], axis=1)
        last = (rates[1] <= FALSE_RATE).sum(axis=1) - 1
        tpr = rates[0][np.arange(len(draws)), last]
        return np.stack([auc, tpr, (1 - accepted[0] + accepted[1]) / 2], axis=1)
