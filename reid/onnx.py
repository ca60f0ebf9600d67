"""Open ONNX networks and turn pictures into their input; the only module that imports ONNX Runtime."""

import os
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from reid.arrays import Floats32
from reid.errors import SeeingError
from reid.vehicle import Image
from reid.weights import PictureInput

CPU = ("CPUExecutionProvider",)
GPU_FIRST = ("CUDAExecutionProvider", "CPUExecutionProvider")
"""Execution providers in order of preference; what one cannot compute falls to the next."""

TRIAL_S = 60.0
"""A network that somebody brings must be done with a few pictures by then: one with an endless loop never is."""

_ERRORS_ONLY = 3

_NO_OTHER_FILE = {"session.model_external_initializers_file_folder_path": f"{os.devnull}/none"}
"""Weights in a second file are refused: that file could change, and the hash of the first would not."""


class InputRefusedError(SeeingError):
    """A network cannot run on the arrays that it was given; `reason` is how ONNX Runtime calls that."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} cannot run on its input ({reason}): check the picture size on its card")
        self.reason = reason


class Session:
    """A network that is ready to run; `inputs` and `outputs` map names to shapes, where free sizes are names."""

    def __init__(self, session: Any, path: Path, limit_s: float | None = None) -> None:
        self._session, self._path, self._limit_s = session, path, limit_s
        self.inputs: dict[str, list[int | str]] = {port.name: port.shape for port in session.get_inputs()}
        self.outputs: dict[str, list[int | str]] = {port.name: port.shape for port in session.get_outputs()}

    @property
    def metadata(self) -> Mapping[str, str]:
        """Return the texts that the file carries beside the network."""
        texts: Mapping[str, str] = self._session.get_modelmeta().custom_metadata_map
        return texts

    def run(self, outputs: Sequence[str] | None, inputs: Mapping[str, npt.NDArray[Any]]) -> list[npt.NDArray[Any]]:
        """Return the named outputs, or all of them."""
        try:
            arrays: list[npt.NDArray[Any]] = self._run(outputs, inputs)
        except Exception as error:  # onnxruntime does not export the classes that it raises
            raise InputRefusedError(self._path, type(error).__name__) from error
        return arrays

    def run_to_numbers(
        self, outputs: Sequence[str] | None, inputs: Mapping[str, npt.NDArray[Any]]
    ) -> list[npt.NDArray[Any]]:
        """Return the named outputs, or all, and refuse what cannot be stored, or compared with anything."""
        arrays = self.run(outputs, inputs)
        if not all(np.isfinite(array).all() for array in arrays):
            raise SeeingError(f"{self._path} gives numbers that are not finite: check it (retrace models verify)")
        return arrays

    def _run(self, outputs: Sequence[str] | None, inputs: Mapping[str, npt.NDArray[Any]]) -> list[npt.NDArray[Any]]:
        if self._limit_s is None:
            return list(self._session.run(outputs, inputs))
        import onnxruntime

        options = onnxruntime.RunOptions()
        stopping = threading.Timer(self._limit_s, setattr, (options, "terminate", True))
        stopping.start()
        try:
            return list(self._session.run(outputs, inputs, options))
        finally:
            stopping.cancel()


def open_session(
    data: bytes, path: Path, *, threads: int = 1, providers: Sequence[str] = CPU, limit_s: float | None = None
) -> Session:
    """Load the network in `data`; `path` is the file it came from, for error messages.

    It runs on `threads` threads, 0 for one per core, with those of the `providers` that this machine has; a run that
    takes longer than `limit_s` is stopped and refused.
    """
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = threads
    settings.inter_op_num_threads = 1
    settings.log_severity_level = _ERRORS_ONLY
    for name, value in _NO_OTHER_FILE.items():
        settings.add_session_config_entry(name, value)
    available = [provider for provider in providers if provider in onnxruntime.get_available_providers()]
    try:
        return Session(onnxruntime.InferenceSession(data, settings, providers=available), path, limit_s)
    except Exception as error:  # onnxruntime does not export the classes that it raises
        if "xternal data" in str(error):
            raise SeeingError(f"{path} keeps its weights in a second file: save the network as one file") from None
        raise SeeingError(f"{path} is not an ONNX network that runs here ({type(error).__name__})") from None


def to_blob(pictures: Sequence[Image], picture_input: PictureInput) -> Floats32:
    """Return pictures of one size as (n, 3, height, width): channels in the card's order, (pixel - mean) / spread."""
    stacked = np.stack(pictures)
    if picture_input.order == "BGR":
        stacked = stacked[..., ::-1]
    # transposed while they are bytes: a quarter of the memory to move
    blob = np.ascontiguousarray(stacked.transpose(0, 3, 1, 2)).astype(np.float32)
    blob -= np.asarray(picture_input.mean, np.float32)[:, None, None]
    blob /= np.asarray(picture_input.spread, np.float32)[:, None, None]
    return blob


def resized(pictures: Sequence[Image], picture_input: PictureInput) -> list[Image]:
    """Return the pictures at the size on the card."""
    return [_resized(picture, picture_input.width_px, picture_input.height_px) for picture in pictures]


def _resized(picture: Image, width_px: int, height_px: int) -> Image:
    if picture.ndim != 3 or picture.shape[2] != 3 or 0 in picture.shape:
        raise SeeingError(f"a picture of shape {picture.shape} cannot be embedded: it must be (h, w, 3) with pixels")
    if picture.shape[:2] == (height_px, width_px):
        return picture
    # averaging keeps fine detail of large pictures from aliasing; small pictures are enlarged smoothly
    shrinks = picture.shape[0] > height_px and picture.shape[1] > width_px
    interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, (width_px, height_px), interpolation=interpolation), dtype=np.uint8)
