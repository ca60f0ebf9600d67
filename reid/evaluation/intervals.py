"""Compute figures with 95 % bootstrap intervals over vehicles or plates."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from reid.arrays import Rows

RESAMPLES = 1000


_LOW, _HIGH = 0.025, 0.975


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value and its 95 % interval; None if there was nothing to measure."""

    value: float | None
    low: float | None = None
    high: float | None = None


NOTHING = Figure(None)


def figure(groups: Sequence[str], statistic: Callable[[Rows], float], *, seed: int = 0) -> Figure:
    """Return the statistic of all items, and its interval over resamples of whole groups.

    `groups[i]` names the vehicle of item i; `statistic` takes the indices of the items drawn and may return NaN.
    """
    if not groups:
        return NOTHING
    value = statistic(np.arange(len(groups)))
    if math.isnan(value):
        return NOTHING
    names, group_of_item = np.unique(np.asarray(groups), return_inverse=True)
    draws = np.random.default_rng(seed).multinomial(len(names), np.full(len(names), 1 / len(names)), RESAMPLES)
    items = np.arange(len(groups))
    drawn = np.array([statistic(np.repeat(items, times[group_of_item])) for times in draws])
    drawn = drawn[~np.isnan(drawn)]
    return Figure(value, float(np.quantile(drawn, _LOW)), float(np.quantile(drawn, _HIGH)))


def share(groups: Sequence[str], parts: Sequence[float], wholes: Sequence[float] | None = None) -> Figure:
    """Return the sum of the parts divided by the sum of the wholes (1 each by default)."""
    part = np.asarray(parts, float)
    whole = np.ones(len(part)) if wholes is None else np.asarray(wholes, float)

    def ratio(drawn: Rows) -> float:
        total = float(whole[drawn].sum())
        return float(part[drawn].sum()) / total if total else math.nan

    return figure(groups, ratio)


def as_json(**figures: Figure) -> dict[str, object]:
    """Return each figure under its name, and its interval under the name with "_ci" appended."""
    document: dict[str, object] = {}
    for name, measured in figures.items():
        document[name] = measured.value
        document[f"{name}_ci"] = None if measured.low is None else [measured.low, measured.high]
    return document
