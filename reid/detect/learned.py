"""Find vehicles with our own network: it is shown the frame, the empty scene and the frame before, or a photograph."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from reid import boxes
from reid.detect.background import BackgroundOptions, BackgroundSamples
from reid.detect.channels import DIFFERENCES, EVEN, SCENE, Channels, EmptyScene, Grey, padded, stacked
from reid.detect.grid import read_grid
from reid.detect.onnx import open_session
from reid.detect.parts import without_parts
from reid.vehicle import VEHICLE_TYPES, Detection, Image
from reid.weights import Weights, find_weights

SHOWN_WIDTH_PX, SHOWN_HEIGHT_PX = 512, 288
"""Pictures of other shapes are shown in as many pixels."""

SIDE_STEP_PX = 32
"""Pictures are padded so that every stride divides them."""

SMALLEST_SHRINKING = 0.98
"""A picture this near to the right size is left alone."""

MOST_BOXES = 150
"""Several places see each vehicle; only so many of the surest are looked at."""

STIRRED = 6
"""Half the difference in a colour from which a place differs from the empty scene."""

LEAST_STIRRED = 0.08

PACKAGED = "detector"


@dataclass(frozen=True, slots=True)
class LearnedOptions:
    """What to believe: scores from `min_score`, one box of those that overlap by more than `max_iou`.

    Scores below `certain_score` are for what is expected already; what differs in nothing from the empty scene needs
    `sure_score`. The frame before is one of at most `before_s` ago.
    """

    min_score: float = 0.2
    certain_score: float = 0.5
    sure_score: float = 0.65
    max_iou: float = 0.45
    before_s: float = 0.7
    background: BackgroundOptions = field(default_factory=BackgroundOptions)


class LearnedDetector:
    """Run the network on each frame, with what was learned of the scene from the frames that were shown so far."""

    width_px: int | None = SHOWN_WIDTH_PX
    in_pieces = False

    def __init__(self, options: LearnedOptions | None = None, weights: Weights | None = None) -> None:
        self._options = options or LearnedOptions()
        weights = weights or find_weights(PACKAGED)
        self.model_id = weights.model_id
        self._session = _session(weights)
        self._samples = BackgroundSamples(self._options.background)
        self._before: tuple[float, Grey] | None = None

    @property
    def warm_up_s(self) -> float:
        """Return how much footage to show before the first frame that matters."""
        return self._options.background.span_s

    @property
    def learn_every_s(self) -> float:
        """Return how often a frame is of use for learning."""
        return self._options.background.every_s

    @property
    def certain_score(self) -> float:
        """Return the score from which a detection is believed by itself."""
        return self._options.certain_score

    def learn(self, image: Image, time_s: float) -> None:
        """Take note of the scene without looking for vehicles."""
        small = shown(image)
        self._samples.add(small, time_s)
        self._before = (time_s, _grey(small))

    def detect(self, image: Image, time_s: float) -> list[Detection]:
        """Return the vehicles of a frame, boxes in its own pixels, best score first."""
        small = shown(image)
        self._samples.add(small, time_s)
        background = self._samples.current()
        scene = None if background is None else EmptyScene.of(background)
        before = self._grey_before(time_s, small.shape)
        self._before = (time_s, _grey(small))
        return self._find(stacked(small, scene, before), image)

    def look(self, image: Image) -> list[Detection]:
        """Return the vehicles of a photograph by itself, best score first."""
        return self._find(stacked(shown(image), None, None), image)

    def _grey_before(self, time_s: float, shape: tuple[int, ...]) -> Grey | None:
        """Return the frame before, if it was shown shortly before and is as large."""
        if self._before is None:
            return None
        before_s, grey = self._before
        return grey if 0 < time_s - before_s <= self._options.before_s and grey.shape == shape[:2] else None

    def _doubted(
        self, found: boxes.Boxes, scores: npt.NDArray[np.float64], channels: Channels
    ) -> npt.NDArray[np.float64]:
        """Return the scores, that of what is there always halved unless it is sure: it begins no track."""
        doubtful = (scores < self._options.sure_score) & (stirred_shares(found, channels) < LEAST_STIRRED)
        return np.where(doubtful, scores / 2, scores)

    def _find(self, channels: Channels, image: Image) -> list[Detection]:
        height, width = (_round_up(side) for side in channels.shape[:2])
        (told,) = self._session.run(None, {"channels": padded(channels, height, width)[None]})
        found, scores, types = read_grid(told[0], height, width, self._options.min_score)
        scores = self._doubted(found, scores, channels)
        best = np.argsort(-scores, kind="stable")[:MOST_BOXES]
        best = best[scores[best] >= self._options.min_score]
        found, scores, types = found[best], scores[best], types[best]
        kept = boxes.keep_best(found, scores, max_iou=self._options.max_iou)
        across, down = image.shape[1] / channels.shape[1], image.shape[0] / channels.shape[0]
        inside = boxes.clip(found[kept] * [across, down, across, down], image.shape[1], image.shape[0])
        vehicles = [
            Detection(boxes.to_box(box), float(scores[row]), VEHICLE_TYPES[int(types[row].argmax())])
            for box, row in zip(inside, kept, strict=True)
            if boxes.areas(box[None])[0] > 0
        ]
        return without_parts(vehicles)


def stirred_shares(found: boxes.Boxes, channels: Channels) -> npt.NDArray[np.float64]:
    """Return the share of each box (n, 4) that differs from the empty scene; 1 where no scene is known."""
    if not channels[0, 0, SCENE]:
        return np.ones(len(found))
    low, high = (EVEN - STIRRED + 1,) * 3, (EVEN + STIRRED - 1,) * 3
    same = cv2.inRange(np.ascontiguousarray(channels[..., DIFFERENCES]), low, high)
    sums = cv2.integral(cv2.bitwise_not(same)) / 255
    left, top, right, bottom = boxes.clip(found, channels.shape[1], channels.shape[0]).round().astype(int).T
    inside = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
    return np.asarray(inside / np.maximum(1, (right - left) * (bottom - top)))


def shown(image: Image) -> Image:
    """Return the picture in as many pixels as the network is shown; smaller ones as they are."""
    height, width = image.shape[:2]
    scale = (SHOWN_WIDTH_PX * SHOWN_HEIGHT_PX / (width * height)) ** 0.5
    if scale >= SMALLEST_SHRINKING:
        return image
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _grey(picture: Image) -> Grey:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def _round_up(side_px: int) -> int:
    return -(-side_px // SIDE_STEP_PX) * SIDE_STEP_PX


@lru_cache(maxsize=2)
def _session(weights: Weights) -> Any:
    """Open the network once a process: several detectors can share it."""
    return open_session(weights.read(), weights.path, threads=1)
