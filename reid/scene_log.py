"""Take note of stretches of footage in which nothing can be seen, and of what the scene looks like when it is empty."""

from dataclasses import dataclass

import cv2
import numpy as np

from reid.detect.channels import Grey
from reid.images import resize_to_fit
from reid.vehicle import Image
from reid.video import Frame

LEAST_SCENES = 3
"""Of fewer samples, the median would show what passed."""


@dataclass(frozen=True, slots=True)
class SceneOptions:
    """A look each `every_s`; brightness is 0 to 255, detail the variance of the Laplacian at 256 px.

    A camera has stopped where for `frozen_s` no pixel leaves its value by more than `frozen_levels`, and at least
    `frozen_share` of the looks are the same as the one before to the last bit: encoders repeat a still picture, but
    polish it with each key frame.
    """

    every_s: float = 2.0
    dark_brightness: float = 18.0
    blurred_detail: float = 6.0
    frozen_s: float = 60.0
    frozen_levels: int = 2
    frozen_share: float = 0.35
    scene_width_px: int = 480
    scene_samples: int = 31


@dataclass(frozen=True, slots=True)
class Stretch:
    """Seconds of footage, and why nothing can be seen in them; None where it can."""

    start_s: float
    end_s: float
    problem: str | None


@dataclass(frozen=True, slots=True)
class _Look:
    time_s: float
    problem: str | None


class SceneLog:
    """Look at a frame now and then, and sum up."""

    def __init__(self, options: SceneOptions | None = None) -> None:
        self._options = options or SceneOptions()
        self._looks: list[_Look] = []
        self._standing = _Standing(self._options)
        self._scenes: list[Grey] = []
        self._each, self._usable = 1, 0

    def look(self, frame: Frame) -> None:
        """Judge the frame if it is time to."""
        if self._looks and frame.time_s - self._looks[-1].time_s < self._options.every_s:
            return
        scene = frame.shrunk(self._options.scene_width_px)
        small = resize_to_fit(scene, 256)
        problem = self._problem(small)
        self._looks.append(_Look(frame.time_s, problem))
        since_s = self._standing.since_s(small, frame.time_s)
        if since_s is not None:
            self._looks = [_frozen(one) if one.time_s >= since_s else one for one in self._looks]
        elif problem is None:
            self._keep(np.asarray(cv2.cvtColor(scene, cv2.COLOR_RGB2GRAY), dtype=np.uint8))

    def empty_scene(self) -> Grey | None:
        """Return the scene as it mostly was, without what only passed; None where too little of it was seen."""
        if len(self._scenes) < LEAST_SCENES:
            return None
        return np.asarray(np.median(np.stack(self._scenes), axis=0), dtype=np.uint8)

    def _keep(self, scene: Grey) -> None:
        """Keep a sample of the scene; when there are too many, every other one goes, and fewer are taken."""
        if self._usable % self._each == 0:
            self._scenes.append(scene)
        self._usable += 1
        if len(self._scenes) > self._options.scene_samples:
            self._scenes, self._each = self._scenes[::2], 2 * self._each

    def stretches(self, start_s: float, end_s: float) -> list[Stretch]:
        """Return start_s to end_s in stretches of one state each; none where no frame was looked at."""
        if not self._looks:
            return []
        found: list[Stretch] = []
        changes_s = [look.time_s for look in self._looks[1:]]
        for begin_s, until_s, look in zip([start_s, *changes_s], [*changes_s, end_s], self._looks, strict=True):
            if found and found[-1].problem == look.problem:
                found[-1] = Stretch(found[-1].start_s, until_s, look.problem)
            else:
                found.append(Stretch(begin_s, until_s, look.problem))
        return found

    def _problem(self, small: Image) -> str | None:
        grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
        if float(np.percentile(grey, 90)) < self._options.dark_brightness:
            return "dark"
        if float(cv2.Laplacian(grey, cv2.CV_32F).var()) < self._options.blurred_detail:
            return "blurred"
        return None


def _frozen(look: _Look) -> _Look:
    return _Look(look.time_s, look.problem or "frozen")


class _Standing:
    """Tell since when the picture stands still."""

    def __init__(self, options: SceneOptions) -> None:
        self._options = options
        self._first: Image | None = None
        self._last: Image | None = None
        self._since_s = 0.0
        self._same: list[bool] = []

    def since_s(self, small: Image, time_s: float) -> float | None:
        """Return since when nothing has changed, None where that is not long enough to mean anything."""
        if self._first is None or int(cv2.absdiff(small, self._first).max()) > self._options.frozen_levels:
            self._first, self._since_s, self._same = small, time_s, []
        else:
            self._same.append(np.array_equal(small, self._last) if self._last is not None else False)
        self._last = small
        stands = time_s - self._since_s >= self._options.frozen_s
        return self._since_s if stands and np.mean(self._same) >= self._options.frozen_share else None


def holes(times_s: "np.ndarray[tuple[int], np.dtype[np.float64]]", frame_s: float) -> list[Stretch]:
    """Return where the footage has no frames for much longer than usual."""
    longest_s = max(1.0, 10.0 * frame_s)
    gaps = np.flatnonzero(np.diff(times_s) > longest_s)
    return [Stretch(float(times_s[i]) + frame_s, float(times_s[i + 1]), "no frames") for i in gaps]
