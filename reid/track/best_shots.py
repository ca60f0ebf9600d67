"""Keep the few pictures of a track that show the vehicle best: sharp, large, whole, and different from each other."""

import math
from dataclasses import dataclass

from reid.images import crop, sharpness
from reid.vehicle import Shot, TrackPoint
from reid.video import Frame


@dataclass(frozen=True, slots=True)
class ShotOptions:
    """At most `kept` pictures wait in memory for each track; `shots` of them are handed out."""

    shots: int = 3
    kept: int = 5
    border_px: float = 3.0
    cut_off_penalty: float = 1.5
    guess_penalty: float = 1.0
    scale_step: float = 1.25


@dataclass(frozen=True, slots=True)
class _Kept:
    worth: float
    shot: Shot


class BestShots:
    """Hold the best picture so far of each size at which the vehicle was seen."""

    def __init__(self, options: ShotOptions | None = None) -> None:
        self._options = options or ShotOptions()
        self._by_scale: dict[int, _Kept] = {}

    def offer(self, frame: Frame, point: TrackPoint) -> None:
        """Look at the vehicle in a frame; keep the picture if it is worth it."""
        if min(point.box.width, point.box.height) < 1:
            # At the edge of the frame nothing of it is left to be seen.
            return
        scale = self._scale(point)
        rival = self._by_scale.get(scale)
        most = self._most_worth(point, frame.width, frame.height)
        if rival is not None and most <= rival.worth:
            return
        picture = crop(frame.image, point.box)
        sharp = sharpness(picture)
        worth = most + _sharpness_worth(sharp)
        if rival is None or worth > rival.worth:
            shot = Shot(point.frame, point.time_s, point.box, picture, sharp)
            self._by_scale[scale] = _Kept(worth, shot)
            self._forget_worst()

    def best(self) -> tuple[Shot, ...]:
        """Return the pictures, best first."""
        ranked = sorted(self._by_scale.values(), key=lambda kept: (-kept.worth, kept.shot.frame))
        return tuple(kept.shot for kept in ranked[: self._options.shots])

    def plate_view(self) -> Shot | None:
        """Return the picture in which a plate would be largest among the best."""
        return max(self.best(), key=lambda shot: (shot.box.height, -shot.frame), default=None)

    def _scale(self, point: TrackPoint) -> int:
        return round(math.log(max(1.0, point.box.height)) / math.log(self._options.scale_step))

    def _most_worth(self, point: TrackPoint, width: int, height: int) -> float:
        """Return the worth of the picture if it were as sharp as can be: the part that costs nothing to know."""
        box = point.box
        worth = math.log(max(1.0, box.width * box.height))
        edge = self._options.border_px
        if box.x < edge or box.y < edge or box.x + box.width > width - edge or box.y + box.height > height - edge:
            worth -= self._options.cut_off_penalty
        return worth - self._options.guess_penalty * (1.0 - point.score)

    def _forget_worst(self) -> None:
        if len(self._by_scale) > self._options.kept:
            worst = min(self._by_scale, key=lambda scale: self._by_scale[scale].worth)
            del self._by_scale[worst]


def _sharpness_worth(sharp: float) -> float:
    """Return 0 for the sharpest pictures, down to -1 for the most blurred."""
    return -1.0 / (1.0 + sharp / 200.0)
