"""Calibrate similarities to log-likelihood ratios, for all views or by view, check them, and draw the reliability."""

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from reid.arrays import Flags, Floats, Ints
from reid.errors import SeeingError
from reid.evaluation.metrics import brier, calibration_error
from reid.evaluation.protocols import Labelled
from reid.vehicle import Image

_RIDGE = 1e-3
_NEWTON_STEPS = 50
VIEWS: Mapping[str, tuple[float, float]] = {"same view": (0, 60), "side view": (60, 120), "other view": (120, 181)}
"""Name -> range of the difference of headings in degrees."""

ALL_VIEWS = "all views"
OTHERS_PER_SAME = 10
"""Pairs of different vehicles drawn for each same pair; more would not change the fit."""

FOLDS = 5
BINS = 15
_SIDE_PX, _MARGIN_PX = 360, 56
_GREY, _BLUE, _INK = (205, 205, 205), (36, 96, 180), (40, 40, 40)


@dataclass(frozen=True, slots=True)
class LlrScale:
    """llr = bias + per_similarity x similarity, natural logarithm, same vehicle against another vehicle."""

    bias: float
    per_similarity: float

    def llr(self, similarity: Floats) -> Floats:
        """Return the llrs of similarities."""
        return self.bias + self.per_similarity * similarity

    def probability(self, similarity: Floats) -> Floats:
        """Return the probability of the same vehicle at even prior."""
        return np.asarray(1 / (1 + np.exp(-np.clip(self.llr(similarity), -50, 50))))


@dataclass(frozen=True, slots=True)
class CalibrationCheck:
    """The errors of probabilities at even prior, on vehicles that the scale was not fitted on."""

    error: float
    brier: float
    brier_base: float
    pairs: int


def fit_scale(similarity: Floats, same: Flags) -> LlrScale:
    """Fit the scale by logistic regression; same and different pairs have equal total weight."""
    if same.all() or not same.any():
        raise SeeingError(f"{int(same.sum())} of {len(same)} pairs are the same vehicle: a scale needs both kinds")
    weight = np.where(same, 0.5 / same.sum(), 0.5 / (~same).sum())
    inputs = np.stack([np.ones(len(similarity)), similarity], axis=1)
    chosen = np.zeros(2)
    # Newton's method; the ridge keeps the loss strictly convex where the two kinds do not overlap
    for _ in range(_NEWTON_STEPS):
        probability = 1 / (1 + np.exp(-np.clip(inputs @ chosen, -50, 50)))
        slope = inputs.T @ (weight * (probability - same)) + _RIDGE * np.array([0, chosen[1]]) / len(same)
        curve = (inputs * (weight * probability * (1 - probability))[:, None]).T @ inputs + 1e-6 * np.eye(2)
        step = np.linalg.solve(curve, slope)
        chosen = chosen - step / max(1.0, float(np.abs(step).max()) / 5)
    return LlrScale(float(chosen[0]), float(chosen[1]))


def check_scale(similarity: Floats, *, folds: int = 5, seed: int = 0) -> CalibrationCheck:
    """Cross-validate the scale: fit on the vehicles of all folds but one, predict pairs within that one.

    `similarity` is (n, n): vehicle i on one camera, vehicle j on the other. Each same pair is matched with a random
    different one, so that the base rate is a half.
    """
    rng = np.random.default_rng(seed)
    fold = rng.permutation(np.arange(len(similarity)) % folds)
    predicted, true = [], []
    for number in range(folds):
        held = np.flatnonzero(fold == number)
        rest = np.flatnonzero(fold != number)
        known = similarity[np.ix_(rest, rest)]
        scale = fit_scale(known.ravel(), np.eye(len(rest), dtype=np.bool_).ravel())
        other = np.array([rng.choice(np.delete(held, place)) for place in range(len(held))])
        predicted += [scale.probability(similarity[held, held]), scale.probability(similarity[held, other])]
        true += [np.ones(len(held), np.bool_), np.zeros(len(held), np.bool_)]
    probability, truth = np.concatenate(predicted), np.concatenate(true)
    base = float(np.mean(truth))
    return CalibrationCheck(
        calibration_error(probability, truth), brier(probability, truth), base * (1 - base), len(truth)
    )


@dataclass(frozen=True, slots=True)
class ImagePairs:
    """Pairs of pictures on different cameras; arrays are (n,), `fold` is -1 if the two vehicles are in two folds."""

    similarity: Floats
    same: Flags
    turn_deg: Floats
    fold: Ints

    def take(self, rows: Flags) -> "ImagePairs":
        """Return the pairs of these rows."""
        return ImagePairs(self.similarity[rows], self.same[rows], self.turn_deg[rows], self.fold[rows])

    def of_view(self, view: str) -> "ImagePairs":
        """Return the pairs of one view difference."""
        low, high = VIEWS.get(view, (0, 181))
        return self.take((self.turn_deg >= low) & (self.turn_deg < high))


@dataclass(frozen=True, slots=True)
class ViewCalibration:
    """The scale fitted on all pairs, its cross-validated errors, and the held-out probabilities with the truth."""

    scale: LlrScale
    check: CalibrationCheck
    probability: Floats
    true: Flags


def draw_image_pairs(seen: Labelled, heading_deg: npt.NDArray[np.floating], *, seed: int = 0) -> ImagePairs:
    """Return all same pairs, and for each of them a few random different pairs."""
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
    return ImagePairs(similarity, same[rows], turn, fold)


def calibrate(pairs: ImagePairs, *, seed: int = 0) -> ViewCalibration:
    """Cross-validate the scale: fit on the vehicles of all folds but one, predict the pairs within that one.

    Probabilities are at even prior: each same pair is matched with a random different one.
    """
    rng = np.random.default_rng(seed)
    predicted, true = [], []
    for number in range(FOLDS):
        held = pairs.take(pairs.fold == number)
        if not held.same.any() or held.same.all():
            continue
        rest = pairs.take((pairs.fold != number) & (pairs.fold >= 0))
        scale = fit_scale(rest.similarity, rest.same)
        count = int(min(held.same.sum(), (~held.same).sum()))
        for kind in (True, False):
            drawn = rng.choice(np.flatnonzero(held.same == kind), count, replace=False)
            predicted.append(scale.probability(held.similarity[drawn]))
            true.append(np.full(count, kind))
    probability, truth = np.concatenate(predicted), np.concatenate(true)
    base = float(truth.mean())
    check = CalibrationCheck(
        calibration_error(probability, truth), brier(probability, truth), base * (1 - base), len(truth)
    )
    return ViewCalibration(fit_scale(pairs.similarity, pairs.same), check, probability, truth)


def calibrate_by_view(pairs: ImagePairs) -> dict[str, ViewCalibration]:
    """Return the calibration of one scale for all views, and of one scale for each view."""
    return {view: calibrate(pairs.of_view(view)) for view in (ALL_VIEWS, *VIEWS)}


def reliability_diagram(probabilities: Floats, truth: Flags, title: str) -> Image:
    """Return a reliability diagram: mean probability (across) and true share (up) of BINS bins of equal mass.

    A bar spans the 95 % interval of the share (Wilson, 1927); calibrated probabilities lie on the diagonal.
    """
    side = _SIDE_PX + 2 * _MARGIN_PX
    canvas = np.full((side, side, 3), 255, np.uint8)
    _axes(canvas, title)
    order = np.argsort(probabilities, kind="stable")
    for rows in np.array_split(order, min(BINS, len(order))):
        predicted, true = float(probabilities[rows].mean()), float(truth[rows].mean())
        low, high = _wilson(true, len(rows))
        cv2.line(canvas, _place(predicted, low), _place(predicted, high), _BLUE, 1, cv2.LINE_AA)
        cv2.circle(canvas, _place(predicted, true), 4, _BLUE, -1, cv2.LINE_AA)
    return canvas


def _axes(canvas: Image, title: str) -> None:
    for tick in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
        cv2.line(canvas, _place(tick, 0), _place(tick, 1), _GREY, 1)
        cv2.line(canvas, _place(0, tick), _place(1, tick), _GREY, 1)
        x, y = _place(tick, 0)
        _write(canvas, f"{tick:.1f}", (x - 11, y + 18))
        x, y = _place(0, tick)
        _write(canvas, f"{tick:.1f}", (x - 32, y + 4))
    cv2.line(canvas, _place(0, 0), _place(1, 1), _INK, 1, cv2.LINE_AA)
    _write(canvas, title, (_MARGIN_PX, _MARGIN_PX - 24))
    _write(
        canvas, "across: probability that was given; up: share that is true", (_MARGIN_PX - 20, canvas.shape[0] - 14)
    )


def _place(x: float, y: float) -> tuple[int, int]:
    return round(_MARGIN_PX + x * _SIDE_PX), round(_MARGIN_PX + (1 - y) * _SIDE_PX)


def _write(canvas: Image, words: str, place: tuple[int, int]) -> None:
    cv2.putText(canvas, words, place, cv2.FONT_HERSHEY_SIMPLEX, 0.4, _INK, 1, cv2.LINE_AA)


def _wilson(share: float, count: int) -> tuple[float, float]:
    z = 1.96
    middle = share + z * z / (2 * count)
    reach = z * np.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return float((middle - reach) / (1 + z * z / count)), float((middle + reach) / (1 + z * z / count))
