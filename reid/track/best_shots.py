"""Keep the few pictures of a track that show the vehicle best: sharp, large, whole, and different from each other."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from reid.images import crop, sharpness
from reid.vehicle import Shot, TrackPoint
from reid.video.frames import Frame


@dataclass(frozen=True, slots=True)
class ShotOptions:
    """At most `kept` pictures of each track are held in memory; `best` returns `shots` of them."""

    shots: int = 3
    kept: int = 5
    border_px: float = 3.0
    cut_off_penalty: float = 1.5
    guess_penalty: float = 1.0
    scale_step: float = 1.25


@dataclass(frozen=True, slots=True)
class _RatedShot:
    quality: float
    shot: Shot


class BestShots:
    """Hold the best picture so far at each scale at which the vehicle was seen."""

    def __init__(self, options: ShotOptions | None = None) -> None:
        self._options = options or ShotOptions()
        self._by_scale: dict[int, _RatedShot] = {}

    def offer(self, frame: Frame, point: TrackPoint) -> None:
        """Keep the picture of the vehicle in this frame if it is better than those held."""
        if min(point.box.width, point.box.height) < 1:
            # At the edge of the frame nothing is left of the vehicle.
            return
        scale = _scale(point, self._options)
        rival = self._by_scale.get(scale)
        highest = highest_quality(point, frame.width, frame.height, self._options)
        if rival is not None and highest <= rival.quality:
            return
        picture = crop(frame.image, point.box)
        sharp = sharpness(picture)
        quality = highest + sharpness_quality(sharp)
        if rival is None or quality > rival.quality:
            shot = Shot(point.frame, point.time_s, point.box, picture, sharp)
            self._by_scale[scale] = _RatedShot(quality, shot)
            self._forget_worst()

    def best(self) -> tuple[Shot, ...]:
        """Return the pictures, best first."""
        ranked = sorted(self._by_scale.values(), key=lambda rated: (-rated.quality, rated.shot.frame))
        return tuple(rated.shot for rated in ranked[: self._options.shots])

    def plate_view(self) -> Shot | None:
        """Return the one of the best pictures in which a plate would be largest."""
        return max(self.best(), key=lambda shot: (shot.box.height, -shot.frame), default=None)

    def _forget_worst(self) -> None:
        if len(self._by_scale) > self._options.kept:
            worst = min(self._by_scale, key=lambda scale: self._by_scale[scale].quality)
            del self._by_scale[worst]


def best_points(
    points: Iterable[TrackPoint], width: int, height: int, options: ShotOptions = ShotOptions()
) -> tuple[TrackPoint, ...]:
    """Return the points whose pictures `BestShots` would give, best first, if all pictures were equally sharp."""
    by_scale: dict[int, tuple[float, TrackPoint]] = {}
    for point in points:
        if min(point.box.width, point.box.height) >= 1:
            scale, quality = _scale(point, options), highest_quality(point, width, height, options)
            if scale not in by_scale or quality > by_scale[scale][0]:
                by_scale[scale] = (quality, point)
    ranked = sorted(by_scale.values(), key=lambda rated: (-rated[0], rated[1].frame))
    return tuple(point for _, point in ranked[: options.shots])


def highest_quality(point: TrackPoint, width: int, height: int, options: ShotOptions = ShotOptions()) -> float:
    """Return the quality that a point's picture would have if it were perfectly sharp, which is cheap to know."""
    box = point.box
    quality = math.log(max(1.0, box.width * box.height))
    edge = options.border_px
    if box.x < edge or box.y < edge or box.x + box.width > width - edge or box.y + box.height > height - edge:
        quality -= options.cut_off_penalty
    return quality - options.guess_penalty * (1.0 - point.score)


def sharpness_quality(sharp: float) -> float:
    """Return what sharpness adds to the quality: 0 for the sharpest pictures, down to -1 for the most blurred."""
    return -1.0 / (1.0 + sharp / 200.0)


def _scale(point: TrackPoint, options: ShotOptions) -> int:
    return round(math.log(max(1.0, point.box.height)) / math.log(options.scale_step))
