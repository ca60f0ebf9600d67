"""Find vehicles with an ONNX network: YOLOX raw grids, boxes with scores and labels, or detection transformers."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from reid import boxes
from reid.arrays import AnyFloats, Floats, Ints
from reid.errors import SeeingError
from reid.onnx import open_session, resized, to_blob
from reid.vehicle import Detection, Image
from reid.weights import MOST_SIDE_PX, PictureInput

COCO_LABELS = {1: "bicycle", 2: "car", 3: "motorcycle", 5: "bus", 7: "truck"}
"""COCO class number (from 0) -> our name; the other classes are not road vehicles."""

YOLOX_STRIDES = (8, 16, 32)

NAMED = ("boxes", "scores", "labels")
SIZES = "orig_target_sizes"
"""The second input of RT-DETR, D-FINE and DEIM: width and height of the picture, in whose pixels their boxes are."""


@dataclass(frozen=True, slots=True)
class OnnxOptions:
    """Which boxes count: the `most` best scores from `min_score`, one of those that overlap by more than `max_iou`."""

    most: int = 2000
    min_score: float = 0.1
    certain_score: float = 0.3
    max_iou: float = 0.5
    threads: int = 1
    limit_s: float | None = None
    """A run that takes longer is stopped and refused."""


class OnnxDetector:
    """Run one network file, given by its path."""

    width_px: int | None = None
    warm_up_s = 0.0
    learn_every_s = 1.0
    in_pieces = False

    def __init__(self, path: Path, options: OnnxOptions | None = None) -> None:
        self._options = options or OnnxOptions()
        if path.exists() and not path.is_file() and not path.is_dir():
            raise SeeingError(f"{path} is a pipe or a device: name an ONNX file")
        data = path.read_bytes()
        self.model_id = f"{path.stem}-{hashlib.sha256(data).hexdigest()[:12]}"
        self._session = open_session(data, path, threads=self._options.threads, limit_s=self._options.limit_s)
        self._input, shape = next(iter(self._session.inputs.items()), ("", []))
        height, width = _input_size(shape, path)
        self._is_transformer = SIZES in self._session.inputs and {*NAMED} <= {*self._session.outputs}
        one = PictureInput(width, height, "BGR", (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
        self._picture = PictureInput(width, height) if self._is_transformer else one
        shapes = list(self._session.outputs.values())
        self._is_yolox = not self._is_transformer and _is_yolox(shapes, self._picture, path)

    @property
    def certain_score(self) -> float:
        """Return the score from which a detection may begin a track."""
        return self._options.certain_score

    def learn(self, image: Image, time_s: float) -> None:
        """Do nothing: this network does not adapt to the scene."""

    def detect(self, image: Image, time_s: float) -> list[Detection]:
        """Return the vehicles of a frame, best score first."""
        if self._is_transformer:
            return self._vehicles(*self._transformed(image), image)
        small, scale = letterbox(image, self._picture.width_px, self._picture.height_px)
        outputs = self._session.run_to_numbers(None, {self._input: to_blob([small], self._picture)})
        if self._is_yolox:
            found, scores, labels = decode_yolox(outputs[0][0], self._picture.width_px, self._picture.height_px)
        else:
            found, scores, labels = _separate_outputs(outputs)
        return self._vehicles(found / scale, scores, labels, image)

    def _transformed(self, image: Image) -> tuple[boxes.Boxes, Floats, Ints]:
        """Return what a detection transformer sees in a picture that is stretched to its input."""
        size = np.array([[image.shape[1], image.shape[0]]], np.int64)
        blob = to_blob(resized([image], self._picture), self._picture)
        outputs = self._session.run_to_numbers(None, {self._input: blob, SIZES: size})
        named = dict(zip(self._session.outputs, outputs, strict=True))
        return _separate_outputs([named[name] for name in NAMED])

    def _vehicles(self, found: boxes.Boxes, scores: Floats, labels: Ints, image: Image) -> list[Detection]:
        """Return the boxes of vehicles with a sufficient score, cut to the picture, without duplicates."""
        if not len(found) == len(scores) == len(labels):
            raise SeeingError(f"{self.model_id} gives {len(found)} boxes, {len(scores)} scores, {len(labels)} labels")
        rows = np.flatnonzero((scores >= self._options.min_score) & np.isin(labels, list(COCO_LABELS)))
        rows = rows[np.argsort(-scores[rows], kind="stable")[: self._options.most]]
        kept = rows[boxes.non_maximum_suppression(found[rows], scores[rows], max_iou=self._options.max_iou)]
        inside = boxes.clip(found[kept], image.shape[1], image.shape[0])
        visible = boxes.areas(inside) > 0
        kept = kept[visible]
        return [
            Detection(box, score, COCO_LABELS[label])
            for box, score, label in zip(
                boxes.to_boxes(inside[visible]), scores[kept].tolist(), labels[kept].tolist(), strict=True
            )
        ]


def letterbox(image: Image, width: int, height: int) -> tuple[Image, float]:
    """Return the picture shrunk into the top left corner of a grey one of that size, and its scale."""
    scale = min(width / image.shape[1], height / image.shape[0])
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    canvas = np.full((height, width, 3), 114, dtype=np.uint8)
    canvas[: size[1], : size[0]] = cv2.resize(image, size, interpolation=cv2.INTER_LINEAR)
    return canvas, scale


def decode_yolox(raw: AnyFloats, width: int, height: int) -> tuple[boxes.Boxes, Floats, Ints]:
    """Return xyxy boxes, scores and COCO classes of a raw (cells, 5 + classes) YOLOX grid.

    Ge et al., "YOLOX", 2021: centre = (xy + cell) x stride, size = exp(wh) x stride, score = objectness x class.
    """
    cells, strides = _grid(width, height)
    raw = raw.astype(np.float64)
    centres = (raw[:, :2] + cells) * strides
    sizes = np.exp(np.clip(raw[:, 2:4], -10.0, 10.0)) * strides
    by_class = raw[:, 4:5] * raw[:, 5:]
    found = np.concatenate([centres - sizes / 2, centres + sizes / 2], axis=1)
    return found, by_class.max(axis=1), by_class.argmax(axis=1).astype(np.int64)


def _grid(width: int, height: int) -> tuple[Floats, Floats]:
    """Return x and y (n, 2) of each cell and its stride (n, 1)."""
    cells, strides = [], []
    for stride in YOLOX_STRIDES:
        y, x = np.mgrid[: height // stride, : width // stride]
        cells.append(np.stack([x.ravel(), y.ravel()], axis=1))
        strides.append(np.full((x.size, 1), stride))
    return np.concatenate(cells).astype(np.float64), np.concatenate(strides).astype(np.float64)


def _separate_outputs(outputs: list[AnyFloats]) -> tuple[boxes.Boxes, Floats, Ints]:
    """Return boxes (n, 4) xyxy input pixels, scores (n,) and labels (n,), which the network gives one by one."""
    found, scores, labels = (np.asarray(output).reshape(-1) for output in outputs[:3])
    return found.reshape(-1, 4).astype(np.float64), scores.astype(np.float64), labels.astype(np.int64)


def _input_size(shape: list[int | str], path: Path) -> tuple[int, int]:
    if len(shape) == 4 and shape[1] == 3 and isinstance(shape[2], int) and isinstance(shape[3], int):
        height, width = shape[2], shape[3]
        if min(height, width) >= 1 and max(height, width) <= MOST_SIDE_PX:
            return height, width
    raise SeeingError(
        f"{path} takes input {shape}: a detector takes [1, 3, height, width] with fixed height and width, "
        f"1 to {MOST_SIDE_PX} pixels each"
    )


def _is_yolox(shapes: list[list[int | str]], picture: PictureInput, path: Path) -> bool:
    """Tell the network's family by the shapes of its outputs; refuse an unknown one."""
    cells = sum((picture.height_px // stride) * (picture.width_px // stride) for stride in YOLOX_STRIDES)
    if len(shapes) == 1 and len(shapes[0]) == 3 and shapes[0][0] != 0 and shapes[0][1:] == [cells, 85]:
        return True
    if len(shapes) == 3 and shapes[0] and shapes[0][-1] == 4:
        return False
    raise SeeingError(
        f"{path} gives outputs {shapes}: known are YOLOX raw grids [1, {cells}, 85] with the 80 COCO classes, "
        f"three outputs boxes [n, 4], scores [n], labels [n], and the same with a second input {SIZES}"
    )
