"""Find out what the verifier's scores are worth, on plates that it has not seen."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import onnx

from reid.plates.calibration import Calibration, Curve, Curves, as_document, height_quality, pair_quality
from reid.plates.looks import Floats, PlateLooks
from reid.plates.rectify import MARGIN, Quad, quad_size, rectified
from reid.plates.verify import CALIBRATION, SiameseNetwork
from reid.training.plates.unseen_pairs import draw_unseen
from reid.vehicle import Image
from reid.weights import Weights

Flags = npt.NDArray[np.bool_]

BANDS, POINTS = 8, 12
SHARPNESS_WEIGHTS = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0)


@dataclass(frozen=True, slots=True)
class HeldOutPairs:
    """Pairs of views of plates: what the network makes of them, how well they are seen, what they weigh, the truth."""

    scores: Floats
    cosines: Floats
    heights_px: Floats
    sharpness: Floats
    same: Flags
    weights: Floats

    def taken(self, rows: npt.NDArray[np.intp]) -> "HeldOutPairs":
        """Return some of the pairs."""
        return HeldOutPairs(
            self.scores[rows], self.cosines[rows], self.heights_px[:, rows], self.sharpness[:, rows],
            self.same[rows], self.weights[rows],
        )  # fmt: skip

    def quality(self, sharpness_weight: float) -> Floats:
        """Return how well each pair is seen, in doublings of height."""
        sides = height_quality(self.heights_px) + sharpness_weight * self.sharpness
        return pair_quality(sides[0], sides[1])


def calibrate(weights: Weights, *, groups: int, seed: int) -> Calibration:
    """Calibrate a verifier on plates drawn from `seed`; write into its file what was found, and return it."""
    calibration = fit(held_out_pairs(SiameseNetwork(weights), groups=groups, seed=seed))
    model = onnx.load(weights.path)
    onnx.helper.set_model_props(model, {CALIBRATION: json.dumps(as_document(calibration))})
    onnx.save(model, weights.path)
    return calibration


def held_out_pairs(network: SiameseNetwork, *, groups: int, seed: int) -> HeldOutPairs:
    """Return what the network makes of pairs of plates that are drawn from `seed`."""
    pairs = draw_unseen(groups, seed=seed)
    looks = _looked_at(network, pairs.shown)
    one, other = looks.taken(pairs.first), looks.taken(pairs.second)
    return HeldOutPairs(
        network.scores(one, other),
        np.einsum("nd,nd->n", one.vectors, other.vectors).astype(float),
        np.stack([one.heights_px, other.heights_px]).astype(float),
        np.stack([one.sharpness, other.sharpness]).astype(float),
        pairs.same,
        pairs.weights,
    )


def fit(pairs: HeldOutPairs) -> Calibration:
    """Return the calibration under which pairs that it was not fitted on are least surprising."""
    half = np.arange(len(pairs.scores)) % 2 == 0
    there, here = pairs.taken(np.flatnonzero(half)), pairs.taken(np.flatnonzero(~half))
    loss = {weight: _loss(_curves(there.scores, there.quality(weight), there), here, weight) for weight in
            SHARPNESS_WEIGHTS}  # fmt: skip
    best = min(loss, key=loss.__getitem__)
    return Calibration(
        _curves(pairs.scores, pairs.quality(best), pairs), _curves(pairs.cosines, pairs.quality(0.0), pairs), best
    )


def _looked_at(network: SiameseNetwork, shown: Sequence[tuple[Image, Quad]]) -> PlateLooks:
    size = network.weights.card.picture.width_px, network.weights.card.picture.height_px
    flat = [rectified(image, corners, *size, MARGIN) for image, corners in shown]
    return network.look(flat, np.array([quad_size(corners)[1] for _, corners in shown], np.float32))


def _curves(scores: Floats, quality: Floats, pairs: HeldOutPairs) -> Curves:
    """Return a curve for each band of quality, of as many pairs each."""
    rows = np.array_split(np.argsort(quality, kind="stable"), BANDS)
    return Curves(
        tuple(round(float(quality[row].mean()), 4) for row in rows),
        tuple(_curve(scores[row], pairs.same[row], pairs.weights[row]) for row in rows),
    )


def _curve(scores: Floats, same: Flags, weights: Floats) -> Curve:
    """Return how many times likelier a score is for one plate than for two, never falling as the score rises.

    Scores are put into bins of equal weight; neighbours that would fall are pooled (Ayer et al., 1955). Each bin is
    taken to hold half a pair more of both kinds than it does, so that few pairs claim little.
    """
    order = np.argsort(scores, kind="stable")
    scores, same, weights = scores[order], same[order], weights[order]
    place = np.cumsum(weights) - weights / 2
    bins = np.minimum((place / weights.sum() * POINTS).astype(int), POINTS - 1)
    pools: list[npt.NDArray[np.float64]] = []
    for number in np.unique(bins):
        row = bins == number
        held = weights[row]
        pools.append(np.array([held[same[row]].sum(), held[~same[row]].sum(), (held * scores[row]).sum()]))
        while len(pools) > 1 and pools[-2][0] * pools[-1][1] >= pools[-1][0] * pools[-2][1]:
            last = pools.pop()
            pools[-1] = pools[-1] + last
    whole = weights[same].sum(), weights[~same].sum()
    half = 0.5 / same.sum(), 0.5 / (~same).sum()
    ratios = [np.log((one[0] / whole[0] + half[0]) / (one[1] / whole[1] + half[1])) for one in pools]
    return Curve(
        tuple(round(float(one[2] / (one[0] + one[1])), 4) for one in pools), tuple(round(float(r), 4) for r in ratios)
    )


def _loss(curves: Curves, pairs: HeldOutPairs, sharpness_weight: float) -> float:
    """Return how surprising the truth is under the curves: the mean logarithmic loss at even prior."""
    ratio = curves.at(pairs.scores, pairs.quality(sharpness_weight))
    surprise = np.logaddexp(0.0, np.where(pairs.same, -ratio, ratio))
    return float((pairs.weights * surprise).sum() / pairs.weights.sum())
