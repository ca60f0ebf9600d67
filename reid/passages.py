"""Watch a stretch of footage: find and track vehicles, and yield each passage with its best pictures."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from reid.detect.detectors import Detector
from reid.scene.parked import is_scenery, parked_from_start
from reid.scene.regions import Regions
from reid.scene.scene_log import SceneLog
from reid.scene.walkers import is_walker
from reid.track.best_shots import BestShots
from reid.track.tracker import Tracker, TrackerOptions
from reid.vehicle import Box, Detection, Image, Shot, Track
from reid.video.frames import Frame, frames
from reid.video.timeline import Timeline

FOUND_WITHIN_S = 1.0
"""A standing vehicle is detected within this time after watching began."""


@dataclass(frozen=True, slots=True)
class WatchOptions:
    """One frame each `every_s` is analysed; vehicles outside the `regions` are ignored (None: none are).

    Tracking begins `lead_s` before the stretch, so that a vehicle already in sight is known to have come earlier, and
    continues up to `tail_s` after it, until the vehicles that appeared in it have left.
    """

    every_s: float = 0.1
    regions: Regions | None = None
    lead_s: float = 12.0
    tail_s: float = 60.0
    tracker: TrackerOptions = field(default_factory=TrackerOptions)


@dataclass(frozen=True, slots=True)
class WatchedSpan:
    """The stretch of footage whose passages are yielded, and when watching began."""

    start_s: float
    end_s: float
    began_s: float

    def was_there_before(self, track: Track) -> bool:
        """Say whether the vehicle stood there when watching began: it may have come at any time before."""
        return track.was_parked and track.appeared_s <= self.began_s + FOUND_WITHIN_S

    def owns(self, track: Track) -> bool:
        """Say whether the passage, if it is one, begins in the stretch."""
        begins_s = track.first_s if self.was_there_before(track) else track.appeared_s
        return self.start_s <= begins_s < self.end_s


@dataclass(frozen=True, slots=True)
class ObservedPassage:
    """The track of one vehicle passing by, and its pictures, best first."""

    track: Track
    shots: tuple[Shot, ...]


def watch(
    timeline: Timeline,
    detector: Detector,
    start_s: float,
    end_s: float,
    *,
    options: WatchOptions,
    scene: SceneLog,
    on_damage: Callable[[str], None] | None = None,
    on_frame: Callable[[float], None] | None = None,
) -> Iterator[ObservedPassage]:
    """Yield the passages that begin in [start_s, end_s), as they end; `scene` logs what could be seen.

    A passage begins when the vehicle comes into sight, or when it sets off if it was parked from the start. The result
    depends on the footage alone, not on how it was cut into stretches. `on_frame` is called with the time of each
    analysed frame of the stretch.
    """
    first_s = max(0.0, start_s - options.lead_s)
    span = WatchedSpan(start_s, end_s, first_s)
    warm_up(detector, timeline, first_s, options.every_s)
    tracker = tracker_for(detector, options.tracker)
    pictures: dict[int, BestShots] = {}
    for frame in frames(
        timeline, from_s=first_s, to_s=end_s + options.tail_s, every_s=options.every_s, on_damage=on_damage
    ):
        if frame.time_s >= end_s and not tracker.awaits(start_s, end_s, frame.time_s):
            break
        in_stretch = start_s <= frame.time_s < end_s
        if in_stretch:
            scene.observe(frame)
        step = tracker.update(frame.index, frame.time_s, vehicles_in(detector, frame, options.regions))
        for number, point in step.points.items():
            if number in step.parked:
                # pictures of the standing vehicle depend on when watching began
                pictures.pop(number, None)
            else:
                pictures.setdefault(number, BestShots()).offer(frame, point)
        if on_frame is not None and in_stretch:
            on_frame(frame.time_s)
        yield from _passages(timeline, step.ended, pictures, span)
        pictures = {number: shots for number, shots in pictures.items() if number in step.live}
    yield from _passages(timeline, tracker.finish(), pictures, span)


def tracker_for(detector: Detector, options: TrackerOptions) -> Tracker:
    """Return a tracker that knows which scores of this detector are certain, and whether it splits vehicles."""
    return Tracker(replace(options, certain_score=detector.certain_score, in_pieces=detector.in_pieces))


def warm_up(detector: Detector, timeline: Timeline, first_s: float, every_s: float) -> None:
    """Let the detector learn the scene from the footage before `first_s`; near the start of a file, from its start."""
    if detector.warm_up_s <= 0:
        return
    until_s = max(first_s, detector.warm_up_s)
    from_s = until_s - detector.warm_up_s
    for frame in frames(timeline, from_s=from_s, to_s=until_s, every_s=every_s, slot_s=detector.learn_every_s):
        detector.learn(_working_picture(detector, frame), frame.time_s)


def vehicles_in(detector: Detector, frame: Frame, regions: Regions | None) -> list[Detection]:
    """Return the vehicles of a frame that lie in the regions, boxes in the frame's own pixels."""
    picture = _working_picture(detector, frame)
    across, down = frame.width / picture.shape[1], frame.height / picture.shape[0]
    found = [_scaled(vehicle, across, down) for vehicle in detector.detect(picture, frame.time_s)]
    if regions is None:
        return found
    return [vehicle for vehicle in found if regions.keep(vehicle.box, frame.width, frame.height)]


def _working_picture(detector: Detector, frame: Frame) -> Image:
    width_px = detector.width_px
    return frame.image if width_px is None else frame.shrunk(width_px)


def _scaled(vehicle: Detection, across: float, down: float) -> Detection:
    """Return the detection in a picture that is so many times as wide and as high."""
    box = vehicle.box
    return replace(vehicle, box=Box(box.x * across, box.y * down, box.width * across, box.height * down))


def _passages(
    timeline: Timeline, tracks: tuple[Track, ...], pictures: dict[int, BestShots], span: WatchedSpan
) -> Iterator[ObservedPassage]:
    """Yield the ended tracks that are passages of the span, with their pictures."""
    for track in tracks:
        shots = pictures.get(track.number)
        if shots is None or not span.owns(track):
            continue
        if span.was_there_before(track) and not parked_from_start(timeline, track):
            continue
        if is_walker(track, timeline.width):
            continue
        passage = ObservedPassage(track, _during(track, shots.best()))
        if not passage.shots or not is_scenery(timeline, track, passage.shots[0]):
            yield passage


def _during(track: Track, shots: tuple[Shot, ...]) -> tuple[Shot, ...]:
    """Return the pictures from the time in which the vehicle was tracked alone; all of them if there are none."""
    return tuple(shot for shot in shots if track.first_s <= shot.time_s <= track.last_s) or shots
