import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reid.evaluation.metrics import PictureDetections, detection_precision, detection_recall


def picture(
    found: list[float], scores: list[float], true: list[float], wanted: list[bool] | None = None
) -> PictureDetections:
    """Boxes 10 px square, by where they begin along x."""

    def squares(lefts: list[float]) -> np.ndarray:
        return np.array([[left, 0, left + 10, 10] for left in lefts], dtype=float).reshape(-1, 4)

    kept = np.ones(len(true), bool) if wanted is None else np.array(wanted, bool)
    return PictureDetections(squares(found), np.array(scores, float), squares(true), kept)


def test_a_wrong_box_before_the_right_one_halves_the_precision() -> None:
    assert detection_precision([picture([50, 0], [0.9, 0.8], [0])]) == pytest.approx(0.5)
    assert detection_precision([picture([50, 0], [0.8, 0.9], [0])]) == pytest.approx(1.0)


def test_a_second_box_is_wrong_and_one_on_an_uncounted_vehicle_is_neither() -> None:
    assert detection_precision([picture([0, 1], [0.9, 0.8], [0, 30])]) == pytest.approx(0.5)
    ignored = picture([0, 30], [0.8, 0.9], [0, 30], [True, False])
    assert detection_precision([ignored]) == pytest.approx(1.0)


def test_pictures_are_judged_by_one_order_of_scores() -> None:
    sure_and_wrong = picture([50], [0.99], [])
    assert detection_precision([sure_and_wrong, picture([0], [0.5], [0])]) == pytest.approx(0.5)


def test_no_counted_boxes_give_nan() -> None:
    assert np.isnan(detection_precision([picture([0], [0.9], [])]))


def test_recall_counts_only_scores_above_the_threshold() -> None:
    pictures = [picture([0, 30], [0.9, 0.3], [0, 30])]
    assert detection_recall(pictures, 0.2) == 1.0
    assert detection_recall(pictures, 0.5) == 0.5


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(1, 99)), max_size=9, unique_by=lambda pair: pair[1]))
def test_average_precision_is_that_of_the_slow_definition(found: list[tuple[int, int]]) -> None:
    true = [0, 20, 40]
    one = picture([20.0 * place for place, _ in found], [score / 100 for _, score in found], [float(x) for x in true])
    best_at: list[float] = []
    hits, seen = 0, set()
    curve = []
    for number, (place, _) in enumerate(sorted(found, key=lambda pair: -pair[1]), start=1):
        if place < 3 and place not in seen:
            seen.add(place)
            hits += 1
        curve.append((hits / 3, hits / number))
    for wanted in (1 / 3, 2 / 3, 1.0):
        best_at.append(max((precision for recall, precision in curve if recall >= wanted - 1e-9), default=0.0))
    assert detection_precision([one]) == pytest.approx(sum(best_at) / 3)
