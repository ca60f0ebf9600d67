"""Model the travel time between two cameras as a distribution, from the roads alone or learned from passages.

All pairs of cameras share one scale of time: u = log((t - e) / (m - e)), where e is the earliest time of the pair and m
its usual time. On this scale the distributions of all pairs have a similar shape, so a pair with few passages learns
from the others. There are five levels: the built-in shape, the shape of all pairs together, of one pair, of the pair in
a class of hours, and of the pair in these hours and one weather. The shape of each level is that of the level above
with the passages of the level mixed in (a hierarchy of Dirichlet priors).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import compress
from typing import Any

import numpy as np

from roadgraph.arrays import Flags, Floats
from roadgraph.camera_times import CameraTimes
from roadgraph.delay_shape import BUILT_IN, DelayShape, learn_shape

SLACK = 1.3
"""The earliest time of a pair is its free-flow time divided by this."""
LEAST_SCALE_S = 3.0
"""The least unit of a pair's scale, however near the two cameras are."""


def hour_class(at: datetime, lon: float = 0.0) -> str:
    """Return the class of hours of a time, by the sun at a longitude: traffic follows the sun more than time zones."""
    hour = (at.hour + at.minute / 60 + lon / 15) % 24
    weekday = at.weekday() < 5
    if hour < 6 or hour >= 21:
        return "night"
    return "peak" if weekday and (7 <= hour < 9.5 or 16 <= hour < 18.5) else "day"


@dataclass(frozen=True, slots=True)
class PairPassage:
    """One vehicle that probably passed both cameras: the seconds it took, when it passed the first, and the weather.

    The weather is any name, such as "rain", None if unknown.
    """

    first: str
    second: str
    elapsed_s: float
    at: datetime | None = None
    weather: str | None = None


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

    def to_u(self, elapsed_s: Any) -> Floats:
        """Return times on the common scale, -inf before the earliest time."""
        beyond = (np.asarray(elapsed_s, dtype=np.float64) - self.earliest_s) / self.unit_s
        with np.errstate(divide="ignore"):
            return np.log(np.maximum(beyond, 0.0))

    def to_s(self, u: Any) -> Floats:
        """Return seconds from the common scale."""
        return np.asarray(self.earliest_s + self.unit_s * np.exp(u))


@dataclass(frozen=True, slots=True)
class LearnOptions:
    """How passages were paired: the window of time within which pairs were sought, and the share of wrong pairs.

    Where the share is None it is estimated from the pairs that are impossible because they come before the earliest
    time: wrong pairs fall anywhere in the window. If impossible pairs were left out beforehand, give the share.
    """

    window_s: float = 1800.0
    wrong_share: float | None = None


@dataclass(frozen=True, slots=True, order=True)
class Condition:
    """The hours and the weather that a shape is for, "" meaning any; a weather is given only with hours."""

    hours: str = ""
    weather: str = ""


ANY = Condition()


@dataclass(frozen=True, eq=False)
class TravelTimes:
    """The distributions of travel time of all pairs; before any passage is learned, those from the roads alone."""

    times: CameraTimes | None = None
    lon: float = 0.0
    slack: float = SLACK
    all_pairs: DelayShape = BUILT_IN
    pairs: Mapping[tuple[str, str], Mapping[Condition, DelayShape]] = field(default_factory=dict)

    def log_density(
        self, first: str, second: str, elapsed_s: Any, at: datetime | None = None, weather: str | None = None
    ) -> Floats:
        """Return log p(elapsed | same vehicle) per second, -inf if too early; `at` is the time at the first camera."""
        scale = self.scale(first, second)
        if scale is None:
            return np.full(np.shape(elapsed_s), -np.inf)
        u = scale.to_u(elapsed_s)
        with np.errstate(invalid="ignore"):
            per_second = self.shape(first, second, at, weather).log_density(u) - u - np.log(scale.unit_s)
        return np.where(np.isneginf(u), -np.inf, per_second)

    def quantile(
        self, first: str, second: str, share: float, at: datetime | None = None, weather: str | None = None
    ) -> float:
        """Return the seconds within which this share of the vehicles arrives; inf where there is no way."""
        scale = self.scale(first, second)
        if scale is None:
            return float("inf")
        return float(scale.to_s(self.shape(first, second, at, weather).quantile(share)))

    def prior_quantile(self, free_s: Floats, usual_s: Floats, share: float) -> Floats:
        """Return quantiles of ways given only by their free-flow seconds and their usual seconds."""
        earliest_s = free_s / self.slack
        unit_s = np.maximum(usual_s - earliest_s, LEAST_SCALE_S)
        return np.asarray(earliest_s + unit_s * np.exp(self.all_pairs.quantile(share)))

    def shape(self, first: str, second: str, at: datetime | None = None, weather: str | None = None) -> DelayShape:
        """Return the shape of a pair for the hours and weather, or the most specific one that is known."""
        of_pair = self.pairs.get((first, second))
        if of_pair is None:
            return self.all_pairs
        hours = "" if at is None else hour_class(at, self.lon)
        specific_first = (Condition(hours, weather or ""), Condition(hours), ANY)
        return next(of_pair[condition] for condition in specific_first if condition in of_pair)

    def learn(self, passages: Sequence[PairPassage], options: LearnOptions | None = None) -> "TravelTimes":
        """Return the distributions learned from these passages alone; what was learned before is dropped."""
        options = options or LearnOptions()
        found = self._delays(passages, options)
        wrong = _wrong_share(found) if options.wrong_share is None else options.wrong_share
        possible = [delays.possible() for delays in found]
        all_pairs = _joined(possible).shape(BUILT_IN, wrong)
        pairs = {delays.pair: delays.by_condition(all_pairs, wrong) for delays in possible}
        return replace(self, all_pairs=all_pairs, pairs=pairs)

    def scale(self, first: str, second: str) -> PairScale | None:
        """Return the scale of a pair, None where no road connects it."""
        if self.times is None or first not in self.times.ids or second not in self.times.ids:
            return None
        leg = self.times.between(first, second)
        return PairScale.of(leg.free_s, leg.usual_s, self.slack) if np.isfinite(leg.free_s) else None

    def _delays(self, passages: Sequence[PairPassage], options: LearnOptions) -> list["_Delays"]:
        """Return the delays of each pair that roads connect, in order of the pairs."""
        by_pair: dict[tuple[str, str], list[PairPassage]] = defaultdict(list)
        for passage in passages:
            by_pair[passage.first, passage.second].append(passage)
        found = []
        for pair, of_pair in sorted(by_pair.items()):
            scale = self.scale(*pair)
            if scale is not None:
                conditions = tuple(map(self.condition, of_pair))
                elapsed_s = np.array([passage.elapsed_s for passage in of_pair], dtype=np.float64)
                found.append(_Delays.of(pair, scale, elapsed_s, conditions, options.window_s))
        return found

    def condition(self, passage: PairPassage) -> Condition:
        """Return the hours and the weather of a passage."""
        if passage.at is None:
            return ANY
        return Condition(hour_class(passage.at, self.lon), passage.weather or "")


@dataclass(frozen=True, eq=False)
class _Delays:
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
    ) -> "_Delays":
        """Return the delays on the scale of the pair."""
        u = scale.to_u(elapsed_s)
        # Wrong pairs are uniform over the possible times; this is their density in u.
        possible_s = max(window_s - scale.earliest_s, scale.unit_s)
        log_wrong = np.where(np.isfinite(u), u, 0.0) + np.log(scale.unit_s / possible_s)
        return cls(pair, u, log_wrong, conditions, min(scale.earliest_s / window_s, 1.0))

    def possible(self) -> "_Delays":
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

    def _only(self, kept: Flags) -> "_Delays":
        conditions = tuple(compress(self.conditions, kept))
        return replace(self, u=self.u[kept], log_wrong=self.log_wrong[kept], conditions=conditions)


def _joined(parts: Sequence[_Delays]) -> _Delays:
    nothing = np.zeros(0)
    u = np.concatenate([nothing, *(part.u for part in parts)])
    log_wrong = np.concatenate([nothing, *(part.log_wrong for part in parts)])
    return _Delays(("", ""), u, log_wrong, (), 0.0)


def _wrong_share(found: Sequence[_Delays]) -> float:
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
