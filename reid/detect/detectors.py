"""Choose a detector by name; what every detector can do, and how it skips frames in which nothing changed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from reid.detect.learned import LearnedDetector, LearnedOptions
from reid.detect.motion import MotionDetector
from reid.detect.onnx_detector import OnnxDetector, OnnxOptions
from reid.errors import SeeingError
from reid.onnx import TRIAL_S
from reid.published import PUBLISHED
from reid.vehicle import Box, Detection, Grey, Image
from reid.weights import list_weights

TASK = "detector"

FILLS_PICTURE = 0.55
"""A photograph of which a vehicle covers this share is already cut to the vehicle."""

LEAST_SHARE = 0.002
"""A vehicle that covers a smaller share of a photograph is not its subject."""

BESIDE, AT_EDGE, EDGE_PX = 0.5, 0.65, 3.0
"""A vehicle is offered from this share of the surest one's score on; kerbs cut off by the edge look like bonnets."""


class Detector(Protocol):
    """What every detector can do; frames are given to it in order of time."""

    @property
    def model_id(self) -> str:
        """Return an id of everything that decides its detections."""

    @property
    def width_px(self) -> int | None:
        """Return the width to which it shrinks pictures anyway; None if it uses the whole picture."""

    @property
    def warm_up_s(self) -> float:
        """Return how much footage to show before the first frame that matters."""

    @property
    def learn_every_s(self) -> float:
        """Return how often a frame helps to learn the scene."""

    @property
    def certain_score(self) -> float:
        """Return the score from which a detection may begin a track; lower ones only continue one."""

    @property
    def in_pieces(self) -> bool:
        """Say whether one vehicle may come as several detections, and several vehicles as one."""

    def learn(self, image: Image, time_s: float) -> None:
        """Learn the scene from a frame without looking for vehicles in it."""

    def detect(self, image: Image, time_s: float) -> list[Detection]:
        """Return the vehicles of a frame, boxes in its own pixels."""


DETECTORS: dict[str, Callable[[], Detector]] = {"learned": LearnedDetector, "motion": MotionDetector}
"""Detector name -> constructor; added weights go by their own names, an ONNX file by its path."""


def make_detector(name: str) -> Detector:
    """Return the detector of that name, of the added weights of that name, or of the ONNX file at that path."""
    if name in DETECTORS:
        return DETECTORS[name]()
    if name.endswith(".onnx"):
        return OnnxDetector(Path(name))
    added = {
        weights.card.name: weights for weights in list_weights() if weights.card.task == TASK and not weights.packaged
    }
    if name not in added:
        known = ", ".join([*DETECTORS, *added])
        hint = f"; `retrace models pull {name}` fetches it" if name in PUBLISHED else ""
        raise SeeingError(f"there is no detector {name!r}: use one of {known}, or the path of an .onnx file{hint}")
    added[name].read()
    return OnnxDetector(added[name].path)


def try_detector(path: Path) -> None:
    """Refuse a network whose inputs or outputs are unknown, by running it on one picture."""
    OnnxDetector(path, OnnxOptions(limit_s=TRIAL_S)).detect(np.full((240, 320, 3), 128, np.uint8), 0.0)


@dataclass(frozen=True, slots=True)
class SparingOptions:
    """A frame is skipped if none of its `across` x `down` cells changed by `least_change` grey levels or more.

    It is compared with the last frame that was not skipped, so that slow changes add up. The first frame of each
    `slot_s` is never skipped: the detections then depend on the footage, not on where watching began.
    """

    across: int = 128
    down: int = 72
    least_change: int = 5
    slot_s: float = 1.0


class SparingDetector:
    """Run another detector only on frames that changed; repeat its last detections for the others."""

    def __init__(self, detector: Detector, options: SparingOptions | None = None) -> None:
        self._detector, self._options = detector, options or SparingOptions()
        self.model_id, self.width_px = detector.model_id, detector.width_px
        self.warm_up_s, self.learn_every_s = detector.warm_up_s, detector.learn_every_s
        self.certain_score, self.in_pieces = detector.certain_score, detector.in_pieces
        self._slot: int | None = None
        self._last_cells: Grey = np.zeros((self._options.down, self._options.across), dtype=np.uint8)
        self._detections: list[Detection] = []
        self.spared = 0

    def learn(self, image: Image, time_s: float) -> None:
        """Learn the scene from a frame without looking for vehicles in it."""
        self._detector.learn(image, time_s)

    def detect(self, image: Image, time_s: float) -> list[Detection]:
        """Return the vehicles of a frame, or those of the last frame if nothing has changed since."""
        slot, cells = int(time_s // self._options.slot_s), self._cells(image)
        if slot == self._slot and int(cv2.absdiff(cells, self._last_cells).max()) < self._options.least_change:
            self.spared += 1
            self._detector.learn(image, time_s)
            return self._detections
        self._slot, self._last_cells = slot, cells
        self._detections = self._detector.detect(image, time_s)
        return self._detections

    def _cells(self, image: Image) -> Grey:
        """Return the mean brightness of each cell of the picture."""
        size = (self._options.across, self._options.down)
        return np.asarray(cv2.cvtColor(cv2.resize(image, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY))


def main_vehicle(image: Image, large: Sequence[Detection]) -> Box | None:
    """Return the box of a photograph's subject, the first of its large vehicles; None if it fills the picture."""
    if not large:
        return None
    height, width = image.shape[:2]
    subject = large[0]
    return None if _area(subject) >= FILLS_PICTURE * width * height else subject.box


def vehicles_in_photograph(image: Image) -> list[Detection]:
    """Return the vehicles of a photograph that are large enough to be its subject, the surest and largest first."""
    height, width = image.shape[:2]
    found = _photograph_detector().detect_in_photograph(image)
    large = [vehicle for vehicle in found if _area(vehicle) >= LEAST_SHARE * width * height]
    surest = max((vehicle.score for vehicle in large), default=0.0)
    offered = [vehicle for vehicle in large if vehicle.score >= surest * _share_of_surest(vehicle.box, width, height)]
    return sorted(offered, key=lambda vehicle: -vehicle.score * _area(vehicle) ** 0.5)


@cache
def _photograph_detector() -> LearnedDetector:
    return LearnedDetector(LearnedOptions(min_score=0.3))


def _share_of_surest(box: Box, width: int, height: int) -> float:
    """Return which share of the surest vehicle's score a box of a photograph needs to be offered beside it."""
    nearest = min(box.x, box.y, width - box.x - box.width, height - box.y - box.height)
    return AT_EDGE if nearest < EDGE_PX else BESIDE


def _area(detection: Detection) -> float:
    return detection.box.width * detection.box.height
