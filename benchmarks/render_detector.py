"""Ask a detector trained on real pictures what it sees in rendered frames."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime

from reid.render.frames import FrameRenderer
from reid.render.light.sensor import Picture
from reid.render.light.weather import DAY_WEATHERS
from reid.render.scene import Placement, Site, SiteOptions, make_site
from reid.render.truth import SeenBox
from reid.render.vehicles.bodies import Vehicle, make_model, make_vehicle

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


@dataclass(frozen=True, slots=True)
class FoundShares:
    """How many vehicles were shown, found at IoU 0.5, and given the right name."""

    shown: int
    found: int
    named: int


class CocoDetector:
    """YOLOX with COCO's classes, as its authors exported it."""

    def __init__(self, weights: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(weights), options)
        grids = [np.stack(np.meshgrid(np.arange(_SIDE // s), np.arange(_SIDE // s)), axis=2) for s in _STRIDES]
        self._grid = np.concatenate([grid.reshape(-1, 2) for grid in grids])
        self._stride = np.concatenate(
            [np.full((len(g.reshape(-1, 2)), 1), s) for g, s in zip(grids, _STRIDES, strict=True)]
        )

    def detect(self, image: Picture) -> tuple[npt.NDArray[np.float64], list[str]]:
        """Return boxes (n, 4) xyxy pixels and the class of each, the most certain first."""
        share = _SIDE / max(image.shape[:2])
        small = cv2.resize(image, (round(image.shape[1] * share), round(image.shape[0] * share)))
        letter = np.full((_SIDE, _SIDE, 3), 114, np.float32)
        letter[: small.shape[0], : small.shape[1]] = small[..., ::-1]
        raw = self._session.run(None, {"images": letter.transpose(2, 0, 1)[None]})[0][0]
        middle, size = (raw[:, :2] + self._grid) * self._stride, np.exp(raw[:, 2:4]) * self._stride
        scores = raw[:, 4:5] * raw[:, 5:]
        label, best = scores.argmax(axis=1), scores.max(axis=1)
        boxes = np.concatenate([middle - size / 2, middle + size / 2], axis=1) / share
        kept = [i for i in np.argsort(-best) if best[i] > 0.25 and int(label[i]) in _CLASSES]
        apart: list[int] = []
        for i in kept:
            if all(_iou(boxes[i], boxes[j]) < 0.6 for j in apart):
                apart.append(int(i))
        return boxes[apart], [_CLASSES[int(label[i])] for i in apart]


def found_shares(detector: CocoDetector, *, sites: int) -> FoundShares:
    """Return what the detector finds of day traffic on overview cameras of seeds from 10,000 on."""
    shown = found = named = 0
    for number in range(sites):
        rng = np.random.default_rng([number, 7])
        heading = float(rng.choice([0, 180, 25, 335, 150, 205, 60, 90, 300, 120]))
        options = SiteOptions(heading_deg=heading, weather=DAY_WEATHERS[number % len(DAY_WEATHERS)])
        site = make_site(10_000 + number, options)
        renderer = FrameRenderer(site)
        for moment in range(_FRAMES_A_SITE):
            traffic = [_passing(site, direction, rng) for direction in (1, -1)]
            frame = renderer.frame(traffic, float(moment))
            boxes, labels = detector.detect(frame.image)
            for box in (box for box in frame.boxes if _counts(box, site)):
                name = _name_of(box, boxes, labels)
                shown, found = shown + 1, found + (name is not None)
                named += name is not None and _is_right(traffic[box.index].vehicle, name)
    return FoundShares(shown, found, named)


def _passing(site: Site, direction: int, rng: np.random.Generator) -> Placement:
    """Return a vehicle somewhere in the near half of the view."""
    vehicle = make_vehicle(int(rng.integers(2**31)), make_model(int(rng.integers(2**31))))
    first, last = site.visible_range_m(direction)
    return Placement(vehicle, direction, float(rng.uniform(max(first, -14), min(last, 14))))


def _counts(box: SeenBox, site: Site) -> bool:
    """Return whether a vehicle is large, visible and wholly in the frame."""
    x, y, right, bottom = _corners(box)
    whole = x > 1 and y > 1 and right < site.lens.width - 1 and bottom < site.lens.height - 1
    return box.index >= 0 and box.visible >= 0.7 and box.box.height >= _LEAST_HEIGHT_PX and whole


def _name_of(box: SeenBox, boxes: npt.NDArray[np.float64], labels: Sequence[str]) -> str | None:
    """Return what the detector calls the vehicle, None where it finds none."""
    overlaps = [_iou(np.array(_corners(box)), other) for other in boxes]
    best = int(np.argmax(overlaps)) if overlaps else -1
    return labels[best] if best >= 0 and overlaps[best] >= 0.5 else None


def _is_right(vehicle: Vehicle, name: str) -> bool:
    """Return whether a class fits; vans and pickups may be car or truck."""
    return name in _ACCEPTED[vehicle.type] or (vehicle.model.body == "pickup" and name == "truck")


def _corners(box: SeenBox) -> tuple[float, float, float, float]:
    """Return a box as left, top, right, bottom."""
    return box.box.x, box.box.y, box.box.x + box.box.width, box.box.y + box.box.height


def _iou(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> float:
    """Return intersection over union of two xyxy boxes."""
    low, high = np.maximum(one[:2], other[:2]), np.minimum(one[2:], other[2:])
    shared = float(np.prod(np.maximum(high - low, 0)))
    return shared / float(np.prod(one[2:] - one[:2]) + np.prod(other[2:] - other[:2]) - shared + 1e-9)
