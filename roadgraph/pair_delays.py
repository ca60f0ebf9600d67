"""Put the times of a pair of cameras on the common scale, and learn the shapes of its delays there."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import compress
from typing import Any

import numpy as np

from roadgraph.arrays import Flags, Floats
from roadgraph.delay_shape import DelayShape, learn_shape

SLACK = 1.3
"""The earliest time of a pair is its free-flow time divided by this."""
LEAST_SCALE_S = 3.0
"""The least unit of a pair's scale, however near the two cameras are."""


@dataclass(frozen=True, slots=True)
class PairScale:
    """The scale of time of a pair: it begins at the earliest time, and its unit is the usual time beyond that."""

    earliest_s: float
    unit_s: float

    @classmethod
    def of(cls, free_s: float, usual_s: float, slack: float = SLACK) -> "PairScale":
        """Return the scale of a pair, given its free-flow seconds and its usual seconds."""
        earliest_s = free_s / slack
        return cls(earliest_s, max(usual_s - earliest_s, LEAST_SCALE_S))

    def longer(self, factor: float) -> "PairScale":
        """Return the scale where delays are this many times as long."""
        return PairScale(self.earliest_s, self.unit_s * factor)

    def to_u(self, elapsed_s: Any) -> Floats:
        """Return times on the common scale, -inf before the earliest time."""
        beyond = (np.asarray(elapsed_s, dtype=np.float64) - self.earliest_s) / self.unit_s
        with np.errstate(divide="ignore"):
            return np.log(np.maximum(beyond, 0.0))

    def to_s(self, u: Any) -> Floats:
        """Return seconds from the common scale."""
        return np.asarray(self.earliest_s + self.unit_s * np.exp(u))


@dataclass(frozen=True, slots=True, order=True)
class Condition:
    """The hours and the weather that a shape is for, "" meaning any; a weather is given only with hours."""

    hours: str = ""
    weather: str = ""


ANY = Condition()


@dataclass(frozen=True, eq=False)
class Delays:
    """The delays u of one pair, -inf where impossible.

    `log_wrong` is the log density of each delay if the pair is wrong; `impossible_share` is the share of wrong pairs
    that come before the earliest time.
    """

    pair: tuple[str, str]
    u: Floats
    log_wrong: Floats
    conditions: tuple[Condition, ...]
    impossible_share: float

    @classmethod
    def of(
        cls,
        pair: tuple[str, str],
        scale: PairScale,
        elapsed_s: Floats,
        conditions: tuple[Condition, ...],
        window_s: float,
        longer: Floats | float = 1.0,
    ) -> "Delays":
        """Return the delays on the scale of the pair; at the hours of each they are this many times as long."""
        u = scale.to_u(elapsed_s) - np.log(longer)
        # Wrong pairs are uniform over the possible times; this is their density in u.
        possible_s = max(window_s - scale.earliest_s, scale.unit_s)
        log_wrong = np.where(np.isfinite(u), u, 0.0) + np.log(scale.unit_s * longer / possible_s)
        return cls(pair, u, log_wrong, conditions, min(scale.earliest_s / window_s, 1.0))

    def possible(self) -> "Delays":
        """Return the delays without the impossible ones."""
        return self._only(np.isfinite(self.u))

    def by_condition(self, before: DelayShape, wrong_share: float) -> dict[Condition, DelayShape]:
        """Return the shapes of the pair, of its hours, and of each weather in them, each learned from the one above."""
        shapes = {ANY: self.shape(before, wrong_share)}
        for hours in sorted({Condition(condition.hours) for condition in self.conditions} - {ANY}):
            in_hours = self._only(np.array([condition.hours == hours.hours for condition in self.conditions]))
            shapes[hours] = in_hours.shape(shapes[ANY], wrong_share)
            for condition in sorted(set(in_hours.conditions) - {hours}):
                in_weather = in_hours._only(np.array([other == condition for other in in_hours.conditions]))
                shapes[condition] = in_weather.shape(shapes[hours], wrong_share)
        return shapes

    def shape(self, before: DelayShape, wrong_share: float) -> DelayShape:
        """Return the shape learned from all delays, starting from the shape before."""
        return learn_shape(before, self.u, self.log_wrong, wrong_share)

    def _only(self, kept: Flags) -> "Delays":
        conditions = tuple(compress(self.conditions, kept))
        return replace(self, u=self.u[kept], log_wrong=self.log_wrong[kept], conditions=conditions)


def joined(parts: Sequence[Delays]) -> Delays:
    """Return the delays of many pairs together."""
    nothing = np.zeros(0)
    u = np.concatenate([nothing, *(part.u for part in parts)])
    log_wrong = np.concatenate([nothing, *(part.log_wrong for part in parts)])
    return Delays(("", ""), u, log_wrong, (), 0.0)


def wrong_share(found: Sequence[Delays]) -> float:
    """Return the estimated share of wrong pairs among the possible ones, given how many are impossible.

    A known share of wrong pairs, `impossible_share`, is impossible; the rest is inferred from it.
    """
    total = sum(len(delays.u) for delays in found)
    impossible = sum(int(np.isneginf(delays.u).sum()) for delays in found)
    if not impossible:
        return 0.0
    expected = sum(len(delays.u) * delays.impossible_share for delays in found) / total
    wrong = min(impossible / max(expected, 1e-6), 0.9 * total)
    return float(np.clip((wrong - impossible) / (total - impossible), 0.0, 0.9))
