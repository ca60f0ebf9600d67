"""End a search: the route of the best story on the map, and the area where the target can be now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from index.answers import Itinerary, LikelyArea, Stop
from index.map.places import Places
from index.search.area_now import CameraPass, area_now, earliest, last_pass
from index.search.question import BoundedQuestion, Question
from index.search.story import GalleryStories
from roadgraph.errors import RoadError
from roadgraph.routes import through

MOST_DOUBT = 0.1
"""Where the time asked about may be off by more than this share of the time since, nobody knows where it likely is."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What the last step of a search adds to its ranking."""

    itinerary: Itinerary
    alternatives: tuple[Itinerary, ...]
    area_now: Mapping[str, object] | None
    area_likely: LikelyArea | None
    nobody: float


def ending_of(bounded: BoundedQuestion, question: Question, stories: GalleryStories) -> Ending:
    """Return the best story with its route, the alternatives, and the area where the target can be now."""
    target, options, best = question.target, bounded.options, stories.best
    edges = {sighting.id: sighting.edge for sighting in question.gallery.sightings}
    start = [] if target.camera is None or target.time is None else [(target.camera, target.time, target.edge)]
    passes = sorted([*_passes_of(best.stops, edges), *start], key=lambda one: one[1])
    sure = _passes_of([stop for stop in best.stops if stop.probability >= options.area_probability], edges)
    certain, at = [*sure, *start], question.query.at
    possible = [
        *(earliest(one, bounded.scope.clocks) for one in sure),
        *(_earliest_start(bounded, one) for one in start),
    ]
    last = last_pass(bounded.places, certain, at)
    is_known = last is not None and question.query.slack_s <= MOST_DOUBT * last.elapsed_s
    return Ending(
        itinerary=replace(best, route=route_of(bounded.places, passes)),
        alternatives=stories.alternatives,
        area_now=area_now(bounded.places, possible, at, options.area_slack),
        area_likely=last.likely(options.likely_probability) if last is not None and is_known else None,
        nobody=stories.nobody,
    )


def _earliest_start(bounded: BoundedQuestion, start: CameraPass) -> CameraPass:
    """Return the moment asked about as early as it can have been: by its slack, and by the clock that told it."""
    query = bounded.query
    camera, time, edge = start if query.time is not None else earliest(start, bounded.scope.clocks)
    return camera, time - timedelta(seconds=query.slack_s), edge


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
