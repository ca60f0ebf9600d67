"""Measure rankings, decisions and probabilities against what is true."""

import math

import numpy as np
import numpy.typing as npt

Flags = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.floating]


def hit_at(right: Flags, k: int) -> float:
    """Return 1.0 if one of the first `k` answers is right; `right` is (n,), best answer first."""
    return float(right[:k].any())


def average_precision(right: Flags, relevant: int) -> float:
    """Return the mean of the precision at each right answer; a relevant one that is not in the ranking adds 0.

    `right` is (n,), best answer first; `relevant` counts all that should have been found. NaN if nothing should.
    """
    found = int(right.sum())
    if relevant < found:
        raise ValueError(f"relevant is {relevant} but {found} right answers are ranked: count every relevant one once")
    if relevant == 0:
        return math.nan
    ranks = np.flatnonzero(right) + 1
    return float((np.arange(1, found + 1) / ranks).sum() / relevant)


def cumulative_match(right: list[Flags], k: int) -> Numbers:
    """Return for each rank up to `k` the share of rankings with a right answer by then (the CMC curve), (k,)."""
    curve = np.zeros(k)
    for ranking in right:
        hits = np.flatnonzero(ranking[:k])
        if hits.size:
            curve[hits[0] :] += 1
    return curve / len(right)


def roc_curve(scores: Numbers, same: Flags) -> tuple[Numbers, Numbers]:
    """Return false and true positive rates as the threshold falls, one point for each distinct score and (0, 0)."""
    positives, negatives = int(same.sum()), int((~same).sum())
    if positives == 0 or negatives == 0:
        raise ValueError(f"{positives} same and {negatives} different pairs: a ROC curve needs both")
    order = np.argsort(-scores, kind="stable")
    last_of_score = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    true_positives = np.cumsum(same[order])[last_of_score]
    false_positives = last_of_score + 1 - true_positives
    return np.append(0.0, false_positives / negatives), np.append(0.0, true_positives / positives)


def roc_auc(scores: Numbers, same: Flags) -> float:
    """Return the chance that a same pair scores above a different one, ties counting half."""
    false_rate, true_rate = roc_curve(scores, same)
    return float(np.trapezoid(true_rate, false_rate))


def true_rate_at(scores: Numbers, same: Flags, false_rate: float) -> float:
    """Return the share of same pairs accepted where at most `false_rate` of the different ones are."""
    falses, trues = roc_curve(scores, same)
    return float(trues[falses <= false_rate].max())


def brier(probabilities: Numbers, true: Flags) -> float:
    """Return the mean squared distance of the probabilities from what is true; NaN for none."""
    if not len(probabilities):
        return math.nan
    return float(np.mean((probabilities - true) ** 2))


def calibration_error(probabilities: Numbers, true: Flags, bins: int = 15) -> float:
    """Return the expected calibration error over `bins` bins of equal mass; NaN for none.

    Equal probabilities stay in the order given, so that the bins do not peek at what is true.
    """
    n = len(probabilities)
    if n == 0:
        return math.nan
    order = np.argsort(probabilities, kind="stable")
    edges = np.unique(np.linspace(0, n, min(bins, n) + 1).astype(int))
    gaps = np.add.reduceat((probabilities - true)[order], edges[:-1])
    return float(np.abs(gaps).sum() / n)
