"""Model the travel time between two cameras as a distribution, from the roads alone or learned from passages.

All pairs of cameras share one scale of time: u = log((t - e) / (m - e)), where e is the earliest time of the pair and m
its usual time at these hours. On this scale the distributions of all pairs have a similar shape, so a pair with few
passages learns from the others. How much longer delays are at peak hours, and shorter by night, is fitted on counted
traffic. There are five levels: the built-in shape, the shape of all pairs together, of one pair, of the pair in
a class of hours, and of the pair in these hours and one weather. The shape of each level is that of the level above
with the passages of the level mixed in (a hierarchy of Dirichlet priors).
"""

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache, cached_property
from typing import Any

import numpy as np

from roadgraph.arrays import Floats, Ints
from roadgraph.camera_times import CameraTimes, Leg
from roadgraph.delay_shape import BUILT_IN, DelayShape, ShapeTable
from roadgraph.pair_delays import ANY, LEAST_SCALE_S, SLACK, Condition, Delays, PairScale, joined, wrong_share
from roadgraph.straight_line import WIDE, StraightLines
from roadgraph.usual_driving import usual_driving


def hour_class(at: datetime, lon: float = 0.0) -> str:
    """Return the class of hours of a time, by the sun at a longitude: traffic follows the sun more than time zones."""
    return clock_hours(hour_by_sun(at, lon), weekday=at.weekday() < 5)


def hour_by_sun(at: datetime, lon: float) -> float:
    """Return the hour of a UTC time by the sun at a longitude."""
    return (at.hour + at.minute / 60 + lon / 15) % 24


def clock_hours(hour: float, *, weekday: bool = True) -> str:
    """Return the class of an hour of the local clock."""
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
class LearnOptions:
    """How passages were paired: the window of time within which pairs were sought, and the share of wrong pairs.

    Where the share is None it is estimated from the pairs that are impossible because they come before the earliest
    time: wrong pairs fall anywhere in the window. If impossible pairs were left out beforehand, give the share.
    """

    window_s: float = 1800.0
    wrong_share: float | None = None


@dataclass(frozen=True, eq=False)
class TravelTimes:
    """The distributions of travel time of all pairs; before any passage is learned, those from the roads alone.

    Pairs that no road joins take their scale from the `straight` line, if given, and their shape from `straight_pairs`.
    """

    times: CameraTimes | None = None
    lon: float = 0.0
    slack: float = SLACK
    all_pairs: DelayShape = BUILT_IN
    pairs: Mapping[tuple[str, str], Mapping[Condition, DelayShape]] = field(default_factory=dict)
    straight: StraightLines | None = None
    straight_pairs: DelayShape = WIDE

    def log_density(
        self, first: str, second: str, elapsed_s: Any, at: datetime | None = None, weather: str | None = None
    ) -> Floats:
        """Return log p(elapsed | same vehicle) per second, -inf if too early; `at` is the time at the first camera."""
        scale = self.scale(first, second, at)
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
        scale = self.scale(first, second, at)
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
            return self.all_pairs if self.has_way(first, second) else self.straight_pairs
        return _most_specific(of_pair, self._hours(at), weather or "")

    def shape_table(
        self, starts: Ints, ends: Ints, at: datetime | None = None, weather: str | None = None
    ) -> tuple[Ints, ShapeTable]:
        """Return the shapes of pairs of cameras, given by their numbers: the row of each pair in a table, the table.

        It has the shapes of these pairs alone, first those of all pairs without passages of their own.
        """
        starts, ends, each = distinct_pairs(starts, ends)
        place = self._shared_shape(starts, ends)
        if self.times is not None and len(self._learned_codes):
            codes = starts * len(self.times.ids) + ends
            own = np.minimum(np.searchsorted(self._learned_codes, codes), len(self._learned_codes) - 1)
            place = np.where((self._learned_codes[own] == codes) & (starts >= 0) & (ends >= 0), own, place)
        found, rows = np.unique(place, return_inverse=True)
        learned = self._learned_shapes(self._hours(at), weather or "")
        return rows.reshape(place.shape)[each], ShapeTable.of([learned[number] for number in found.tolist()])

    def learn(self, passages: Sequence[PairPassage], options: LearnOptions | None = None) -> "TravelTimes":
        """Return the distributions learned from these passages alone; what was learned before is dropped."""
        options = options or LearnOptions()
        found = self._delays(passages, options)
        wrong = wrong_share(found) if options.wrong_share is None else options.wrong_share
        possible = [delays.possible() for delays in found]
        by_road = [delays for delays in possible if self.has_way(*delays.pair)]
        straight = [delays for delays in possible if not self.has_way(*delays.pair)]
        all_pairs = joined(by_road).shape(BUILT_IN, wrong)
        straight_pairs = joined(straight).shape(WIDE, wrong)
        pairs = {delays.pair: delays.by_condition(all_pairs, wrong) for delays in by_road}
        pairs |= {delays.pair: delays.by_condition(straight_pairs, wrong) for delays in straight}
        return replace(self, all_pairs=all_pairs, straight_pairs=straight_pairs, pairs=pairs)

    def scale(self, first: str, second: str, at: datetime | None = None) -> PairScale | None:
        """Return the scale of a pair at a time of day, None where nothing connects it."""
        if self.times is None or first not in self.times.code_of or second not in self.times.code_of:
            return None
        by_road = self.leg_scale(self.times.between(first, second), at)
        if by_road is not None or self.straight is None:
            return by_road
        codes = (np.array([self.times.code_of[camera]]) for camera in (first, second))
        earliest_s, beyond_s = self.straight.scales(*codes)
        return PairScale(float(earliest_s[0]), float(beyond_s[0]))

    def leg_scale(self, leg: Leg, at: datetime | None = None) -> PairScale | None:
        """Return the scale of a leg at a time of day, None where there is no way."""
        if not np.isfinite(leg.free_s):
            return None
        return PairScale.of(leg.free_s, leg.usual_s, self.slack).longer(self._delays_at(at))

    def scales(self, starts: Ints, ends: Ints, at: datetime | None = None) -> tuple[Floats, Floats]:
        """Return the earliest seconds and the unit of pairs of cameras, given by their numbers; inf where no way."""
        if self.times is None:
            raise ValueError("travel times without a camera matrix have no scales: give them `times`")
        starts, ends, each = distinct_pairs(starts, ends)
        earliest_s = self.times.of_pairs(self.times.free_s, starts, ends) / self.slack
        with np.errstate(invalid="ignore"):
            beyond_s = self.times.of_pairs(self.times.usual_s, starts, ends) - earliest_s
        unit_s = np.fmax(beyond_s, LEAST_SCALE_S) * self._delays_at(at)
        no_way = np.isinf(earliest_s)
        if self.straight is None or not no_way.any():
            return earliest_s[each], unit_s[each]
        straight_s, straight_unit_s = self.straight.scales(starts, ends)
        return np.where(no_way, straight_s, earliest_s)[each], np.where(no_way, straight_unit_s, unit_s)[each]

    def has_way(self, first: str, second: str) -> bool:
        """Tell whether the roads of the map lead from one camera to another."""
        known = self.times is not None and first in self.times.code_of and second in self.times.code_of
        return known and self.times is not None and bool(np.isfinite(self.times.between(first, second).free_s))

    def _delays_at(self, at: datetime | None) -> float:
        """Return by what the usual delays are multiplied at a time of day; 1 where it is not known."""
        return 1.0 if at is None else usual_driving().hours[self._hours(at)]

    def _hours(self, at: datetime | None) -> str:
        return "" if at is None else hour_class(at, self.lon)

    @cached_property
    def _learned_pairs(self) -> tuple[tuple[int, tuple[str, str]], ...]:
        """Return the pairs with passages whose cameras are on the map, each with its code, in order of the codes."""
        code_of = {} if self.times is None else self.times.code_of
        on_map = [pair for pair in self.pairs if pair[0] in code_of and pair[1] in code_of]
        return tuple(
            sorted((code_of[first] * len(code_of) + code_of[second], (first, second)) for first, second in on_map)
        )

    @cached_property
    def _learned_codes(self) -> Ints:
        return np.array([code for code, _ in self._learned_pairs], dtype=np.int64)

    @cached_property
    def _learned_shapes(self) -> Callable[[str, str], tuple[DelayShape, ...]]:
        """Return a function from hours and weather to the shapes of learned pairs and, last, those of all others."""
        pairs = [self.pairs[pair] for _, pair in self._learned_pairs]
        others = (self.straight_pairs, self.all_pairs)
        return cache(lambda hours, weather: (*(_most_specific(of_pair, hours, weather) for of_pair in pairs), *others))

    def _shared_shape(self, starts: Ints, ends: Ints) -> Ints:
        """Return the place, from the end, of the shape of pairs without passages: all pairs, or those without way."""
        place = np.full(np.broadcast_shapes(starts.shape, ends.shape), -1, dtype=np.int64)
        if self.times is None or self.straight is None:
            return place
        return np.where(np.isinf(self.times.of_pairs(self.times.free_s, starts, ends)), -2, place)

    def _delays(self, passages: Sequence[PairPassage], options: LearnOptions) -> list["Delays"]:
        """Return the delays of each pair that has a scale, in order of the pairs."""
        by_pair: dict[tuple[str, str], list[PairPassage]] = defaultdict(list)
        for passage in passages:
            by_pair[passage.first, passage.second].append(passage)
        found = []
        for pair, of_pair in sorted(by_pair.items()):
            scale = self.scale(*pair)
            if scale is not None:
                conditions = tuple(map(self.condition, of_pair))
                elapsed_s = np.array([passage.elapsed_s for passage in of_pair], dtype=np.float64)
                hours = [self._delays_at(passage.at) if self.has_way(*pair) else 1.0 for passage in of_pair]
                found.append(Delays.of(pair, scale, elapsed_s, conditions, options.window_s, np.array(hours)))
        return found

    def condition(self, passage: PairPassage) -> Condition:
        """Return the hours and the weather of a passage."""
        if passage.at is None:
            return ANY
        return Condition(hour_class(passage.at, self.lon), passage.weather or "")


def distinct_pairs(starts: Ints, ends: Ints) -> tuple[Ints, Ints, Any]:
    """Return the pairs of all different starts and ends, and the place of each pair asked about among them.

    Many sightings are of few cameras. Where that would be no fewer, the pairs come back as they are.
    """
    shape = np.broadcast_shapes(starts.shape, ends.shape)
    few_starts, start = np.unique(starts, return_inverse=True)
    few_ends, end = np.unique(ends, return_inverse=True)
    if few_starts.size * few_ends.size >= math.prod(shape):
        return starts, ends, ...
    return few_starts[:, None], few_ends[None, :], (start.reshape(starts.shape), end.reshape(ends.shape))


def _most_specific(of_pair: Mapping[Condition, DelayShape], hours: str, weather: str) -> DelayShape:
    """Return the shape of a pair for the hours and weather, else for the hours, else for any time."""
    conditions = (Condition(hours, weather), Condition(hours), ANY)
    return next(of_pair[condition] for condition in conditions if condition in of_pair)
