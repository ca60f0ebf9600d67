"""Weigh which sightings of two cameras show one vehicle, by looks, plates and verdicts, but not by their times."""

from collections.abc import Sequence

import numpy as np

from index.learning.camera_views import CameraView
from index.search.calibration import AppearanceScale, appearance_llr
from index.search.looks import Pictures, SharedLook, View
from reid.arrays import Flags, Floats
from roadgraph.camera_times import CameraTimes
from roadgraph.clock_pairs import LikelyPairs
from roadgraph.pair_delays import PairScale

LONGEST_S = 900.0
"""A vehicle that takes longer by the clocks went somewhere else meanwhile."""

MOST_PAIRS = 600
"""The likeliest pairs of two cameras that count."""

MOST_OF_EACH = 2
"""So many passages of one vehicle past two cameras count."""

LEAST_ODDS = 1e-3

SOONEST = 1.5
"""Nobody drives faster than the free-flow time divided by this: one hasty driver must not rule the true clocks out."""

SMOOTH_S = 45.0
"""The density of the seconds between sightings of two vehicles is counted over so much either way."""


def likely_pairs(first: CameraView, second: CameraView, times: CameraTimes, scale: AppearanceScale) -> LikelyPairs:
    """Return the pairs of sightings at two cameras that may show one vehicle, the likeliest of very many."""
    elapsed_s = second.clock_s[None, :] - first.clock_s[:, None]
    near = np.abs(elapsed_s) <= LONGEST_S
    known = near & (first.vehicle[:, None] == second.vehicle[None, :]) & (first.vehicle[:, None] >= 0)
    known = _newest_of_each(known, first)
    odds, rival_odds = looks_odds(first, second, near, scale)
    weight = np.where(known, np.inf, odds / (1 + rival_odds))
    rows, columns = np.nonzero(known | (odds > LEAST_ODDS))
    likeliest = np.argsort(-weight[rows, columns], kind="stable")[:MOST_PAIRS]
    rows, columns = rows[likeliest], columns[likeliest]
    places = list(zip(rows.tolist(), columns.tolist(), strict=True))
    roads = [(first.edges[row], second.edges[column]) for row, column in places]
    there, back = _drives(times, first.camera, second.camera, roads)
    chosen = elapsed_s[rows, columns]
    return LikelyPairs(
        elapsed_s=chosen,
        middle_s=first.clock_s[rows] + chosen / 2,
        odds=odds[rows, columns],
        rival_odds=rival_odds[rows, columns],
        known=known[rows, columns],
        other_density=_density_at(chosen, elapsed_s[near]),
        there_earliest_s=there[:, 0],
        there_unit_s=there[:, 1],
        back_earliest_s=back[:, 0],
        back_unit_s=back[:, 1],
    )


def looks_odds(first: CameraView, second: CameraView, near: Flags, scale: AppearanceScale) -> tuple[Floats, Floats]:
    """Return the odds (n, m) that two sightings show one vehicle, and those of all pairs of either sighting together.

    A sighting shows one vehicle, so its pairs compete; each had the same chance before anybody looked.
    """
    llr = _appearance(first, second, scale)
    count = np.sqrt(np.maximum(near.sum(axis=1, keepdims=True), 1) * np.maximum(near.sum(axis=0, keepdims=True), 1))
    possible = near & first.has_vectors[:, None] & second.has_vectors[None, :] & ~_differ(first.plates, second.plates)
    odds = np.where(possible, np.exp(llr) / count, 0.0)
    return odds, np.sqrt(odds.sum(axis=1, keepdims=True) * odds.sum(axis=0, keepdims=True))


def _newest_of_each(known: Flags, first: CameraView) -> Flags:
    """Return the known pairs (n, m), of each vehicle the newest few: one vehicle is no proof of a clock."""
    rows, columns = np.nonzero(known)
    kept = np.zeros_like(known)
    of_vehicle: dict[int, int] = {}
    for at in np.argsort(-first.clock_s[rows], kind="stable").tolist():
        vehicle = int(first.vehicle[rows[at]])
        of_vehicle[vehicle] = of_vehicle.get(vehicle, 0) + 1
        kept[rows[at], columns[at]] = of_vehicle[vehicle] <= MOST_OF_EACH
    return kept


def _appearance(first: CameraView, second: CameraView, scale: AppearanceScale) -> Floats:
    """Return the llr (n, m) that two sightings show one vehicle, by looks, from the side of either."""
    llr = np.zeros((len(first.clock_s), len(second.clock_s)))
    if not first.has_vectors.any() or not second.has_vectors.any():
        return llr
    own, others = ([each[each.any(axis=1)] for each in view.vectors[view.has_vectors]] for view in (first, second))
    by_first, by_second = (_looked_at(view) for view in (first, second))
    shared = SharedLook.of(Pictures.of([*own, *others]), [*by_first, *by_second])
    taken_off = shared.taken_off(Pictures.of(own), by_first)
    similarity = taken_off.alike(shared.taken_off(Pictures.of(others), by_second))
    both = np.ix_(first.has_vectors, second.has_vectors)
    llr[both] = 0.5 * (_llrs(similarity, scale) + _llrs(similarity.T, scale).T)
    return llr


def _looked_at(view: CameraView) -> list[View]:
    """Return the camera and the road of each sighting whose looks are known."""
    return [(view.camera, road) for road, known in zip(view.edges, view.has_vectors, strict=True) if known]


def _llrs(similarity: Floats, scale: AppearanceScale) -> Floats:
    return np.stack([appearance_llr(row, scale) for row in similarity])


def _differ(first: Sequence[str | None], second: Sequence[str | None]) -> Flags:
    """Tell which pairs of plates are read with confidence and not alike."""
    texts = {text: number for number, text in enumerate(sorted({*first, *second} - {None}, key=str))}
    rows, columns = (np.array([texts.get(text, -1) if text else -1 for text in own]) for own in (first, second))
    both = (rows[:, None] >= 0) & (columns[None, :] >= 0)
    return np.asarray(both & (rows[:, None] != columns[None, :]))


def _drives(
    times: CameraTimes, first: str, second: str, roads: Sequence[tuple[int | None, int | None]]
) -> tuple[Floats, Floats]:
    """Return the earliest time and the scale (n, 2) of the drives there and back on the roads that sightings took."""
    different = sorted(set(roads), key=str)
    there = {one: _drive(times, first, second, *one) for one in different}
    back = {one: _drive(times, second, first, *reversed(one)) for one in different}
    of_pairs = [np.array([way[one] for one in roads], dtype=np.float64).reshape(-1, 2) for way in (there, back)]
    return of_pairs[0], of_pairs[1]


def _drive(
    times: CameraTimes, start: str, end: str, start_edge: int | None, end_edge: int | None
) -> tuple[float, float]:
    leg = times.between(start, end, first_edge=start_edge, second_edge=end_edge)
    if not np.isfinite(leg.free_s):
        return np.inf, np.inf
    scale = PairScale.of(leg.free_s, leg.usual_s, SOONEST)
    return scale.earliest_s, scale.unit_s


def _density_at(seconds: Floats, every: Floats) -> Floats:
    """Return the density of the seconds between sightings of any two vehicles, counted around each of `seconds`."""
    ordered = np.sort(every)
    around = np.searchsorted(ordered, seconds + SMOOTH_S) - np.searchsorted(ordered, seconds - SMOOTH_S)
    return np.asarray(np.maximum(around, 1) / (2 * SMOOTH_S * max(len(every), 1)))
