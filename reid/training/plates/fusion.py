"""Fit how much reading and looks count where a pair of plates has both."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import LinearConstraint, minimize

from reid.plates.fusion import FusionWeights
from reid.plates.likelihood import text_llrs
from reid.plates.looks import Verifier, corners_of
from reid.plates.rectify import Quad
from reid.training.plates.unseen_pairs import draw_unseen
from reid.vehicle import Image, Plate

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Read = Callable[[Image, Quad], Plate]

SURE_FROM = (4.0, 6.0, 8.0)
"""Ratios of texts that are tried as the start of sureness; a plate of seven characters, surely read, has about 8."""

_RIDGE = 0.0005
"""Pulls the weights towards believing each kind alone: text 1, looks 1 where unsure and 0 where sure."""
_BELIEVED = np.array([1.0, 1.0, 1.0, 0.0])

_READING_RULES = LinearConstraint(np.array([[0.0, 0.0, 1.0, -1.0]]), 0.0, np.inf)
"""Where both were surely read, looks count no more than text. Left to drawn plates they would: these know no other
light or lens than those that the verifier was trained on."""


@dataclass(frozen=True, slots=True)
class BothRatios:
    """Ratios of pairs that were read in both pictures, what the pairs weigh, and the truth."""

    text: Floats
    looks: Floats
    same: Flags
    weights: Floats


def both_ratios(verifier: Verifier, read: Read, *, groups: int, seed: int) -> BothRatios:
    """Return the ratios of pairs of plates that are drawn from `seed`, of those that were read in both pictures."""
    pairs = draw_unseen(groups, seed=seed)
    looks = verifier.look([(image, corners_of(quad)) for image, quad in pairs.shown])
    by_looks = verifier.llr(looks.taken(pairs.first), looks.taken(pairs.second))
    plates = [read(image, quad) for image, quad in pairs.shown]
    by_text = np.array(
        [text_llrs(plates[one], [plates[other]])[0] for one, other in zip(pairs.first, pairs.second, strict=True)]
    )
    known = ~np.isnan(by_text)
    return BothRatios(by_text[known], by_looks[known], pairs.same[known], pairs.weights[known])


def fit_fusion(pairs: BothRatios) -> FusionWeights:
    """Return the weights under which the truth is least surprising: logistic regression for each start of sureness."""
    fits = {sure: _fit(pairs, sure) for sure in SURE_FROM}
    best = min(fits, key=lambda sure: fits[sure][1])
    text_unsure, looks_unsure, text_sure, looks_sure = (round(float(one), 4) for one in fits[best][0])
    return FusionWeights(best, text_unsure, looks_unsure, text_sure, looks_sure)


def _fit(pairs: BothRatios, sure: float) -> tuple[Floats, float]:
    """Return the weights, none below 0 and looks no heavier than a sure text, and the mean logarithmic loss.

    A ridge keeps it convex.
    """
    share = np.clip(np.abs(pairs.text) / sure, 0.0, 1.0)
    inputs = np.stack(
        [(1 - share) * pairs.text, (1 - share) * pairs.looks, share * pairs.text, share * pairs.looks], axis=1
    )
    weight = pairs.weights / pairs.weights.sum()

    def loss(chosen: Floats) -> tuple[float, Floats]:
        ratio = inputs @ chosen
        surprise = np.logaddexp(0.0, np.where(pairs.same, -ratio, ratio))
        slope = inputs.T @ (weight * (1 / (1 + np.exp(-np.clip(ratio, -50, 50))) - pairs.same))
        away = chosen - _BELIEVED
        return float(weight @ surprise + 0.5 * _RIDGE * away @ away), slope + _RIDGE * away

    found = minimize(
        loss, _BELIEVED, jac=True, method="SLSQP", bounds=[(0.0, None)] * len(_BELIEVED), constraints=[_READING_RULES]
    )
    return np.asarray(found.x, np.float64), float(found.fun)
