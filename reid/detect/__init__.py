"""Find vehicles in frames: every detector by its name."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np

from reid.detect.learned import LearnedDetector
from reid.detect.motion import MotionDetector
from reid.detect.onnx import OnnxDetector
from reid.errors import SeeingError
from reid.published import PUBLISHED
from reid.vehicle import Detection, Image
from reid.weights import list_weights

TASK = "detector"


class Detector(Protocol):
    """What every detector can do; it is shown frames in order of time."""

    @property
    def model_id(self) -> str:
        """Name what decides its answers."""

    @property
    def width_px(self) -> int | None:
        """Return how wide a picture it looks at: wider ones are shrunk anyway; None where it wants the whole one."""

    @property
    def warm_up_s(self) -> float:
        """Return how much footage to show before the first frame that matters."""

    @property
    def learn_every_s(self) -> float:
        """Return how often a frame is of use for learning."""

    @property
    def certain_score(self) -> float:
        """Return the score from which a detection is believed by itself; lower ones where a vehicle is expected."""

    @property
    def in_pieces(self) -> bool:
        """Say whether a vehicle may come as several detections, and several vehicles as one."""

    def learn(self, image: Image, time_s: float) -> None:
        """Take note of the scene without looking for vehicles."""

    def detect(self, image: Image, time_s: float) -> list[Detection]:
        """Return the vehicles of a frame, boxes in its own pixels."""


DETECTORS: dict[str, Callable[[], Detector]] = {"learned": LearnedDetector, "motion": MotionDetector}
"""Detector name -> how to make it; the user's weights go by their own names, an ONNX file by its path."""


def make_detector(name: str) -> Detector:
    """Return the detector of that name, of the user's weights of that name, or of the ONNX file at that path."""
    if name in DETECTORS:
        return DETECTORS[name]()
    if name.endswith(".onnx"):
        return OnnxDetector(Path(name))
    added = {one.card.name: one for one in list_weights() if one.card.task == TASK and not one.packaged}
    if name not in added:
        known = ", ".join([*DETECTORS, *added])
        hint = f"; `retrace models pull {name}` fetches it" if name in PUBLISHED else ""
        raise SeeingError(f"there is no detector {name!r}: use one of {known}, or the path of an .onnx file{hint}")
    added[name].read()
    return OnnxDetector(added[name].path)


def try_detector(path: Path) -> None:
    """Let the network of a file look at one picture; refuse one whose inputs or outputs are not known."""
    OnnxDetector(path).detect(np.full((240, 320, 3), 128, np.uint8), 0.0)
