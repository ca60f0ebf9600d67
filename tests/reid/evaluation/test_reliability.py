import numpy as np

from reid.evaluation.reliability import reliability_picture


def blue(picture: np.ndarray) -> np.ndarray:
    return (picture[..., 2].astype(int) - picture[..., 0]) > 100


def test_calibrated_probabilities_lie_on_the_diagonal() -> None:
    rng = np.random.default_rng(0)
    said = rng.random(30_000)
    rows, columns = np.nonzero(blue(reliability_picture(said, rng.random(30_000) < said, "calibrated")))
    assert np.abs((472 - 56 - rows) - (columns - 56)).max() < 20


def test_what_is_always_true_lies_at_the_top() -> None:
    said = np.linspace(0, 1, 1_000)
    rows, _ = np.nonzero(blue(reliability_picture(said, np.ones(1_000, bool), "always")))
    assert rows.max() < 56 + 40


def test_few_pairs_are_drawn_too() -> None:
    assert blue(reliability_picture(np.array([0.2, 0.9]), np.array([False, True]), "two")).any()
