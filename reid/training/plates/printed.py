"""Print synthetic plates of many countries: any text, any typeface, and all decoration around it."""

import re
from dataclasses import dataclass, replace

import cv2
import numpy as np

from reid.arrays import Floats32, Mask
from reid.training.plates import decoration
from reid.training.plates.letter_shapes import slanted
from reid.training.plates.lettering import PlateFont, character_mask, draw_font, drawable_provinces
from reid.training.plates.styles import PlateStyle, draw_style
from reid.training.plates.texts import SEPARATORS, draw_family, draw_marking, plain_text, with_changed_character
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
    """A plate: `marking` is its text with separators and line break; family and seed decide its style."""

    marking: str
    family: str
    seed: int

    @property
    def text(self) -> str:
        """Return the characters without separators."""
        return plain_text(self.marking)

    def twin(self, seed: int) -> "PrintedPlate":
        """Return the plate with one character changed."""
        return replace(self, marking=with_changed_character(self.marking, np.random.default_rng([seed, 52])))


@dataclass(frozen=True, slots=True)
class PlatePrint:
    """The frontal picture (h, w, 3) of a plate; `centres` (n, 2) are those of its characters, as shares of it."""

    image: Image
    centres: Floats32


@dataclass(frozen=True, slots=True)
class _PrintedCell:
    """A character, two stacked ones or a separator of a line, with its left edge and width in pixels."""

    signs: str
    left: float
    width: float
    mask: Mask | None


def printed_plate(seed: int) -> PrintedPlate:
    """Draw a plate."""
    rng = np.random.default_rng([seed, 51])
    writing = draw_family(rng)
    return PrintedPlate(draw_marking(writing, drawable_provinces(), rng), writing.family, seed)


def print_plate(plate: PrintedPlate, typeface: PlateFont | None = None) -> PlatePrint:
    """Return the plate's picture, in its own typeface or another; plates of one seed differ only in characters."""
    rng = np.random.default_rng([plate.seed, 53])
    style, face = draw_style(plate.family, rng), draw_font(rng)
    face = typeface or face
    image = decoration.draw_ground(style, rng)
    room = decoration.draw_bands_and_words(image, style, face, rng)
    centres = _write(image, plate.marking, style, face, room, rng)
    finished = decoration.draw_rim_and_frame(image, style, rng)
    return PlatePrint(finished, _shares(centres, image, finished))


def _write(
    image: Image, marking: str, style: PlateStyle, face: PlateFont, room: tuple[int, int], rng: np.random.Generator
) -> list[tuple[float, float]]:
    """Write the lines into the picture; return the centre of each character in pixels."""
    height = image.shape[0]
    lines = marking.split("|")
    tall = round(style.text * height)
    apart = float(rng.uniform(1.1, 1.25)) * tall
    centres = []
    dash = float(rng.uniform(0.08, 0.14)) * tall
    paint = float(rng.uniform(0.4, 0.9)) if rng.random() < _FADED_CHANCE else 1.0
    written = np.zeros(image.shape[:2], np.uint8)
    for number, line in enumerate(lines):
        middle = style.middle * height + (number - (len(lines) - 1) / 2) * apart
        ink = np.zeros(image.shape[:2], np.uint8)
        for piece in _laid_out(line, style, face, tall, room):
            if piece.mask is not None:
                _lay(ink, piece.mask, round(piece.left), round(middle - tall / 2))
                centres += _centres(piece, middle, tall)
            elif style.seals and piece.signs == "~":
                decoration.draw_seal(image, piece.left + piece.width / 2, style, rng)
            elif piece.signs in "-.":
                _mark(ink, piece, middle, dash)
            if style.accents and piece.signs in _ACCENTED and rng.random() < _ACCENT_CHANCE:
                _accent(ink, piece, middle - tall / 2, dash)
        written = np.maximum(written, slanted(ink, face.shape.slant, middle))
    image[:] = _inked(image, written, style, paint)
    return centres


def _laid_out(line: str, style: PlateStyle, face: PlateFont, tall: int, room: tuple[int, int]) -> list[_PrintedCell]:
    """Lay out a line's characters in the middle of the room, condensed if they would not fit."""
    cells = _CELL.findall(line)
    masks = {signs: _cell(signs, face, tall) for signs in cells if signs not in SEPARATORS}
    widest = max((mask.shape[1] for mask in masks.values()), default=1) if style.monospaced else 0
    widths = [
        _GAPS[signs] * tall if signs in _GAPS else float(max(masks[signs].shape[1], 0.9 * widest)) for signs in cells
    ]
    gap = style.spacing * tall
    whole = sum(widths) + gap * (len(cells) - 1)
    squeeze = min(1.0, 0.97 * (room[1] - room[0]) / whole)
    lefts = np.concatenate([[0.0], np.cumsum([width + gap for width in widths])[:-1]]) * squeeze
    start = (room[0] + room[1] - whole * squeeze) / 2
    return [
        _PrintedCell(signs, float(start + left), width * squeeze, _fitted(masks.get(signs), width * squeeze, squeeze))
        for signs, left, width in zip(cells, lefts, widths, strict=True)
    ]


def _cell(signs: str, face: PlateFont, tall: int) -> Mask:
    """Return one character, or two small ones stacked, `tall` pixels high."""
    if len(signs) == 1:
        return character_mask(signs, face, tall)
    upper, lower = (character_mask(sign, face, max(3, round(_STACKED_HEIGHT * tall))) for sign in (signs[0], signs[2]))
    stacked = np.zeros((tall, max(upper.shape[1], lower.shape[1])), np.uint8)
    stacked[: len(upper), : upper.shape[1]] = upper
    stacked[tall - len(lower) :, : lower.shape[1]] = lower
    return stacked


def _centres(piece: _PrintedCell, middle: float, tall: int) -> list[tuple[float, float]]:
    """Return the centre of the cell's character, or of each of two stacked ones."""
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
    """Add a character to the ink mask, cut to the plate; changes the mask."""
    x, y = max(0, left), max(0, top)
    mask = mask[y - top :, x - left :]
    part = ink[y : y + mask.shape[0], x : x + mask.shape[1]]
    np.maximum(part, mask[: part.shape[0], : part.shape[1]], out=part)


def _mark(ink: Mask, piece: _PrintedCell, middle: float, thick: float) -> None:
    """Draw a dash or a dot."""
    if piece.signs == "-":
        left, right = piece.left + 0.15 * piece.width, piece.left + 0.85 * piece.width
        corners = (round(left), round(middle - thick / 2)), (round(right), round(middle + thick / 2))
        cv2.rectangle(ink, *corners, 255, -1)
    else:
        centre = (round(piece.left + piece.width / 2), round(middle))
        cv2.circle(ink, centre, max(1, round(0.7 * thick)), 255, -1, cv2.LINE_AA)


def _accent(ink: Mask, piece: _PrintedCell, top: float, thick: float) -> None:
    """Draw two dots or a stroke above a letter; they are not part of the text."""
    x, y, apart = piece.left + piece.width / 2, top - 0.9 * thick, 0.2 * piece.width
    left, right = (round(x - apart), round(y)), (round(x + apart), round(y))
    if piece.signs in "AOU":
        for place in (left, right):
            cv2.circle(ink, place, max(1, round(0.6 * thick)), 255, -1, cv2.LINE_AA)
    else:
        cv2.line(ink, left, right, 255, max(1, round(0.7 * thick)), cv2.LINE_AA)


def _inked(image: Image, ink: Mask, style: PlateStyle, paint: float) -> Image:
    """Return the picture with its inked characters, `paint` being their opacity, and embossed edges lit from above."""
    share = ink[..., None].astype(np.float32) * np.float32(paint / 255)
    picture = image + (np.array(style.ink, np.float32) - image) * share
    if style.embossed > 0:
        soft = np.asarray(cv2.GaussianBlur(ink, (0, 0), 0.02 * image.shape[0]), np.float32) / 255
        slope = np.diff(soft, axis=0, prepend=soft[:1]) + 0.5 * np.diff(soft, axis=1, prepend=soft[:, :1])
        picture = np.asarray(picture + slope[..., None] * np.float32(255 * style.embossed), np.float32)
    return np.asarray(np.clip(picture, 0, 255), np.uint8)


def _shares(centres: list[tuple[float, float]], bare: Image, finished: Image) -> Floats32:
    """Return the centres as shares of the finished picture, which may have a frame around the bare one."""
    border = (finished.shape[1] - bare.shape[1]) / 2, finished.shape[0] - bare.shape[0]
    places = np.array(centres, np.float32) + np.array([border[0], border[1] * 0.4], np.float32)
    return np.asarray(places / np.array([finished.shape[1], finished.shape[0]], np.float32), np.float32)
