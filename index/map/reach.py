"""Find what a vehicle can have reached from one camera of an archive: cameras, and the area at the end of the time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from index.errors import ArchiveError
from index.map.places import Places, place_book
from index.store.archive import Archive
from index.store.catalogue import cameras
from roadgraph.area import polygon, reachable_area
from roadgraph.camera import PlacedCamera
from roadgraph.map_edge import comes_to_edge
from roadgraph.next_counts import counted_shares
from roadgraph.origin import Origin
from roadgraph.reachability import LIKELY, SOONEST, Hypothesis, Reached, ReachOptions, find_placed, reach
from roadgraph.straight_line import FASTEST_MPS, circle_reached


@dataclass(frozen=True, slots=True)
class ReachAnswer:
    """The reachable cameras, the area at the end of the horizon as a GeoJSON geometry, and the km of road in it.

    `no_way` are the cameras to which the map knows no way, among those reached: they are judged by the straight line.
    Without a road map all are, and `area_km` is None; without a place the area is None too.
    `next_share` has, by camera and direction, the probability that a camera is the next to see the vehicle (before: the
    last), if any camera does; without roads it is empty. With `off_map` it can have left the map and the area.
    """

    hypothesis: Hypothesis
    area: Mapping[str, object] | None
    area_km: float | None
    no_way: frozenset[str] = frozenset()
    next_share: Mapping[tuple[str, str], float] = field(default_factory=dict)
    off_map: bool = False


def reach_from_camera(
    archive: Archive, camera: str, options: ReachOptions, *, at: datetime, edge: int | None = None
) -> ReachAnswer:
    """Return what can be reached from a camera, with every camera where it stood at the time."""
    places = place_book(archive).at(at)
    if places.graph is None or camera not in {one.id for one in places.placed}:
        with archive.catalogue.reading() as connection:
            cameras.check_known(connection, camera)
        return _without_roads(places, camera, options)
    placed = find_placed(places.placed, camera)
    _check_edge(placed, edge)
    origin = Origin.at_camera(placed, edge)
    found = reach(
        places.graph, places.placed, camera, options, edge=edge, times=places.travel.times, travel=places.travel
    )
    straight = _by_straight_line(places, camera, options)
    every = sorted([*found.cameras, *straight], key=SOONEST)
    backwards = options.direction == "before"
    area = reachable_area(places.graph, origin, options.horizon_s, slack=options.slack, backwards=backwards)
    return ReachAnswer(
        Hypothesis(tuple(every), found.circle_km2),
        polygon(places.graph, area),
        area.km(places.graph),
        frozenset(one.camera for one in straight),
        _next_share(places, camera, edge),
        comes_to_edge(places.graph, area),
    )


def _without_roads(places: Places, camera: str, options: ReachOptions) -> ReachAnswer:
    """Return what can be reached by the straight line, as nobody knows the roads."""
    found = sorted(_by_straight_line(places, camera, options), key=SOONEST)
    radius_m = FASTEST_MPS * options.horizon_s
    area = circle_reached(*places.where[camera], options.horizon_s) if camera in places.where else None
    circle = Hypothesis(tuple(found), np.pi * radius_m**2 / 1e6)
    return ReachAnswer(circle, area, None, frozenset(one.camera for one in found))


def _by_straight_line(places: Places, camera: str, options: ReachOptions) -> list[Reached]:
    """Return the cameras to which the map knows no way, and that can be reached in time."""
    directions = ("after", "before") if options.direction == "both" else (options.direction,)
    return [one for direction in directions for one in _straight(places, camera, options, direction)]


def _straight(places: Places, camera: str, options: ReachOptions, direction: str) -> Iterator[Reached]:
    travel, lines = places.travel, places.travel.straight
    if travel.times is None or lines is None or camera not in travel.times.code_of:
        return
    for other in places.ids:
        pair = (camera, other) if direction == "after" else (other, camera)
        scale = None if other == camera or travel.has_way(*pair) else travel.scale(*pair)
        if scale is not None and scale.earliest_s - options.clock_slack_s <= options.horizon_s:
            codes = (np.array([travel.times.code_of[one]]) for one in pair)
            median_s = travel.quantile(*pair, 0.5)
            latest_s = travel.quantile(*pair, LIKELY) + options.clock_slack_s
            soonest_s = max(scale.earliest_s - options.clock_slack_s, 0.0)
            yield Reached(other, direction, soonest_s, latest_s, float(lines.metres(*codes)[0]) / 1000, median_s)


def _next_share(places: Places, camera: str, edge: int | None) -> Mapping[tuple[str, str], float]:
    times = places.travel.times
    if times is None:
        return {}
    found = {}
    for direction in ("after", "before"):
        backwards = direction == "before"
        shares = counted_shares(places.roads, times, places.next_counts, camera, edge, backwards=backwards)
        found.update({(id_, direction): share for id_, share in zip(times.ids, shares.tolist(), strict=True)})
    return found


def _check_edge(placed: PlacedCamera, edge: int | None) -> None:
    edges = [view.edge for view in placed.views]
    if edge is not None and edge not in edges:
        known = ", ".join(map(str, edges))
        raise ArchiveError(f"camera {placed.camera.id!r} does not see edge {edge}: it sees {known}")
