"""Plate pairs separate by their llrs, and figures agree with a slow computation."""

from collections.abc import Sequence

import numpy as np
import pytest

from reid.arrays import Floats
from reid.evaluation.intervals import figure
from reid.evaluation.metrics import roc_auc, true_rate_at
from reid.evaluation.plate_pairs import (
    FALSE_RATE,
    ComparisonMethods,
    draw_pairs,
    measure_methods,
    measure_separation,
    true_corners,
)
from reid.plates.rectify import Quad, rectified
from reid.plates.verify import PlateAppearance
from reid.render.number_plates.views import PlateView
from reid.vehicle import Box, Corners, Image, Plate

PLATES = 6


class BySight:
    """A verifier that compares pixels."""

    model_id = "pixels"

    def appearance(self, plates: Sequence[tuple[Image, Corners]]) -> PlateAppearance:
        flat = [rectified(image, np.array(corners, np.float32), 64, 16).astype(np.float32) for image, corners in plates]
        vectors = np.stack([(one - one.mean()).ravel() / np.linalg.norm(one - one.mean()) for one in flat])
        count = np.zeros(len(plates), np.float32)
        return PlateAppearance(vectors, np.zeros((len(plates), 1), np.float16), count, count)

    def llr(self, first: PlateAppearance, second: PlateAppearance) -> Floats:
        return np.einsum("nd,nd->n", first.vectors, second.vectors).astype(np.float64) - 0.5

    def both_llrs(self, first: PlateAppearance, second: PlateAppearance) -> tuple[Floats, Floats]:
        return self.llr(first, second), self.llr(first, second)

    def coarse_llr(self, cosines: Floats, first_px: Floats, second_px: Floats) -> Floats:
        return cosines - 0.5


def test_pairs_are_same_other_or_twins() -> None:
    pairs = draw_pairs(PLATES, 20, 1, seed=4_000)
    assert pairs.plates == PLATES
    texts = np.array(pairs.texts)
    assert (texts[pairs.same[0]] == texts[pairs.same[1]]).all()
    assert (pairs.same[0] != pairs.same[1]).all()
    for one, other in zip(texts[pairs.twins[0]], texts[pairs.twins[1]], strict=True):
        assert sum(a != b for a, b in zip(one, other, strict=True)) == 1
    assert (texts[pairs.other[0]] != texts[pairs.other[1]]).all()
    assert pairs.other.shape == pairs.twins.shape == (2, 25 * PLATES)


def test_pair_k_is_of_plate_k() -> None:
    pairs = draw_pairs(PLATES, 20, 1, seed=4_000)
    for rows in (pairs.same, pairs.other, pairs.twins):
        assert (rows[0] // 10 == np.arange(rows.shape[1]) % PLATES).all()


def test_the_same_seed_draws_the_same_plates() -> None:
    first, second = (draw_pairs(2, 12, 2, seed=4_100) for _ in range(2))
    assert first.texts == second.texts
    assert all(np.array_equal(a.image, b.image) for a, b in zip(first.views, second.views, strict=True))


def test_a_perfect_reader_separates_all_pairs() -> None:
    pairs = draw_pairs(PLATES, 30, 0, seed=4_000)

    def read(located: object) -> list[Plate]:
        return [written(text) for text in pairs.texts]

    looks, text, both = measure_methods(pairs, ComparisonMethods(BySight(), read))
    assert [one.method for one in (looks, text, both)] == ["looks", "text", "both"]
    assert text.other.auc.value == text.twins.auc.value == 1
    assert text.twins.negatives == 25 * PLATES
    assert looks.other.auc.value is not None
    assert looks.other.auc.value > 0.7


def test_a_reader_that_reads_nothing_changes_no_llr() -> None:
    pairs = draw_pairs(PLATES, 30, 0, seed=4_000)
    looks, text, both = measure_methods(
        pairs, ComparisonMethods(BySight(), lambda located: [written("")] * len(located))
    )
    assert text.other.auc.value == 0.5
    assert both.other == looks.other


def test_a_bad_location_costs() -> None:
    pairs = draw_pairs(PLATES, 30, 0, seed=4_000)

    def beside(seen: PlateView) -> Quad:
        return seen.corners + np.float32(25) * np.random.default_rng(int(seen.image.sum())).normal(size=2).astype("f4")

    right, wrong = (measure_methods(pairs, ComparisonMethods(BySight()), place)[0] for place in (true_corners, beside))
    assert right.other.auc.value is not None
    assert wrong.other.auc.value is not None
    assert right.other.auc.value > wrong.other.auc.value


def written(text: str) -> Plate:
    characters = tuple({letter: 0.99} for letter in text if letter.isascii())
    return Plate(Box(0, 0, 1, 1), ((0, 0), (1, 0), (1, 1), (0, 1)), text or None, 0.9, characters)


PLATES = 40


@pytest.mark.parametrize("ties", [False, True])
def test_separation_and_intervals_agree_with_the_slow_computation(ties: bool) -> None:
    rng = np.random.default_rng(0)
    same, different = rng.normal(1.5, 1, 3 * PLATES), rng.normal(-1, 1, 5 * PLATES)
    if ties:
        same, different = np.round(same), np.round(different)
    told = measure_separation(same, different, PLATES)
    llrs, truth = np.concatenate([same, different]), np.arange(8 * PLATES) < 3 * PLATES
    groups = [f"{number % PLATES:03}" for number in (*range(3 * PLATES), *range(5 * PLATES))]
    slow = {
        "auc": figure(groups, lambda rows: roc_auc(llrs[rows], truth[rows])),
        "tpr": figure(groups, lambda rows: true_rate_at(llrs[rows], truth[rows], FALSE_RATE)),
    }
    for name, expected in slow.items():
        found = getattr(told, name)
        assert (found.value, found.low, found.high) == pytest.approx((expected.value, expected.low, expected.high))


def test_separation_of_a_few_llrs_by_hand() -> None:
    told = measure_separation(np.array([2.0, 1.0, -1.0, 3.0]), np.array([-2.0, -1.0, 0.5, -3.0]), 4)
    assert told.auc.value == pytest.approx((16 - 1 - 0.5) / 16)
    assert told.error.value == pytest.approx(0.25)
    assert told.tpr.value == pytest.approx(0.75)
    assert told.negatives == 4


def test_uninformative_llrs_have_no_separation() -> None:
    told = measure_separation(np.zeros(20), np.zeros(20), 10)
    assert told.auc.value == 0.5
    assert told.error.value == 0.5
    assert told.tpr.value == 0
