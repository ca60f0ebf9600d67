"""Measure how alike vectors of one vehicle, of twins and of others are, and how made ones must be drawn to match."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.simulation.unfilmed.seeing_noise import DIMS, Likeness

Floats = npt.NDArray[np.float64]

AT_MOST = 600
"""So many sightings of a city are compared with each other."""
PRIOR_PAIRS = 10.0
LEAST_FREEDOM = 8
MOST_UNEVEN = 0.3


@dataclass(frozen=True, slots=True)
class Portrait:
    """The vectors of one sighting, (shots, d), whose they are, its model and colour, and which side they show."""

    vehicle: str
    kind: str
    view: int
    vectors: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Similarities of pairs of sightings by what they have in common: their best two shots, as the search compares."""

    other: tuple[float, ...] = ()
    twin: tuple[float, ...] = ()
    other_view: tuple[float, ...] = ()
    same_view: tuple[float, ...] = ()


def compare(portraits: Sequence[Portrait]) -> Pairs:
    """Return the similarities of every two of a city's sightings."""
    found: Mapping[str, list[float]] = {"other": [], "twin": [], "other_view": [], "same_view": []}
    some = portraits[:AT_MOST]
    for i, first in enumerate(some):
        for second in some[:i]:
            found[_in_common(first, second)].append(float((first.vectors @ second.vectors.T).max()))
    return Pairs(*(tuple(found[name]) for name in ("other", "twin", "other_view", "same_view")))


def joined(cities: Sequence[Pairs]) -> Pairs:
    """Return the pairs of all cities; vehicles of two cities are never compared."""
    return Pairs(
        tuple(value for pairs in cities for value in pairs.other),
        tuple(value for pairs in cities for value in pairs.twin),
        tuple(value for pairs in cities for value in pairs.other_view),
        tuple(value for pairs in cities for value in pairs.same_view),
    )


def fit_likeness(pairs: Pairs) -> Likeness:
    """Return the likeness whose made vectors have the means and spreads of the pairs.

    Two vectors that share a part of squared length s, the rest at random in D dimensions, have a similarity of mean s
    and variance (1 - s^2) / D: the others tell D, and what the same vehicle spreads beyond that is unevenness.
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
    return Likeness(
        other=round(other, 4),
        twin=round(twin, 4),
        other_view=round(other_view, 4),
        same_view=round(same_view, 4),
        freedom=freedom,
        unevenness=round(uneven, 4),
    )


def _in_common(first: Portrait, second: Portrait) -> str:
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
