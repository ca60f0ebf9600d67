"""Learn what a scene looks like without vehicles: the median of sampled frames, and how much each pixel varies."""

from collections import deque
from dataclasses import dataclass

import cv2
import numpy as np

from reid.vehicle import Image

LEAST_SAMPLES = 3


@dataclass(frozen=True, slots=True)
class BackgroundOptions:
    """One sample each `every_s`, the latest `samples` of them; a pixel must be free in more than half of those."""

    every_s: float = 2.0
    samples: int = 21

    @property
    def span_s(self) -> float:
        """Return how much footage the samples cover."""
        return self.every_s * self.samples


@dataclass(frozen=True, slots=True)
class Background:
    """The empty scene, (h, w, 3) uint8 each: the `median` of every pixel and channel, and its `spread`.

    The spread is the distance to the nearer quartile: leaves and noise vary to both sides, vehicles to one.
    `contrast` is how much the median differs among neighbours: what a swaying mast makes of an edge.
    """

    median: Image
    spread: Image
    contrast: Image


class BackgroundSamples:
    """Keep the latest samples; which frames they are depends on the footage alone, not on where watching began."""

    def __init__(self, options: BackgroundOptions) -> None:
        self._options = options
        self._samples: deque[tuple[int, Image]] = deque(maxlen=options.samples)
        self._background: Background | None = None

    def add(self, image: Image, time_s: float) -> None:
        """Take the frame as a sample if it is the first of its slot."""
        slot = int(np.floor(time_s / self._options.every_s + 1e-6))
        if self._samples and slot <= self._samples[-1][0]:
            return
        self._samples.append((slot, image.copy()))
        self._background = None

    def background_with(self, image: Image, time_s: float) -> Background | None:
        """Add the frame and return the background of the samples; None while there are too few."""
        self.add(image, time_s)
        return self.current()

    def current(self) -> Background | None:
        """Return the background of the samples; None while there are too few."""
        if len(self._samples) < LEAST_SAMPLES:
            return None
        if self._background is None:
            self._background = background_of([sample for _, sample in self._samples])
        return self._background


def background_of(samples: list[Image]) -> Background:
    """Return median, spread and contrast of the samples, pixel by pixel.

    A sorting network of whole-picture minima and maxima is 20 times faster than numpy's median on uint8.
    """
    ordered = [sample.copy() for sample in samples]
    spare = np.empty_like(ordered[0])
    for low, high in sorting_network(len(ordered)):
        np.minimum(ordered[low], ordered[high], out=spare)
        np.maximum(ordered[low], ordered[high], out=ordered[high])
        ordered[low], spare = spare, ordered[low]
    last = len(ordered) - 1
    darker, median, brighter = ordered[last // 4], ordered[last // 2], ordered[last - last // 4]
    near = np.ones((3, 3), np.uint8)
    contrast = np.asarray(cv2.morphologyEx(median, cv2.MORPH_GRADIENT, near), dtype=np.uint8)
    return Background(median, np.minimum(median - darker, brighter - median), contrast)


def match_exposure(small: Image, empty: Image) -> Image:
    """Return the empty scene at the brightness of the frame: a large vehicle makes cameras change their exposure."""
    frame, scene = small[::6, ::6].astype(np.float32), empty[::6, ::6].astype(np.float32)
    usable = ((scene > 24) & (scene < 232)).all(axis=2)
    if np.count_nonzero(usable) < 50:
        return empty
    gain = np.clip(np.median(frame[usable] / scene[usable], axis=0), 0.5, 2.0)
    return np.asarray(cv2.multiply(empty, np.append(gain, 1.0)), dtype=np.uint8)


def sorting_network(count: int) -> list[tuple[int, int]]:
    """Return the exchanges that sort `count` values: Batcher's merge exchange (Knuth, TAOCP 5.2.2, algorithm M)."""
    exchanges: list[tuple[int, int]] = []
    top = 1 << max(0, (count - 1).bit_length() - 1)
    p = top if count > 1 else 0
    while p > 0:
        q, r, d = top, 0, p
        while True:
            exchanges += [(i, i + d) for i in range(count - d) if i & p == r]
            if q == p:
                break
            d, q, r = q - p, q // 2, p
        p //= 2
    return exchanges
