"""Find the area where the target can be now, and the smaller one where it likely is, from its last certain pass."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from index.answers import LikelyArea
from index.map.places import Places
from index.store.catalogue.clocks import CameraClock
from roadgraph.area import polygon, reachable_area
from roadgraph.graph import RoadGraph
from roadgraph.likely_area import LikelyOptions, likely_area
from roadgraph.map_edge import comes_to_edge
from roadgraph.origin import Origin
from roadgraph.straight_line import circle_reached
from roadgraph.travel_time import hour_by_sun

CameraPass = tuple[str, datetime, int | None]
"""A camera that the target passed, when, and the directed edge it took, None where that is not known."""


@dataclass(frozen=True, slots=True)
class AreaNow:
    """Where the target can be as GeoJSON: roads of the map, which it can have left by then (`off_map`), or a circle."""

    area: Mapping[str, object]
    off_map: bool = False
    is_circle: bool = False


Doubt = tuple[float, float]
"""By how many seconds a pass can have been earlier than is told, and later."""


def clock_doubt(one: CameraPass, clocks: Mapping[str, CameraClock]) -> Doubt:
    """Return what the camera's clock leaves open of the time of a pass; nothing where nobody compared it."""
    camera, time, _ = one
    offset = None if camera not in clocks else clocks[camera].at(time)
    if offset is None:
        return 0.0, 0.0
    low_s, high_s = offset.bounds_s(time)
    return high_s - offset.ahead_s(time), offset.ahead_s(time) - low_s


def farthest_from(one: CameraPass, doubt: Doubt, at: datetime) -> CameraPass:
    """Return a pass as long before `at` as it can have been: who was there earlier can be farther now.

    One that was told to be before, and can have been after, may have been as far ahead. One told to be after stays so.
    """
    camera, time, edge = one
    if time > at:
        return one
    early_s, late_s = doubt
    before_s = (at - time).total_seconds()
    return camera, at - timedelta(seconds=max(before_s + early_s, late_s - before_s)), edge


@dataclass(frozen=True, slots=True)
class LastPass:
    """The last pass before the "now" of a question: the roads, the place, when, and how long ago."""

    graph: RoadGraph
    origin: Origin
    time: datetime
    elapsed_s: float

    def reachable(self, slack: float) -> AreaNow:
        """Return the roads that can be reached since."""
        area = reachable_area(self.graph, self.origin, self.elapsed_s, slack=slack)
        return AreaNow(polygon(self.graph, area), comes_to_edge(self.graph, area))

    def likely(self, probability: float) -> LikelyArea:
        """Return the roads on which the target is with this probability."""
        options = LikelyOptions(probability, hour_by_sun(self.time, self.graph.plane.lon0))
        area = likely_area(self.graph, self.origin, self.elapsed_s, options)
        return LikelyArea(probability, area.km(self.graph), polygon(self.graph, area))


def last_pass(places: Places | None, passes: Sequence[CameraPass], at: datetime | None) -> LastPass | None:
    """Return the last pass before `at`; None where it is unknown, or past a camera off the roads."""
    if places is None or places.graph is None or at is None:
        return None
    placed = {one.camera.id: one for one in places.placed}
    earlier = [one for one in passes if one[1] <= at and one[0] in places.where]
    camera, time, edge = max(earlier, key=lambda one: one[1], default=("", at, None))
    if camera not in placed:
        return None
    return LastPass(places.graph, Origin.at_camera(placed[camera], edge), time, (at - time).total_seconds())


def area_now(places: Places | None, passes: Sequence[CameraPass], at: datetime | None, slack: float) -> AreaNow | None:
    """Return the roads that can be reached by `at` from the last pass before it; None where unknown.

    Without a road map, or past a camera off its roads, it is the circle that nobody leaves in that time.
    """
    last = last_pass(places, passes, at)
    return _circle_now(places, passes, at) if last is None else last.reachable(slack)


def _circle_now(places: Places | None, passes: Sequence[CameraPass], at: datetime | None) -> AreaNow | None:
    """Return the circle that nobody leaves by `at`; None where the last place is unknown."""
    if places is None or at is None:
        return None
    before = [(time, camera) for camera, time, _ in passes if time <= at and camera in places.where]
    if not before:
        return None
    time, camera = max(before)
    return AreaNow(circle_reached(*places.where[camera], (at - time).total_seconds()), is_circle=True)
