"""Measure rankings, decisions, probabilities and detections against the truth."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reid.arrays import AnyFloats, Flags, Floats
from reid.boxes import Boxes, iou


def hit_at(right: Flags, k: int) -> float:
    """Return 1.0 if one of the first `k` answers is right; `right` is (n,), best answer first."""
    return float(right[:k].any())


def average_precision(right: Flags, relevant: int) -> float:
    """Return the mean of the precision at each right answer; a relevant one missing from the ranking adds 0.

    `right` is (n,), best answer first; `relevant` counts all right answers that exist. NaN if there are none.
    """
    found = int(right.sum())
    if relevant < found:
        raise ValueError(f"relevant is {relevant} but {found} right answers are ranked: count every relevant one once")
    if relevant == 0:
        return math.nan
    ranks = np.flatnonzero(right) + 1
    return float((np.arange(1, found + 1) / ranks).sum() / relevant)


def cumulative_match(right: list[Flags], k: int) -> AnyFloats:
    """Return the CMC curve (k,): the share of rankings with a right answer up to each rank."""
    curve = np.zeros(k)
    for ranking in right:
        hits = np.flatnonzero(ranking[:k])
        if hits.size:
            curve[hits[0] :] += 1
    return curve / len(right)


def roc_curve(scores: AnyFloats, same: Flags) -> tuple[AnyFloats, AnyFloats]:
    """Return false and true positive rates as the threshold falls, one point for each distinct score and (0, 0)."""
    positives, negatives = int(same.sum()), int((~same).sum())
    if positives == 0 or negatives == 0:
        raise ValueError(f"{positives} same and {negatives} different pairs: a ROC curve needs both")
    order = np.argsort(-scores, kind="stable")
    last_of_score = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    true_positives = np.cumsum(same[order])[last_of_score]
    false_positives = last_of_score + 1 - true_positives
    return np.append(0.0, false_positives / negatives), np.append(0.0, true_positives / positives)


def roc_auc(scores: AnyFloats, same: Flags) -> float:
    """Return the probability that a same pair scores above a different one, ties counting half."""
    false_rate, true_rate = roc_curve(scores, same)
    return float(np.trapezoid(true_rate, false_rate))


def true_rate_at(scores: AnyFloats, same: Flags, false_rate: float) -> float:
    """Return the share of same pairs accepted where at most `false_rate` of the different ones are."""
    falses, trues = roc_curve(scores, same)
    return float(trues[falses <= false_rate].max())


def brier(probabilities: AnyFloats, true: Flags) -> float:
    """Return the Brier score, the mean squared error of the probabilities; NaN without any."""
    if not len(probabilities):
        return math.nan
    return float(np.mean((probabilities - true) ** 2))


def calibration_error(probabilities: AnyFloats, true: Flags, bins: int = 15) -> float:
    """Return the expected calibration error over `bins` bins of equal mass; NaN without any.

    Equal probabilities stay in the order given, so that the bins do not depend on the truth.
    """
    n = len(probabilities)
    if n == 0:
        return math.nan
    order = np.argsort(probabilities, kind="stable")
    edges = np.unique(np.linspace(0, n, min(bins, n) + 1).astype(int))
    gaps = np.add.reduceat((probabilities - true)[order], edges[:-1])
    return float(np.abs(gaps).sum() / n)


@dataclass(frozen=True, slots=True)
class PictureDetections:
    """Detections (n, 4) with scores (n,) and true boxes (m, 4) of one picture.

    `counted` (m,) says which true boxes count; a detection on another one is neither right nor wrong.
    """

    found: Boxes
    scores: Floats
    true: Boxes
    counted: Flags


def detection_precision(pictures: Sequence[PictureDetections], *, min_iou: float = 0.5) -> float:
    """Return the average precision, with each precision the best at that recall or a higher one; NaN without boxes."""
    judged = [_match_detections(picture, min_iou) for picture in pictures]
    count = sum(int(picture.counted.sum()) for picture in pictures)
    if count == 0:
        return float("nan")
    scores = np.concatenate([scores for scores, _ in judged])
    right = np.concatenate([right for _, right in judged])[np.argsort(-scores, kind="stable")]
    hits = np.cumsum(right)
    precision = hits / np.arange(1, len(hits) + 1)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    return float((best * right).sum() / count)


def detection_recall(pictures: Sequence[PictureDetections], min_score: float, *, min_iou: float = 0.5) -> float:
    """Return the share of counted true boxes detected with at least this score."""
    hits = sum(
        int(right[scores >= min_score].sum())
        for scores, right in (_match_detections(picture, min_iou) for picture in pictures)
    )
    return hits / max(1, sum(int(picture.counted.sum()) for picture in pictures))


def _match_detections(picture: PictureDetections, min_iou: float) -> tuple[Floats, Flags]:
    """Return the scores of the counted detections, best first, and whether each is the first on a counted box."""
    order = np.argsort(-picture.scores, kind="stable")
    overlap = iou(picture.found[order], picture.true)
    free = np.ones(len(picture.true), dtype=np.bool_)
    kept, right = [], []
    for row in range(len(order)):
        match = _match(overlap[row], free & picture.counted, min_iou)
        if match is not None:
            free[match] = False
        elif _match(overlap[row], ~picture.counted, min_iou) is not None:
            continue
        kept.append(order[row])
        right.append(match is not None)
    return picture.scores[np.array(kept, dtype=int)], np.array(right, dtype=np.bool_)


def _match(overlap: Floats, among: Flags, min_iou: float) -> int | None:
    if not among.any():
        return None
    best = int(np.argmax(np.where(among, overlap, -1.0)))
    return best if overlap[best] >= min_iou else None
