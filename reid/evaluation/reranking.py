"""Improve a ranking by appearance with methods of the literature: pooling, centring, expansion and re-ranking."""

from dataclasses import dataclass

import numpy as np

from reid.arrays import Flags, Floats, Ints

PRIOR_PICTURES = 20.0
"""Weight of the mean of all cameras, in pictures, when a camera's mean is estimated."""


@dataclass(frozen=True, slots=True)
class RerankOptions:
    """k-reciprocal re-ranking of the `top` answers, with `near` neighbours and the `mean` of the nearest."""

    top: int = 50
    near: int = 10
    mean: int = 3
    keep: float = 0.5
    """The weight of the original distance in the final one (lambda)."""


def best_pairs(vectors: Floats, owner: Ints) -> Floats:
    """Return the similarities of sightings (s, s) by their best pair of pictures; `owner` (n,) rises from 0."""
    starts = np.searchsorted(owner, np.arange(int(owner[-1]) + 1))
    return np.maximum.reduceat(np.maximum.reduceat(vectors @ vectors.T, starts, axis=0), starts, axis=1)


def mean_vectors(vectors: Floats, owner: Ints) -> Floats:
    """Return the mean vector of each sighting (s, d), at length 1."""
    starts = np.searchsorted(owner, np.arange(int(owner[-1]) + 1))
    return _unit(np.add.reduceat(vectors, starts, axis=0))


def camera_centred(vectors: Floats, camera: Ints, *, share: float = 1.0) -> Floats:
    """Return vectors minus the mean of their camera, at length 1: what its pictures share identifies no vehicle."""
    everywhere = vectors.mean(axis=0)
    centred = vectors.copy()
    for one in np.unique(camera):
        own = camera == one
        mean = (vectors[own].sum(axis=0) + PRIOR_PICTURES * everywhere) / (own.sum() + PRIOR_PICTURES)
        centred[own] -= share * mean
    return _unit(centred)


def query_expanded(vectors: Floats, *, neighbours: int, power: float = 3.0) -> Floats:
    """Return vectors plus their nearest neighbours weighted by similarity (Radenovic et al., 2018, section 3.4)."""
    similarity = vectors @ vectors.T
    np.fill_diagonal(similarity, -np.inf)
    nearest = np.argsort(-similarity, axis=1, kind="stable")[:, :neighbours]
    weight = np.maximum(np.take_along_axis(similarity, nearest, axis=1), 0) ** power
    return _unit(vectors + (weight[..., None] * vectors[nearest]).sum(axis=1))


def ensembled(first: Floats, second: Floats, *, share: float) -> Floats:
    """Return the weighted sum of two models' similarities, each standardised by row."""
    standardised = [(one - one.mean(axis=1, keepdims=True)) / one.std(axis=1, keepdims=True) for one in (first, second)]
    return np.asarray(standardised[0] + share * standardised[1])


def reranked(similarity: Floats, question: int, gallery: Ints, options: RerankOptions) -> Ints:
    """Return the gallery's rows, best first, with the top ones re-ranked by their shared neighbours.

    Zhong et al., "Re-ranking Person Re-identification with k-reciprocal Encoding", CVPR 2017; `similarity` is (s, s).
    """
    order = gallery[np.argsort(-similarity[question, gallery], kind="stable")]
    top = np.concatenate([[question], order[: options.top]])
    distance = 1 - similarity[np.ix_(top, top)]
    encoded = _encoded(distance, options)
    shared = np.minimum(encoded[0], encoded[1:]).sum(axis=1)
    final = options.keep * distance[0, 1:] + (1 - options.keep) * (1 - shared / (2 - shared))
    return np.concatenate([top[1:][np.argsort(final, kind="stable")], order[options.top :]])


def _encoded(distance: Floats, options: RerankOptions) -> Floats:
    """Return the k-reciprocal encoding (m, m), whose rows add up to 1 (equations 4 to 8)."""
    rank = np.argsort(distance, axis=1, kind="stable")
    near, half = _mutual(rank, options.near), _mutual(rank, options.near // 2)
    encoded = np.zeros_like(distance)
    for row in range(len(distance)):
        members = near[row].copy()
        for other in np.flatnonzero(near[row]):
            # neighbours of a neighbour are added if most of them are already neighbours
            if 3 * int((half[other] & near[row]).sum()) > 2 * int(half[other].sum()):
                members |= half[other]
        weight = np.where(members, np.exp(-distance[row]), 0)
        encoded[row] = weight / weight.sum()
    return np.asarray(encoded[rank[:, : options.mean]].mean(axis=1))


def _mutual(rank: Ints, count: int) -> Flags:
    """Return which are among each other's nearest, themselves included."""
    nearest = np.zeros(rank.shape, dtype=np.bool_)
    np.put_along_axis(nearest, rank[:, : count + 1], True, axis=1)
    return nearest & nearest.T


def _unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12))
