"""Learn how far the clocks of cameras are off from the vehicles that passed them, and keep it with the archive.

Every two sightings of two near cameras may show one vehicle; `likely_pairs` weighs how probably they do, and
`roadgraph.clocks` solves all clocks together. A clock that a person set, or that another source told, is believed.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np

from index.access import audit, permissions
from index.access.permissions import Permission
from index.learning.camera_views import CameraView, recent_views
from index.learning.likely_pairs import likely_pairs
from index.map.places import current_places
from index.search.calibration import AppearanceScale
from index.store.archive import Archive
from index.store.catalogue import Connection, cameras, footage, sightings
from index.store.catalogue.cameras import ALWAYS, ClockOffset
from index.store.catalogue.people import Person
from roadgraph.camera_times import CameraTimes
from roadgraph.clocks import ClockDifference, OffsetEstimate, clock_difference, solve_clocks

LEARNED = "passages"
"""The source of clock offsets learned here; offsets of other sources are believed and left as they are."""

NEWEST = 300
"""Clocks drift: so many of the newest sightings of each camera count."""

FARTHEST_APART_S = 420.0
"""Cameras with a longer usual travel time say little about each other's clocks."""

NEIGHBOURS = 8
"""Each camera is compared with so many of the nearest."""

WIDEST_S = 20.0
"""An offset with a wider interval would widen search windows more than it corrects them."""

FEWEST_VEHICLES = 3.0


@dataclass(frozen=True, slots=True)
class LearnedClock:
    """The estimate of a clock, the number of vehicles that it rests on, and the cameras that saw them too.

    It is `kept` only if the interval is narrow and excludes zero, and enough vehicles speak for it. That a clock is
    right is what searches believe of an unknown one, and traffic cannot tell it more surely.
    """

    camera: str
    estimate: OffsetEstimate
    vehicles: float
    through: tuple[str, ...]
    before_s: float | None = None
    """What the archive said before."""

    @property
    def is_news(self) -> bool:
        """Return whether a person should hear of it: the clock is surely wrong, and was not known to be so."""
        known = self.before_s is not None and self.estimate.low_s <= self.before_s <= self.estimate.high_s
        return self.kept and not known

    @property
    def kept(self) -> bool:
        """Return whether the archive keeps the estimate."""
        low_s, high_s = self.estimate.low_s, self.estimate.high_s
        return high_s - low_s <= WIDEST_S and not low_s <= 0.0 <= high_s and self.vehicles >= FEWEST_VEHICLES


def learn_clocks(archive: Archive, person: Person, only: Collection[str] | None = None) -> tuple[LearnedClock, ...]:
    """Estimate every clock that nobody set from the newest sightings, and keep the estimates that can be relied on.

    With `only`, the clocks of these cameras; what was learned of the others is taken as it is. An archive without
    roads, or without two near cameras, learns nothing.
    """
    permissions.require(archive, person, Permission.INGEST)
    places = current_places(archive)
    if places is None or places.travel.times is None:
        return ()
    times = places.travel.times
    asked = frozenset(times.ids if only is None else only)
    with archive.catalogue.reading() as connection:
        near = near_pairs(times, asked, sightings.cameras_with_any(connection))
        recent = recent_views(connection, {camera for pair in near for camera in pair}, NEWEST)
        stored = cameras.offsets(connection)
    known_s = {id_: one.offset_s for id_, one in stored.items() if one.source != LEARNED or id_ not in asked}
    view_of = {view.camera: view for view in recent.views}
    pairs = [(view_of[first], view_of[second]) for first, second in near]
    before_s = {id_: one.offset_s for id_, one in stored.items()}
    clocks = tuple(
        replace(clock, before_s=before_s.get(clock.camera))
        for clock in estimate_clocks(pairs, times, recent.scale, known_s)
        if clock.camera in asked
    )
    begins = {view.camera: datetime.fromtimestamp(view.clock_s.min(), UTC) for view in recent.views}
    with archive.catalogue.writing() as connection:
        for clock in clocks:
            _keep(connection, clock, ALWAYS if clock.camera in recent.whole else begins[clock.camera])
    kept = {clock.camera: round(clock.estimate.offset_s, 1) for clock in clocks if clock.kept}
    if kept:
        audit.record(archive, person, "learn clocks", {"ahead_s": kept})
    return clocks


def learn_clocks_of_footage(archive: Archive, person: Person, ids: Iterable[str]) -> tuple[LearnedClock, ...]:
    """Estimate the clocks of the cameras that filmed some footage."""
    with archive.catalogue.reading() as connection:
        filmed = [footage.get(connection, id_) for id_ in ids]
    return learn_clocks(archive, person, {one.camera for one in filmed if one is not None})


def estimate_clocks(
    near: Iterable[tuple[CameraView, CameraView]],
    times: CameraTimes,
    scale: AppearanceScale,
    known_s: Mapping[str, float],
) -> tuple[LearnedClock, ...]:
    """Return what near cameras tell of each clock that is not known; `scale` turns similarity into an llr."""
    differences: list[ClockDifference] = []
    shared: dict[str, dict[str, float]] = {}
    for first, second in ((_corrected(first, known_s), _corrected(second, known_s)) for first, second in near):
        pairs = likely_pairs(first, second, times, scale)
        if len(pairs.elapsed_s):
            difference = clock_difference(first.camera, second.camera, pairs)
            differences.append(difference)
            shared.setdefault(first.camera, {})[second.camera] = difference.vehicles
            shared.setdefault(second.camera, {})[first.camera] = difference.vehicles
    estimates = solve_clocks(differences, dict.fromkeys(known_s, 0.0))
    return tuple(
        LearnedClock(camera, estimate, sum(shared[camera].values()), tuple(sorted(shared[camera])))
        for camera, estimate in sorted(estimates.items())
    )


def _corrected(view: CameraView, known_s: Mapping[str, float]) -> CameraView:
    """Return what a camera saw by true time, if its clock is known."""
    return replace(view, clock_s=view.clock_s - known_s.get(view.camera, 0.0))


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


def _keep(connection: Connection, clock: LearnedClock, since: datetime) -> None:
    """Store an estimate, or forget what an estimate over the same sightings said before.

    One that agrees with the last goes on with it: the clock did not change.
    """
    last = cameras.offsets(connection).get(clock.camera)
    estimate = clock.estimate
    agrees = last is not None and estimate.low_s <= last.offset_s <= estimate.high_s
    if last is not None and agrees and since > last.valid_from:
        since = last.valid_from
    cameras.forget_offsets(connection, LEARNED, camera=clock.camera, since=since)
    if clock.kept:
        bounds = (estimate.offset_s, estimate.low_s, estimate.high_s)
        cameras.set_offset(connection, ClockOffset(clock.camera, *bounds, valid_from=since, source=LEARNED))
