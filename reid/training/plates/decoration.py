"""Draw the decoration of synthetic plates: scenery, bands, headers, seals, stickers, bolts and frames."""

import cv2
import numpy as np

from reid.arrays import Floats32
from reid.render.number_plates.layouts import Rgb
from reid.training.plates.lettering import (
    PLATE_HEADERS,
    SLOGANS,
    PlateFont,
    character_mask,
    stamp,
    words_mask,
    write_centred,
)
from reid.training.plates.styles import PlateStyle, pick
from reid.vehicle import Image

_OUTLINED_ASPECT = 2.5
"""Plates narrower than this have one small picture between their groups of characters."""

_BOLT_IN_TEXT_CHANCE = 0.12


def draw_ground(style: PlateStyle, rng: np.random.Generator) -> Image:
    """Return the plate's ground with its scenery, without characters."""
    height, width = style.height_px, round(style.height_px * style.aspect)
    picture = np.empty((height, width, 3), np.float32)
    picture[:] = style.ground
    if style.scenery > 0:
        picture = _scenery(picture, style, rng)
    if rng.random() < 0.3:
        picture += np.float32(rng.normal(0, 10)) * np.linspace(-1, 1, height, dtype=np.float32)[:, None, None]
    return np.clip(picture, 0, 255).astype(np.uint8)


def draw_bands_and_words(
    picture: Image, style: PlateStyle, face: PlateFont, rng: np.random.Generator
) -> tuple[int, int]:
    """Paint bands, header and footer; return the left and right edge of the room for characters."""
    height, width = picture.shape[:2]
    left, right = round(0.03 * width), round(0.97 * width)
    if style.band:
        left = _band(picture, 0, style.band, face, rng)
    if style.right_band and style.band:
        right = width - round(0.09 * width)
        _band(picture, right, style.band, face, rng)
    if style.top:
        picture[: round(float(rng.uniform(0.2, 0.26)) * height)] = style.top
    if style.header:
        colour = (245, 245, 245) if style.top else _tint(style, rng)
        write_centred(picture, pick(rng, PLATE_HEADERS), colour, 0.11, float(rng.uniform(0.09, 0.16)), rng)
    if style.footer:
        write_centred(picture, pick(rng, SLOGANS), _tint(style, rng), 0.9, float(rng.uniform(0.05, 0.11)), rng)
    if style.emblem:
        _emblem(picture, style, rng)
    return left, right


def draw_seal(picture: Image, x: float, style: PlateStyle, rng: np.random.Generator) -> None:
    """Paint the seals, arms or outline of a state between the groups of a plate, centred at x."""
    height = picture.shape[0]
    colour = pick(rng, ((190, 195, 205), (220, 160, 40), (40, 120, 60), (190, 50, 45), (60, 90, 170), style.ink))
    if style.aspect < _OUTLINED_ASPECT and rng.random() < 0.6:
        angles = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(4, 10))))
        reach = rng.uniform(0.05, 0.13, len(angles)) * height
        around = np.stack([x + 0.8 * reach * np.cos(angles), style.middle * height + 1.2 * reach * np.sin(angles)], 1)
        cv2.fillPoly(picture, [np.round(around).astype(np.int32)], colour, cv2.LINE_AA)
        return
    places = (0.3, 0.68) if rng.random() < 0.6 and style.aspect > _OUTLINED_ASPECT else (style.middle,)
    for y in places:
        radius = round(float(rng.uniform(0.1, 0.15)) * height * (1.0 if style.aspect > _OUTLINED_ASPECT else 0.6))
        centre = (round(x), round(y * height))
        cv2.circle(picture, centre, radius, colour, -1, cv2.LINE_AA)
        cv2.circle(picture, centre, max(1, radius // 2), style.ground, 1, cv2.LINE_AA)


def draw_rim_and_frame(picture: Image, style: PlateStyle, rng: np.random.Generator) -> Image:
    """Return the plate with rim, stickers, bolts and a dealer's frame."""
    picture = picture.copy()
    height, width = picture.shape[:2]
    if style.rim:
        thick = max(1, round(float(rng.uniform(0.01, 0.035)) * height))
        cv2.rectangle(picture, (1, 1), (width - 2, height - 2), style.ink, thick, cv2.LINE_AA)
    for corner in rng.permutation(4)[: style.stickers]:
        _sticker(picture, int(corner), rng)
    for number in range(style.bolts):
        _bolt(picture, number, rng)
    return _framed(picture, style, rng) if style.frame else picture


def _scenery(picture: Floats32, style: PlateStyle, rng: np.random.Generator) -> Floats32:
    """Return the ground with a colour gradient, sometimes with hills, a sun and clouds."""
    height, width = picture.shape[:2]
    dark = np.float32(-1 if sum(style.ground) > 380 else 1)
    down = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    top, bottom = (dark * rng.uniform(0, 75, 3).astype(np.float32) * rng.random(dtype=np.float32) for _ in range(2))
    picture = picture + top * np.clip(1 - down * 2.2, 0, 1) + bottom * np.clip(down * 2.2 - 1.2, 0, 1)
    if style.scenery < 1:
        return picture
    layer = np.zeros((height, width), np.float32)
    for _ in range(int(rng.integers(1, 4))):
        xs = np.linspace(0, width, 7)
        ys = rng.uniform(0.35, 1.0) * height + rng.normal(0, 0.09, 7) * height
        outline = np.concatenate([np.stack([xs, ys], axis=1), [[width, height], [0, height]]])
        cv2.fillPoly(layer, [np.round(outline).astype(np.int32)], float(rng.uniform(0.1, 0.7)))
    if rng.random() < 0.5:
        centre = (int(rng.integers(width)), int(rng.integers(height)))
        cv2.circle(layer, centre, int(rng.integers(height // 8, height // 2)), float(rng.uniform(0.1, 0.7)), -1)
    layer = np.asarray(cv2.GaussianBlur(layer, (0, 0), float(rng.uniform(0.6, 4))), np.float32)
    return picture + layer[..., None] * dark * rng.uniform(0, 110, 3).astype(np.float32)


def _band(picture: Image, left: int, colour: Rgb, face: PlateFont, rng: np.random.Generator) -> int:
    """Paint a country band; return its right edge."""
    height, width = picture.shape[:2]
    band = round(float(rng.uniform(0.075, 0.1)) * width)
    picture[:, left : left + band] = colour
    middle = (left + band // 2, round(0.3 * height))
    for angle in np.radians(np.arange(0, 360, 30)):
        star = (round(middle[0] + 0.13 * height * np.cos(angle)), round(middle[1] + 0.13 * height * np.sin(angle)))
        cv2.circle(picture, star, max(1, height // 40), (228, 208, 70), -1, cv2.LINE_AA)
    country = pick(
        rng,
        (
            "D",
            "F",
            "I",
            "E",
            "NL",
            "PL",
            "B",
            "GB",
            "HR",
            "CZ",
            "SK",
            "H",
            "RO",
            "P",
            "A",
            "S",
            "LT",
            "IND",
            "UA",
            "SRB",
            "BG",
        ),
    )
    masks = [character_mask(sign, face, round(0.25 * height)) for sign in country]
    mask = np.concatenate(masks, axis=1)
    if mask.shape[1] > 0.8 * band:
        mask = np.asarray(cv2.resize(mask, (round(0.8 * band), mask.shape[0]), interpolation=cv2.INTER_AREA), np.uint8)
    stamp(picture, mask, (240, 240, 240), left + (band - mask.shape[1]) // 2, round(0.63 * height))
    return int(left + band)


def _emblem(picture: Image, style: PlateStyle, rng: np.random.Generator) -> None:
    """Paint a small emblem at the left or the right."""
    height, width = picture.shape[:2]
    colour = pick(rng, ((200, 60, 50), (40, 110, 60), (230, 150, 40), (60, 90, 170), style.ink))
    x = round(width * (rng.uniform(0.04, 0.1) if rng.random() < 0.5 else rng.uniform(0.9, 0.96)))
    centre, radius = (x, round(height * rng.uniform(0.25, 0.8))), max(2, round(height * rng.uniform(0.05, 0.1)))
    cv2.ellipse(picture, centre, (radius, round(radius * rng.uniform(0.7, 1.6))), 0, 0, 360, colour, -1, cv2.LINE_AA)


def _sticker(picture: Image, corner: int, rng: np.random.Generator) -> None:
    """Paste a month or year sticker into a corner."""
    height, width = picture.shape[:2]
    tall, wide = round(rng.uniform(0.14, 0.24) * height), round(rng.uniform(0.1, 0.16) * width)
    left = round(0.03 * width) if corner % 2 == 0 else width - wide - round(0.03 * width)
    top = round(0.04 * height) if corner < 2 else height - tall - round(0.04 * height)
    colour = pick(rng, ((200, 40, 40), (30, 90, 180), (240, 200, 40), (30, 130, 70), (240, 240, 240), (230, 120, 30)))
    picture[top : top + tall, left : left + wide] = colour
    words = pick(rng, ("JUL", "MAY", "SEP", "14", "09", "2013", "12", "DEC 15", "OCT"))
    mask = words_mask(words, max(4, round(0.7 * tall)), rng)
    mask = np.asarray(cv2.resize(mask, (round(0.8 * wide), mask.shape[0]), interpolation=cv2.INTER_AREA), np.uint8)
    ink = (20, 20, 20) if sum(colour) > 380 else (245, 245, 245)
    stamp(picture, mask, ink, left + round(0.1 * wide), top + round(0.15 * tall))


def _bolt(picture: Image, number: int, rng: np.random.Generator) -> None:
    height, width = picture.shape[:2]
    x = (0.2, 0.8)[number % 2] + float(rng.normal(0, 0.03))
    y = 0.09 if number < 2 else 0.91
    if rng.random() < _BOLT_IN_TEXT_CHANCE:
        y = float(rng.normal(0.5, 0.12))
    shade = int(rng.integers(30, 210))
    radius = max(1, round(height * rng.uniform(0.025, 0.05)))
    cv2.circle(picture, (round(x * width), round(y * height)), radius, (shade, shade, shade), -1, cv2.LINE_AA)


def _framed(picture: Image, style: PlateStyle, rng: np.random.Generator) -> Image:
    """Return the plate in a dealer's frame, around it or over its edges, often with words."""
    frame = style.frame or (20, 20, 20)
    height, width = picture.shape[:2]
    side, top, bottom = (round(rng.uniform(*span) * height) for span in ((0.02, 0.07), (0.02, 0.13), (0.03, 0.2)))
    if rng.random() < 0.5:
        picture = np.asarray(
            cv2.copyMakeBorder(picture, top, bottom, side, side, cv2.BORDER_CONSTANT, value=frame), np.uint8
        )
    else:
        top, bottom = round(0.8 * top), round(0.7 * bottom)
        picture[:top], picture[height - bottom :], picture[:, :side], picture[:, width - side :] = (frame,) * 4
    if style.frame_words and bottom >= 5:
        ink = (230, 230, 230) if sum(frame) < 380 else (30, 30, 30)
        write_centred(picture, pick(rng, SLOGANS), ink, 1 - bottom / 2 / picture.shape[0], bottom / height * 0.7, rng)
    return picture


def _tint(style: PlateStyle, rng: np.random.Generator) -> Rgb:
    return style.ink if rng.random() < 0.6 else pick(rng, ((180, 30, 40), (30, 50, 140), (30, 110, 60), (120, 60, 20)))
