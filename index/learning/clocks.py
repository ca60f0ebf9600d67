"""Learn how far the clocks of cameras are off from the vehicles that passed them, and keep it with the archive.

Every two sightings of two near cameras may show one vehicle; `likely_pairs` weighs how probably they do, and
`roadgraph.clocks` solves all clocks together. A clock that a person set, or that another source told, is believed.
"""

import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from index.access import permissions
from index.access.permissions import Permission
from index.learning.camera_views import CameraView, recent_views
from index.learning.clock_rates import at_true_rate, estimate_rates
from index.learning.file_clocks import learn_file_clocks
from index.learning.learned_clock import LearnedClock, is_narrow, keep_clock
from index.learning.likely_pairs import likely_pairs
from index.map.places import current_places, placements_of
from index.map.sighting_roads import take_roads_of_moved
from index.search.calibration import AppearanceScale
from index.store.archive import Archive
from index.store.catalogue import Connection, audit, cameras, footage, sightings
from index.store.catalogue import clocks as stored_clocks
from index.store.catalogue.clocks import PASSAGES, CameraClock, by_camera
from index.store.catalogue.people import Person
from roadgraph.camera_times import CameraTimes
from roadgraph.clock_pairs import ClockDifference, clock_difference
from roadgraph.clock_rates import RIGHT, RateEstimate
from roadgraph.clocks import OffsetEstimate, solve_clocks

_log = logging.getLogger(__name__)

NEWEST = 300
"""Clocks drift: so many of the newest sightings of each camera count."""

FARTHEST_APART_S = 420.0
"""Cameras with a longer usual travel time say little about each other's clocks."""

NEIGHBOURS = 8
"""Each camera is compared with so many of the nearest."""


def learn_clocks(archive: Archive, person: Person, only: Collection[str] | None = None) -> tuple[LearnedClock, ...]:
    """Estimate every clock that nobody set from the newest sightings, and keep the estimates that can be relied on.

    With `only`, the clocks of these cameras; what was learned of the others is taken as it is. An archive without
    roads, or without two near cameras, learns nothing.
    """
    permissions.require(archive, person, Permission.INGEST)
    with archive.catalogue.writing() as connection:
        filming = sightings.cameras_with_any(connection)
        looked_at = filming if only is None else filming & frozenset(only)
        cameras.hold(connection, looked_at)
        take_roads_of_moved(connection, learn_file_clocks(connection, looked_at))
    places = current_places(archive)
    if places.graph is None or places.travel.times is None:
        return ()
    times = places.travel.times
    asked = frozenset(times.ids if only is None else only)
    with archive.catalogue.reading() as connection:
        near = near_pairs(times, asked, filming)
        since = placements_of(archive).standing_since()
        recent = recent_views(connection, {camera for pair in near for camera in pair}, NEWEST, since)
        stored = by_camera(stored_clocks.all_offsets(connection))
        filmed = _filmed(connection)
    known = {id_: one for id_, one in stored.items() if _is_believed(one, is_asked=id_ in asked)}
    view_of = {view.camera: view for view in recent.views}
    pairs = [(view_of[first], view_of[second]) for first, second in near if {first, second} <= view_of.keys()]
    clocks = tuple(
        replace(clock, before_s=_before_s(stored.get(clock.camera), clock))
        for clock in estimate_clocks(pairs, times, recent.scale, known)
        if clock.camera in asked
    )
    kept = {clock.camera: round(clock.estimate.offset_s, 1) for clock in clocks if clock.kept}
    with archive.catalogue.writing() as connection:
        cameras.hold(connection, (clock.camera for clock in clocks))
        if not filmed <= _filmed(connection):
            _log.warning("no clock was learned, as footage was moved or removed meanwhile: learn again")
            return ()
        changed = [
            clock.camera
            for clock in clocks
            if keep_clock(connection, clock, view_of[clock.camera], whole=clock.camera in recent.whole)
        ]
        take_roads_of_moved(connection, changed)
        if kept:
            # In one transaction: whoever is stopped in between sets no clock without a trace.
            at, detail = datetime.now(UTC), {"ahead_s": kept}
            audit.append(connection, at=at, person=person.id, action="learn clocks", detail=detail)
    return clocks


def _filmed(connection: Connection) -> set[tuple[str, str, datetime]]:
    """Return each file of footage with its camera and start: on these rests all that is learned of clocks."""
    return {(one.id, one.camera, one.start) for one in footage.listing(connection)}


def learn_clocks_of_footage(archive: Archive, person: Person, ids: Iterable[str]) -> tuple[LearnedClock, ...]:
    """Estimate the clocks of the cameras that filmed some footage."""
    with archive.catalogue.reading() as connection:
        filmed = [footage.get(connection, id_) for id_ in ids]
    return learn_clocks(archive, person, {one.camera for one in filmed if one is not None})


def estimate_clocks(
    near: Iterable[tuple[CameraView, CameraView]],
    times: CameraTimes,
    scale: AppearanceScale,
    known: Mapping[str, CameraClock],
) -> tuple[LearnedClock, ...]:
    """Return what near cameras tell of each clock that is not known; `scale` turns similarity into an llr."""
    views = [(by_true_time(first, known), by_true_time(second, known)) for first, second in near]
    rates = estimate_rates(views, times, scale, known)
    differences: list[ClockDifference] = []
    shared: dict[str, dict[str, float]] = {}
    shown: dict[str, CameraView] = {view.camera: view for pair in views for view in pair}
    for first, second in views:
        pairs = likely_pairs(
            at_true_rate(first, rates.get(first.camera)), at_true_rate(second, rates.get(second.camera)), times, scale
        )
        if len(pairs.elapsed_s):
            difference = clock_difference(first.camera, second.camera, pairs)
            if not difference.vehicles:
                continue
            differences.append(difference)
            shared.setdefault(first.camera, {})[second.camera] = difference.vehicles
            shared.setdefault(second.camera, {})[first.camera] = difference.vehicles
    estimates = solve_clocks(differences, known)
    return tuple(
        _learned(shown[camera], estimate, rates.get(camera, RIGHT), shared[camera])
        for camera, estimate in sorted(estimates.items())
    )


def _learned(
    view: CameraView, estimate: OffsetEstimate, rate: RateEstimate, shared: Mapping[str, float]
) -> LearnedClock:
    """Return the estimate for the middle of what a camera saw; that of a righted rate is for its first sighting."""
    first_s, last_s = float(view.clock_s.min()), float(view.clock_s.max())
    at_s = (first_s + last_s) / 2
    gained_s = rate.drift * (at_s - first_s)
    low_s, high_s = estimate.low_s + gained_s, estimate.high_s + gained_s
    moved = OffsetEstimate(estimate.offset_s + gained_s, low_s, high_s, estimate.helps)
    return LearnedClock(view.camera, moved, sum(shared.values()), tuple(sorted(shared)), rate=rate, at_s=at_s)


def by_true_time(view: CameraView, known: Mapping[str, CameraClock]) -> CameraView:
    """Return what a camera saw by true time, if its clock is known."""
    clock = known.get(view.camera)
    if clock is None:
        return view
    ahead_s = [clock.ahead_s(datetime.fromtimestamp(shown_s, UTC)) for shown_s in view.clock_s.tolist()]
    return replace(view, clock_s=view.clock_s - np.array(ahead_s, dtype=np.float64))


def _is_believed(stored: CameraClock, *, is_asked: bool) -> bool:
    """Return whether what is stored of a clock tells those around: not what passages told, if they are asked again."""
    newest = stored.offsets[-1]
    return newest.source != PASSAGES or (not is_asked and is_narrow(newest))


def _before_s(stored: CameraClock | None, clock: LearnedClock) -> float | None:
    """Return what the archive said of a clock before, if that was more than a doubt."""
    told = stored is not None and is_narrow(stored.offsets[-1])
    return stored.offsets[-1].ahead_s(clock.at) if stored is not None and told else None


def near_pairs(times: CameraTimes, asked: Collection[str], with_sightings: Collection[str]) -> list[tuple[str, str]]:
    """Return the pairs of cameras that can tell the clocks of those asked about: each with its nearest."""
    between = times.per_camera(times.usual_s)
    has_any = np.array([camera in with_sightings for camera in times.ids], dtype=bool)
    usual_s = np.where(has_any[None, :], np.minimum(between, between.T), np.inf)
    np.fill_diagonal(usual_s, np.inf)
    found = set()
    for row in [row for row, camera in enumerate(times.ids) if camera in asked and has_any[row]]:
        nearest = np.argsort(usual_s[row], kind="stable")[:NEIGHBOURS].tolist()
        near = [other for other in nearest if usual_s[row, other] <= FARTHEST_APART_S]
        found |= {(min(row, other), max(row, other)) for other in near}
    return [(times.ids[first], times.ids[second]) for first, second in sorted(found)]
