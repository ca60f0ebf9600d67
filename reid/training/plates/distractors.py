"""Draw distractors, things that a locator must not take for a plate: signs, stickers, grilles, lamps, pages of text."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from reid.render.number_plates.glyphs import draw_typeface, line_mask
from reid.vehicle import Image

Colour = tuple[float, float, float]

_LEGIBLE_PX = 46.0
"""A board or sign narrower than this in the network's input looks like a plate too small to read."""

_SMALL = "abcdefghijklmnopqrstuvwxyz"
_FONTS = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_HERSHEY_TRIPLEX,
    cv2.FONT_HERSHEY_SCRIPT_SIMPLEX,
    cv2.FONT_HERSHEY_SCRIPT_COMPLEX,
)


@dataclass(frozen=True, slots=True)
class Distractor:
    """A picture (h, w, 3) and its opacity, `cover` (h, w, 1), 0 to 255.

    Pasted narrower than `least_width_px` it would look like a plate.
    """

    picture: Image
    cover: Image
    least_width_px: float = 0.0


def draw_distractor(rng: np.random.Generator) -> Distractor:
    """Return a random distractor."""
    kinds = list(_KINDS)
    shares = np.array([_KINDS[kind] for kind in kinds])
    return kinds[int(rng.choice(len(kinds), p=shares / shares.sum()))](rng)


def draw_page(rng: np.random.Generator, width: int, height: int) -> Image:
    """Return a page full of lines of text."""
    paper, ink = _pair(rng)
    page = np.full((height, width, 3), paper, np.uint8)
    line = int(rng.integers(7, max(8, min(40, height // 3))))
    for top in range(line, height, round(line * float(rng.uniform(1.15, 1.7)))):
        words = " ".join(_word(rng, int(rng.integers(2, 10))) for _ in range(int(rng.integers(1, 9))))
        _put(page, words, (int(rng.integers(2, 12)), top), line * 0.75, ink, rng)
    return page


def _lettering(rng: np.random.Generator) -> Distractor:
    """Write a firm's name, a phone number or an address on a transparent ground."""
    words = _long_number(rng) if rng.random() < 0.4 else _word(rng, int(rng.integers(4, 16)))
    if rng.random() < 0.5 and words.isascii():
        mask = np.pad(line_mask(words.upper(), draw_typeface(rng), 28), 4)
    else:
        blank = np.zeros((40, 18 * len(words) + 20, 3), np.uint8)
        _put(blank, words, (6, 28), 22, (255, 255, 255), rng)
        mask = blank[:, : max(20, int(np.flatnonzero(blank.any(axis=(0, 2)))[-1]) + 6), 0]
    ink = np.full((*mask.shape, 3), _colour(rng), np.uint8)
    return Distractor(ink, mask[..., None].astype(np.uint8))


def _sign(rng: np.random.Generator) -> Distractor:
    """Draw a sign or bumper sticker: lines of different sizes, a phone number, an emblem."""
    ground, ink = _pair(rng)
    width, height = int(rng.integers(60, 220)), int(rng.integers(30, 90))
    sign = np.full((height, width, 3), ground, np.uint8)
    lines = int(rng.integers(1, 4))
    for row in range(lines):
        tall = height / lines * float(rng.uniform(0.35, 0.8))
        kind = rng.random()
        words = _long_number(rng) if kind < 0.35 else _word(rng, int(rng.integers(3, 14)))
        if lines == 1 and kind >= 0.35:
            words = _word(rng, int(rng.integers(3, 7))) + " " + _word(rng, int(rng.integers(3, 8)))
        _put(sign, words, (int(rng.integers(2, 16)), round((row + 0.85) * height / lines)), tall, ink, rng)
    if rng.random() < 0.4:
        place = (int(rng.integers(width)), int(rng.integers(height)))
        cv2.circle(sign, place, int(rng.integers(4, 20)), _colour(rng), -1, cv2.LINE_AA)
    return Distractor(sign, _whole(sign), _LEGIBLE_PX)


def _blank(rng: np.random.Generator) -> Distractor:
    """Draw an empty plate holder: a bare or covered board with a rim or a handle."""
    ground, ink = _pair(rng)
    width, height = int(rng.integers(60, 160)), int(rng.integers(20, 60))
    board = np.full((height, width, 3), ground, np.uint8)
    if rng.random() < 0.5:
        cv2.rectangle(board, (1, 1), (width - 2, height - 2), ink, int(rng.integers(1, 4)))
    if rng.random() < 0.3:
        cv2.ellipse(board, (width // 2, height // 2), (height // 3, height // 4), 0, 0, 360, ink, -1, cv2.LINE_AA)
    return Distractor(board, _whole(board), _LEGIBLE_PX)


def _grille(rng: np.random.Generator) -> Distractor:
    """Draw bars or a mesh, as grilles, vents, radiators and fences have."""
    ground, ink = _pair(rng)
    width, height = int(rng.integers(60, 200)), int(rng.integers(24, 100))
    grille = np.full((height, width, 3), ground, np.uint8)
    step = int(rng.integers(4, 16))
    thick = int(rng.integers(1, max(2, step // 2)))
    kind = int(rng.integers(3))
    if kind != 0:
        for x in range(0, width, step):
            cv2.line(grille, (x, 0), (x, height), ink, thick)
    if kind != 1:
        for y in range(0, height, step):
            cv2.line(grille, (0, y), (width, y), ink, thick)
    return Distractor(grille, _whole(grille))


def _lamp(rng: np.random.Generator) -> Distractor:
    """Draw a lamp or an emblem with a bright spot."""
    size = int(rng.integers(24, 60)), int(rng.integers(20, 60))
    lamp = np.full((size[1], size[0], 3), _colour(rng), np.uint8)
    mask = np.zeros(size[::-1], np.uint8)
    middle = (size[0] // 2, size[1] // 2)
    cv2.ellipse(mask, middle, (middle[0] - 1, middle[1] - 1), 0, 0, 360, 255, -1, cv2.LINE_AA)
    spot = (int(rng.integers(size[0])), int(rng.integers(size[1])))
    cv2.circle(lamp, spot, int(rng.integers(3, 14)), (250, 250, 245), -1, cv2.LINE_AA)
    return Distractor(np.asarray(cv2.GaussianBlur(lamp, (0, 0), 2.0), np.uint8), mask[..., None])


def _windows(rng: np.random.Generator) -> Distractor:
    """Draw a wall with windows, or tiles of different tones."""
    columns, rows = int(rng.integers(2, 9)), int(rng.integers(1, 6))
    tiles = rng.normal(0, 30, (rows, columns, 1)) + np.array(_colour(rng))
    side = int(rng.integers(10, 26))
    wall = cv2.resize(np.clip(tiles, 0, 255).astype(np.uint8), (columns * side, rows * side), interpolation=0)
    joint = _colour(rng)
    for x in range(0, columns * side, side):
        cv2.line(wall, (x, 0), (x, rows * side), joint, 2)
    for y in range(0, rows * side, side):
        cv2.line(wall, (0, y), (columns * side, y), joint, 2)
    return Distractor(np.asarray(wall, np.uint8), _whole(np.asarray(wall, np.uint8)))


def _paragraph(rng: np.random.Generator) -> Distractor:
    """Draw a notice with many lines of text."""
    page = draw_page(rng, int(rng.integers(80, 200)), int(rng.integers(60, 160)))
    return Distractor(page, _whole(page), _LEGIBLE_PX)


_KINDS: dict[Callable[[np.random.Generator], Distractor], float] = {
    _lettering: 0.24,
    _sign: 0.26,
    _blank: 0.12,
    _grille: 0.12,
    _lamp: 0.12,
    _windows: 0.06,
    _paragraph: 0.08,
}


def _put(
    picture: Image, words: str, at: tuple[int, int], height_px: float, ink: Colour, rng: np.random.Generator
) -> None:
    """Write in a random OpenCV font; changes the picture."""
    font = _FONTS[int(rng.integers(len(_FONTS)))]
    cv2.putText(picture, words, at, font, height_px / 24, ink, max(1, round(height_px / 12)), cv2.LINE_AA)


def _word(rng: np.random.Generator, length: int) -> str:
    """Return a random word in lower, title or upper case; long ones are split into two."""
    letters = [_SMALL[int(rng.integers(26))] for _ in range(length)]
    if length > 7 and rng.random() < 0.6:
        letters[length // 2] = " "
    word = "".join(letters)
    return (word, word.title(), word.upper())[int(rng.integers(3))]


def _long_number(rng: np.random.Generator) -> str:
    """Return a phone number: more digits than a plate has, in groups."""
    digits = "".join(str(digit) for digit in rng.integers(0, 10, int(rng.integers(9, 13))))
    gap = (" ", ".", "-", "")[int(rng.integers(4))]
    return ("", "+", "0", "(0)")[int(rng.integers(4))] + gap.join((digits[:4], digits[4:7], digits[7:]))


def _pair(rng: np.random.Generator) -> tuple[Colour, Colour]:
    """Return two colours with enough contrast."""
    for _ in range(8):
        first, second = _colour(rng), _colour(rng)
        if abs(sum(first) - sum(second)) > 150:
            break
    return first, second


def _colour(rng: np.random.Generator) -> Colour:
    """Return a colour; often white, black or grey."""
    if rng.random() < 0.45:
        tone = float(rng.choice([12, 40, 90, 150, 215, 245]))
        return tone, tone, tone
    red, green, blue = (float(value) for value in rng.uniform(0, 255, 3))
    return red, green, blue


def _whole(picture: Image) -> Image:
    return np.full((*picture.shape[:2], 1), 255, np.uint8)
