"""Take note of stretches of footage in which nothing can be seen: too dark, blurred, or the picture stands still."""

from dataclasses import dataclass

import cv2
import numpy as np

from reid.images import resize_to_fit
from reid.vehicle import Image
from reid.video import Frame


@dataclass(frozen=True, slots=True)
class SceneOptions:
    """A look each `every_s`; brightness is 0 to 255, detail the variance of the Laplacian at 256 px.

    A picture that does not change in a single pixel for `frozen_s` comes from a camera that has stopped.
    """

    every_s: float = 2.0
    dark_brightness: float = 18.0
    blurred_detail: float = 6.0
    frozen_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Stretch:
    """Seconds of footage, and why nothing can be seen in them; None where it can."""

    start_s: float
    end_s: float
    problem: str | None


class SceneLog:
    """Look at a frame now and then, and sum up."""

    def __init__(self, options: SceneOptions | None = None) -> None:
        self._options = options or SceneOptions()
        self._looks: list[tuple[float, str | None]] = []
        self._last: Image | None = None
        self._same_since_s = 0.0

    def look(self, frame: Frame) -> None:
        """Judge the frame if it is time to."""
        if self._looks and frame.time_s - self._looks[-1][0] < self._options.every_s:
            return
        small = resize_to_fit(frame.image, 256)
        if self._last is None or not np.array_equal(small, self._last):
            self._same_since_s = frame.time_s
        self._last = small
        self._looks.append((frame.time_s, self._problem(small, frame.time_s)))

    def stretches(self, start_s: float, end_s: float) -> list[Stretch]:
        """Return start_s to end_s in stretches of one state each; none where no frame was looked at."""
        if not self._looks:
            return []
        found: list[Stretch] = []
        ends = [time_s for time_s, _ in self._looks[1:]] + [end_s]
        begins = [start_s] + [time_s for time_s, _ in self._looks[1:]]
        for begin_s, until_s, (_, problem) in zip(begins, ends, self._looks, strict=True):
            if found and found[-1].problem == problem:
                found[-1] = Stretch(found[-1].start_s, until_s, problem)
            else:
                found.append(Stretch(begin_s, until_s, problem))
        return found

    def _problem(self, small: Image, time_s: float) -> str | None:
        grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
        if float(np.percentile(grey, 90)) < self._options.dark_brightness:
            return "dark"
        if time_s - self._same_since_s >= self._options.frozen_s:
            return "frozen"
        if float(cv2.Laplacian(grey, cv2.CV_32F).var()) < self._options.blurred_detail:
            return "blurred"
        return None


def holes(times_s: "np.ndarray[tuple[int], np.dtype[np.float64]]", frame_s: float) -> list[Stretch]:
    """Return where the footage has no frames for much longer than usual."""
    longest_s = max(1.0, 10.0 * frame_s)
    gaps = np.flatnonzero(np.diff(times_s) > longest_s)
    return [Stretch(float(times_s[i]) + frame_s, float(times_s[i + 1]), "no frames") for i in gaps]
