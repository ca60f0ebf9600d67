import numpy as np

from reid.evaluation.reranking import (
    RerankOptions,
    best_pairs,
    camera_centred,
    ensembled,
    mean_vectors,
    query_expanded,
    reranked,
)


def unit(seed: int, count: int, dims: int = 6) -> np.ndarray:
    vectors = np.random.default_rng(seed).standard_normal((count, dims))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_sightings_are_compared_by_their_best_pair_of_pictures() -> None:
    vectors, owner = unit(1, 7), np.array([0, 0, 1, 2, 2, 2, 3])
    slow = [[max(vectors[i] @ vectors[j] for i in np.flatnonzero(owner == a) for j in np.flatnonzero(owner == b))
             for b in range(4)] for a in range(4)]  # fmt: skip
    assert np.allclose(best_pairs(vectors, owner), slow)
    assert np.allclose(mean_vectors(vectors, owner)[1], vectors[2])


def test_the_mean_of_a_camera_is_subtracted() -> None:
    plain, camera = unit(2, 400, 12), np.repeat([0, 1], 200)
    tinted = plain + np.where(camera[:, None] == 1, unit(3, 1, 12), -unit(3, 1, 12))
    centred = camera_centred(tinted, camera)
    other = camera[:, None] != camera[None]
    wanted, raw = plain @ plain.T, tinted @ tinted.T
    assert np.abs((centred @ centred.T - wanted)[other]).mean() < np.abs((raw - wanted)[other]).mean() / 4


def test_expansion_by_no_neighbours_changes_nothing() -> None:
    vectors = unit(4, 9)
    assert np.allclose(query_expanded(vectors, neighbours=0), vectors)


def test_an_ensemble_share_of_zero_keeps_the_order() -> None:
    first, second = unit(5, 8), unit(6, 8)
    told = ensembled(first, second, share=0.0)
    assert np.array_equal(np.argsort(told, axis=1), np.argsort(first, axis=1))


def slow_rerank(similarity: np.ndarray, question: int, gallery: list[int], options: RerankOptions) -> list[int]:
    """k-reciprocal re-ranking with sets, as the paper writes it."""
    order = sorted(gallery, key=lambda row: (-similarity[question, row], gallery.index(row)))
    top = [question, *order[: options.top]]

    def nearest(row: int, count: int) -> list[int]:
        return sorted(range(len(top)), key=lambda other: (1 - similarity[top[row], top[other]], other))[:count]

    def mutual(row: int, count: int) -> set[int]:
        return {other for other in nearest(row, count + 1) if row in nearest(other, count + 1)}

    weights = []
    for row in range(len(top)):
        members = set(mutual(row, options.near))
        for other in mutual(row, options.near):
            close = mutual(other, options.near // 2)
            if len(close & mutual(row, options.near)) > 2 / 3 * len(close):
                members |= close
        found = [np.exp(similarity[top[row], top[o]] - 1) if o in members else 0.0 for o in range(len(top))]
        weights.append(np.array(found) / sum(found))
    meant = [np.mean([weights[other] for other in nearest(row, options.mean)], axis=0) for row in range(len(top))]
    final = {}
    for row in range(1, len(top)):
        low, high = np.minimum(meant[0], meant[row]).sum(), np.maximum(meant[0], meant[row]).sum()
        final[top[row]] = options.keep * (1 - similarity[question, top[row]]) + (1 - options.keep) * (1 - low / high)
    return [*sorted(top[1:], key=lambda row: (final[row], top.index(row))), *order[options.top :]]


def test_reranking_is_that_of_the_paper() -> None:
    vectors = unit(7, 40, 4)
    similarity, options = vectors @ vectors.T, RerankOptions(top=25, near=6, mean=3, keep=0.3)
    for question in (0, 5, 11):
        gallery = np.array([row for row in range(40) if row % 3 != question % 3])
        assert reranked(similarity, question, gallery, options).tolist() == slow_rerank(
            similarity, question, gallery.tolist(), options
        )


def test_reranking_leaves_what_is_below_the_top_where_it_was() -> None:
    vectors = unit(8, 30)
    similarity, gallery = vectors @ vectors.T, np.arange(1, 30)
    plain = gallery[np.argsort(-similarity[0, gallery], kind="stable")]
    assert reranked(similarity, 0, gallery, RerankOptions(top=10))[10:].tolist() == plain[10:].tolist()
