"""End a search: the route of the best story on the map, and the area where the target can be now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from index.answers import Itinerary, LikelyArea, Stop
from index.map.places import Places
from index.search.area_now import AreaNow, CameraPass, Doubt, LastPass, area_now, clock_doubt, farthest_from, last_pass
from index.search.question import BoundedQuestion, Question
from index.search.story import GalleryStories
from roadgraph.errors import RoadError
from roadgraph.routes import through

LIKELY = 0.5
"""From this probability on a sighting is likelier the target than not."""

MOST_DOUBT = 0.1
"""Where the last pass may be off by more than this share of the time since, nobody knows where it likely is."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What the last step of a search adds to its ranking."""

    itinerary: Itinerary
    alternatives: tuple[Itinerary, ...]
    area_now: AreaNow | None
    area_likely: LikelyArea | None
    nobody: float
    rivals: int = 0


def ending_of(bounded: BoundedQuestion, question: Question, stories: GalleryStories) -> Ending:
    """Return the best story with its route, the alternatives, and the area where the target can be now."""
    target, options, best = question.target, bounded.options, stories.best
    edges = {sighting.id: sighting.edge for sighting in question.gallery.sightings}
    start = [] if target.camera is None or target.time is None else [(target.camera, target.time, target.edge)]
    passes = sorted([*_passes_of(best.stops, edges), *start], key=lambda one: one[1])
    sure = _passes_of([stop for stop in best.stops if stop.probability >= options.area_probability], edges)
    at, doubts = question.query.at, {one: clock_doubt(one, bounded.scope.clocks) for one in sure}
    doubts |= {one: _doubt_of_start(bounded, one) for one in start}
    last = last_pass(bounded.places, list(doubts), at)
    possible = [] if at is None else [farthest_from(one, doubt, at) for one, doubt in doubts.items()]
    is_known = last is not None and _is_exact(last, doubts) and not _passed_later(last, list(doubts), at)
    return Ending(
        itinerary=replace(best, route=route_of(bounded.places, passes) if options.route else ()),
        alternatives=stories.alternatives,
        area_now=area_now(bounded.places, possible, at, options.area_slack),
        area_likely=last.likely(options.likely_probability) if last is not None and is_known else None,
        nobody=stories.nobody,
        rivals=_rivals(question, stories),
    )


def _rivals(question: Question, stories: GalleryStories) -> int:
    """Return how many likely sightings the best story does not claim: it claims others that exclude them."""
    claimed = {stop.sighting for stop in stories.best.stops}
    likely = np.flatnonzero(stories.probability >= LIKELY).tolist()
    return sum(question.gallery.sightings[row].id not in claimed for row in likely)


def _doubt_of_start(bounded: BoundedQuestion, start: CameraPass) -> Doubt:
    """Return what is open of the moment asked about: by its slack, and by the clock that told it."""
    query = bounded.query
    early_s, late_s = (0.0, 0.0) if query.time is not None else clock_doubt(start, bounded.scope.clocks)
    return early_s + query.slack_s, late_s + query.slack_s


def _passed_later(last: LastPass, passes: Sequence[CameraPass], at: datetime | None) -> bool:
    """Tell whether a camera without a place saw it after the last pass, so that nobody knows where it likely is."""
    return at is not None and any(last.time < time <= at for _, time, _ in passes)


def _is_exact(last: LastPass, doubts: Mapping[CameraPass, Doubt]) -> bool:
    """Tell whether the time of the last pass is known well enough to say where the target likely is since."""
    doubt_s = max(max(doubt) for (_, time, _), doubt in doubts.items() if time == last.time)
    return doubt_s <= MOST_DOUBT * last.elapsed_s


def route_of(places: Places | None, passes: Sequence[CameraPass]) -> tuple[tuple[float, float], ...]:
    """Return the likeliest way past the cameras as [lon, lat] points; empty if the map knows no way."""
    if places is None or places.graph is None:
        return ()
    placed = {one.camera.id: one for one in places.placed}
    stops = [(placed[camera], edge) for camera, _, edge in passes if camera in placed]
    if len(stops) < 2:
        return ()
    try:
        return tuple((lon, lat) for lat, lon in through(places.graph, stops).points)
    except RoadError:
        return ()


def _passes_of(stops: Sequence[Stop], edges: Mapping[str, int | None]) -> list[CameraPass]:
    """Return the camera passes of a story; `edges` has the road that each sighting took."""
    return [(stop.camera, stop.time, edges[stop.sighting]) for stop in stops]
