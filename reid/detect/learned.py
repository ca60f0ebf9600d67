"""Find vehicles with our own network, which sees the frame, the empty scene and the frame before, or a photograph."""

from dataclasses import dataclass, field
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from reid import boxes
from reid.arrays import AnyFloats, Floats, Floats32
from reid.detect.background import Background, BackgroundOptions, BackgroundSamples, match_exposure
from reid.onnx import Session, open_session
from reid.vehicle import VEHICLE_TYPES, Detection, Grey, Image
from reid.weights import Weights, find_weights

PACKAGED = "detector"

NETWORK_WIDTH_PX, NETWORK_HEIGHT_PX = 512, 288
"""Larger pictures, of any shape, are shrunk to this many pixels in all."""

SIDE_STEP_PX = 32
"""Pictures are padded to a multiple of the coarsest stride."""

SMALLEST_SHRINKING = 0.98
"""A picture this near to the right size is left alone."""

MOST_BOXES = 150
"""Several places of the grid see each vehicle; only this many boxes of the highest scores are considered."""

CHANGED_LEVELS = 6
"""Half the difference in a colour from which a pixel counts as different from the empty scene."""

LEAST_CHANGED_SHARE = 0.08

CHANNELS = 8
"""Red, green, blue; half the difference to the empty scene in each; that scene's spread; half the difference to the
frame before."""

DIFFERENCES, SCENE = slice(3, 6), 6
"""The channels with the differences to the empty scene, and the one that tells whether a scene is known."""

NO_DIFFERENCE = 128
"""Also stands where there is nothing to differ from."""

SCENE_KNOWN = 16
"""The spread of a known scene begins here; 0 says that no scene is known."""

PADDING = (114, 114, 114, NO_DIFFERENCE, NO_DIFFERENCE, NO_DIFFERENCE, 0, NO_DIFFERENCE)

STRIDES = (8, 16, 32)

OUTPUTS = 1 + 4 + len(VEHICLE_TYPES)
"""The logit of a vehicle; the logarithms of the distances to its four sides in strides; the logits of the types."""

LARGEST_LOGARITHM = 5.0

Channels = npt.NDArray[np.uint8]
"""(h, w, CHANNELS)."""


@dataclass(frozen=True, slots=True)
class LearnedOptions:
    """Which boxes count: scores from `min_score`, one box of those that overlap by more than `max_iou`.

    Scores below `certain_score` only continue a track. A box that does not differ from the empty scene needs
    `sure_score`. The frame before is used if it is at most `before_s` old.
    """

    min_score: float = 0.2
    certain_score: float = 0.5
    sure_score: float = 0.65
    max_iou: float = 0.45
    before_s: float = 0.7
    background: BackgroundOptions = field(default_factory=BackgroundOptions)


class LearnedDetector:
    """Run the network on each frame, with the empty scene learned from the frames before."""

    width_px: int | None = NETWORK_WIDTH_PX
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
        """Return how often a frame helps to learn the scene."""
        return self._options.background.every_s

    @property
    def certain_score(self) -> float:
        """Return the score from which a detection may begin a track."""
        return self._options.certain_score

    def learn(self, image: Image, time_s: float) -> None:
        """Learn the scene from a frame without looking for vehicles in it."""
        small = shrink_to_network(image)
        self._samples.add(small, time_s)
        self._before = (time_s, _grey(small))

    def detect(self, image: Image, time_s: float) -> list[Detection]:
        """Return the vehicles of a frame, boxes in its own pixels, best score first."""
        small = shrink_to_network(image)
        background = self._samples.background_with(small, time_s)
        scene = None if background is None else EmptyScene.of(background)
        before = self._frame_before(time_s, small.shape)
        self._before = (time_s, _grey(small))
        return self._find(stack_channels(small, scene, before), image)

    def detect_in_photograph(self, image: Image) -> list[Detection]:
        """Return the vehicles of a single photograph, best score first."""
        return self._find(stack_channels(shrink_to_network(image), None, None), image)

    def _frame_before(self, time_s: float, shape: tuple[int, ...]) -> Grey | None:
        """Return the frame before, if it is recent and of the same size."""
        if self._before is None:
            return None
        before_s, grey = self._before
        return grey if 0 < time_s - before_s <= self._options.before_s and grey.shape == shape[:2] else None

    def _find(self, channels: Channels, image: Image) -> list[Detection]:
        height, width = (round_up(side) for side in channels.shape[:2])
        (grid,) = self._session.run(None, {"channels": pad_channels(channels, height, width)[None]})
        found, scores, types = decode_grid(grid[0], height, width, self._options.min_score)
        if not len(found):
            return []
        scores = self._lower_unchanged(found, scores, channels)
        best = np.argsort(-scores, kind="stable")[:MOST_BOXES]
        best = best[scores[best] >= self._options.min_score]
        found, scores, types = found[best], scores[best], types[best]
        kept = boxes.non_maximum_suppression(found, scores, max_iou=self._options.max_iou)
        across, down = image.shape[1] / channels.shape[1], image.shape[0] / channels.shape[0]
        inside = boxes.clip(found[kept] * [across, down, across, down], image.shape[1], image.shape[0])
        visible = (inside[:, 2:] > inside[:, :2]).all(axis=1)
        rows = np.array(kept, dtype=np.intp)[visible]
        labels = types[rows].argmax(axis=1).tolist()
        detections = [
            Detection(box, score, VEHICLE_TYPES[label])
            for box, score, label in zip(boxes.to_boxes(inside[visible]), scores[rows].tolist(), labels, strict=True)
        ]
        return boxes.without_parts(detections) if len(detections) > 1 else detections

    def _lower_unchanged(self, found: boxes.Boxes, scores: Floats, channels: Channels) -> Floats:
        """Return the scores, halved where an unsure box looks like the empty scene: it begins no track then."""
        doubtful = (scores < self._options.sure_score) & (changed_shares(found, channels) < LEAST_CHANGED_SHARE)
        return np.where(doubtful, scores / 2, scores)


@dataclass(frozen=True, slots=True)
class EmptyScene:
    """What a scene looks like without vehicles, and the spread of each pixel."""

    picture: Image
    spread: Grey

    @classmethod
    def of(cls, background: Background) -> "EmptyScene":
        """Return the background as the network sees it."""
        red, green, blue = cv2.split(background.spread)
        return cls(background.median, np.asarray(cv2.max(cv2.max(red, green), blue), dtype=np.uint8))


def shrink_to_network(image: Image) -> Image:
    """Return the picture in as many pixels as the network was trained on; smaller ones as they are."""
    height, width = image.shape[:2]
    scale = (NETWORK_WIDTH_PX * NETWORK_HEIGHT_PX / (width * height)) ** 0.5
    if scale >= SMALLEST_SHRINKING:
        return image
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def stack_channels(picture: Image, scene: EmptyScene | None, before: Grey | None) -> Channels:
    """Return the network's channels of a frame; `scene` and the grey frame `before` have its size, or are unknown."""
    even = np.full(picture.shape[:2], NO_DIFFERENCE, dtype=np.uint8)
    to_scene = [even, even, even, np.zeros_like(even)] if scene is None else _against_scene(picture, scene)
    to_before = even if before is None else _half_difference(picture, before)
    return np.asarray(cv2.merge([*cv2.split(picture), *to_scene, to_before]), dtype=np.uint8)


def pad_channels(channels: Channels, height: int, width: int) -> Channels:
    """Return the channels in the top left corner of a padded array of that size."""
    if channels.shape[:2] == (height, width):
        return channels
    whole = np.empty((height, width, CHANNELS), dtype=np.uint8)
    whole[...] = PADDING
    whole[: channels.shape[0], : channels.shape[1]] = channels
    return whole


def changed_shares(found: boxes.Boxes, channels: Channels) -> Floats:
    """Return the share of each box (n, 4) that differs from the empty scene; 1 where no scene is known."""
    if not channels[0, 0, SCENE]:
        return np.ones(len(found))
    low, high = (NO_DIFFERENCE - CHANGED_LEVELS + 1,) * 3, (NO_DIFFERENCE + CHANGED_LEVELS - 1,) * 3
    same = cv2.inRange(np.ascontiguousarray(channels[..., DIFFERENCES]), low, high)
    sums = cv2.integral(cv2.bitwise_not(same)) / 255
    left, top, right, bottom = boxes.clip(found, channels.shape[1], channels.shape[0]).round().astype(int).T
    inside = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
    return np.asarray(inside / np.maximum(1, (right - left) * (bottom - top)))


def decode_grid(grid: AnyFloats, height: int, width: int, min_score: float) -> tuple[boxes.Boxes, Floats, Floats]:
    """Return (n, 4) xyxy boxes, (n,) scores and (n, types) probabilities of the places that see a vehicle.

    `grid` is (places, OUTPUTS) of a picture of `height` x `width`.
    """
    rows = np.flatnonzero(grid[:, 0] >= np.log(min_score / (1.0 - min_score)))
    outputs, places = grid[rows].astype(np.float64), grid_places(height, width)[rows].astype(np.float64)
    distances = np.exp(np.minimum(outputs[:, 1:5], LARGEST_LOGARITHM)) * places[:, 2:]
    found = np.concatenate([places[:, :2] - distances[:, :2], places[:, :2] + distances[:, 2:]], axis=1)
    types = np.exp(outputs[:, 5:] - outputs[:, 5:].max(axis=1, keepdims=True))
    return found, 1.0 / (1.0 + np.exp(-outputs[:, 0])), types / types.sum(axis=1, keepdims=True)


@lru_cache(maxsize=32)
def grid_places(height: int, width: int) -> Floats32:
    """Return (n, 3): x and y of the middle of each place and its stride, finest stride first, row by row."""
    rows = []
    for stride in STRIDES:
        y, x = np.mgrid[: height // stride, : width // stride].astype(np.float32)
        middles = [(axis.ravel() + 0.5) * stride for axis in (x, y)]
        rows.append(np.stack([*middles, np.full(x.size, stride, np.float32)], axis=1))
    return np.concatenate(rows).astype(np.float32)


@lru_cache(maxsize=2)
def _session(weights: Weights) -> Session:
    """Load the network once a process: several detectors can share it."""
    return open_session(weights.read(), weights.path)


def _against_scene(picture: Image, scene: EmptyScene) -> list[Grey]:
    """Return half the difference to the scene in each colour, and the scene's spread."""
    difference = cv2.addWeighted(picture, 0.5, match_exposure(picture, scene.picture), -0.5, NO_DIFFERENCE)
    spread = cv2.addWeighted(scene.spread, 2.0, scene.spread, 0.0, SCENE_KNOWN)
    return [np.asarray(channel, dtype=np.uint8) for channel in (*cv2.split(difference), spread)]


def _half_difference(picture: Image, before: Grey) -> Grey:
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.addWeighted(grey, 0.5, before, -0.5, NO_DIFFERENCE), dtype=np.uint8)


def _grey(picture: Image) -> Grey:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def round_up(side_px: int) -> int:
    """Return the side that the network takes for such a picture."""
    return -(-side_px // SIDE_STEP_PX) * SIDE_STEP_PX
