"""Find and read number plates in the picture of a vehicle with rapidocr, kept small enough to be affordable."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from reid.plates.alphabet import CHARACTERS, plain
from reid.vehicle import Box, Corners, Image, Plate

READER_ID = "rapidocr-ppocrv6-small"

Quad = npt.NDArray[np.float32]
"""(4, 2) corners: top left, top right, bottom right, bottom left."""


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What is worth looking at, and what looks like a plate.

    The search runs on a picture `search_px` wide; a picture under `min_width_px` shows no readable plate.
    """

    search_px: int = 384
    min_width_px: int = 48
    upper_part_skipped: float = 0.25
    min_characters: int = 4
    max_characters: int = 10
    min_digits: int = 1
    min_aspect: float = 1.6
    max_aspect: float = 9.0
    min_confidence: float = 0.5


def read_plates(image: Image, options: ReadOptions | None = None) -> list[Plate]:
    """Return the plates in the picture of a vehicle that could be read, surest first."""
    options = options or ReadOptions()
    height, width = image.shape[:2]
    if width < options.min_width_px or height < options.min_width_px // 2:
        return []
    top = round(height * options.upper_part_skipped)
    plates = [
        _read(image, quad + np.array([0, top], dtype=np.float32), options) for quad in _text_quads(image[top:], options)
    ]
    found = [plate for plate in plates if plate is not None]
    return sorted(found, key=lambda plate: -plate.confidence)


def read_plate_crop(image: Image) -> Plate:
    """Return what stands on a picture that is a plate and little else; no text where none can be read."""
    height, width = image.shape[:2]
    quad = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    characters = _characters(image)
    return _plate(quad, characters)


def _read(image: Image, quad: Quad, options: ReadOptions) -> Plate | None:
    """Read one stretch of text; None if it does not look like a plate."""
    size = _quad_size(quad)
    if not options.min_aspect <= size[0] / max(1.0, size[1]) <= options.max_aspect:
        return None
    plate = _plate(quad, _characters(_straightened(image, quad, size)))
    if plate.text is None or plate.confidence < options.min_confidence:
        return None
    digits = sum(character.isdigit() for character in plate.text)
    fits = options.min_characters <= len(plate.text) <= options.max_characters and digits >= options.min_digits
    return plate if fits else None


def _plate(quad: Quad, characters: tuple[Mapping[str, float], ...]) -> Plate:
    left, top = quad.min(axis=0)
    right, bottom = quad.max(axis=0)
    box = Box(float(left), float(top), float(right - left), float(bottom - top))
    corners: Corners = tuple((float(x), float(y)) for x, y in quad)
    best = [max(position.items(), key=lambda item: item[1]) for position in characters]
    text = "".join(character for character, _ in best) or None
    confidence = float(np.prod([chance for _, chance in best])) ** (1 / len(best)) if best else 0.0
    return Plate(box, corners, text, round(confidence, 4), characters)


def _text_quads(image: Image, options: ReadOptions) -> list[Quad]:
    """Return the corners of the stretches of text in a picture."""
    scale = options.search_px / image.shape[1]
    size = (options.search_px, max(16, round(image.shape[0] * scale)))
    enlarged = cv2.resize(image, size, interpolation=cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA)
    found = _engine()(_bgr(np.asarray(enlarged, np.uint8)), use_det=True, use_cls=False, use_rec=False)
    if found.boxes is None:
        return []
    return [np.asarray(quad, dtype=np.float32) / np.float32(scale) for quad in found.boxes]


def _quad_size(quad: Quad) -> tuple[float, float]:
    sides = np.linalg.norm(quad - np.roll(quad, -1, axis=0), axis=1)
    return float(sides[0] + sides[2]) / 2, float(sides[1] + sides[3]) / 2


def _straightened(image: Image, quad: Quad, size: tuple[float, float]) -> Image:
    """Return the text turned level, with a little of its surroundings."""
    centre = quad.mean(axis=0)
    wider = (centre + (quad - centre) * np.array([1.06, 1.15], dtype=np.float32)).astype(np.float32)
    height = 48
    width = max(32, min(480, round(height * size[0] / max(1.0, size[1]))))
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    warp = cv2.getPerspectiveTransform(wider, target)
    return np.asarray(cv2.warpPerspective(image, warp, (width, height), borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _characters(image: Image) -> tuple[Mapping[str, float], ...]:
    """Return for each character read its probabilities over A to Z and 0 to 9."""
    recogniser = _engine().text_rec
    ratio = max(image.shape[1] / image.shape[0], 320 / 48)
    batch = recogniser.resize_norm_img(_bgr(image), ratio)[None].astype(np.float32)
    return decode_ctc(np.asarray(recogniser.session(batch))[0], _columns(tuple(recogniser.postprocess_op.character)))


def decode_ctc(posterior: npt.NDArray[np.float32], columns: npt.NDArray[np.int64]) -> tuple[Mapping[str, float], ...]:
    """Follow the best path of a (time, classes) CTC posterior and keep the doubt at each character.

    `columns[k]` is the plate character of class k, -1 for the blank and signs that no plate has. Class 0 is the blank.
    """
    best = posterior.argmax(axis=1)
    usable = columns >= 0
    characters = []
    for start, end in _runs(best):
        if columns[best[start]] >= 0:
            surest = start + int(posterior[start:end, best[start]].argmax())
            shares = np.zeros(len(CHARACTERS))
            np.add.at(shares, columns[usable], posterior[surest, usable].astype(np.float64))
            characters.append(_likeliest(shares))
    return tuple(characters)


def _runs(classes: npt.NDArray[np.int64]) -> list[tuple[int, int]]:
    """Return (start, end) of each stretch of one class."""
    starts = np.flatnonzero(np.diff(classes, prepend=-1) != 0)
    return list(zip(starts.tolist(), [*starts[1:].tolist(), len(classes)], strict=True))


def _likeliest(shares: npt.NDArray[np.float64]) -> Mapping[str, float]:
    """Return the characters that matter; what is left to one is doubt."""
    kept = [index for index in np.argsort(-shares, kind="stable")[:5] if shares[index] >= 0.005]
    return {CHARACTERS[index]: round(min(1.0, float(shares[index])), 4) for index in kept}


@cache
def _columns(classes: tuple[str, ...]) -> npt.NDArray[np.int64]:
    known = {character: number for number, character in enumerate(CHARACTERS)}
    return np.array([known.get(plain(name), -1) if len(name) == 1 else -1 for name in classes], dtype=np.int64)


@cache
def _engine() -> Any:
    """Load rapidocr's networks, once a process; they lie inside its package."""
    from rapidocr import RapidOCR

    logging.getLogger("RapidOCR").setLevel(logging.ERROR)
    engine = RapidOCR(
        params={
            "Global.log_level": "error",
            "Det.limit_type": "max",
            "Det.limit_side_len": 512,
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )
    engine(np.full((48, 160, 3), 255, np.uint8), use_det=False, use_cls=False, use_rec=True)
    return engine


def _bgr(image: Image) -> Image:
    return np.ascontiguousarray(image[..., ::-1])
