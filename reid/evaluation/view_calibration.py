"""Turn similarity into a log-likelihood ratio by how far two pictures' views differ, and check it on other vehicles."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reid.evaluation.likelihood import Check, Scale, fit_scale
from reid.evaluation.metrics import brier, calibration_error
from reid.evaluation.protocols import Labelled

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]

VIEWS: Mapping[str, tuple[float, float]] = {"same view": (0, 60), "side view": (60, 120), "other view": (120, 181)}
"""Name -> by how many degrees the headings differ: from, to."""
ALL_VIEWS = "all views"
OTHERS_PER_SAME = 10
"""Pairs of different vehicles that are drawn for each pair of one: all of them would say no more."""
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of pictures on different cameras; arrays are (n,), `fold` is -1 where the two vehicles are of two folds."""

    similarity: Numbers
    same: Flags
    turn_deg: Numbers
    fold: Rows

    def take(self, rows: Flags) -> "Pairs":
        """Return the pairs of these rows."""
        return Pairs(self.similarity[rows], self.same[rows], self.turn_deg[rows], self.fold[rows])

    def of_view(self, view: str) -> "Pairs":
        """Return the pairs whose views differ so much."""
        low, high = VIEWS.get(view, (0, 181))
        return self.take((self.turn_deg >= low) & (self.turn_deg < high))


@dataclass(frozen=True, slots=True)
class Told:
    """The scale fitted on all pairs, how true it is on vehicles left out, and what was told there of which pairs."""

    scale: Scale
    check: Check
    probability: Numbers
    true: Flags


def pairs_of(seen: Labelled, heading_deg: npt.NDArray[np.floating], *, seed: int = 0) -> Pairs:
    """Return every pair of one vehicle, and for each of them a few of two vehicles, drawn at random."""
    rng = np.random.default_rng(seed)
    first, second = np.triu_indices(len(seen), 1)
    apart = seen.camera[first] != seen.camera[second]
    first, second = first[apart], second[apart]
    same = seen.vehicle[first] == seen.vehicle[second]
    others = np.flatnonzero(~same)
    drawn = rng.choice(others, min(len(others), OTHERS_PER_SAME * int(same.sum())), replace=False)
    rows = np.sort(np.concatenate([np.flatnonzero(same), drawn]))
    first, second = first[rows], second[rows]
    folds = rng.permutation(np.arange(int(seen.vehicle.max()) + 1) % FOLDS)
    fold = np.where(folds[seen.vehicle[first]] == folds[seen.vehicle[second]], folds[seen.vehicle[first]], -1)
    turn = np.abs((heading_deg[first].astype(np.float64) - heading_deg[second] + 180) % 360 - 180)
    similarity = np.einsum("ij,ij->i", seen.vectors[first], seen.vectors[second]).astype(np.float64)
    return Pairs(similarity, same[rows], turn, fold)


def tell(pairs: Pairs, *, seed: int = 0) -> Told:
    """Fit on the vehicles of all folds but one and tell the pairs within that one, each fold in turn.

    Told are probabilities at even prior: beside each pair of one vehicle stands one of two, drawn at random.
    """
    rng = np.random.default_rng(seed)
    told, true = [], []
    for number in range(FOLDS):
        held = pairs.take(pairs.fold == number)
        if not held.same.any() or held.same.all():
            continue
        rest = pairs.take((pairs.fold != number) & (pairs.fold >= 0))
        scale = fit_scale(rest.similarity, rest.same)
        count = int(min(held.same.sum(), (~held.same).sum()))
        for kind in (True, False):
            drawn = rng.choice(np.flatnonzero(held.same == kind), count, replace=False)
            told.append(scale.probability(held.similarity[drawn]))
            true.append(np.full(count, kind))
    probability, truth = np.concatenate(told), np.concatenate(true)
    base = float(truth.mean())
    check = Check(calibration_error(probability, truth), brier(probability, truth), base * (1 - base), len(truth))
    return Told(fit_scale(pairs.similarity, pairs.same), check, probability, truth)


def tell_by_view(pairs: Pairs) -> dict[str, Told]:
    """Return what one scale for all views tells, and what one for each tells of its own pairs."""
    return {view: tell(pairs.of_view(view)) for view in (ALL_VIEWS, *VIEWS)}
