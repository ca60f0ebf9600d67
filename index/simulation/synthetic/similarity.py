"""Measure the similarities of one vehicle, of twins and of other vehicles, and fit the noise that reproduces them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from index.simulation.synthetic.seeing_noise import DIMS, SimilarityNoise
from reid.arrays import Floats32

AT_MOST = 600
"""This many sightings of a city are compared with each other."""
PRIOR_PAIRS = 10.0
LEAST_FREEDOM = 8
MOST_UNEVEN = 0.3


@dataclass(frozen=True, slots=True)
class SightingVectors:
    """The vectors of one sighting, (shots, d), with its vehicle, model and colour (`kind`), and visible side."""

    vehicle: str
    kind: str
    view: int
    vectors: Floats32


@dataclass(frozen=True, slots=True)
class PairSimilarities:
    """Similarities of pairs of sightings by what they have in common; best pair of shots, as in the search."""

    other: tuple[float, ...] = ()
    twin: tuple[float, ...] = ()
    other_view: tuple[float, ...] = ()
    same_view: tuple[float, ...] = ()


def pair_similarities(sightings: Sequence[SightingVectors]) -> PairSimilarities:
    """Return the similarities of every two of a city's sightings."""
    found: Mapping[str, list[float]] = {"other": [], "twin": [], "other_view": [], "same_view": []}
    compared = sightings[:AT_MOST]
    for i, first in enumerate(compared):
        for second in compared[:i]:
            found[_in_common(first, second)].append(float((first.vectors @ second.vectors.T).max()))
    return PairSimilarities(*(tuple(found[name]) for name in ("other", "twin", "other_view", "same_view")))


def join_cities(cities: Sequence[PairSimilarities]) -> PairSimilarities:
    """Return the pairs of all cities; vehicles of different cities are never compared."""
    return PairSimilarities(
        tuple(value for pairs in cities for value in pairs.other),
        tuple(value for pairs in cities for value in pairs.twin),
        tuple(value for pairs in cities for value in pairs.other_view),
        tuple(value for pairs in cities for value in pairs.same_view),
    )


def fit_similarity(pairs: PairSimilarities) -> SimilarityNoise:
    """Return the noise whose drawn vectors have the means and standard deviations of the pairs.

    Two vectors that share a part of squared length s and are random otherwise in D dimensions have a similarity of
    mean s and variance (1 - s^2) / D. The pairs of other vehicles give D; variance of the same vehicle beyond that is
    unevenness.
    """
    same = pairs.other_view + pairs.same_view
    other = min(max(_mean(pairs.other, 0.25), 0.0), 0.95)
    all_same = max(_mean(same, 0.65), other)
    twin = min(max(_mean(pairs.twin, (other + all_same) / 2), other), all_same)
    other_view = min(max(_mean(pairs.other_view, all_same), twin), 0.98)
    same_view = min(max(_mean(pairs.same_view, all_same), other_view), 0.98)
    freedom = round((1 - other**2) / max(_variance(pairs.other, 0.02), 1e-6))
    freedom = min(max(freedom, LEAST_FREEDOM), DIMS)
    within = (
        _variance(pairs.same_view, 0.01, about=same_view) * len(pairs.same_view)
        + _variance(pairs.other_view, 0.01, about=other_view) * len(pairs.other_view)
    ) / max(len(same), 1)
    beyond = within - (1 - all_same**2) / freedom
    uneven = min(float(np.sqrt(max(beyond, 0.0) / 2)) / all_same, MOST_UNEVEN)
    return SimilarityNoise(
        other=round(other, 4),
        twin=round(twin, 4),
        other_view=round(other_view, 4),
        same_view=round(same_view, 4),
        freedom=freedom,
        unevenness=round(uneven, 4),
    )


def _in_common(first: SightingVectors, second: SightingVectors) -> str:
    if first.vehicle == second.vehicle:
        return "same_view" if first.view == second.view else "other_view"
    return "twin" if first.kind == second.kind else "other"


def _mean(values: Sequence[float], prior: float) -> float:
    return (sum(values) + PRIOR_PAIRS * prior) / (len(values) + PRIOR_PAIRS)


def _variance(values: Sequence[float], prior: float, *, about: float | None = None) -> float:
    if not values:
        return prior
    centre = float(np.mean(values)) if about is None else about
    squares = float(((np.asarray(values, float) - centre) ** 2).sum())
    return (squares + PRIOR_PAIRS * prior) / (len(values) + PRIOR_PAIRS)
