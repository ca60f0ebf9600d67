"""Look a second time at a ranking by looks, in the ways of the literature, to measure what each gains."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

PRIOR_PICTURES = 20.0
"""A camera's mean counts for as much as the mean of all cameras when it has so many pictures."""


@dataclass(frozen=True, slots=True)
class Reciprocal:
    """How far k-reciprocal re-ranking looks: of the `top` answers, `near` neighbours, `mean` of the nearest, `keep`."""

    top: int = 50
    near: int = 10
    mean: int = 3
    keep: float = 0.5
    """The share of the first distance in the final one (lambda)."""


def best_pairs(vectors: Floats, owner: Numbers) -> Floats:
    """Return (s, s) the similarity of every two sightings by their best pair of pictures; `owner` (n,) rises from 0."""
    starts = np.searchsorted(owner, np.arange(int(owner[-1]) + 1))
    return np.maximum.reduceat(np.maximum.reduceat(vectors @ vectors.T, starts, axis=0), starts, axis=1)


def mean_vectors(vectors: Floats, owner: Numbers) -> Floats:
    """Return (s, d) the mean of each sighting's pictures, at length 1."""
    starts = np.searchsorted(owner, np.arange(int(owner[-1]) + 1))
    return _unit(np.add.reduceat(vectors, starts, axis=0))


def camera_centred(vectors: Floats, camera: Numbers, *, share: float = 1.0) -> Floats:
    """Return vectors less the mean of their camera, at length 1: what all its pictures have tells of no vehicle."""
    everywhere = vectors.mean(axis=0)
    centred = vectors.copy()
    for one in np.unique(camera):
        own = camera == one
        mean = (vectors[own].sum(axis=0) + PRIOR_PICTURES * everywhere) / (own.sum() + PRIOR_PICTURES)
        centred[own] -= share * mean
    return _unit(centred)


def expanded(vectors: Floats, *, neighbours: int, power: float = 3.0) -> Floats:
    """Return vectors with their nearest added, as far as they are alike (Radenovic et al., 2018, section 3.4)."""
    similarity = vectors @ vectors.T
    np.fill_diagonal(similarity, -np.inf)
    nearest = np.argsort(-similarity, axis=1, kind="stable")[:, :neighbours]
    weight = np.maximum(np.take_along_axis(similarity, nearest, axis=1), 0) ** power
    return _unit(vectors + (weight[..., None] * vectors[nearest]).sum(axis=1))


def second_voice(first: Floats, second: Floats, *, share: float) -> Floats:
    """Return two models' similarities together, each in spreads above the mean of its row."""
    standing = [(one - one.mean(axis=1, keepdims=True)) / one.std(axis=1, keepdims=True) for one in (first, second)]
    return np.asarray(standing[0] + share * standing[1])


def reranked(similarity: Floats, question: int, gallery: Numbers, options: Reciprocal) -> Numbers:
    """Return the gallery's rows best first, its top ones re-ranked by whom they are near to.

    Zhong et al., "Re-ranking Person Re-identification with k-reciprocal Encoding", CVPR 2017; `similarity` is (s, s).
    """
    order = gallery[np.argsort(-similarity[question, gallery], kind="stable")]
    top = np.concatenate([[question], order[: options.top]])
    distance = 1 - similarity[np.ix_(top, top)]
    encoded = _encoded(distance, options)
    shared = np.minimum(encoded[0], encoded[1:]).sum(axis=1)
    final = options.keep * distance[0, 1:] + (1 - options.keep) * (1 - shared / (2 - shared))
    return np.concatenate([top[1:][np.argsort(final, kind="stable")], order[options.top :]])


def _encoded(distance: Floats, options: Reciprocal) -> Floats:
    """Return (m, m) how much each belongs to the neighbourhood of each, rows adding up to 1 (equations 4 to 8)."""
    rank = np.argsort(distance, axis=1, kind="stable")
    near, half = _mutual(rank, options.near), _mutual(rank, options.near // 2)
    encoded = np.zeros_like(distance)
    for row in range(len(distance)):
        members = near[row].copy()
        for other in np.flatnonzero(near[row]):
            # neighbours of a neighbour are taken in where most of them are already near
            if 3 * int((half[other] & near[row]).sum()) > 2 * int(half[other].sum()):
                members |= half[other]
        weight = np.where(members, np.exp(-distance[row]), 0)
        encoded[row] = weight / weight.sum()
    return np.asarray(encoded[rank[:, : options.mean]].mean(axis=1))


def _mutual(rank: Numbers, count: int) -> Flags:
    """Tell who are among each other's nearest, themselves included."""
    nearest = np.zeros(rank.shape, dtype=np.bool_)
    np.put_along_axis(nearest, rank[:, : count + 1], True, axis=1)
    return nearest & nearest.T


def _unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12))
