import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reid.errors import SeeingError
from reid.evaluation import protocols
from reid.evaluation.protocols import Labelled, OwnCamera, random_galleries, rank_gallery, summary


def _labelled(seed: int, count: int, vehicles: int = 5, cameras: int = 3) -> Labelled:
    """Few distinct similarities, so that ties are common."""
    rng = np.random.default_rng(seed)
    vectors = rng.integers(-1, 2, (count, 3)).astype(np.float32)
    return Labelled(vectors, rng.integers(0, vehicles, count), rng.integers(0, cameras, count))


def _slow(query: Labelled, gallery: Labelled, own_camera: str, depth: int | None) -> list[tuple[int, float, int]]:
    """Score every answer of every query by the rules of the papers, slowly."""
    results = []
    for q in range(len(query)):
        scores = [float(query.vectors[q] @ vector) for vector in gallery.vectors]
        answers = []
        for g in sorted(range(len(gallery)), key=lambda g: (-scores[g], g)):
            same_vehicle = gallery.vehicle[g] == query.vehicle[q]
            same_camera = gallery.camera[g] == query.camera[q]
            if own_camera == "junk" and same_camera:
                continue
            if own_camera == "junk of the vehicle" and same_camera and same_vehicle:
                continue
            answers.append(bool(same_vehicle))
        if not any(answers):
            continue
        shown = answers if depth is None else answers[:depth]
        relevant = sum(answers) if depth is None else min(sum(answers), depth)
        precisions = [sum(shown[: i + 1]) / (i + 1) for i, right in enumerate(shown) if right]
        results.append((q, sum(precisions) / relevant, answers.index(True) + 1))
    return results


@settings(deadline=None, max_examples=60)
@given(
    st.integers(0, 10_000),
    st.sampled_from(["counts", "junk of the vehicle", "junk"]),
    st.sampled_from([None, 1, 4]),
    st.sampled_from([1, 7, 1_000]),
)
def test_rankings_are_those_of_the_obvious_loop(
    seed: int, own_camera: OwnCamera, depth: int | None, at_once: int
) -> None:
    query, gallery = _labelled(seed, 9), _labelled(seed + 1, 14)
    expected = _slow(query, gallery, own_camera, depth)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(protocols, "SIMILARITIES_AT_ONCE", at_once)
        if not expected:
            with pytest.raises(SeeingError, match="none of 9 queries"):
                rank_gallery(query, gallery, own_camera=own_camera, depth=depth)
            return
        ranks = rank_gallery(query, gallery, own_camera=own_camera, depth=depth)
    assert ranks.rows.tolist() == [row for row, _, _ in expected]
    assert ranks.precision == pytest.approx([precision for _, precision, _ in expected])
    assert ranks.first_right.tolist() == [first for _, _, first in expected]


def test_hits_and_means_come_from_the_ranks() -> None:
    vectors = np.eye(3, dtype=np.float32)
    gallery = Labelled(vectors, np.array([1, 2, 3]), np.zeros(3, np.int64))
    query = Labelled(vectors[[0, 1]], np.array([1, 3]), np.ones(2, np.int64))
    ranks = rank_gallery(query, gallery, own_camera="junk of the vehicle")
    told = summary([ranks], len(gallery), hits=(1, 3))
    assert told == {"map": (1 + 1 / 3) / 2, "cmc": {"1": 0.5, "3": 1.0}, "queries": 2, "gallery": 3}


def test_random_galleries_hold_one_picture_of_each_vehicle() -> None:
    pictures = _labelled(3, 30, vehicles=6)
    results = random_galleries(pictures, repeats=4, seed=1)
    assert [len(ranks.precision) for ranks in results] == [24] * 4
    assert results[0].precision.tolist() == random_galleries(pictures, repeats=1, seed=1)[0].precision.tolist()
    assert results[0].precision.tolist() != results[1].precision.tolist()
    # one right answer each, so that precision is the reciprocal of its rank
    assert results[0].precision == pytest.approx(1 / results[0].first_right)


def test_random_galleries_are_scored_as_the_obvious_loop_does(monkeypatch: pytest.MonkeyPatch) -> None:
    pictures = _labelled(4, 25)
    drawn: list[np.ndarray] = []
    draw = protocols._one_of_each

    def watched(vehicle: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        drawn.append(draw(vehicle, rng))
        return drawn[-1]

    monkeypatch.setattr(protocols, "_one_of_each", watched)
    for ranks, one in zip(random_galleries(pictures, repeats=3, seed=2), drawn, strict=True):
        assert sorted(pictures.vehicle[one].tolist()) == sorted(set(pictures.vehicle.tolist()))
        expected = _slow(pictures.take(~one), pictures.take(one), "counts", None)
        assert ranks.precision == pytest.approx([precision for _, precision, _ in expected])
        assert ranks.first_right.tolist() == [first for _, _, first in expected]


def test_more_junk_is_left_out_like_a_gallery_without_it() -> None:
    query, gallery = _labelled(4, 1), _labelled(5, 20)
    query = Labelled(query.vectors, gallery.vehicle[:1], query.camera)
    junk = np.random.default_rng(6).random((1, 20)) < 0.4
    left = rank_gallery(query, gallery, own_camera="counts", also_junk=junk)
    assert left.precision == pytest.approx(rank_gallery(query, gallery.take(~junk[0]), own_camera="counts").precision)
