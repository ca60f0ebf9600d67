"""Measure what a detector trained on real pictures finds in rendered frames, and in real ones shrunk as far."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime

from reid.evaluation.intervals import Figure, share
from reid.render.frames import FrameRenderer
from reid.render.light.weather import DAY_WEATHERS
from reid.render.scene import Placement, Site, SiteOptions, make_site
from reid.render.truth import VisibleBox
from reid.render.vehicles.bodies import Vehicle, make_model, make_vehicle
from reid.vehicle import Image
from reid.video.frames import frames
from reid.video.timeline import read_timeline

FIRST_SEED = 20_000
"""The seed of the published figures' streets and vehicles, on which nothing was tuned."""
_SIDE, _STRIDES = 416, (8, 16, 32)
_CLASSES = {2: "car", 3: "motorcycle", 5: "bus", 7: "truck"}
_ACCEPTED = {
    "car": {"car"},
    "van": {"car", "truck", "bus"},
    "truck": {"truck"},
    "bus": {"bus"},
    "motorcycle": {"motorcycle"},
}
_LEAST_HEIGHT_PX = 86
_FRAMES_A_SITE = 6
_CONFIDENT = 0.6
_EVERY_S = 0.5


@dataclass(frozen=True, slots=True)
class CocoVehicles:
    """Detected vehicles: boxes (n, 4) xyxy pixels, with the class and the score of each."""

    boxes: npt.NDArray[np.float64]
    labels: tuple[str, ...]
    scores: tuple[float, ...]

    def over(self, box: npt.NDArray[np.float64]) -> str | None:
        """Return the class of the detected vehicle at IoU 0.5 with a box, None if there is none."""
        overlaps = [_iou(box, other) for other in self.boxes]
        best = int(np.argmax(overlaps)) if overlaps else -1
        return self.labels[best] if best >= 0 and overlaps[best] >= 0.5 else None


@dataclass(frozen=True, slots=True)
class ShownVehicle:
    """A vehicle shown to the detector: its street or clip, height in the input, and whether found and named right."""

    group: str
    height_px: float
    found: bool
    named: bool


class CocoDetector:
    """YOLOX with COCO's classes, as exported by its authors."""

    def __init__(self, weights: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(weights), options)
        grids = [np.stack(np.meshgrid(np.arange(_SIDE // s), np.arange(_SIDE // s)), axis=2) for s in _STRIDES]
        self._grid = np.concatenate([grid.reshape(-1, 2) for grid in grids])
        self._stride = np.concatenate(
            [np.full((len(g.reshape(-1, 2)), 1), s) for g, s in zip(grids, _STRIDES, strict=True)]
        )

    def detect(self, image: Image) -> CocoVehicles:
        """Return the vehicles of a picture, most certain first."""
        share_ = _SIDE / max(image.shape[:2])
        return self._in_letter(cv2.resize(image, _scaled(image, share_)), share_)

    def detect_shrunk(self, image: Image, scale: float) -> CocoVehicles:
        """Return the vehicles of a picture shrunk by `scale` in the input, in pixels of the full picture."""
        share_ = _SIDE / max(image.shape[:2]) * scale
        return self._in_letter(cv2.resize(image, _scaled(image, share_), interpolation=cv2.INTER_AREA), share_)

    def _in_letter(self, small: npt.NDArray[Any], share_: float) -> CocoVehicles:
        letter = np.full((_SIDE, _SIDE, 3), 114, np.float32)
        letter[: small.shape[0], : small.shape[1]] = small[..., ::-1]
        raw = self._session.run(None, {"images": letter.transpose(2, 0, 1)[None]})[0][0]
        middle, size = (raw[:, :2] + self._grid) * self._stride, np.exp(raw[:, 2:4]) * self._stride
        scores = raw[:, 4:5] * raw[:, 5:]
        label, best = scores.argmax(axis=1), scores.max(axis=1)
        boxes = np.concatenate([middle - size / 2, middle + size / 2], axis=1) / share_
        kept = [i for i in np.argsort(-best) if best[i] > 0.25 and int(label[i]) in _CLASSES]
        apart: list[int] = []
        for i in kept:
            if all(_iou(boxes[i], boxes[j]) < 0.6 for j in apart):
                apart.append(int(i))
        return CocoVehicles(
            boxes[apart],
            tuple(_CLASSES[int(label[i])] for i in apart),
            tuple(float(best[i]) for i in apart),
        )


def rendered(detector: CocoDetector, *, sites: int) -> list[ShownVehicle]:
    """Return what the detector finds of rendered day traffic on overview cameras."""
    return [shown for number in range(sites) for shown in _of_site(detector, number)]


def real(detector: CocoDetector, clips: Sequence[Path], heights_px: Sequence[float]) -> list[ShownVehicle]:
    """Return which of its own confident boxes it finds again once they are shrunk to one of the heights."""
    rng = np.random.default_rng(FIRST_SEED)
    return [shown for clip in clips for shown in _of_clip(detector, clip, heights_px, rng)]


def found_share(shown: Sequence[ShownVehicle]) -> Figure:
    """Return the share found, resampled by street or moment of a clip."""
    return share([one.group for one in shown], [one.found for one in shown])


def named_share(shown: Sequence[ShownVehicle]) -> Figure:
    """Return the share of found vehicles with the right class."""
    found = [one for one in shown if one.found]
    return share([one.group for one in found], [one.named for one in found])


def _of_site(detector: CocoDetector, number: int) -> Iterator[ShownVehicle]:
    rng = np.random.default_rng([FIRST_SEED, number])
    heading = float(rng.choice([0, 180, 25, 335, 150, 205, 60, 90, 300, 120]))
    options = SiteOptions(heading_deg=heading, weather=DAY_WEATHERS[number % len(DAY_WEATHERS)])
    site = make_site(FIRST_SEED + number, options)
    renderer = FrameRenderer(site)
    for moment in range(_FRAMES_A_SITE):
        traffic = [_passing(site, direction, rng) for direction in (1, -1)]
        frame = renderer.frame(traffic, float(moment))
        seen = detector.detect(frame.image)
        for box in (box for box in frame.boxes if _counts(box, site)):
            name = seen.over(np.array(_corners(box)))
            right = name is not None and _is_right(traffic[box.index].vehicle, name)
            yield ShownVehicle(f"street {number}", box.box.height * _SIDE / site.lens.width, name is not None, right)


def _of_clip(
    detector: CocoDetector, clip: Path, heights_px: Sequence[float], rng: np.random.Generator
) -> Iterator[ShownVehicle]:
    for frame in frames(read_timeline(clip), every_s=_EVERY_S):
        found = detector.detect(frame.image)
        share_ = _SIDE / max(frame.image.shape[:2])
        for box, label, score in zip(found.boxes, found.labels, found.scores, strict=True):
            height_px, target_px = (box[3] - box[1]) * share_, float(rng.choice(heights_px))
            if score >= _CONFIDENT and height_px >= target_px:
                name = detector.detect_shrunk(frame.image, target_px / height_px).over(box)
                yield ShownVehicle(f"{clip.stem} {int(frame.time_s)}", target_px, name is not None, name == label)


def _passing(site: Site, direction: int, rng: np.random.Generator) -> Placement:
    """Return a random vehicle in the near half of the view."""
    vehicle = make_vehicle(int(rng.integers(2**31)), make_model(int(rng.integers(2**31))))
    first, last = site.visible_range_m(direction)
    return Placement(vehicle, direction, float(rng.uniform(max(first, -14), min(last, 14))))


def _counts(box: VisibleBox, site: Site) -> bool:
    """Return whether a vehicle is large, visible and wholly in the frame."""
    x, y, right, bottom = _corners(box)
    whole = x > 1 and y > 1 and right < site.lens.width - 1 and bottom < site.lens.height - 1
    return box.index >= 0 and box.visible >= 0.7 and box.box.height >= _LEAST_HEIGHT_PX and whole


def _is_right(vehicle: Vehicle, name: str) -> bool:
    """Return whether a class fits; vans and pickups may be car or truck."""
    return name in _ACCEPTED[vehicle.type] or (vehicle.model.body == "pickup" and name == "truck")


def _corners(box: VisibleBox) -> tuple[float, float, float, float]:
    """Return a box as left, top, right, bottom."""
    return box.box.x, box.box.y, box.box.x + box.box.width, box.box.y + box.box.height


def _scaled(image: Image, scale: float) -> tuple[int, int]:
    return max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))


def _iou(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> float:
    """Return intersection over union of two xyxy boxes."""
    low, high = np.maximum(one[:2], other[:2]), np.minimum(one[2:], other[2:])
    shared = float(np.prod(np.maximum(high - low, 0)))
    return shared / float(np.prod(one[2:] - one[:2]) + np.prod(other[2:] - other[:2]) - shared + 1e-9)
