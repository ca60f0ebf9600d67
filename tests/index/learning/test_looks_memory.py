from datetime import UTC, datetime

import numpy as np

from index.catalogue import Catalogue
from index.inquiry.calibration import LooksScale, default
from index.inquiry.evidence import appearance_llr
from index.learning.looks_memory import carried_over, recall, remember, similarities

SCALE = LooksScale(usual=0.3, spread=0.15, bias=-2.0, per_similarity=3.0, per_standing=1.2, limit=7.0)


def test_what_stands_as_high_above_the_crowd_is_worth_what_it_was() -> None:
    before = np.random.default_rng(0).normal(0.3, 0.15, 4000)
    after = 0.1 + 0.5 * before
    moved = carried_over(SCALE, before, after)
    asked = np.array([0.2, 0.5, 0.9])
    assert np.allclose(appearance_llr(0.1 + 0.5 * asked, moved), appearance_llr(asked, SCALE))


def test_similarities_are_those_of_the_best_pictures_on_different_cameras() -> None:
    rng = np.random.default_rng(1)
    vectors = {
        id_: rng.standard_normal((shots, 4)).astype(np.float32) for id_, shots in zip("wxyz", (2, 1, 3, 2), strict=True)
    }
    cameras = {"w": "a", "x": "a", "y": "b", "z": "c"}
    pairs = [("w", "y"), ("w", "z"), ("x", "y"), ("x", "z"), ("y", "z")]
    slow = [max(float(p @ q) for p in vectors[one] for q in vectors[other]) for one, other in pairs]
    assert np.allclose(similarities(vectors, cameras), slow)


def test_the_archives_own_scale_comes_before_the_packaged_one(catalogue: Catalogue) -> None:
    with catalogue.writing() as connection:
        remember(connection, "mine-1", SCALE, fitted_on="a test", at=datetime.now(UTC))
        found = recall(connection, default(), "mine-1")
        other = recall(connection, default(), "another")
    assert found.looks_of("mine-1") == SCALE
    assert other == default()
