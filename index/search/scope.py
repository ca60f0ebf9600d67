"""Bound a question: the cameras that can have seen the target, when by their own clocks, and gaps in their footage."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import compress, groupby
from operator import attrgetter

import numpy as np

from index.answers import Gap, Query, RestsOn, Searched
from index.dates import YEARS
from index.errors import ArchiveError
from index.map.placements import CameraPlacement
from index.map.places import Places, placements_of
from index.records import Window
from index.search.drives import HALF
from index.search.target import Target
from index.store.archive import Archive
from index.store.catalogue import cameras, sightings
from index.store.catalogue.cameras import ALWAYS, StoredCamera
from index.store.catalogue.clocks import CameraClock, ClockOffset
from index.store.catalogue.columns import from_micros, to_micros
from index.store.catalogue.covered_time import Recorded, covered_time
from index.store.catalogue.windows import Windows
from reid.arrays import Flags, Floats, Ints
from roadgraph.geojson_area import contains
from roadgraph.graph import RoadGraph
from roadgraph.origin import Origin
from roadgraph.reachability import ReachOptions, earliest_arrivals

DIRECTIONS = ("after", "before", "both")
FARTHEST_OFF_ROADS_M = 5000.0
"""A place that is farther than this from every road, beyond its radius, is not on the map."""

_ALWAYS = datetime(YEARS[0] - 1, 1, 1, tzinfo=UTC), datetime(YEARS[-1] + 2, 1, 1, tzinfo=UTC)
"""A year more than any footage has on both sides: in UTC, a time with a zone may lie before or after."""


@dataclass(frozen=True, eq=False)
class Earliest:
    """The cameras to search, by id, and the least seconds from each to the place asked about (before) and back (after).

    They are (n,), and inf where there is no way.
    """

    cameras: tuple[str, ...]
    before_s: Floats
    after_s: Floats


@dataclass(frozen=True, slots=True)
class Scope:
    """Which cameras are searched, and when; `windows` are None where nothing bounds the time: the whole archive."""

    cameras: tuple[str, ...]
    clocks: Mapping[str, CameraClock]
    windows: Sequence[Window] | None

    def clock_errors_s(self, time: datetime | None) -> Mapping[str, float]:
        """Return the usual error of each clock of which something is known at a time (None: lately)."""
        offsets = {id_: clock.offsets[-1] if time is None else clock.at(time) for id_, clock in self.clocks.items()}
        return {id_: usual_error_s(offset, time) for id_, offset in offsets.items() if offset is not None}

    def true_times(self, shown: Sequence[tuple[str, datetime]]) -> list[datetime]:
        """Return the true time of each (camera, time of its clock); a clock that nobody compared is taken as true."""
        true = [time for _, time in shown]
        rows_of: dict[str, list[int]] = {}
        for row, (camera, _) in enumerate(shown):
            if camera in self.clocks:
                rows_of.setdefault(camera, []).append(row)
        for camera, rows in rows_of.items():
            for row, time in zip(rows, self.clocks[camera].true_times([true[row] for row in rows]), strict=True):
                true[row] = time
        return true


def usual_error_s(offset: ClockOffset, time: datetime | None) -> float:
    """Return the error below which half of such clocks lie, if nine of ten lie within the bounds."""
    low_s, high_s = (offset.low_s, offset.high_s) if time is None else offset.bounds_s(time)
    return HALF * (high_s - low_s) / 2


def scope_of(
    archive: Archive,
    places: Places | None,
    query: Query,
    target: Target,
    reaching: ReachOptions | None,
    *,
    trust_clocks: bool = True,
) -> Scope:
    """Return the scope of a question; without a time, or without `reaching`, the roads bound nothing.

    Without `trust_clocks` every clock is taken as true, whatever is known of it.
    """
    placements = placements_of(archive)
    stored, clocks = placements.at(target.time), placements.clocks() if trust_clocks else {}
    with archive.catalogue.reading() as connection:
        for named in (*query.cameras, *([] if query.camera is None else [query.camera])):
            cameras.check_known(connection, named)
    if target.time is None and query.area is not None:
        inside = _stood_inside(query.area, query.cameras, placements.everywhere())
        whole = _always(stored.ids)
        shown = None if inside == whole else _shown_always(inside, clocks)
        return Scope(tuple(dict.fromkeys(inside.cameras)), clocks, shown)
    allowed = _allowed(query, stored)
    if target.time is None:
        return Scope(allowed, clocks, _always(allowed) if len(allowed) < len(stored.ids) else None)
    earliest = _anywhere(allowed)
    if reaching is not None:
        earliest = _reached(places, query, target, allowed, reaching)
    return Scope(earliest.cameras, clocks, windows(query, target.time, earliest, clocks))


def rests_on(places: Places, target: Target, scope: Scope) -> RestsOn:
    """Return what the travel times from the place asked about to the cameras of a scope rest on."""
    cut_off: Collection[str] = ()
    if places.graph is not None and target.camera is not None and target.time is not None:
        there, back = no_way(places, target.camera)
        cut_off = there & back
    moved = tuple(camera for camera in scope.cameras if camera in places.moved)
    shown = tuple(camera for camera in scope.cameras if camera in cut_off and camera not in moved)
    return RestsOn(places.graph is not None, bool(places.where), places.known_passages, shown, moved)


def no_way(places: Places, start: str | Origin) -> tuple[frozenset[str], frozenset[str]]:
    """Return the cameras to which the map knows no way from a start, and those from which it knows none back."""
    if isinstance(start, Origin):
        pieces = places.roads.piece_of_edge
        own = set(pieces[start.edge].tolist())
        other = {one.id for one in places.placed if own.isdisjoint(pieces[[view.edge for view in one.views]].tolist())}
        return frozenset(other), frozenset(other)
    times = places.travel.times
    if times is None or start not in times.code_of:
        return frozenset(), frozenset()
    every, own_code = np.arange(len(times.ids)), np.full(len(times.ids), times.code_of[start])
    there, back = (np.isinf(times.of_pairs(times.free_s, *ends)) for ends in ((own_code, every), (every, own_code)))
    return frozenset(compress(times.ids, there)) - {start}, frozenset(compress(times.ids, back)) - {start}


def windows(query: Query, time: datetime, earliest: Earliest, clocks: Mapping[str, CameraClock]) -> Windows:
    """Return the windows in which the target can have passed each camera, by camera and start.

    A window ends at the horizon. Windows before and after that touch are joined.
    """
    if query.direction not in DIRECTIONS:
        raise ArchiveError(f"direction {query.direction!r} is none of {', '.join(DIRECTIONS)}: choose one of these")
    farthest_s = query.horizon_s + query.slack_s
    begin_us, end_us = (to_micros(time + timedelta(seconds=sign * farthest_s)) for sign in (-1, 1))
    last_s, first_s = query.slack_s - earliest.before_s, earliest.after_s - query.slack_s
    touching = (query.direction == "both") & (first_s <= last_s)
    is_before = touching | ((query.direction != "after") & (last_s >= -farthest_s))
    is_after = ~touching & (query.direction != "before") & (first_s <= farthest_s)

    last_us = np.where(touching, end_us, to_micros(time) + _micros(last_s, is_before))
    first_us = to_micros(time) + _micros(first_s, is_after)
    stretches = np.stack([np.full_like(first_us, begin_us), last_us, first_us, np.full_like(first_us, end_us)], axis=1)
    chosen = np.stack([is_before, is_after], axis=1)
    rows, _ = np.nonzero(chosen)
    return _as_shown(Windows(tuple(_those(earliest.cameras, rows)), stretches.reshape(-1, 2, 2)[chosen]), clocks)


def _micros(seconds: Floats, chosen: Flags) -> Ints:
    """Return the microseconds of those that are chosen, 0 for the others, which may be infinite."""
    return np.rint(np.where(chosen, seconds, 0.0) * 1e6).astype(np.int64)


def _as_shown(true: Windows, clocks: Mapping[str, CameraClock]) -> Windows:
    """Return windows of true time as the clocks can have shown them; one of which nothing is known counts as true."""
    if clocks.keys().isdisjoint(true.cameras):
        return true
    found: list[Window] = []
    for camera, stretches in groupby(true, attrgetter("camera")):
        own = list(stretches)
        found += _shown(camera, clocks[camera], own) if camera in clocks else own
    return Windows.of(found)


def _shown_always(true: Windows, clocks: Mapping[str, CameraClock]) -> Windows:
    """Return the same of windows that may begin before all times: clocks are known from 1970 on, by UTC."""
    begin = {one.camera for one in true if one.start == _ALWAYS[0]}
    found: list[Window] = []
    for camera, stretches in groupby(_as_shown(true, clocks), attrgetter("camera")):
        first, *rest = stretches
        found += [replace(first, start=_ALWAYS[0]) if camera in begin else first, *rest]
    return Windows.of(found)


def _shown(camera: str, clock: CameraClock, stretches: Sequence[Window]) -> list[Window]:
    """Return what a camera's clock can have shown in stretches of true time, each after the one before."""
    found: list[Window] = []
    for start, end in (shown for stretch in stretches for shown in clock.shown_during(stretch.start, stretch.end)):
        if found and start <= found[-1].end:
            start, end = found[-1].start, max(end, found.pop().end)
        found.append(Window(camera, start, end))
    return found


def searched(archive: Archive, scope: Scope, target: Target, inside: int) -> Searched:
    """Return how much of the archive lies in the scope, and for a bounded question the gaps in its footage."""
    bounds = scope.windows if target.time is not None and scope.windows else ()
    with archive.catalogue.reading() as connection:
        total = sightings.count(connection)
        missing = gaps(bounds, covered_time(connection, bounds)) if bounds else ()
    return Searched(len(scope.cameras), inside, total, missing, windows=bounds)


def gaps(bounds: Sequence[Window], covered: Mapping[str, Sequence[Recorded]]) -> tuple[Gap, ...]:
    """Return the stretches of windows that no usable footage covers: "not looked" is not "not seen"."""
    found: list[Gap] = []
    columns = Windows.of(bounds)
    for camera, first_us, last_us in zip(columns.cameras, *columns.times.T.tolist(), strict=True):
        stretches = covered.get(camera, ())
        if len(stretches) != 1 or not _covers(stretches[0], first_us, last_us):
            unseen = (*_troubled(stretches, first_us, last_us), *_missing(stretches, first_us, last_us))
            found += [Gap(camera, from_micros(start), from_micros(end), why) for start, end, why in unseen]
    return tuple(sorted(found, key=lambda gap: (gap.camera, gap.start, gap.end, gap.why)))


def _allowed(query: Query, stored: CameraPlacement) -> tuple[str, ...]:
    """Return the cameras that the query does not exclude, by id or by area; one without a place is in no area."""
    if query.area is None:
        return tuple(id_ for id_ in stored.ids if not query.cameras or id_ in query.cameras)
    allowed = [camera for camera in stored.cameras if not query.cameras or camera.id in query.cameras]
    inside = contains(query.area, [camera.lat for camera in allowed], [camera.lon for camera in allowed])
    return tuple(camera.id for camera in compress(allowed, inside))


def _stood_inside(area: Mapping[str, object], named: Collection[str], places: Sequence[StoredCamera]) -> Windows:
    """Return when each camera stood in an area: what one saw before it was moved there was elsewhere."""
    considered = [place for place in places if not named or place.id in named]
    inside = contains(area, [place.lat for place in considered], [place.lon for place in considered])
    found: list[Window] = []
    for place in compress(considered, inside):
        start = _ALWAYS[0] if place.valid_from == ALWAYS else place.valid_from
        end = place.valid_to or _ALWAYS[1]
        if found and found[-1].camera == place.id and start <= found[-1].end:
            start = found.pop().start
        found.append(Window(place.id, start, end))
    return Windows.of(found)


def _anywhere(allowed: Sequence[str]) -> Earliest:
    return Earliest(tuple(allowed), np.zeros(len(allowed)), np.zeros(len(allowed)))


def _always(allowed: Sequence[str]) -> Windows:
    return Windows(tuple(allowed), np.tile([to_micros(time) for time in _ALWAYS], (len(allowed), 1)))


def _reached(
    places: Places | None, query: Query, target: Target, allowed: Sequence[str], options: ReachOptions
) -> Earliest:
    """Return the cameras that can be reached: one off the map, or to which the map knows no way, at once.

    The edge of a map cuts ways off, so a camera to and from which it knows no way is not out of reach.
    """
    if places is None or places.graph is None:
        return _anywhere(allowed)
    on_roads = {placed.camera.id for placed in places.placed}
    start = _start(places, places.graph, query, target, on_roads)
    if start is None:
        return _anywhere(allowed)
    arrivals = earliest_arrivals(places.graph, places.placed, start, options, times=places.travel.times)
    there, back = no_way(places, start)
    # The next sighting on the same camera can be the rest of the same passage.
    at_once = {camera for camera in allowed if camera not in on_roads or camera == target.camera}
    number = {camera: row for row, camera in enumerate(arrivals.cameras)}
    rows = np.array([number.get(camera, -1) for camera in allowed], np.int64)
    before_s, after_s = (
        np.where(_are_in(allowed, at_once | cut_off), 0.0, np.append(seconds, np.inf)[rows])
        for seconds, cut_off in ((arrivals.before_s, back), (arrivals.after_s, there))
    )
    reached = np.flatnonzero(np.minimum(before_s, after_s) < np.inf)
    return Earliest(tuple(_those(allowed, reached)), before_s[reached], after_s[reached])


def _are_in(ids: Sequence[str], some: Collection[str]) -> Flags:
    return np.array([id_ in some for id_ in ids], np.bool_)


def _those(ids: Sequence[str], rows: Ints) -> list[str]:
    return [ids[row] for row in rows.tolist()]


def _start(
    places: Places, graph: RoadGraph, query: Query, target: Target, on_roads: Collection[str]
) -> str | Origin | None:
    if target.camera is not None:
        return target.camera if target.camera in on_roads else None
    if query.place is not None:
        _check_near(graph, *query.place, query.radius_m)
        return Origin.around(graph, *query.place, query.radius_m)
    return None


def _check_near(graph: RoadGraph, lat: float, lon: float, radius_m: float) -> None:
    """Refuse a place far from every road of the map: every answer from there would be empty."""
    away_m = graph.index.distance_m(graph.plane.to_xy(lat, lon)[0])
    if away_m > radius_m + FARTHEST_OFF_ROADS_M:
        raise ArchiveError(
            f"the place {lat:g},{lon:g} is {away_m / 1000:.0f} km from the nearest road of the archive: "
            "write LAT,LON in this order, or import a map that covers it"
        )


def _covers(stretch: Recorded, first_us: int, last_us: int) -> bool:
    return stretch.problem is None and stretch.first_us <= first_us and last_us <= stretch.last_us


def _troubled(stretches: Iterable[Recorded], first_us: int, last_us: int) -> Iterable[tuple[int, int, str]]:
    """Yield each stretch with a problem as far as no other footage of its time is usable, and once."""
    ordered = sorted(stretches, key=lambda one: one[:2])
    usable = [one for one in ordered if one.problem is None]
    reached_us, passed = first_us, 0
    for stretch in ordered:
        start_us, end_us = max(stretch.first_us, reached_us), min(stretch.last_us, last_us)
        if stretch.problem is None or start_us >= end_us:
            continue
        reached_us = end_us
        while passed < len(usable) and usable[passed].last_us <= start_us:
            passed += 1
        for one in usable[passed:]:
            if one.first_us >= end_us:
                break
            if start_us < one.first_us:
                yield start_us, one.first_us, stretch.problem
            start_us = max(start_us, one.last_us)
        if start_us < end_us:
            yield start_us, end_us, stretch.problem


def _missing(stretches: Iterable[Recorded], first_us: int, last_us: int) -> Iterable[tuple[int, int, str]]:
    reached_us = first_us
    for stretch in stretches:
        if stretch.first_us >= last_us:
            break
        if stretch.first_us > reached_us:
            yield reached_us, stretch.first_us, "no footage"
        reached_us = max(reached_us, stretch.last_us)
    if reached_us < last_us:
        yield reached_us, last_us, "no footage"
