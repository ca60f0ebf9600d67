"""Say how well boxes were found: average precision, for boxes of one kind."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reid.boxes import Boxes, iou


@dataclass(frozen=True, slots=True)
class FoundIn:
    """What was found in one picture beside what is true of it: boxes found (n, 4) with scores (n,), true boxes (m, 4).

    `wanted` (m,) says which true boxes count; what lies on another one is neither right nor wrong.
    """

    found: Boxes
    scores: npt.NDArray[np.float64]
    true: Boxes
    wanted: npt.NDArray[np.bool_]


def average_precision(pictures: Sequence[FoundIn], *, min_iou: float = 0.5) -> float:
    """Return the mean precision over recall, each precision the best at that recall or a higher one; nan of nothing."""
    judged = [_judge(picture, min_iou) for picture in pictures]
    wanted = sum(int(picture.wanted.sum()) for picture in pictures)
    if wanted == 0:
        return float("nan")
    scores = np.concatenate([scores for scores, _ in judged])
    right = np.concatenate([right for _, right in judged])[np.argsort(-scores, kind="stable")]
    hits = np.cumsum(right)
    precision = hits / np.arange(1, len(hits) + 1)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    return float((best * right).sum() / wanted)


def recall_at(pictures: Sequence[FoundIn], min_score: float, *, min_iou: float = 0.5) -> float:
    """Return the share of wanted boxes that were found with such a score."""
    hits = sum(
        int(right[scores >= min_score].sum()) for scores, right in (_judge(picture, min_iou) for picture in pictures)
    )
    return hits / max(1, sum(int(picture.wanted.sum()) for picture in pictures))


def _judge(picture: FoundIn, min_iou: float) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Return the scores of what counts, best first, and whether each is the first to find a wanted box."""
    order = np.argsort(-picture.scores, kind="stable")
    overlap = iou(picture.found[order], picture.true)
    free = np.ones(len(picture.true), dtype=np.bool_)
    kept, right = [], []
    for row in range(len(order)):
        match = _match(overlap[row], free & picture.wanted, min_iou)
        if match is not None:
            free[match] = False
        elif _match(overlap[row], ~picture.wanted, min_iou) is not None:
            continue
        kept.append(order[row])
        right.append(match is not None)
    return picture.scores[np.array(kept, dtype=int)], np.array(right, dtype=np.bool_)


def _match(overlap: npt.NDArray[np.float64], among: npt.NDArray[np.bool_], min_iou: float) -> int | None:
    if not among.any():
        return None
    best = int(np.argmax(np.where(among, overlap, -1.0)))
    return best if overlap[best] >= min_iou else None
