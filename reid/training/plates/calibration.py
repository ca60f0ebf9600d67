"""Fit what plate evidence is worth on held-out plates: verifier calibration, fusion weights and reader confusion."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import onnx
from scipy.optimize import LinearConstraint, minimize

from reid.arrays import Flags, Floats, Rows
from reid.evaluation.plate_verification import ReadPlate
from reid.plates.curves import Curve, Curves
from reid.plates.fusion import FusionWeights
from reid.plates.likelihood import Confusion, edit_alignment, text_llrs
from reid.plates.rectify import MARGIN, Quad, quad_size, rectified
from reid.plates.spelling import CHARACTERS, Spelling
from reid.plates.twins import TwinCurves
from reid.plates.verify import (
    CALIBRATION,
    PlateAppearance,
    SiameseNetwork,
    Verifier,
    VerifierCalibration,
    as_document,
    corners_of,
    height_quality,
    pair_quality,
)
from reid.training.plates.verifier_samples import HeldOutPlatePairs, draw_held_out_pairs
from reid.vehicle import Image
from reid.weights import Weights

BANDS, POINTS = 8, 12
SHARPNESS_WEIGHTS = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0)
SURE_FROM = (4.0, 6.0, 8.0)
"""Candidate text llrs from which a reading counts as sure; a clearly read plate of seven characters has about 8."""

_RIDGE = 0.0005
"""Pulls the weights towards their default: text 1, appearance 1 where the reading is unsure and 0 where it is sure."""

_BELIEVED = np.array([1.0, 1.0, 1.0, 0.0])
_READING_RULES = LinearConstraint(np.array([[0.0, 0.0, 1.0, -1.0]]), 0.0, np.inf)
"""Where both plates were surely read, appearance weighs no more than text. Fitted freely on drawn plates it would:
these have no other light or lens than those that the verifier was trained on."""

_ROUNDS = 60
_COLUMN = {character: column for column, character in enumerate(CHARACTERS)}


@dataclass(frozen=True, slots=True)
class ScoredPairs:
    """Pairs of plate views with the network's scores, their picture quality, their weights, and the truth."""

    scores: Floats
    cosines: Floats
    heights_px: Floats
    sharpness: Floats
    same: Flags
    weights: Floats

    def taken(self, rows: Rows) -> "ScoredPairs":
        """Return some of the pairs."""
        return ScoredPairs(
            self.scores[rows], self.cosines[rows], self.heights_px[:, rows], self.sharpness[:, rows],
            self.same[rows], self.weights[rows],
        )  # fmt: skip

    def quality(self, sharpness_weight: float) -> Floats:
        """Return the picture quality of each pair, in doublings of plate height."""
        sides = height_quality(self.heights_px) + sharpness_weight * self.sharpness
        return pair_quality(sides[0], sides[1])


def calibrate_verifier(weights: Weights, *, groups: int, seed: int) -> VerifierCalibration:
    """Calibrate a verifier on plates drawn from `seed`, write the calibration into its file, and return it."""
    calibration = fit_calibration(score_held_out_pairs(SiameseNetwork(weights), groups=groups, seed=seed))
    model = onnx.load(weights.path)
    onnx.helper.set_model_props(model, {CALIBRATION: json.dumps(as_document(calibration))})
    onnx.save(model, weights.path)
    return calibration


def score_held_out_pairs(network: SiameseNetwork, *, groups: int, seed: int) -> ScoredPairs:
    """Score pairs of plates drawn from `seed`."""
    pairs = draw_held_out_pairs(groups, seed=seed)
    return _scored(network, pairs, np.arange(len(pairs.same)))


def fit_twin_curves(network: SiameseNetwork, *, groups: int, seed: int) -> TwinCurves:
    """Return what a verifier's scores are worth against plates that differ in one character, on plates from `seed`."""
    pairs = draw_held_out_pairs(groups, seed=seed)
    scored = _scored(network, pairs, np.flatnonzero(pairs.same | pairs.twins))
    even = np.where(scored.same, 0.5 / scored.same.sum(), 0.5 / (~scored.same).sum())
    quality = scored.quality(network.calibration().sharpness_weight)
    return TwinCurves(network.weights.model_id, _curves(scored.scores, quality, replace(scored, weights=even)))


def _scored(network: SiameseNetwork, pairs: HeldOutPlatePairs, rows: Rows) -> ScoredPairs:
    """Return some of the pairs with their scores."""
    features = _features(network, pairs.shown)
    one, other = features.take(pairs.first[rows]), features.take(pairs.second[rows])
    return ScoredPairs(
        network.scores(one, other),
        np.einsum("nd,nd->n", one.vectors, other.vectors).astype(float),
        np.stack([one.heights_px, other.heights_px]).astype(float),
        np.stack([one.sharpness, other.sharpness]).astype(float),
        pairs.same[rows],
        pairs.weights[rows],
    )


def fit_calibration(pairs: ScoredPairs) -> VerifierCalibration:
    """Return the calibration with the sharpness weight of least loss on pairs that it was not fitted on."""
    half = np.arange(len(pairs.scores)) % 2 == 0
    there, here = pairs.taken(np.flatnonzero(half)), pairs.taken(np.flatnonzero(~half))
    loss = {weight: _loss(_curves(there.scores, there.quality(weight), there), here, weight) for weight in
            SHARPNESS_WEIGHTS}  # fmt: skip
    best = min(loss, key=loss.__getitem__)
    return VerifierCalibration(
        _curves(pairs.scores, pairs.quality(best), pairs), _curves(pairs.cosines, pairs.quality(0.0), pairs), best
    )


@dataclass(frozen=True, slots=True)
class PairLlrs:
    """Text and appearance llrs of pairs that were read in both pictures, their weights, and the truth."""

    text: Floats
    looks: Floats
    same: Flags
    weights: Floats


def held_out_llrs(verifier: Verifier, read: ReadPlate, *, groups: int, seed: int) -> PairLlrs:
    """Return the llrs of pairs of plates drawn from `seed`, as far as both pictures were read."""
    pairs = draw_held_out_pairs(groups, seed=seed)
    features = verifier.appearance([(image, corners_of(quad)) for image, quad in pairs.shown])
    by_appearance = verifier.llr(features.take(pairs.first), features.take(pairs.second))
    plates = [read(image, quad) for image, quad in pairs.shown]
    by_text = np.array(
        [text_llrs(plates[one], [plates[other]])[0] for one, other in zip(pairs.first, pairs.second, strict=True)]
    )
    known = ~np.isnan(by_text)
    return PairLlrs(by_text[known], by_appearance[known], pairs.same[known], pairs.weights[known])


def fit_fusion(pairs: PairLlrs) -> FusionWeights:
    """Return the fusion weights of least loss: a logistic regression for each candidate of SURE_FROM."""
    fits = {sure: _fit_weights(pairs, sure) for sure in SURE_FROM}
    best = min(fits, key=lambda sure: fits[sure][1])
    text_unsure, looks_unsure, text_sure, looks_sure = (round(float(one), 4) for one in fits[best][0])
    return FusionWeights(best, text_unsure, looks_unsure, text_sure, looks_sure)


@dataclass(frozen=True, slots=True)
class ConfusionPrior:
    """Prior counts of a character being read as itself, and as any other one."""

    itself: float = 20.0
    other: float = 0.002


def fit_confusion(readings: Iterable[tuple[Spelling, str]], prior: ConfusionPrior | None = None) -> Confusion:
    """Return the confusion table and error rates that make the true texts of readings most probable."""
    prior = prior or ConfusionPrior()
    pairs: list[tuple[Mapping[str, float], str]] = []
    missed = extra = places = 0
    for spelling, truth in readings:
        aligned = edit_alignment(spelling.text, truth)
        pairs += [(spelling.characters[i], truth[j]) for i, j in aligned if i is not None and j is not None]
        missed += sum(i is None for i, _ in aligned)
        extra += sum(j is None for _, j in aligned)
        places += len(truth)
    stands_for = _fit_table(pairs, prior)
    return Confusion(stands_for, (missed + 1) / (places + 2), (extra + 1) / (places + 2))


def _features(network: SiameseNetwork, shown: Sequence[tuple[Image, Quad]]) -> PlateAppearance:
    size = network.weights.card.picture.width_px, network.weights.card.picture.height_px
    flat = [rectified(image, corners, *size, MARGIN) for image, corners in shown]
    return network.appearance(flat, np.array([quad_size(corners)[1] for _, corners in shown], np.float32))


def _curves(scores: Floats, quality: Floats, pairs: ScoredPairs) -> Curves:
    """Return one curve for each band of quality; bands hold equally many pairs."""
    rows = np.array_split(np.argsort(quality, kind="stable"), BANDS)
    return Curves(
        tuple(round(float(quality[row].mean()), 4) for row in rows),
        tuple(_curve(scores[row], pairs.same[row], pairs.weights[row]) for row in rows),
    )


def _curve(scores: Floats, same: Flags, weights: Floats) -> Curve:
    """Return the llr of a score, same plate against another, as a curve that never falls.

    Scores are put into bins of equal weight; neighbours that would fall are pooled (Ayer et al., 1955). Half a pair of
    each kind is added to every bin, so that few pairs give moderate values.
    """
    order = np.argsort(scores, kind="stable")
    scores, same, weights = scores[order], same[order], weights[order]
    place = np.cumsum(weights) - weights / 2
    bins = np.minimum((place / weights.sum() * POINTS).astype(int), POINTS - 1)
    pools: list[Floats] = []
    for number in np.unique(bins):
        row = bins == number
        held = weights[row]
        pools.append(np.array([held[same[row]].sum(), held[~same[row]].sum(), (held * scores[row]).sum()]))
        while len(pools) > 1 and pools[-2][0] * pools[-1][1] >= pools[-1][0] * pools[-2][1]:
            last = pools.pop()
            pools[-1] = pools[-1] + last
    whole = weights[same].sum(), weights[~same].sum()
    half = 0.5 / same.sum(), 0.5 / (~same).sum()
    llrs = [np.log((one[0] / whole[0] + half[0]) / (one[1] / whole[1] + half[1])) for one in pools]
    return Curve(
        tuple(round(float(one[2] / (one[0] + one[1])), 4) for one in pools), tuple(round(float(r), 4) for r in llrs)
    )


def _loss(curves: Curves, pairs: ScoredPairs, sharpness_weight: float) -> float:
    """Return the mean logarithmic loss of the curves at even prior."""
    llr = curves.at(pairs.scores, pairs.quality(sharpness_weight))
    surprise = np.logaddexp(0.0, np.where(pairs.same, -llr, llr))
    return float((pairs.weights * surprise).sum() / pairs.weights.sum())


def _fit_weights(pairs: PairLlrs, sure: float) -> tuple[Floats, float]:
    """Return non-negative weights, with appearance at most as heavy as a sure text, and the mean logarithmic loss.

    The ridge term keeps the problem strictly convex.
    """
    share = np.clip(np.abs(pairs.text) / sure, 0.0, 1.0)
    inputs = np.stack(
        [(1 - share) * pairs.text, (1 - share) * pairs.looks, share * pairs.text, share * pairs.looks], axis=1
    )
    weight = pairs.weights / pairs.weights.sum()

    def loss(chosen: Floats) -> tuple[float, Floats]:
        llr = inputs @ chosen
        surprise = np.logaddexp(0.0, np.where(pairs.same, -llr, llr))
        slope = inputs.T @ (weight * (1 / (1 + np.exp(-np.clip(llr, -50, 50))) - pairs.same))
        away = chosen - _BELIEVED
        return float(weight @ surprise + 0.5 * _RIDGE * away @ away), slope + _RIDGE * away

    found = minimize(
        loss, _BELIEVED, jac=True, method="SLSQP", bounds=[(0.0, None)] * len(_BELIEVED), constraints=[_READING_RULES]
    )
    return np.asarray(found.x, np.float64), float(found.fun)


def _fit_table(pairs: Sequence[tuple[Mapping[str, float], str]], prior: ConfusionPrior) -> Floats:
    """Fit the table (read, true) by expectation maximisation.

    The reader's own probabilities explain most of its mistakes; the table holds only the confusions beyond them.
    """
    count = len(CHARACTERS)
    read_as = np.zeros((len(pairs), count))
    true = np.array([_COLUMN[truth] for _, truth in pairs], np.int64)
    for row, (characters, _) in enumerate(pairs):
        for character, probability in characters.items():
            read_as[row, _COLUMN[character]] = probability
    before = prior.itself * np.eye(count) + prior.other
    table = before / before.sum(axis=1, keepdims=True)
    for _ in range(_ROUNDS):
        share = read_as * table[:, true].T
        share /= np.maximum(share.sum(axis=1, keepdims=True), 1e-12)
        counts = before.copy()
        np.add.at(counts.T, true, share)
        table = counts / counts.sum(axis=1, keepdims=True)
    return np.asarray(table, np.float64)
