"""Store the travel times learned from passages in the catalogue, and load them again."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np

from index.store.catalogue import Connection, models
from index.store.catalogue.models import LearnedTime, StoredCalibration
from roadgraph.delay_shape import DelayShape
from roadgraph.travel_time import ANY, Condition, PairScale, TravelTimes

MODEL = "delays:1"
KIND = "travel times"
ALWAYS = "all"
LEAST_PASSAGES = 5
"""Hours and weathers with fewer passages are not stored: they add little to the pair's own times."""
SAME_SCALE = 0.02
"""Learned times of a pair are dropped if its times on the roads have changed by a larger share since."""


def store_learned(
    connection: Connection, travel: TravelTimes, passages: Counter[tuple[str, str, Condition]], at: datetime
) -> None:
    """Store what was learned, replacing what was learned before."""
    scales = _scales(travel)
    rows = []
    for (first, second), shapes in sorted(travel.pairs.items()):
        earliest_s, unit_s = scales[first, second]
        where = {"earliest_s": round(earliest_s, 3), "unit_s": round(unit_s, 3)}
        rows += [
            LearnedTime(
                from_camera=first,
                to_camera=second,
                model=MODEL,
                hours=_name(condition),
                passages=passages[first, second, condition],
                content=where | shape.as_content(),
                learned_at=at,
            )
            for condition, shape in sorted(shapes.items())
            if condition == ANY or passages[first, second, condition] >= LEAST_PASSAGES
        ]
    models.replace_times(connection, MODEL, rows)
    total = sum(count for (_, _, condition), count in passages.items() if condition == ANY)
    whole = StoredCalibration(KIND, MODEL, travel.all_pairs.as_content(), f"{total} passages", at)
    models.add_calibration(connection, whole)


def with_learned(connection: Connection, travel: TravelTimes) -> TravelTimes:
    """Return the travel times with the learned shapes that still hold; unchanged where nothing was learned."""
    whole = models.newest_calibration(connection, KIND, MODEL)
    if whole is None:
        return travel
    scales = _scales(travel)
    pairs: dict[tuple[str, str], dict[Condition, DelayShape]] = defaultdict(dict)
    for one in models.learned_times(connection, MODEL):
        pair = (one.from_camera, one.to_camera)
        if pair in scales and _still_holds(one.content, *scales[pair]):
            pairs[pair][_condition(one.hours)] = DelayShape.from_content(one.content)
    return replace(travel, all_pairs=DelayShape.from_content(whole.content), pairs=dict(pairs))


def _scales(travel: TravelTimes) -> dict[tuple[str, str], tuple[float, float]]:
    """Return (earliest seconds, unit) of every pair of cameras that roads connect."""
    times = travel.times
    if times is None:
        return {}
    free_s, usual_s = times.per_camera(times.free_s), times.per_camera(times.usual_s)
    scales = {}
    for (row, column), free in np.ndenumerate(free_s):
        if np.isfinite(free):
            scale = PairScale.of(float(free), float(usual_s[row, column]), travel.slack)
            scales[times.ids[row], times.ids[column]] = (scale.earliest_s, scale.unit_s)
    return scales


def _still_holds(content: Mapping[str, Any], earliest_s: float, unit_s: float) -> bool:
    return _same(content, "earliest_s", earliest_s) and _same(content, "unit_s", unit_s)


def _same(content: Mapping[str, Any], name: str, now_s: float) -> bool:
    return abs(float(content[name]) - now_s) <= SAME_SCALE * max(now_s, 1.0)


def _name(condition: Condition) -> str:
    return "/".join(part for part in (condition.hours, condition.weather) if part) or ALWAYS


def _condition(name: str) -> Condition:
    return ANY if name == ALWAYS else Condition(*name.split("/", 1))
