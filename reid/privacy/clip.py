"""Cut a clip of one vehicle out of footage, with others covered in every frame of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from reid.arrays import Flags, Floats
from reid.detect.learned import LearnedDetector, LearnedOptions
from reid.errors import SeeingError
from reid.plates.locate import PHOTOGRAPH
from reid.privacy.covering import share_inside
from reid.privacy.others import LEAST_SCORE, Others, cover_others, faces, is_subject, plates_in
from reid.vehicle import Box, Image, TrackPoint
from reid.video.frames import Frame, Timeline, frame_at, frames, read_timeline
from reid.video.writer import FilmOptions, film

LOOK_EVERY_S, FACES_EVERY_S = 0.25, 1.0
"""Plates and standing vehicles, and faces, are looked for so often; each find is covered until the look after."""

FACES_WIDTH_PX = 640

MOTION_WIDTH_PX = 160
CHANGED_LEVELS = 18
"""What differs from the usual picture by so many grey levels moves: nobody need know what it is to cover it."""

SURE_SCORE = 0.45
"""What looks like the empty scene counts as a standing vehicle from this score: covering a wall harms nobody."""

INSIDE = 0.95
"""A plate is on a vehicle if so much of it lies in the vehicle's box."""

USUAL_FRAMES, AROUND_S = 40, 30.0
"""What stands still in most of so many frames, from so long before a clip to so long after, is the usual picture."""

BEYOND_TRACK_S = 0.5
"""A track may end so long before its vehicle has left; after that nobody is known to be it."""


@dataclass(frozen=True, slots=True)
class ClipOptions:
    """What is cut out of the footage, in seconds from its start, and whether others are covered in it.

    `shows_plate` leaves the plate of the vehicle itself as it is; `own_plate` is where it is, if that is known and does
    not move, as in a clip of one frame.
    """

    from_s: float
    to_s: float
    covered: bool = True
    shows_plate: bool = True
    own_plate: Box | None = None
    quality: int = 26


def cut_clip(source: Path, target: Path, track: Sequence[TrackPoint], options: ClipOptions) -> int:
    """Write a clip of the vehicle of a track as H.264, and return its number of frames."""
    timeline = read_timeline(source)
    width, height = timeline.width // 2 * 2, timeline.height // 2 * 2
    cover = _cover_of(timeline, track, options)
    begins_s: float | None = None
    count = 0
    with film(target, FilmOptions(width, height, timeline.fps, options.quality)) as clip:
        for frame in frames(timeline, from_s=options.from_s, to_s=options.to_s):
            begins_s = frame.time_s if begins_s is None else begins_s
            clip.add(np.ascontiguousarray(cover(frame)[:height, :width]), frame.time_s - begins_s)
            count += 1
        if count == 0:
            raise SeeingError(_nothing(timeline, options))
    return count


def frame_of(source: Path, track: Sequence[TrackPoint], options: ClipOptions) -> Image:
    """Return the first frame of a clip, covered as in the clip."""
    timeline = read_timeline(source)
    frame = frame_at(timeline, options.from_s)
    if frame is None:
        raise SeeingError(f"{source}: the frame at {options.from_s:.1f} s is damaged")
    return _cover_of(timeline, track, options)(frame)


def subject_at(track: Sequence[TrackPoint], time_s: float) -> Box | None:
    """Return where the vehicle of a track is at a time, between two of its points too; None before and after it."""
    if not track or not track[0].time_s - BEYOND_TRACK_S <= time_s <= track[-1].time_s + BEYOND_TRACK_S:
        return None
    times_s = [point.time_s for point in track]
    sides = ([getattr(point.box, name) for point in track] for name in ("x", "y", "width", "height"))
    return Box(*(float(np.interp(time_s, times_s, side)) for side in sides))


def moving(image: Image, usual: Floats) -> Flags:
    """Return which pixels (h, w) differ from the usual picture, after both have been made equally bright."""
    grey = _small(image)
    shift = float(np.median(grey - usual))
    changed = (np.abs(grey - usual - shift) > CHANGED_LEVELS).astype(np.uint8)
    spread = cv2.dilate(changed, np.ones((5, 5), np.uint8))
    return np.asarray(cv2.resize(spread, image.shape[1::-1], interpolation=cv2.INTER_NEAREST) > 0)


class _Looks:
    """Remembers what the last looks at a clip found: what is covered in a frame is what any of them found."""

    def __init__(self, track: Sequence[TrackPoint], options: ClipOptions, around: Sequence[Frame]) -> None:
        self._track, self._options = track, options
        self._usual: Floats = np.median([_small(frame.image) for frame in around], axis=0)
        self._detector = LearnedDetector(LearnedOptions(min_score=LEAST_SCORE, sure_score=SURE_SCORE))
        for frame in around:
            self._detector.learn(frame.image, frame.time_s - options.to_s - AROUND_S)
        self._looked_s = self._faces_s = -np.inf
        self._last = self._before = self._faces = Others()

    def covered(self, frame: Frame) -> Image:
        """Return a frame with others covered."""
        subject = subject_at(self._track, frame.time_s)
        if frame.time_s - self._looked_s >= LOOK_EVERY_S:
            self._before, self._last = self._last, self._look(frame, subject)
            self._looked_s = frame.time_s
        if frame.time_s - self._faces_s >= FACES_EVERY_S:
            self._faces = Others(faces=faces(frame.image, width_px=FACES_WIDTH_PX))
            self._faces_s = frame.time_s
        others = self._before.joined(self._last).joined(self._faces)
        return cover_others(frame.image, others, subject, moving(frame.image, self._usual))

    def _look(self, frame: Frame, subject: Box | None) -> Others:
        """Find others in a frame; of the plates on the vehicle itself the surest is its own."""
        seen = [one.box for one in self._detector.detect(frame.image, frame.time_s)]
        vehicles = tuple(box for box in seen if subject is None or not is_subject(box, subject))
        return Others(vehicles, self._plates(frame.image, subject))

    def _plates(self, image: Image, subject: Box | None) -> tuple[Box, ...]:
        """Return the plates to cover: all that are found, and all that are known, but the one that may be shown."""
        known, found = self._options.own_plate, plates_in(image, PHOTOGRAPH, None)
        if subject is None or not self._options.shows_plate:
            return found if known is None else (*found, known)
        if known is not None:
            return plates_in(image, PHOTOGRAPH, known)
        own = next((plate for plate in found if share_inside(plate, subject) >= INSIDE), None)
        return tuple(plate for plate in found if plate is not own)


def _cover_of(timeline: Timeline, track: Sequence[TrackPoint], options: ClipOptions) -> Callable[[Frame], Image]:
    """Return what covers others in the frames of a clip, or leaves them as they are."""
    if not options.covered:
        return lambda frame: frame.image
    from_s, to_s = options.from_s - AROUND_S, options.to_s + AROUND_S
    around = list(frames(timeline, from_s=from_s, to_s=to_s, slot_s=(to_s - from_s) / USUAL_FRAMES))
    if not around:
        raise SeeingError(_nothing(timeline, options))
    return _Looks(track, options, around).covered


def _nothing(timeline: Timeline, options: ClipOptions) -> str:
    return f"{timeline.path} shows no picture from {options.from_s:.1f} to {options.to_s:.1f} s"


def _small(image: Image) -> Floats:
    height, width = image.shape[:2]
    size = (MOTION_WIDTH_PX, max(1, round(height * MOTION_WIDTH_PX / width)))
    grey = cv2.cvtColor(cv2.resize(image, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    return np.asarray(grey, np.float64)
