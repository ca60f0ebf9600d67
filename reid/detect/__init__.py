"""Find vehicles in frames: every detector by its name."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from reid.detect.motion import MotionDetector
from reid.detect.onnx import OnnxDetector
from reid.errors import SeeingError
from reid.vehicle import Detection, Image


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

    def learn(self, image: Image, time_s: float) -> None:
        """Take note of the scene without looking for vehicles."""

    def detect(self, image: Image, time_s: float) -> list[Detection]:
        """Return the vehicles of a frame, boxes in its own pixels."""


DETECTORS: dict[str, Callable[[], Detector]] = {"motion": MotionDetector}
"""Detector name -> how to make it; an ONNX file is named by its path instead."""


def make_detector(name: str) -> Detector:
    """Return the detector of that name, or the one in the ONNX file at that path."""
    if name in DETECTORS:
        return DETECTORS[name]()
    if name.endswith(".onnx"):
        return OnnxDetector(Path(name))
    raise SeeingError(f"there is no detector {name!r}: use one of {', '.join(DETECTORS)}, or the path of an .onnx file")
