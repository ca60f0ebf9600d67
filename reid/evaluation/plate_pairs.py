"""Measure how well pairs of plates are told apart: against other plates, and against twins of one character."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reid.evaluation.separation import Told, told_apart
from reid.plates.fusion import fused_llr
from reid.plates.likelihood import text_llrs
from reid.plates.looks import PlateLooks, Verifier, corners_of
from reid.plates.rectify import Quad
from reid.render.number_plates.plates import draw, make_plate, twin
from reid.render.number_plates.views import PlateView, draw_wear, view, worn
from reid.vehicle import Image, Plate

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.intp]

LEVELS = ((40, 0), (24, 1), (16, 1), (12, 1), (12, 2), (10, 2), (8, 2))
"""Height in pixels and severity at which plates are compared."""
TWIN_SHARE = 0.02
"""Share of other plates that differ in one character: fleets and neighbours have plates of one series."""
_VIEWS = 5


@dataclass(frozen=True, slots=True)
class PlatePairs:
    """Views of plates and of their twins, and which of them make pairs.

    `same`, `other` and `twins` are (2, n) rows of `views`; plate i is that of the views 10 i to 10 i + 9, of which the
    last five show its twin.
    """

    views: tuple[PlateView, ...]
    texts: tuple[str, ...]
    same: Rows
    other: Rows
    twins: Rows

    @property
    def plates(self) -> int:
        """Return how many plates there are, twins apart."""
        return len(self.views) // (2 * _VIEWS)


@dataclass(frozen=True, slots=True)
class Methods:
    """What compares plates: by their looks, and by what `read` makes of pictures and corners; None for looks alone."""

    verifier: Verifier
    read: Callable[[Sequence[tuple[Image, Quad]]], Sequence[Plate]] | None = None


@dataclass(frozen=True, slots=True)
class PairRatios:
    """The ratios of all pairs, in their order; 0 where a method has nothing to say."""

    same: Floats
    other: Floats
    twins: Floats


@dataclass(frozen=True, slots=True)
class Measured:
    """What one method, "looks", "text" or "both", is worth against other plates and against twins."""

    method: str
    other: Told
    twins: Told
    ratios: PairRatios

    def probabilities(self) -> tuple[Floats, Flags]:
        """Return probabilities at even prior and the truth, of as many same as different pairs.

        Of the different ones TWIN_SHARE are twins, as often as the calibration expects them.
        """
        twins = round(TWIN_SHARE * len(self.ratios.same))
        different = np.concatenate([self.ratios.other[: len(self.ratios.same) - twins], self.ratios.twins[:twins]])
        ratios = np.concatenate([self.ratios.same, different])
        return 1 / (1 + np.exp(-ratios)), np.arange(len(ratios)) < len(self.ratios.same)


def draw_pairs(plates: int, height_px: float, severity: int, *, seed: int) -> PlatePairs:
    """Draw plates of any layout that nobody has seen; `seed` and those after it are theirs.

    Each plate has five views, its twin of one character too: 25 pairs with the twin, and as many with the plates before
    it in the row.
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
    """Return where the plate is, as the renderer knows."""
    return seen.corners


def measure(pairs: PlatePairs, methods: Methods, place: Callable[[PlateView], Quad] = true_corners) -> list[Measured]:
    """Return how well looks, reading, and both tell the pairs apart; `place` says where a plate is in its picture."""
    located = [(seen.image, place(seen)) for seen in pairs.views]
    kinds = (pairs.same, pairs.other, pairs.twins)
    looks = _looked_at(methods.verifier, located)
    by_looks = [_looks_llr(methods.verifier, looks, rows) for rows in kinds]
    found = {"looks": PairRatios(*by_looks)}
    if methods.read is not None:
        plates = methods.read(located)
        by_text = [_text_llr(plates, rows) for rows in kinds]
        found["text"] = PairRatios(*(np.nan_to_num(text) for text in by_text))
        found["both"] = PairRatios(*(fused_llr(text, seen) for text, seen in zip(by_text, by_looks, strict=True)))
    return [_measured(name, ratios, pairs.plates) for name, ratios in found.items()]


def _measured(name: str, found: PairRatios, plates: int) -> Measured:
    other, twins = (told_apart(found.same, different, plates) for different in (found.other, found.twins))
    return Measured(name, other, twins, found)


def _looked_at(verifier: Verifier, located: Sequence[tuple[Image, Quad]]) -> PlateLooks:
    return verifier.look([(image, corners_of(quad)) for image, quad in located])


def _looks_llr(verifier: Verifier, looks: PlateLooks, rows: Rows) -> Floats:
    return verifier.llr(looks.taken(rows[0]), looks.taken(rows[1]))


def _text_llr(plates: Sequence[Plate], rows: Rows) -> Floats:
    """Return the ratios of pairs of readings; NaN where either could not be read."""
    ratios = np.full(rows.shape[1], np.nan)
    for first in np.unique(rows[0]):
        places = np.flatnonzero(rows[0] == first)
        ratios[places] = text_llrs(plates[first], [plates[other] for other in rows[1, places]])
    return ratios


def _rows(plates: int) -> tuple[Rows, Rows, Rows]:
    """Return rows of same, other and twin pairs; pair k is one of plate k modulo `plates`."""
    start = 2 * _VIEWS * np.arange(plates)
    before = np.roll(start, 1)
    places = [(i, j) for i in range(_VIEWS) for j in range(_VIEWS)]
    same = [(start + i, start + j) for i, j in places if i < j]
    other = [(start + i, np.roll(before, i) + j) for i, j in places]
    twins = [(start + i, start + _VIEWS + j) for i, j in places]
    return _joined(same), _joined(other), _joined(twins)


def _joined(pairs: list[tuple[Rows, Rows]]) -> Rows:
    return np.stack([np.concatenate([one for one, _ in pairs]), np.concatenate([other for _, other in pairs])])
