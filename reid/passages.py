"""Watch a stretch of footage: frames in; each vehicle's passage, with its best pictures, out."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from reid.boxes import scaled
from reid.detect import Detector
from reid.parked import stood_from_the_start
from reid.regions import Regions
from reid.scene_log import SceneLog
from reid.timeline import Timeline
from reid.track.best_shots import BestShots
from reid.track.tracker import Tracker, TrackerOptions
from reid.vehicle import Detection, Image, Shot, Track
from reid.video import Frame, frames

IN_SIGHT_S = 1.0
"""A vehicle that stands there is found within this time."""


@dataclass(frozen=True, slots=True)
class WatchOptions:
    """One frame each `every_s` is analysed; what lies outside the `regions` is not looked at (None: all is).

    Tracking begins `lead_s` before the stretch, so that a vehicle already there is known to have come earlier, and
    goes on up to `tail_s` behind it, until the vehicles that came in it have left.
    """

    every_s: float = 0.1
    regions: Regions | None = None
    lead_s: float = 12.0
    tail_s: float = 60.0
    tracker: TrackerOptions = field(default_factory=TrackerOptions)


@dataclass(frozen=True, slots=True)
class Span:
    """The stretch of footage whose passages are asked for, and when watching began."""

    start_s: float
    end_s: float
    began_s: float

    def found_standing(self, track: Track) -> bool:
        """Say whether the vehicle stood there when watching began: it may have come at any time before."""
        return track.stood and track.came_s <= self.began_s + IN_SIGHT_S

    def owns(self, track: Track) -> bool:
        """Say whether the passage begins in the stretch, if it is one."""
        begins_s = track.first_s if self.found_standing(track) else track.came_s
        return self.start_s <= begins_s < self.end_s


@dataclass(frozen=True, slots=True)
class Passage:
    """One vehicle passing by, and its pictures, best first."""

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
    on_frame: Callable[[Frame], None] | None = None,
) -> Iterator[Passage]:
    """Yield the passages that begin in [start_s, end_s), as they end; `scene` takes note of what could be seen.

    A passage begins when the vehicle comes into sight, or when it sets off if it had been parked from the start.

    What is found depends on the footage alone, not on how it was cut into stretches. `on_frame` is told of each frame
    of the stretch that was analysed.
    """
    first_s = max(0.0, start_s - options.lead_s)
    span = Span(start_s, end_s, first_s)
    warm_up(detector, timeline, first_s, options.every_s)
    tracker = tracker_for(detector, options.tracker)
    pictures: dict[int, BestShots] = {}
    for frame in frames(
        timeline, from_s=first_s, to_s=end_s + options.tail_s, every_s=options.every_s, on_damage=on_damage
    ):
        if frame.time_s >= end_s and not tracker.awaits(start_s, end_s, frame.time_s):
            break
        if start_s <= frame.time_s < end_s:
            scene.look(frame)
        step = tracker.update(frame.index, frame.time_s, vehicles_in(detector, frame, options.regions))
        for number, point in step.seen.items():
            if number in step.parked:
                # What it looked like until then depends on since when it was watched.
                pictures.pop(number, None)
            else:
                pictures.setdefault(number, BestShots()).offer(frame, point)
        if on_frame is not None and start_s <= frame.time_s < end_s:
            on_frame(frame)
        yield from _of_span(timeline, step.ended, pictures, span)
        pictures = {number: shots for number, shots in pictures.items() if number in tracker.live}
    yield from _of_span(timeline, tracker.finish(), pictures, span)


def tracker_for(detector: Detector, options: TrackerOptions) -> Tracker:
    """Return a tracker that believes a detector as far as that deserves."""
    return Tracker(replace(options, certain_score=detector.certain_score, in_pieces=detector.in_pieces))


def warm_up(detector: Detector, timeline: Timeline, first_s: float, every_s: float) -> None:
    """Show the detector the footage before `first_s`; at the start of a file, the first minutes themselves."""
    if detector.warm_up_s <= 0:
        return
    until_s = max(first_s, detector.warm_up_s)
    from_s = until_s - detector.warm_up_s
    for frame in frames(timeline, from_s=from_s, to_s=until_s, every_s=every_s, slot_s=detector.learn_every_s):
        detector.learn(_working_picture(detector, frame), frame.time_s)


def _working_picture(detector: Detector, frame: Frame) -> Image:
    return frame.image if detector.width_px is None else frame.shrunk(detector.width_px)


def vehicles_in(detector: Detector, frame: Frame, regions: Regions | None) -> list[Detection]:
    """Return what is found in a frame where one should look, boxes in its own pixels."""
    picture = _working_picture(detector, frame)
    across, down = frame.width / picture.shape[1], frame.height / picture.shape[0]
    found = (replace(one, box=scaled(one.box, across, down)) for one in detector.detect(picture, frame.time_s))
    return [one for one in found if regions is None or regions.keep(one.box, frame.width, frame.height)]


def _during(track: Track, shots: tuple[Shot, ...]) -> tuple[Shot, ...]:
    """Return the pictures from while the vehicle was followed alone; all where there is none."""
    return tuple(shot for shot in shots if track.first_s <= shot.time_s <= track.last_s) or shots


def _of_span(
    timeline: Timeline, tracks: tuple[Track, ...], pictures: dict[int, BestShots], span: Span
) -> Iterator[Passage]:
    for track in tracks:
        shots = pictures.get(track.number)
        if shots is None or not span.owns(track):
            continue
        if not span.found_standing(track) or stood_from_the_start(timeline, track):
            yield Passage(track, _during(track, shots.best()))
