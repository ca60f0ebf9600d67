"""Store the travel times learned from passages, and which camera follows which, in the catalogue; load them again."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field, replace
from datetime import datetime
from itertools import compress, groupby
from typing import Any

import numpy as np

from index.store.catalogue import Connection, models
from index.store.catalogue.models import DRIVING, LearnedTime, StoredCalibration
from reid.arrays import Floats
from roadgraph.delay_shape import DelayShape, as_shape
from roadgraph.next_counts import NO_COUNTS, NextCounts, NextPassage
from roadgraph.pair_delays import ANY, Condition
from roadgraph.straight_line import WIDE
from roadgraph.travel_time import TravelTimes

Pair = tuple[str, str]
"""Two cameras, the one that is passed first and the other."""

MODEL = "delays:2"
ALWAYS = "all"
LEAST_PASSAGES = 5
"""Hours and weathers with fewer passages are not stored: they add little to the pair's own times."""
SAME_SCALE, OTHER_SCALE = 0.02, 0.15
"""Learned times of a pair count in full if its times on the roads have changed by less than the first share since, and
no longer if by more than the second; between them they fade into what all pairs taught."""


@dataclass(frozen=True, slots=True)
class StoredNext:
    """How many vehicles each camera saw next after each other, and the `roads` whose numbers their roads have."""

    passages: Mapping[NextPassage, int] = field(default_factory=dict)
    roads: str = ""

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> "StoredNext":
        """Return the counts of a stored document; none where it has none."""
        rows = content.get("next", [])
        return cls({NextPassage(*names): int(vehicles) for *names, vehicles in rows}, content.get("roads", ""))

    def as_content(self) -> Mapping[str, Any]:
        """Return the counts as a document."""
        rows = [[*astuple(passage), vehicles] for passage, vehicles in self.passages.items()]
        return {"next": sorted(rows, key=str), "roads": self.roads}


def store_learned(
    connection: Connection,
    travel: TravelTimes,
    passages: Counter[tuple[str, str, Condition]],
    at: datetime,
    following: StoredNext | None = None,
) -> None:
    """Store what was learned, replacing what was learned before."""
    pairs = sorted(travel.pairs)
    rows = []
    for (first, second), earliest_s, unit_s in zip(pairs, *_scales(travel, pairs), strict=True):
        shapes = travel.pairs[first, second]
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
    content = {**travel.all_pairs.as_content(), "straight": travel.straight_pairs.as_content(), "passages": total}
    content |= (following or StoredNext()).as_content()
    models.add_calibration(connection, StoredCalibration(DRIVING, MODEL, content, f"{total} passages", at))


@dataclass(frozen=True, eq=False)
class LearnedTimes:
    """What passages taught: the shapes of all pairs; and of each pair its scale by then, and its shapes."""

    all_pairs: DelayShape
    straight_pairs: DelayShape
    passages: int
    pairs: tuple[Pair, ...]
    earliest_s: Floats
    unit_s: Floats
    shapes: tuple[Mapping[Condition, DelayShape], ...]
    following: StoredNext = field(default_factory=StoredNext)


def read_learned(connection: Connection) -> LearnedTimes | None:
    """Return the learned times as they are stored; None where nothing was learned."""
    whole = models.newest_calibration(connection, DRIVING, MODEL)
    if whole is None:
        return None
    by_pair = groupby(models.learned_times(connection, MODEL), key=lambda one: (one.from_camera, one.to_camera))
    rows = [(pair, list(of_pair)) for pair, of_pair in by_pair]
    return LearnedTimes(
        all_pairs=DelayShape.from_content(whole.content),
        straight_pairs=DelayShape.from_content(whole.content["straight"]) if "straight" in whole.content else WIDE,
        passages=int(whole.content.get("passages", 0)),
        pairs=tuple(pair for pair, _ in rows),
        earliest_s=np.array([float(of_pair[0].content["earliest_s"]) for _, of_pair in rows]),
        unit_s=np.array([float(of_pair[0].content["unit_s"]) for _, of_pair in rows]),
        shapes=tuple(
            {_condition(one.hours): DelayShape.from_content(one.content) for one in of_pair} for _, of_pair in rows
        ),
        following=StoredNext.from_content(whole.content),
    )


def with_learned(travel: TravelTimes, learned: LearnedTimes | None) -> TravelTimes:
    """Return the travel times with the learned shapes that still hold; unchanged where nothing was learned."""
    if learned is None:
        return travel
    share = shares_kept(travel, learned)
    known = compress(zip(learned.pairs, learned.shapes, share.tolist(), strict=True), (share > 0).tolist())
    taught = replace(travel, all_pairs=learned.all_pairs, straight_pairs=learned.straight_pairs)
    return replace(taught, pairs={pair: _faded(taught, pair, shapes, kept) for pair, shapes, kept in known})


def next_counts(travel: TravelTimes, learned: LearnedTimes | None, roads: str) -> NextCounts:
    """Return the vehicles counted from camera to camera, as far as the times between them still hold.

    On another map than these `roads` have numbers of their own, so there the roads that vehicles took are not known.
    """
    if learned is None or not learned.following.passages:
        return NO_COUNTS
    kept = dict(zip(learned.pairs, shares_kept(travel, learned).tolist(), strict=True))
    counts: Counter[NextPassage] = Counter()
    for passage, vehicles in learned.following.passages.items():
        known = passage if learned.following.roads == roads else NextPassage(passage.first, passage.second)
        counts[known] += vehicles * kept.get((passage.first, passage.second), 0.0)
    return NextCounts(counts)


def shares_kept(travel: TravelTimes, learned: LearnedTimes) -> Floats:
    """Return how far the learned times of each pair still count: 1 in full, 0 no longer."""
    earliest_s, unit_s = _scales(travel, learned.pairs)
    changed = np.maximum(_change(learned.earliest_s, earliest_s), _change(learned.unit_s, unit_s))
    share = np.clip((OTHER_SCALE - changed) / (OTHER_SCALE - SAME_SCALE), 0.0, 1.0)
    return np.nan_to_num(share, nan=0.0)


def _faded(
    travel: TravelTimes, pair: Pair, shapes: Mapping[Condition, DelayShape], kept: float
) -> Mapping[Condition, DelayShape]:
    """Return the shapes of a pair mixed with that of all pairs; unchanged where they are kept in full."""
    if kept >= 1:
        return shapes
    prior = travel.all_pairs if travel.has_way(*pair) else travel.straight_pairs
    return {one: as_shape(kept * shape.share + (1 - kept) * prior.share) for one, shape in shapes.items()}


def _scales(travel: TravelTimes, pairs: Sequence[Pair]) -> tuple[Floats, Floats]:
    """Return the earliest seconds and the unit of each pair; NaN where a camera is not on the map or no road leads."""
    code_of = {} if travel.times is None else travel.times.code_of
    codes = np.array([[code_of.get(camera, -1) for camera in pair] for pair in pairs], dtype=np.int64).reshape(-1, 2)
    if not code_of:
        return np.full(len(pairs), np.nan), np.full(len(pairs), np.nan)
    earliest_s, unit_s = travel.scales(codes[:, 0], codes[:, 1])
    known = (codes >= 0).all(axis=1) & np.isfinite(earliest_s)
    return np.where(known, earliest_s, np.nan), np.where(known, unit_s, np.nan)


def _change(then_s: Floats, now_s: Floats) -> Floats:
    """Return by what share times have changed; NaN where they are not known."""
    return np.asarray(np.abs(then_s - now_s) / np.maximum(now_s, 1.0))


def _name(condition: Condition) -> str:
    return "/".join(part for part in (condition.hours, condition.weather) if part) or ALWAYS


def _condition(name: str) -> Condition:
    return ANY if name == ALWAYS else Condition(*name.split("/", 1))
