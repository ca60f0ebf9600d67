"""Render the pictures of a planned track through its camera, as they would have been cut from its footage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reid.arrays import Floats
from reid.images import crop, sharpness
from reid.render.frames import FrameRenderer
from reid.render.scene import Placement
from reid.render.vehicles.layers import PixelWindow
from reid.track.best_shots import highest_quality, sharpness_quality
from reid.vehicle import Box, Image, Shot, TrackPoint
from reid.video.writer import through_codec

BLOCK_PX = 16
"""Regions begin and end where the blocks of the video's codec do."""
AROUND_PX = 16


@dataclass(frozen=True, slots=True)
class CameraScene:
    """A camera's renderer, and for each frame of a recording its time and the vehicles near, with their boxes.

    `times_s` are seconds of the period; the box of a vehicle is None where it is not in the picture.
    """

    renderer: FrameRenderer
    times_s: Floats
    placements: Sequence[Sequence[Placement]]
    boxes: Mapping[int, Sequence[Box | None]]

    def shots(self, points: Sequence[TrackPoint]) -> tuple[Shot, ...]:
        """Return the pictures at these points, best first."""
        lens = self.renderer.site.lens
        rated = [(shot := self._shot(point), _quality(point, shot, lens.width, lens.height)) for point in points]
        return tuple(shot for shot, _ in sorted(rated, key=lambda pair: (-pair[1], pair[0].frame)))

    def _shot(self, point: TrackPoint) -> Shot:
        window = self._window(point.box)
        region = self._region(point.frame, window)
        moved = Box(point.box.x - window.x, point.box.y - window.y, point.box.width, point.box.height)
        picture = crop(region, moved)
        return Shot(point.frame, point.time_s, point.box, picture, sharpness(picture))

    def _window(self, box: Box) -> PixelWindow:
        """Return the codec's blocks that a box touches, and those around it."""
        lens = self.renderer.site.lens
        left, top = (max(0, int(low - AROUND_PX) // BLOCK_PX * BLOCK_PX) for low in (box.x, box.y))
        right, bottom = (
            min(size, -(-int(high + AROUND_PX) // BLOCK_PX) * BLOCK_PX)
            for high, size in ((box.x + box.width, lens.width), (box.y + box.height, lens.height))
        )
        return PixelWindow(left, top, right - left, bottom - top)

    def _region(self, frame: int, window: PixelWindow) -> Image:
        """Return the pixels of a window of a frame, decoded from a video of the empty street and the frame."""
        time_s = float(self.times_s[frame])
        near = [
            placement
            for placement, box in zip(self.placements[frame], self.boxes[frame], strict=True)
            if box is not None and _is_near(box, window)
        ]
        empty = self.renderer.empty(float(self.times_s[max(0, frame - 1)]), window)
        return through_codec([empty, self.renderer.part(near, time_s, window)])


def _quality(point: TrackPoint, shot: Shot, width: int, height: int) -> float:
    return highest_quality(point, width, height) + sharpness_quality(shot.sharpness)


def _is_near(box: Box, window: PixelWindow) -> bool:
    """Return whether a vehicle is in a window or may throw its shadow, light or reflection into it."""
    across = box.x - box.width < window.x + window.width and box.x + 2 * box.width > window.x
    return across and box.y - box.height < window.y + window.height and box.y + 2 * box.height > window.y
