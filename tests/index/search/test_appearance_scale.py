"""The appearance of two vehicles as a log-likelihood ratio."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import ArchiveError
from index.search.calibration import AppearanceScale, appearance_llr, carried_over, similarities, z_score
from index.search.looks import Pictures, SharedLook

SCALE = AppearanceScale(usual=0.4, spread=0.1, bias=-6.0, per_similarity=2.0, per_z_score=1.5, limit=6.0)


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=40))
def test_a_higher_similarity_never_has_a_lower_llr(similarities: list[float]) -> None:
    ordered = np.sort(np.array(similarities))
    llrs = appearance_llr(ordered, SCALE)
    assert (np.diff(llrs) >= 0).all()
    assert (np.abs(llrs) <= SCALE.limit).all()


def test_the_same_similarity_counts_more_in_a_gallery_of_other_looks() -> None:
    rng = np.random.default_rng(0)
    in_similar_gallery = np.append(rng.normal(0.8, 0.05, 200), 0.9)
    in_other_gallery = np.append(rng.normal(0.3, 0.05, 200), 0.9)
    assert z_score(in_other_gallery, SCALE)[-1] > z_score(in_similar_gallery, SCALE)[-1] + 3


def test_a_single_sighting_is_compared_with_what_is_usual() -> None:
    assert z_score(np.array([0.7]), SCALE)[0] == pytest.approx(3.0, abs=0.3)


def test_a_missing_similarity_stays_missing() -> None:
    assert np.isnan(appearance_llr(np.array([np.nan, 0.5]), SCALE)).tolist() == [True, False]
    assert np.isnan(z_score(np.array([np.nan]), SCALE)).all()


@pytest.mark.parametrize("one_camera", [False, True])
def test_a_similarity_of_one_camera_is_worth_what_its_own_curve_says(one_camera: bool) -> None:
    scale = replace(SCALE, one_camera_bias=0.5, one_camera_per_similarity=-1.5)
    same_worth = replace(SCALE, bias=-5.5, per_similarity=0.5) if one_camera else SCALE
    similarity = np.linspace(0.0, 1.0, 9)
    llrs = appearance_llr(similarity, scale, np.full(9, one_camera))
    assert np.allclose(llrs, appearance_llr(similarity, same_worth))


def test_a_scale_by_which_more_alike_is_less_likely_on_one_camera_is_refused() -> None:
    with pytest.raises(ArchiveError, match="more alike must be likelier"):
        AppearanceScale.from_document(replace(SCALE, one_camera_per_similarity=-2.5).to_document())


CARRIED = AppearanceScale(
    usual=0.3,
    spread=0.15,
    bias=-2.0,
    per_similarity=3.0,
    per_z_score=1.2,
    limit=7.0,
    one_camera_bias=-0.4,
    one_camera_per_similarity=-1.0,
)


def test_a_similarity_as_far_above_the_median_keeps_its_llr_in_an_adapted_model() -> None:
    before = np.random.default_rng(0).normal(0.3, 0.15, 4000)
    after = 0.1 + 0.5 * before
    moved = carried_over(CARRIED, before, after)
    questions = np.array([0.2, 0.5, 0.9])
    for own in (np.zeros(3, dtype=bool), np.ones(3, dtype=bool)):
        expected = appearance_llr(questions, CARRIED, own)
        assert np.allclose(appearance_llr(0.1 + 0.5 * questions, moved, own), expected)


def test_similarities_are_those_of_looks_at_different_cameras() -> None:
    rng = np.random.default_rng(1)
    vectors = {
        id_: rng.standard_normal((shots, 4)).astype(np.float32) for id_, shots in zip("wxyz", (2, 1, 3, 2), strict=True)
    }
    cameras = {"w": "a", "x": "a", "y": "b", "z": "c"}
    pairs = [("w", "y"), ("w", "z"), ("x", "y"), ("x", "z"), ("y", "z")]
    shared = SharedLook.of(Pictures.of(list(vectors.values())), [(camera, None) for camera in cameras.values()])
    slow = []
    for pair in pairs:
        one, other = (shared.taken_off(Pictures.of([vectors[id_]]), [(cameras[id_], None)]) for id_ in pair)
        slow.append(float(one.alike(other)[0, 0]))
    assert np.allclose(similarities(vectors, cameras), slow, atol=1e-6)


def test_a_scale_of_an_earlier_version_is_read() -> None:
    document = CARRIED.to_document()
    document["per_standing"] = document.pop("per_z_score")
    assert AppearanceScale.from_document(document) == CARRIED
