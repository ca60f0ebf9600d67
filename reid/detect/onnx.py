"""Find vehicles with an ONNX network: YOLOX raw grids, or boxes, scores and labels."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from reid import boxes
from reid.errors import SeeingError
from reid.vehicle import Detection, Image

Floats = npt.NDArray[np.floating[Any]]

COCO_LABELS = {1: "bicycle", 2: "car", 3: "motorcycle", 5: "bus", 7: "truck"}
"""COCO class number (from 0) -> our name; the other classes are no vehicles of the road."""

YOLOX_STRIDES = (8, 16, 32)


@dataclass(frozen=True, slots=True)
class OnnxOptions:
    """What to believe: scores from `min_score`, one box of those that overlap by more than `max_iou`."""

    min_score: float = 0.1
    certain_score: float = 0.3
    max_iou: float = 0.5
    threads: int = 1


class OnnxDetector:
    """Run one network file, given by its path."""

    width_px: int | None = None
    warm_up_s = 0.0
    learn_every_s = 1.0
    in_pieces = False

    def __init__(self, path: Path, options: OnnxOptions | None = None) -> None:
        self._options = options or OnnxOptions()
        data = path.read_bytes()
        self.model_id = f"{path.stem}-{hashlib.sha256(data).hexdigest()[:12]}"
        self._session = open_session(data, path, threads=self._options.threads)
        self._input = self._session.get_inputs()[0]
        self._side_height, self._side_width = _input_size(self._input.shape, path)
        self._kind = _kind(self._session, self._side_height, self._side_width, path)

    @property
    def certain_score(self) -> float:
        """Return the score from which a detection is believed by itself."""
        return self._options.certain_score

    def learn(self, image: Image, time_s: float) -> None:
        """Do nothing: the network knows what it knows."""

    def detect(self, image: Image, time_s: float) -> list[Detection]:
        """Return the vehicles of a frame, best score first."""
        blob, scale = letterbox(image, self._side_width, self._side_height)
        outputs = self._session.run(None, {self._input.name: blob})
        if self._kind == "yolox":
            found, scores, labels = decode_yolox(outputs[0][0], self._side_width, self._side_height)
        else:
            found, scores, labels = _separate_outputs(outputs)
        return self._believed(found / scale, scores, labels, image)

    def _believed(
        self, found: boxes.Boxes, scores: npt.NDArray[np.float64], labels: npt.NDArray[np.int64], image: Image
    ) -> list[Detection]:
        rows = np.flatnonzero((scores >= self._options.min_score) & np.isin(labels, list(COCO_LABELS)))
        kept = rows[boxes.keep_best(found[rows], scores[rows], max_iou=self._options.max_iou)]
        inside = boxes.clip(found, image.shape[1], image.shape[0])
        return [
            Detection(boxes.to_box(inside[row]), float(scores[row]), COCO_LABELS[int(labels[row])])
            for row in kept
            if boxes.areas(inside[row : row + 1])[0] > 0
        ]


def letterbox(image: Image, width: int, height: int) -> tuple[npt.NDArray[np.float32], float]:
    """Return the picture shrunk into the top left corner of a grey (1, 3, h, w) BGR from 0 to 255, and its scale."""
    scale = min(width / image.shape[1], height / image.shape[0])
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    canvas = np.full((height, width, 3), 114, dtype=np.uint8)
    canvas[: size[1], : size[0]] = cv2.resize(image, size, interpolation=cv2.INTER_LINEAR)
    return np.ascontiguousarray(canvas[..., ::-1].transpose(2, 0, 1)[None], dtype=np.float32), scale


def decode_yolox(
    raw: Floats, width: int, height: int
) -> tuple[boxes.Boxes, npt.NDArray[np.float64], npt.NDArray[np.int64]]:
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


def _grid(width: int, height: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    cells, strides = [], []
    for stride in YOLOX_STRIDES:
        y, x = np.mgrid[: height // stride, : width // stride]
        cells.append(np.stack([x.ravel(), y.ravel()], axis=1))
        strides.append(np.full((x.size, 1), stride))
    return np.concatenate(cells).astype(np.float64), np.concatenate(strides).astype(np.float64)


def _separate_outputs(
    outputs: list[Floats],
) -> tuple[boxes.Boxes, npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Return the outputs of a network that gives boxes (n, 4) xyxy input pixels, scores (n,) and labels (n,)."""
    found, scores, labels = (np.asarray(output).reshape(-1) for output in outputs[:3])
    return found.reshape(-1, 4).astype(np.float64), scores.astype(np.float64), labels.astype(np.int64)


def open_session(data: bytes, path: Path, *, threads: int) -> Any:
    """Return the network of these bytes, ready to run on the processor; `path` is where they come from."""
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = threads
    settings.inter_op_num_threads = 1
    settings.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(data, settings, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises classes of its own that it does not export
        raise SeeingError(f"{path} is not an ONNX network that runs here ({type(error).__name__})") from None


def _input_size(shape: list[object], path: Path) -> tuple[int, int]:
    if len(shape) == 4 and shape[1] == 3 and isinstance(shape[2], int) and isinstance(shape[3], int):
        return shape[2], shape[3]
    raise SeeingError(f"{path} takes input {shape}: a detector takes [1, 3, height, width] with fixed height and width")


def _kind(session: Any, height: int, width: int, path: Path) -> str:
    """Tell the network's family by the shapes of its outputs."""
    shapes = [output.shape for output in session.get_outputs()]
    cells = sum((height // stride) * (width // stride) for stride in YOLOX_STRIDES)
    if len(shapes) == 1 and len(shapes[0]) == 3 and shapes[0][1] == cells and shapes[0][2] == 85:
        return "yolox"
    if len(shapes) == 3 and shapes[0] and shapes[0][-1] == 4:
        return "separate"
    raise SeeingError(
        f"{path} gives outputs {shapes}: known are YOLOX raw grids [1, {cells}, 85] with the 80 COCO classes, "
        "and three outputs boxes [n, 4], scores [n], labels [n]"
    )
