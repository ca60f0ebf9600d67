"""Decide whether a place looks the same at other times: a vehicle is parked there, or a box holds no vehicle."""

import cv2
import numpy as np

from reid.images import crop
from reid.vehicle import Box, Grey, Shot, Track
from reid.video.frames import Frame, frame_at
from reid.video.timeline import Timeline

FIRST_S = (0.0, 0.5, 1.0)
"""It must be there at one of the first moments, or it came later."""

CHECKS, MOST_HIDDEN = 8, 2
"""This many later moments are checked; in this many of them something may hide it."""

SAME = 0.7
"""The correlation from which two pictures of one place show the same vehicle."""

SIDE_PX = 32
"""The longer side at which vehicles are compared."""

AROUND = 0.35
"""It may have moved by this share of its size before it is seen to set off."""

UNSURE = 0.6
"""Tracks of a higher mean score are vehicles: only the others may be scenery, because each check decodes frames."""

SCENERY_CHECKS, BEYOND_S = 6, 2.0
"""The place is looked at at so many moments of the track, and so long before and after it."""

TREMBLING = 0.1
"""What trembles by this share of its size is still in its place."""


def parked_from_start(timeline: Timeline, track: Track) -> bool:
    """Say whether the vehicle at the first point of the track stood there, unmoved, all the time before."""
    home = track.points[0]
    vehicle = _picture(frame_at(timeline, home.time_s), home.box)

    def is_there(time_s: float) -> bool:
        return _shows(frame_at(timeline, time_s), home.box, vehicle, AROUND)

    if not any(is_there(time_s) for time_s in FIRST_S):
        return False
    later_s = np.linspace(0.0, home.time_s, CHECKS, endpoint=False).tolist()
    return sum(not is_there(time_s) for time_s in later_s) <= MOST_HIDDEN


def is_scenery(timeline: Timeline, track: Track, shot: Shot) -> bool:
    """Say whether the best picture of an unsure track shows what is in that place at all times.

    A vehicle that passed has left its place, or had not come yet: then something else is there. A box that trembles
    around a wall or a caption moves far enough to be a passage, and its place still looks the same all the time.
    """
    if np.mean([point.score for point in track.points]) >= UNSURE:
        return False
    picture = _picture(frame_at(timeline, shot.time_s), shot.box)
    during_s = np.linspace(track.first_s, track.last_s, SCENERY_CHECKS).tolist()
    moments_s = np.clip([track.first_s - BEYOND_S, *during_s, track.last_s + BEYOND_S], 0.0, timeline.duration_s)
    seen = (frame_at(timeline, time_s) for time_s in moments_s.tolist())
    return all(_shows(frame, shot.box, picture, TREMBLING) for frame in seen if frame is not None)


def _picture(frame: Frame | None, box: Box) -> Grey:
    """Return the brightness of a box, SIDE_PX on its longer side; an empty array for a damaged frame."""
    return _grey(frame, box, SIDE_PX / max(box.width, box.height))


def _shows(frame: Frame | None, box: Box, vehicle: Grey, reach: float) -> bool:
    """Say whether a frame shows the vehicle in a box, or off it by up to `reach` of the box."""
    right, down = reach * box.width, reach * box.height
    around = Box(box.x - right, box.y - down, box.width + 2 * right, box.height + 2 * down)
    place = _grey(frame, around, SIDE_PX / max(box.width, box.height))
    fits = vehicle.size and place.shape[0] >= vehicle.shape[0] and place.shape[1] >= vehicle.shape[1]
    if not fits:
        return False
    return float(cv2.matchTemplate(place, vehicle, cv2.TM_CCOEFF_NORMED).max()) >= SAME


def _grey(frame: Frame | None, box: Box, scale: float) -> Grey:
    """Return the brightness of a box, scaled; an empty array for a damaged frame."""
    if frame is None:
        return np.zeros((0, 0), dtype=np.uint8)
    picture = crop(frame.image, box)
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
