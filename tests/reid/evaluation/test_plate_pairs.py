from collections.abc import Sequence

import numpy as np

from reid.evaluation.plate_pairs import Methods, draw_pairs, measure, true_corners
from reid.plates.looks import Floats, PlateLooks
from reid.plates.rectify import Quad, rectified
from reid.render.number_plates.views import PlateView
from reid.vehicle import Box, Corners, Image, Plate

PLATES = 6


class BySight:
    """A verifier that compares pixels."""

    model_id = "pixels"

    def look(self, plates: Sequence[tuple[Image, Corners]]) -> PlateLooks:
        flat = [rectified(image, np.array(corners, np.float32), 64, 16).astype(np.float32) for image, corners in plates]
        vectors = np.stack([(one - one.mean()).ravel() / np.linalg.norm(one - one.mean()) for one in flat])
        count = np.zeros(len(plates), np.float32)
        return PlateLooks(vectors, np.zeros((len(plates), 1), np.float16), count, count)

    def llr(self, first: PlateLooks, second: PlateLooks) -> Floats:
        return np.einsum("nd,nd->n", first.vectors, second.vectors).astype(np.float64) - 0.5

    def coarse_llr(self, cosines: Floats, first_px: Floats, second_px: Floats) -> Floats:
        return cosines - 0.5


def test_pairs_are_what_they_are_called() -> None:
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


def test_a_perfect_reader_tells_all_apart() -> None:
    pairs = draw_pairs(PLATES, 30, 0, seed=4_000)

    def read(located: object) -> list[Plate]:
        return [written(text) for text in pairs.texts]

    looks, text, both = measure(pairs, Methods(BySight(), read))
    assert [one.method for one in (looks, text, both)] == ["looks", "text", "both"]
    assert text.other.auc.value == text.twins.auc.value == 1
    assert text.twins.negatives == 25 * PLATES
    assert looks.other.auc.value is not None
    assert looks.other.auc.value > 0.7


def test_a_reader_that_reads_nothing_leaves_the_looks_as_they_are() -> None:
    pairs = draw_pairs(PLATES, 30, 0, seed=4_000)
    looks, text, both = measure(pairs, Methods(BySight(), lambda located: [written("")] * len(located)))
    assert text.other.auc.value == 0.5
    assert both.other == looks.other


def test_a_bad_location_costs() -> None:
    pairs = draw_pairs(PLATES, 30, 0, seed=4_000)

    def beside(seen: PlateView) -> Quad:
        return seen.corners + np.float32(25) * np.random.default_rng(int(seen.image.sum())).normal(size=2).astype("f4")

    right, wrong = (measure(pairs, Methods(BySight()), place)[0] for place in (true_corners, beside))
    assert right.other.auc.value is not None
    assert wrong.other.auc.value is not None
    assert right.other.auc.value > wrong.other.auc.value


def written(text: str) -> Plate:
    characters = tuple({letter: 0.99} for letter in text if letter.isascii())
    return Plate(Box(0, 0, 1, 1), ((0, 0), (1, 0), (1, 1), (0, 1)), text or None, 0.9, characters)
