"""Print made-up plates of the whole world to learn from: any text, any typeface, and all that stands around it."""

import re
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from reid.render.number_plates.glyphs import Mask
from reid.training.plates import furniture
from reid.training.plates.lettering import Face, draw_face, drawable_provinces, letter
from reid.training.plates.looks import Look, draw_look
from reid.training.plates.texts import SEPARATORS, changed, draw_marking, draw_writing, plain_text
from reid.vehicle import Image

_GAPS = {"~": 0.45, "-": 0.55, ".": 0.4}
"""Width of each separator by the height of a line."""

_CELL = re.compile("./.|.")
_STACKED_HEIGHT = 0.44
"""Height of each of two stacked characters, by that of the line."""

_ACCENTED = "AOUCSZE"
_ACCENT_CHANCE = 0.06
_FADED_CHANCE = 0.12


@dataclass(frozen=True, slots=True)
class PrintedPlate:
    """A plate: `marking` is its text with separators and line break; its look follows from family and seed alone."""

    marking: str
    family: str
    seed: int

    @property
    def text(self) -> str:
        """Return the characters alone."""
        return plain_text(self.marking)

    def twin(self, seed: int) -> "PrintedPlate":
        """Return the plate with one character changed."""
        return replace(self, marking=changed(self.marking, np.random.default_rng([seed, 52])))


@dataclass(frozen=True, slots=True)
class Print:
    """The picture (h, w, 3) of a plate from straight in front; `centres` (n, 2) of its characters, as shares of it."""

    image: Image
    centres: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A character, two stacked ones or a separator of a line: where it starts, and how wide it is, in pixels."""

    signs: str
    left: float
    width: float
    mask: Mask | None


def printed_plate(seed: int) -> PrintedPlate:
    """Draw a plate."""
    rng = np.random.default_rng([seed, 51])
    writing = draw_writing(rng)
    return PrintedPlate(draw_marking(writing, drawable_provinces(), rng), writing.family, seed)


def print_plate(plate: PrintedPlate, typeface: Face | None = None) -> Print:
    """Return the plate's picture, in its own typeface or another; plates of one seed differ in characters alone."""
    rng = np.random.default_rng([plate.seed, 53])
    look, face = draw_look(plate.family, rng), draw_face(rng)
    face = typeface or face
    image = furniture.ground(look, rng)
    room = furniture.furnish(image, look, face, rng)
    centres = _write(image, plate.marking, look, face, room, rng)
    finished = furniture.finish(image, look, rng)
    return Print(finished, _shares(centres, image, finished))


def _write(
    image: Image, marking: str, look: Look, face: Face, room: tuple[int, int], rng: np.random.Generator
) -> list[tuple[float, float]]:
    """Write the lines into the picture; return the middle of each character, in pixels."""
    height = image.shape[0]
    lines = marking.split("|")
    tall = round(look.text * height)
    apart = float(rng.uniform(1.1, 1.25)) * tall
    centres = []
    dash = float(rng.uniform(0.08, 0.14)) * tall
    paint = float(rng.uniform(0.4, 0.9)) if rng.random() < _FADED_CHANCE else 1.0
    ink = np.zeros(image.shape[:2], np.uint8)
    for number, line in enumerate(lines):
        middle = look.middle * height + (number - (len(lines) - 1) / 2) * apart
        for piece in _set(line, look, face, tall, room):
            if piece.mask is not None:
                _lay(ink, piece.mask, round(piece.left), round(middle - tall / 2))
                centres += _centres(piece, middle, tall)
            elif look.seals and piece.signs == "~":
                furniture.seal(image, piece.left + piece.width / 2, look, rng)
            elif piece.signs in "-.":
                _mark(ink, piece, middle, dash)
            if look.accents and piece.signs in _ACCENTED and rng.random() < _ACCENT_CHANCE:
                _accent(ink, piece, middle - tall / 2, dash)
    image[:] = _inked(image, ink, look, paint)
    return centres


def _set(line: str, look: Look, face: Face, tall: int, room: tuple[int, int]) -> list[_Piece]:
    """Place a line's characters side by side in the middle of the room, condensed where they would not fit."""
    cells = _CELL.findall(line)
    masks = {signs: _cell(signs, face, tall) for signs in cells if signs not in SEPARATORS}
    widest = max((mask.shape[1] for mask in masks.values()), default=1) if look.monospaced else 0
    widths = [
        _GAPS[signs] * tall if signs in _GAPS else float(max(masks[signs].shape[1], 0.9 * widest)) for signs in cells
    ]
    gap = look.spacing * tall
    whole = sum(widths) + gap * (len(cells) - 1)
    squeeze = min(1.0, 0.97 * (room[1] - room[0]) / whole)
    lefts = np.concatenate([[0.0], np.cumsum([width + gap for width in widths])[:-1]]) * squeeze
    start = (room[0] + room[1] - whole * squeeze) / 2
    return [
        _Piece(signs, float(start + left), width * squeeze, _fitted(masks.get(signs), width * squeeze, squeeze))
        for signs, left, width in zip(cells, lefts, widths, strict=True)
    ]


def _cell(signs: str, face: Face, tall: int) -> Mask:
    """Return one character, or two small ones stacked, `tall` pixels high."""
    if len(signs) == 1:
        return letter(signs, face, tall)
    upper, lower = (letter(sign, face, max(3, round(_STACKED_HEIGHT * tall))) for sign in (signs[0], signs[2]))
    stacked = np.zeros((tall, max(upper.shape[1], lower.shape[1])), np.uint8)
    stacked[: len(upper), : upper.shape[1]] = upper
    stacked[tall - len(lower) :, : lower.shape[1]] = lower
    return stacked


def _centres(piece: _Piece, middle: float, tall: int) -> list[tuple[float, float]]:
    """Return the middle of the piece's character, or of each of two stacked ones."""
    x = piece.left + piece.width / 2
    if len(piece.signs) == 1:
        return [(x, middle)]
    away = (1 - _STACKED_HEIGHT) / 2 * tall
    return [(x, middle - away), (x, middle + away)]


def _fitted(mask: Mask | None, cell: float, squeeze: float) -> Mask | None:
    """Return a character condensed by `squeeze`, in the middle of its cell."""
    if mask is None:
        return None
    width = max(2, round(mask.shape[1] * squeeze))
    drawn = np.asarray(cv2.resize(mask, (width, mask.shape[0]), interpolation=cv2.INTER_AREA), np.uint8)
    return np.pad(drawn, ((0, 0), (max(0, round((cell - width) / 2)), 0)))


def _lay(ink: Mask, mask: Mask, left: int, top: int) -> None:
    """Add a character to the ink, as far as it lies on the plate."""
    x, y = max(0, left), max(0, top)
    mask = mask[y - top :, x - left :]
    part = ink[y : y + mask.shape[0], x : x + mask.shape[1]]
    np.maximum(part, mask[: part.shape[0], : part.shape[1]], out=part)


def _mark(ink: Mask, piece: _Piece, middle: float, thick: float) -> None:
    """Draw a dash or a dot."""
    if piece.signs == "-":
        left, right = piece.left + 0.15 * piece.width, piece.left + 0.85 * piece.width
        corners = (round(left), round(middle - thick / 2)), (round(right), round(middle + thick / 2))
        cv2.rectangle(ink, *corners, 255, -1)
    else:
        centre = (round(piece.left + piece.width / 2), round(middle))
        cv2.circle(ink, centre, max(1, round(0.7 * thick)), 255, -1, cv2.LINE_AA)


def _accent(ink: Mask, piece: _Piece, top: float, thick: float) -> None:
    """Put two dots or a stroke above a letter, which is read without them."""
    x, y, apart = piece.left + piece.width / 2, top - 0.9 * thick, 0.2 * piece.width
    left, right = (round(x - apart), round(y)), (round(x + apart), round(y))
    if piece.signs in "AOU":
        for place in (left, right):
            cv2.circle(ink, place, max(1, round(0.6 * thick)), 255, -1, cv2.LINE_AA)
    else:
        cv2.line(ink, left, right, 255, max(1, round(0.7 * thick)), cv2.LINE_AA)


def _inked(image: Image, ink: Mask, look: Look, paint: float) -> Image:
    """Return the picture with its characters, as much of their paint as is left, their raised edges lit from above."""
    share = ink[..., None].astype(np.float32) * np.float32(paint / 255)
    picture = image + (np.array(look.ink, np.float32) - image) * share
    if look.embossed > 0:
        soft = np.asarray(cv2.GaussianBlur(ink, (0, 0), 0.02 * image.shape[0]), np.float32) / 255
        slope = np.diff(soft, axis=0, prepend=soft[:1]) + 0.5 * np.diff(soft, axis=1, prepend=soft[:, :1])
        picture = np.asarray(picture + slope[..., None] * np.float32(255 * look.embossed), np.float32)
    return np.asarray(np.clip(picture, 0, 255), np.uint8)


def _shares(centres: list[tuple[float, float]], bare: Image, finished: Image) -> npt.NDArray[np.float32]:
    """Return where the characters are as shares of the finished picture, whose frame may stand around the bare one."""
    border = (finished.shape[1] - bare.shape[1]) / 2, finished.shape[0] - bare.shape[0]
    places = np.array(centres, np.float32) + np.array([border[0], border[1] * 0.4], np.float32)
    return np.asarray(places / np.array([finished.shape[1], finished.shape[0]], np.float32), np.float32)
