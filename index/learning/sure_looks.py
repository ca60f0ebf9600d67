"""Pair sightings that look so much alike that they surely show one vehicle, where no road joins their cameras.

With a road map the time a drive takes is known before anybody drove. Without one it must be learned from vehicles, and
few plates are read twice; so looks join pairs too, where both sightings have no rival that looks nearly as alike.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

import numpy as np

from index.learning.camera_views import CameraView, recent_views
from index.learning.clocks import by_true_time
from index.learning.known_pairs import WINDOW_S, KnownPair
from index.learning.likely_pairs import looks_odds
from index.map.places import Places
from index.search.calibration import AppearanceScale
from index.store.catalogue import Connection
from index.store.catalogue.clocks import CameraClock
from reid.arrays import Floats

NEWEST = 600
"""So many of the newest sightings of each camera are compared."""

MOST_CAMERA_PAIRS = 400
"""Looks are compared between so many pairs of cameras at most, the nearest first."""

LEAST_PROBABILITY = 0.5
"""Pairs that are less sure, by looks in competition with all others, teach nothing."""


@dataclass(frozen=True, slots=True)
class SureLooks:
    """Pairs of sightings joined by looks alone, and the share of them that is expected to be wrong."""

    pairs: tuple[KnownPair, ...]
    wrong_share: float


def sure_looks(
    connection: Connection,
    places: Places,
    clocks: Mapping[str, CameraClock],
    since: Mapping[str, datetime] = MappingProxyType({}),
) -> SureLooks:
    """Return the pairs that surely show one vehicle, of cameras that no road joins, after correcting the clocks.

    `since` is when each camera was put where it stands.
    """
    apart = _pairs_without_way(places)
    recent = recent_views(connection, {camera for pair in apart for camera in pair}, NEWEST, since)
    view_of = {view.camera: by_true_time(view, clocks) for view in recent.views}
    pairs, probabilities = [], []
    for first, second in apart:
        if first in view_of and second in view_of:
            for pair, probability in _sure_pairs(view_of[first], view_of[second], recent.scale):
                pairs.append(pair)
                probabilities.append(probability)
    return SureLooks(tuple(pairs), 1 - float(np.mean(probabilities)) if pairs else 0.0)


def _pairs_without_way(places: Places) -> list[tuple[str, str]]:
    """Return the pairs of cameras that no road joins either way, the nearest first, those without a place last."""
    times, straight = places.travel.times, places.travel.straight
    if times is None or straight is None or len(times.ids) < 2:
        return []
    rows, columns = np.triu_indices(len(times.ids), k=1)
    free_s = times.of_pairs(times.free_s, rows, columns)
    rows, columns = rows[np.isinf(free_s)], columns[np.isinf(free_s)]
    nearest = np.argsort(straight.metres(rows, columns), kind="stable")[:MOST_CAMERA_PAIRS]
    return [(times.ids[row], times.ids[column]) for row, column in zip(rows[nearest], columns[nearest], strict=True)]


def _sure_pairs(first: CameraView, second: CameraView, scale: AppearanceScale) -> Iterator[tuple[KnownPair, float]]:
    """Yield the sure pairs of two cameras with their probability, each sighting once."""
    elapsed_s = second.clock_s[None, :] - first.clock_s[:, None]
    odds, rival_odds = looks_odds(first, second, np.abs(elapsed_s) <= WINDOW_S, scale)
    probability = odds / (1 + rival_odds)
    known = (first.vehicle[:, None] == second.vehicle[None, :]) & (first.vehicle[:, None] >= 0)
    probability[known] = 0.0
    for row, column in _best_of_both(probability):
        yield _pair(first, second, row, column), float(probability[row, column])


def _best_of_both(probability: Floats) -> Sequence[tuple[int, int]]:
    """Return the entries that are the highest of their row and of their column, and high enough."""
    if not probability.size:
        return []
    best = (probability == probability.max(axis=0)) & (probability == probability.max(axis=1, keepdims=True))
    rows, columns = np.nonzero(best & (probability >= LEAST_PROBABILITY))
    return list(zip(rows.tolist(), columns.tolist(), strict=True))


def _pair(first: CameraView, second: CameraView, row: int, column: int) -> KnownPair:
    """Return a pair in the order of the clocks."""
    start_s, end_s = float(first.clock_s[row]), float(second.clock_s[column])
    if end_s >= start_s:
        at = datetime.fromtimestamp(start_s, UTC)
        return KnownPair(first.camera, second.camera, end_s - start_s, at, first.edges[row], second.edges[column])
    at = datetime.fromtimestamp(end_s, UTC)
    return KnownPair(second.camera, first.camera, start_s - end_s, at, second.edges[column], first.edges[row])
