"""Log the stretches of footage in which nothing can be seen, and what the empty scene looks like."""

from dataclasses import dataclass

import cv2
import numpy as np

from reid.arrays import Floats
from reid.images import resize_to_fit
from reid.vehicle import Grey, Image
from reid.video.frames import Frame

LEAST_SCENES = 3
"""The median of fewer samples would show passing vehicles."""


@dataclass(frozen=True, slots=True)
class SceneOptions:
    """One observation each `every_s`; brightness is 0 to 255, detail the variance of the Laplacian at 256 px.

    A camera is frozen if for `frozen_s` no pixel changes by more than `frozen_levels`, and at least `frozen_share` of
    the pictures are identical to the one before: encoders repeat a still picture, but refine it with each key frame.
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
    """Seconds of footage, and the problem that hides vehicles in them; None if there is no problem."""

    start_s: float
    end_s: float
    problem: str | None


@dataclass(frozen=True, slots=True)
class _Observation:
    time_s: float
    problem: str | None


class SceneLog:
    """Observe a frame now and then, and summarise."""

    def __init__(self, options: SceneOptions | None = None) -> None:
        self._options = options or SceneOptions()
        self._observations: list[_Observation] = []
        self._freeze = _FreezeWatch(self._options)
        self._scenes: list[Grey] = []
        self._each, self._usable = 1, 0

    def observe(self, frame: Frame) -> None:
        """Judge the frame if the last observation is long enough ago."""
        if self._observations and frame.time_s - self._observations[-1].time_s < self._options.every_s:
            return
        scene = frame.shrunk(self._options.scene_width_px)
        small = resize_to_fit(scene, 256)
        problem = self._problem(small)
        self._observations.append(_Observation(frame.time_s, problem))
        since_s = self._freeze.since_s(small, frame.time_s)
        if since_s is not None:
            self._observations = [
                _frozen(observation) if observation.time_s >= since_s else observation
                for observation in self._observations
            ]
        elif problem is None:
            self._keep(np.asarray(cv2.cvtColor(scene, cv2.COLOR_RGB2GRAY), dtype=np.uint8))

    def empty_scene(self) -> Grey | None:
        """Return the median scene, without passing vehicles; None if there are too few samples."""
        if len(self._scenes) < LEAST_SCENES:
            return None
        return np.asarray(np.median(np.stack(self._scenes), axis=0), dtype=np.uint8)

    def _keep(self, scene: Grey) -> None:
        """Keep a sample of the scene; when there are too many, every other one is dropped and sampling slows down."""
        if self._usable % self._each == 0:
            self._scenes.append(scene)
        self._usable += 1
        if len(self._scenes) > self._options.scene_samples:
            self._scenes, self._each = self._scenes[::2], 2 * self._each

    def stretches(self, start_s: float, end_s: float) -> list[Stretch]:
        """Return start_s to end_s in stretches of one state each; none if no frame was observed."""
        if not self._observations:
            return []
        found: list[Stretch] = []
        changes_s = [observation.time_s for observation in self._observations[1:]]
        ends_s = [*changes_s, end_s]
        for begin_s, until_s, observation in zip([start_s, *changes_s], ends_s, self._observations, strict=True):
            if found and found[-1].problem == observation.problem:
                found[-1] = Stretch(found[-1].start_s, until_s, observation.problem)
            else:
                found.append(Stretch(begin_s, until_s, observation.problem))
        return found

    def _problem(self, small: Image) -> str | None:
        """Return "dark", "blurred", or None if the picture is usable."""
        grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
        if float(np.percentile(grey, 90)) < self._options.dark_brightness:
            return "dark"
        if float(cv2.Laplacian(grey, cv2.CV_32F).var()) < self._options.blurred_detail:
            return "blurred"
        return None


def _frozen(observation: _Observation) -> _Observation:
    return _Observation(observation.time_s, observation.problem or "frozen")


class _FreezeWatch:
    """Measure since when the picture has not changed."""

    def __init__(self, options: SceneOptions) -> None:
        self._options = options
        self._first: Image | None = None
        self._last: Image | None = None
        self._since_s = 0.0
        self._same: list[bool] = []

    def since_s(self, small: Image, time_s: float) -> float | None:
        """Return since when nothing has changed; None if the camera does not seem frozen."""
        if self._first is None or int(cv2.absdiff(small, self._first).max()) > self._options.frozen_levels:
            self._first, self._since_s, self._same = small, time_s, []
        else:
            self._same.append(np.array_equal(small, self._last) if self._last is not None else False)
        self._last = small
        is_long = time_s - self._since_s >= self._options.frozen_s
        return self._since_s if is_long and np.mean(self._same) >= self._options.frozen_share else None


def holes(times_s: Floats, frame_s: float) -> list[Stretch]:
    """Return the stretches in which the footage has no frames for much longer than usual."""
    longest_s = max(1.0, 10.0 * frame_s)
    gaps = np.flatnonzero(np.diff(times_s) > longest_s)
    return [Stretch(float(times_s[i]) + frame_s, float(times_s[i + 1]), "no frames") for i in gaps]
