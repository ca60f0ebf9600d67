"""Measure how well the llrs of same plates separate from those of other plates and of twins of one character."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from reid.arrays import Flags, Floats, Ints, Rows
from reid.evaluation.intervals import RESAMPLES, Figure
from reid.plates.fusion import fused_llr
from reid.plates.likelihood import text_llrs
from reid.plates.rectify import Quad
from reid.plates.verify import PlateAppearance, Verifier, corners_of
from reid.render.number_plates.plates import draw, make_plate, twin
from reid.render.number_plates.views import PlateView, draw_wear, view, worn
from reid.vehicle import Image, Plate

LEVELS = ((40, 0), (24, 1), (16, 1), (12, 1), (12, 2), (10, 2), (8, 2))
"""Height in pixels and severity at which plates are compared."""

TWIN_SHARE = 0.02
"""Share of twins, which differ in one character, among other plates: fleets have plates of one series."""

_VIEWS = 5
FALSE_RATE = 0.01
_AT_ONCE = 50
"""Resamples computed together; more would not fit the processor's cache."""


@dataclass(frozen=True, slots=True)
class PlatePairs:
    """Views of plates and of their twins, and pairs of these views.

    `same`, `other` and `twins` are (2, n) rows of `views`; views 10 i to 10 i + 4 show plate i, the next five its twin.
    """

    views: tuple[PlateView, ...]
    texts: tuple[str, ...]
    same: Rows
    other: Rows
    twins: Rows

    @property
    def plates(self) -> int:
        """Return the number of plates, without twins."""
        return len(self.views) // (2 * _VIEWS)


@dataclass(frozen=True, slots=True)
class ComparisonMethods:
    """The models that compare plates: the verifier by appearance, `read` by text; None for appearance alone."""

    verifier: Verifier
    read: Callable[[Sequence[tuple[Image, Quad]]], Sequence[Plate]] | None = None


@dataclass(frozen=True, slots=True)
class LlrsByKind:
    """The llrs of all pairs, in their order; 0 where a method has no evidence."""

    same: Floats
    other: Floats
    twins: Floats


@dataclass(frozen=True, slots=True)
class Separation:
    """How well the llrs of same pairs separate from one kind of different ones.

    `tpr` is at FALSE_RATE false positives; `error` is the balanced error of accepting llrs above 0.
    """

    auc: Figure
    tpr: Figure
    error: Figure
    negatives: int


@dataclass(frozen=True, slots=True)
class MethodScore:
    """The separation of one method, "looks", "text" or "both", against other plates and against twins."""

    method: str
    other: Separation
    twins: Separation
    llrs: LlrsByKind

    def probabilities(self) -> tuple[Floats, Flags]:
        """Return probabilities at even prior and the truth, of equally many same and different pairs.

        TWIN_SHARE of the different ones are twins, as in the calibration.
        """
        twins = round(TWIN_SHARE * len(self.llrs.same))
        different = np.concatenate([self.llrs.other[: len(self.llrs.same) - twins], self.llrs.twins[:twins]])
        llrs = np.concatenate([self.llrs.same, different])
        return 1 / (1 + np.exp(-llrs)), np.arange(len(llrs)) < len(self.llrs.same)


def draw_pairs(plates: int, height_px: float, severity: int, *, seed: int) -> PlatePairs:
    """Draw held-out plates of any layout, from `seed` and the seeds after it.

    Each plate and its twin have five views each: 25 pairs with the twin, and as many with the plates before it.
    """
    views, texts = [], []
    for number in range(plates):
        rng = np.random.default_rng([seed + number, 61])
        vehicle_type = "motorcycle" if rng.random() < 0.2 else "car"
        plate = make_plate(seed + number, vehicle_type=vehicle_type, state="clean")
        changed = twin(plate, seed + number)
        wear = draw_wear(rng)
        for design in (plate, changed):
            drawn = worn(draw(design), wear)
            views += [view(drawn, rng, height_px, severity) for _ in range(_VIEWS)]
            texts += [design.text] * _VIEWS
    return PlatePairs(tuple(views), tuple(texts), *_rows(plates))


def true_corners(seen: PlateView) -> Quad:
    """Return the plate's true corners."""
    return seen.corners


def measure_methods(
    pairs: PlatePairs, methods: ComparisonMethods, place: Callable[[PlateView], Quad] = true_corners
) -> list[MethodScore]:
    """Score appearance, text, and both on the pairs; `place` locates the plate in its picture."""
    located = [(seen.image, place(seen)) for seen in pairs.views]
    kinds = (pairs.same, pairs.other, pairs.twins)
    features = _features(methods.verifier, located)
    by_appearance = [_appearance_llrs(methods.verifier, features, rows) for rows in kinds]
    found = {"looks": LlrsByKind(*by_appearance)}
    if methods.read is not None:
        plates = methods.read(located)
        by_text = [_text_llr(plates, rows) for rows in kinds]
        found["text"] = LlrsByKind(*(np.nan_to_num(text) for text in by_text))
        found["both"] = LlrsByKind(*(fused_llr(text, seen) for text, seen in zip(by_text, by_appearance, strict=True)))
    return [_score(name, llrs, pairs.plates) for name, llrs in found.items()]


def measure_separation(same: Floats, different: Floats, plates: int, *, seed: int = 0) -> Separation:
    """Return the separation of llrs; pair k of either kind belongs to plate k % plates.

    Intervals resample plates, each with all of its pairs.
    """
    pairs = _SortedPairs.of(same, different, plates)
    draws = np.random.default_rng(seed).multinomial(plates, np.full(plates, 1 / plates), RESAMPLES)
    values = pairs.figures(np.ones((1, plates), np.int64))[0]
    parts = [pairs.figures(draws[start : start + _AT_ONCE]) for start in range(0, RESAMPLES, _AT_ONCE)]
    low, high = np.nanquantile(np.concatenate(parts), (0.025, 0.975), axis=0)
    auc, tpr, error = (Figure(float(values[k]), float(low[k]), float(high[k])) for k in range(3))
    return Separation(auc, tpr, error, len(different))


@dataclass(frozen=True, slots=True)
class _SortedPairs:
    """Pairs sorted by falling llr: their plate, whether they are same, and where runs of equal llrs end."""

    plate: Ints
    same: Flags
    ends: Ints
    yes: int

    @classmethod
    def of(cls, same: Floats, different: Floats, plates: int) -> "_SortedPairs":
        llrs = np.concatenate([same, different])
        plate = np.concatenate([np.arange(len(same)), np.arange(len(different))]) % plates
        order = np.argsort(-llrs, kind="stable")
        ends = np.append(np.flatnonzero(np.diff(llrs[order])), len(llrs) - 1)
        return cls(plate[order], (np.arange(len(llrs)) < len(same))[order], ends, int((llrs > 0).sum()))

    def figures(self, draws: Ints) -> Floats:
        """Return (n, 3): AUC, true rate and balanced error, with each plate weighted by its number of draws."""
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


def _score(name: str, found: LlrsByKind, plates: int) -> MethodScore:
    other, twins = (measure_separation(found.same, different, plates) for different in (found.other, found.twins))
    return MethodScore(name, other, twins, found)


def _features(verifier: Verifier, located: Sequence[tuple[Image, Quad]]) -> PlateAppearance:
    return verifier.appearance([(image, corners_of(quad)) for image, quad in located])


def _appearance_llrs(verifier: Verifier, features: PlateAppearance, rows: Rows) -> Floats:
    return verifier.llr(features.take(rows[0]), features.take(rows[1]))


def _text_llr(plates: Sequence[Plate], rows: Rows) -> Floats:
    """Return the text llrs of pairs; NaN if either could not be read."""
    llrs = np.full(rows.shape[1], np.nan)
    for first in np.unique(rows[0]):
        places = np.flatnonzero(rows[0] == first)
        llrs[places] = text_llrs(plates[first], [plates[other] for other in rows[1, places]])
    return llrs


def _rows(plates: int) -> tuple[Rows, Rows, Rows]:
    """Return rows of same, other and twin pairs; pair k belongs to plate k modulo `plates`."""
    start = 2 * _VIEWS * np.arange(plates)
    before = np.roll(start, 1)
    places = [(i, j) for i in range(_VIEWS) for j in range(_VIEWS)]
    same = [(start + i, start + j) for i, j in places if i < j]
    other = [(start + i, np.roll(before, i) + j) for i, j in places]
    twins = [(start + i, start + _VIEWS + j) for i, j in places]
    return _joined(same), _joined(other), _joined(twins)


def _joined(pairs: list[tuple[Rows, Rows]]) -> Rows:
    return np.stack([np.concatenate([one for one, _ in pairs]), np.concatenate([other for _, other in pairs])])
