"""Weigh the time and the road of each sighting, by how they fit a drive from where the target surely was.

An anchor is a moment at which the target surely was somewhere: the one asked about, and sightings that are all but
certain. All times are true time in seconds from one epoch, as far as the clocks are known. A density is per second; its
logarithm is NaN where no road map, no place or no time is known, and -inf where nobody drives so fast.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from index.search.drives import Drives
from index.search.question import Moment, Question
from index.search.stays import MOST_SLACK_S, log_meanwhile_of_start, shifts_of
from reid.arrays import Flags, Floats, Ints
from roadgraph.way_past import WAYS, WaysPast, opposite

SAME_PASSAGE_S = 15.0
"""Two sightings on one camera within this time can be one passage in two pieces: no drive lies between them."""

IN_PIECES = 0.02
"""The share of stays in the picture that are seen in pieces: one camera's next sighting is never too soon to be one."""

LEAST_POSSIBLE = math.log(0.1)
"""Two sightings contradict each other if the time between them suffices with less than this probability."""

TRAVEL_LIMIT = 7.0
"""Travel counts at most e^7 for a sighting; an arrival to the second is luck as often as skill."""


@dataclass(frozen=True, slots=True)
class TravelFit:
    """How well sightings fit a drive: log density of driving straight there, log P(the time sufficed at all)."""

    log_density: Floats
    log_possible: Floats


def travel_llrs(question: Question, fit: TravelFit) -> Floats:
    """Return the llr of each arrival time; a stay in the picture that is asked about speaks against any meanwhile."""
    window_s = question.window_s
    drive = drive_llr(fit.log_density, window_s) + way_llrs(question)
    llrs = travel_llr(drive, fit.log_possible, question.calibration.drive_share(window_s))
    return llrs + log_meanwhile_of_start(question)


def way_llrs(question: Question) -> Floats:
    """Return the llr of each sighting's camera: how likely a drive from or to the moment asked about passes it."""
    start, gallery = question.start, question.gallery
    if start is None or question.ways is None:
        return np.zeros(len(gallery))
    return question.ways.from_start(start.camera, start.edge, gallery.cameras, gallery.time_s - start.time_s)


def fit_from(question: Question, anchors: Sequence[Moment]) -> TravelFit:
    """Return how well each sighting of the gallery fits the drive past the anchors.

    Where the time asked about may be off, it is the mean over all moments at which the target can have been there.
    """
    start, cameras, time_s = question.start, question.gallery.cameras, question.gallery.time_s
    if start is None or start not in anchors or not question.query.slack_s:
        return fit_of_each(question.drives, anchors, cameras, time_s)
    if question.query.slack_s > MOST_SLACK_S:
        return fit_of_each(question.drives, [one for one in anchors if one != start], cameras, time_s)
    moments = [replace(start, time_s=start.time_s + shift_s) for shift_s in shifts_of(question.query.slack_s)]
    each = [[moment if one == start else one for one in anchors] for moment in moments]
    return _mean_fit([fit_of_each(question.drives, known, cameras, time_s) for known in each])


def fit_from_start(question: Question) -> TravelFit:
    """Return how well each sighting of the gallery fits a drive from or to the moment asked about."""
    start = question.start
    return fit_from(question, [] if start is None else [start])


def drive_llr(log_density: Floats, window_s: Floats) -> Floats:
    """Return the llr of an arrival by driving straight there, against an arrival at any time of the window alike."""
    return np.asarray(log_density + np.log(np.maximum(window_s, 1.0)))


def travel_llr(drive: Floats, log_possible: Floats, drive_share: Floats) -> Floats:
    """Return the llr of an arrival, from that of driving straight there and from whether the time sufficed.

    Only a share of a vehicle's further passages belong to the same drive; people stop, turn back and set out again,
    at any time that is possible at all. So a late arrival counts little against it, and an impossible one fully.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        straight, errand = np.log(drive_share), np.log1p(-drive_share)
        return np.asarray(np.logaddexp(straight + np.minimum(drive, TRAVEL_LIMIT), errand + log_possible))


def fit_of_each(drives: Drives | None, anchors: Sequence[Moment], cameras: Sequence[str], times_s: Floats) -> TravelFit:
    """Return the fit of each sighting, given the anchors before and after it, (n,); NaN without a road map.

    Between two anchors a drive must leave the first and reach the second: p(a to i) p(i to b) / p(a to b).
    """
    density, possible = np.full(len(times_s), np.nan), np.full(len(times_s), np.nan)
    if drives is None:
        return TravelFit(density, possible)
    ordered = sorted(anchors, key=lambda anchor: anchor.time_s)
    codes, following = drives.codes(cameras), np.searchsorted([one.time_s for one in ordered], times_s, side="right")
    for gap in np.unique(following).tolist():
        rows = np.flatnonzero(following == gap)
        before = ordered[gap - 1] if gap > 0 else None
        after = ordered[gap] if gap < len(ordered) else None
        fit = _fit_between(drives, before, after, codes[rows], times_s[rows])
        density[rows], possible[rows] = fit.log_density, fit.log_possible
    return TravelFit(density, possible)


def fit_of_pairs(drives: Drives | None, cameras: Sequence[str], times_s: Floats) -> TravelFit:
    """Return the fit of driving from each row to each column, (n, n); -inf for a column that is earlier."""
    elapsed_s = times_s[None, :] - times_s[:, None]
    density, possible = np.full(elapsed_s.shape, -np.inf), np.full(elapsed_s.shape, -np.inf)
    later = np.nonzero(elapsed_s >= 0)
    density[later] = possible[later] = np.nan
    if drives is not None:
        codes = drives.codes(cameras)
        fit = fit_of_drives(drives, codes[later[0]], codes[later[1]], elapsed_s[later])
        density[later], possible[later] = fit.log_density, fit.log_possible
    return TravelFit(density, possible)


def cannot_be_both(drives: Drives, cameras: Sequence[str], times_s: Floats) -> Flags:
    """Return for each two sightings, (n, n), whether the time between them hardly allows the drive in either order."""
    codes, elapsed_s = drives.codes(cameras), times_s[None, :] - times_s[:, None]
    starts, ends = np.broadcast_arrays(codes[:, None], codes[None, :])
    both_ways = [drives.log_possible(starts, ends, elapsed_s), drives.log_possible(ends, starts, -elapsed_s)]
    with np.errstate(invalid="ignore"):
        possible = np.logaddexp(*both_ways)
    return np.asarray((starts != ends) & (possible < LEAST_POSSIBLE))


WRONG_HEADING = 0.1
"""The share of sightings whose road is read off wrongly from the heading in the picture."""

LEAST_SEEN = 0.5
"""So many sightings are added to those counted on each way past a camera."""

LEAST_SHARE = 0.03
"""The least share of traffic that is assumed on a road."""


ANOTHER_WAY_BACK, COUNTED_RETURN_S = 0.97, 900.0
"""Of vehicles that pass a camera again within this time, the share that drives another way then; counted in Bath."""

RETURN_HALF_LIFE_S = 3600.0
"""Nobody counted who comes back later: what is known of the way becomes half as much in each such time (a guess)."""


def direction_llrs(question: Question) -> Floats:
    """Return the llr of the road that each sighting of the gallery took past another camera."""
    start, drives, gallery = question.start, question.drives, question.gallery
    if start is None or drives is None:
        return np.full(len(gallery), np.nan)
    if question.ways is not None and question.ways.graph is None:
        return ways_past_llrs(question.ways.past, start, gallery.cameras, gallery.edges, gallery.time_s)
    return direction_of_each(drives, start, gallery.cameras, gallery.edges, gallery.time_s)


def way_back_llrs(question: Question) -> Floats:
    """Return the llr of the road that each sighting of the gallery took past the camera asked about."""
    start, gallery = question.start, question.gallery
    if start is None:
        return np.full(len(gallery), np.nan)
    return return_llrs(start, _roads_past(start, question.drives), gallery.cameras, gallery.edges, gallery.time_s)


def direction_of_each(
    drives: Drives, start: Moment, cameras: Sequence[str], edges: Sequence[int | None], times_s: Floats
) -> Floats:
    """Return the llr of each road, (n,); NaN where the heading is unknown or the map has only one road there."""
    llrs = np.full(len(times_s), np.nan)
    elapsed_s = times_s - start.time_s
    if not drives.roads_past(start.camera):
        return llrs
    groups: dict[tuple[str, bool], list[int]] = {}
    for row, (camera, edge) in enumerate(zip(cameras, edges, strict=True)):
        if edge is not None and camera != start.camera and abs(elapsed_s[row]) > SAME_PASSAGE_S:
            groups.setdefault((camera, bool(elapsed_s[row] < 0)), []).append(row)
    for (camera, backwards), rows in sorted(groups.items()):
        taken = np.array([edges[row] for row in rows], dtype=np.int64)
        llrs[rows] = _llrs_of_roads(drives, start, camera, taken, elapsed_s[rows], backwards=backwards)
    return llrs


def ways_past_llrs(
    past: WaysPast, start: Moment, cameras: Sequence[str], ways: Sequence[int | None], times_s: Floats
) -> Floats:
    """Return the llr of the way of each sighting past its camera, (n,), where no map tells roads; NaN if unknown."""
    llrs = np.full(len(times_s), np.nan)
    groups: dict[tuple[str, bool], list[int]] = {}
    for row, (camera, way) in enumerate(zip(cameras, ways, strict=True)):
        if way in WAYS and camera != start.camera:
            groups.setdefault((camera, bool(times_s[row] < start.time_s)), []).append(row)
    for (camera, backwards), rows in sorted(groups.items()):
        places = np.array([WAYS.index(way) for row in rows if (way := ways[row]) is not None])
        counted = np.bincount(places, minlength=len(WAYS)).astype(np.float64) + LEAST_SEEN
        traffic = counted / counted.sum()
        on_the_way = past.past(start.camera, start.edge, camera, traffic, backwards=backwards)
        llrs[rows] = direction_llr(on_the_way[places], traffic[places])
    return llrs


def return_llrs(
    start: Moment, roads: Sequence[int], cameras: Sequence[str], taken: Sequence[int | None], times_s: Floats
) -> Floats:
    """Return the llr of the road of each sighting past the camera asked about itself, (n,); NaN elsewhere.

    `roads` are those past that camera that count. Who comes back mostly comes by another one than before. Where only
    headings tell, and no more come the other way than are misread, the street may be one-way, and tells nothing.
    """
    llrs, apart_s = np.full(len(times_s), np.nan), np.abs(times_s - start.time_s)
    rows = [
        row
        for row, (camera, road) in enumerate(zip(cameras, taken, strict=True))
        if camera == start.camera and road in roads and apart_s[row] > SAME_PASSAGE_S
    ]
    if start.edge not in roads or len(roads) < 2 or not rows:
        return llrs
    places, own = np.array([roads.index(road) for row in rows if (road := taken[row]) is not None]), start.edge
    counted = np.bincount(places, minlength=len(roads)) + LEAST_SEEN
    traffic = counted / counted.sum()
    others = np.where(np.array(roads) == own, 0.0, traffic)
    if own in WAYS and others.sum() < WRONG_HEADING:
        return llrs
    another = another_way_share(apart_s[rows])
    expected = np.where(others[places] == 0, 1 - another, another * (others / others.sum())[places])
    llrs[rows] = direction_llr(expected, traffic[places])
    return llrs


def another_way_share(apart_s: Floats) -> Floats:
    """Return the share of vehicles that pass a camera again after so long and then drive another way."""
    known = 0.5 ** (np.maximum(apart_s - COUNTED_RETURN_S, 0.0) / RETURN_HALF_LIFE_S)
    return np.asarray(0.5 + (ANOTHER_WAY_BACK - 0.5) * known)


def direction_llr(on_the_way: Floats, share: Floats) -> Floats:
    """Return the llr of the road that each sighting took past its camera.

    `on_the_way` is the probability that the target, if it passed there and then, came by that road; `share` is the
    part of all other traffic that does.
    """
    taken = (1 - WRONG_HEADING) * on_the_way + WRONG_HEADING * share
    return np.asarray(np.log(np.maximum(taken, 1e-6) / np.clip(share, LEAST_SHARE, 1.0)))


def _fit_between(
    drives: Drives, before: Moment | None, after: Moment | None, codes: Ints, times_s: Floats
) -> TravelFit:
    if before is None or after is None:
        return _fit_beside(drives, before or after, codes, times_s)
    start, end = drives.codes([before.camera]), drives.codes([after.camera])
    arriving = fit_of_drives(drives, start, codes, times_s - before.time_s)
    leaving = fit_of_drives(drives, codes, end, after.time_s - times_s)
    whole = fit_of_drives(drives, start, end, np.array([after.time_s - before.time_s])).log_density[0]
    if not np.isfinite(whole):
        return TravelFit(
            np.fmax(arriving.log_density, leaving.log_density), np.fmax(arriving.log_possible, leaving.log_possible)
        )
    density = arriving.log_density + leaving.log_density - whole
    return TravelFit(density, arriving.log_possible + leaving.log_possible)


def _fit_beside(drives: Drives, anchor: Moment | None, codes: Ints, times_s: Floats) -> TravelFit:
    """Return the fit of driving from the only anchor or to it: where clocks are wrong, either may come first."""
    if anchor is None:
        return TravelFit(np.full(len(times_s), np.nan), np.full(len(times_s), np.nan))
    place, elapsed_s = drives.codes([anchor.camera]), times_s - anchor.time_s
    there, back = fit_of_drives(drives, place, codes, elapsed_s), fit_of_drives(drives, codes, place, -elapsed_s)
    with np.errstate(invalid="ignore"):
        density = np.logaddexp(there.log_density, back.log_density)
        possible = np.minimum(np.logaddexp(there.log_possible, back.log_possible), 0.0)
    return TravelFit(np.asarray(density), np.asarray(possible))


def _mean_fit(fits: Sequence[TravelFit]) -> TravelFit:
    """Return the fit where any of these holds, each as likely as the others; NaN only where all are."""
    density, possible = (np.array([getattr(fit, name) for fit in fits]) for name in ("log_density", "log_possible"))
    return TravelFit(_log_mean(density), _log_mean(possible))


def _log_mean(logs: Floats) -> Floats:
    """Return the log of the mean over the first axis of what logs are of, NaN left out."""
    known = ~np.isnan(logs)
    total = np.logaddexp.reduce(np.where(known, logs, -np.inf), axis=0)
    return np.where(known.any(axis=0), total - np.log(np.maximum(known.sum(axis=0), 1)), np.nan)


def fit_of_drives(drives: Drives, starts: Ints, ends: Ints, elapsed_s: Floats) -> TravelFit:
    """Return the fit of driving from each start to each end, by the numbers of their cameras, (n,)."""
    one_passage = (starts == ends) & (np.abs(elapsed_s) <= SAME_PASSAGE_S)
    density, possible = drives.log_density(starts, ends, elapsed_s), drives.log_possible(starts, ends, elapsed_s)
    possible = np.where(starts == ends, np.maximum(possible, np.log(IN_PIECES)), possible)
    return TravelFit(np.where(one_passage, np.nan, density), np.where(one_passage, np.nan, possible))


def _roads_past(start: Moment, drives: Drives | None) -> tuple[int, ...]:
    """Return the roads past the camera asked about; where only the heading tells, this way and the opposite one."""
    if start.edge in WAYS:
        return start.edge, opposite(start.edge)
    return () if drives is None else drives.roads_past(start.camera)


def _llrs_of_roads(
    drives: Drives, start: Moment, camera: str, taken: Ints, elapsed_s: Floats, *, backwards: bool
) -> Floats:
    """Return the llrs of the roads that sightings of one camera took, (n,), all on one side in time of the start."""
    roads = drives.roads_past(camera)
    llrs = np.full(elapsed_s.shape, np.nan)
    rows = np.flatnonzero(np.isin(taken, roads))
    if len(roads) < 2 or not len(rows):
        return llrs
    if backwards:
        by_road = drives.log_density_by_road(camera, start.camera, -elapsed_s[rows], [(r, start.edge) for r in roads])
    else:
        by_road = drives.log_density_by_road(start.camera, camera, elapsed_s[rows], [(start.edge, r) for r in roads])
    total = np.logaddexp.reduce(by_road, axis=0)
    place = np.array([roads.index(road) for road in taken[rows].tolist()])
    with np.errstate(invalid="ignore"):
        on_the_way = np.exp(by_road[place, np.arange(len(rows))] - total)
    on_the_way[np.isneginf(total)] = np.nan
    llrs[rows] = direction_llr(on_the_way, np.full(rows.shape, 1 / len(roads)))
    return llrs
