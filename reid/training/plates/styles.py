"""Draw the style of a synthetic plate: its shape, colours, band, header, frame and text position."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from reid.render.number_plates.layouts import Rgb

T = TypeVar("T")
_BLUE: Rgb = (24, 62, 165)
_WHITE: Rgb = (236, 236, 234)
_BLACK: Rgb = (22, 22, 24)
_FRAMES: tuple[Rgb, ...] = ((18, 18, 20), (22, 22, 24), (45, 45, 48), (120, 122, 126), (190, 190, 194), (60, 40, 40))
_US_INKS: tuple[Rgb, ...] = ((20, 30, 110), (20, 30, 110), (15, 15, 20), (20, 20, 60), (115, 20, 28), (12, 80, 48))
_US_GROUNDS: tuple[Rgb, ...] = (
    (238, 238, 236), (238, 238, 236), (225, 232, 242), (242, 236, 212), (216, 230, 216), (205, 222, 240),
    (248, 225, 150), (240, 215, 190), (250, 205, 60),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlateStyle:
    """Everything of a plate but its characters. Shares are of the plate's height, `aspect` is width by height.

    `text` is the height of a line, `middle` the position of the text's middle; `band`, `top` and `frame` are colours of
    optional parts. With `accents` letters may have dots or strokes above them.
    """

    height_px: int
    aspect: float
    ground: Rgb
    ink: Rgb
    text: float
    middle: float
    spacing: float
    monospaced: bool
    scenery: float = 0.0
    band: Rgb | None = None
    right_band: bool = False
    top: Rgb | None = None
    header: bool = False
    footer: bool = False
    seals: bool = False
    stickers: int = 0
    frame: Rgb | None = None
    frame_words: bool = False
    rim: bool = True
    bolts: int = 0
    embossed: float = 0.0
    emblem: bool = False
    accents: bool = False


def draw_style(family: str, rng: np.random.Generator) -> PlateStyle:
    """Draw a style for a family of `reid.training.plates.texts`."""
    return _BY_FAMILY[family](rng)


def _european(rng: np.random.Generator) -> PlateStyle:
    ground = _shade(pick(rng, (_WHITE, _WHITE, _WHITE, _WHITE, (248, 190, 24), (238, 214, 60))), rng)
    banded = rng.random() < 0.75
    return PlateStyle(
        48, float(rng.uniform(4.3, 5.0)), ground, _ink(rng), float(rng.uniform(0.6, 0.8)),
        float(rng.normal(0.5, 0.015)), float(rng.uniform(0.08, 0.24)), bool(rng.random() < 0.4),
        band=_shade(_BLUE, rng) if banded else None, right_band=bool(rng.random() < 0.12),
        seals=bool(rng.random() < 0.35), frame=pick(rng, _FRAMES) if rng.random() < 0.45 else None,
        frame_words=bool(rng.random() < 0.6), bolts=_bolts(rng), embossed=_embossed(rng),
        rim=bool(rng.random() < 0.7), accents=True,
    )  # fmt: skip


def _british(rng: np.random.Generator) -> PlateStyle:
    ground = _shade(pick(rng, (_WHITE, (246, 204, 40))), rng)
    return PlateStyle(
        48, float(rng.uniform(4.4, 4.9)), ground, _ink(rng), float(rng.uniform(0.62, 0.76)),
        float(rng.normal(0.49, 0.02)), float(rng.uniform(0.09, 0.2)), bool(rng.random() < 0.6),
        band=_shade(_BLUE, rng) if rng.random() < 0.3 else None, footer=bool(rng.random() < 0.5),
        frame=pick(rng, _FRAMES) if rng.random() < 0.3 else None, bolts=_bolts(rng), rim=bool(rng.random() < 0.4),
    )  # fmt: skip


def _american(rng: np.random.Generator) -> PlateStyle:
    ground, ink = _shade(pick(rng, _US_GROUNDS), rng), _shade(pick(rng, _US_INKS), rng)
    if rng.random() < 0.07:
        ground, ink = ink, (240, 236, 215)
    return PlateStyle(
        64, float(rng.uniform(1.9, 2.15)), ground, ink, float(rng.uniform(0.40, 0.58)),
        float(rng.normal(0.52, 0.025)), float(rng.uniform(0.07, 0.2)), bool(rng.random() < 0.6),
        scenery=float(rng.choice([0, 0.5, 1.0, 1.0])),
        top=_shade(pick(rng, _US_INKS), rng) if rng.random() < 0.15 else None,
        seals=bool(rng.random() < 0.5), header=bool(rng.random() < 0.92), footer=bool(rng.random() < 0.65),
        stickers=int(rng.choice([0, 0, 1, 2, 2])), frame=pick(rng, _FRAMES) if rng.random() < 0.4 else None,
        frame_words=bool(rng.random() < 0.7), bolts=int(rng.choice([0, 2, 2, 4])), embossed=_embossed(rng),
        emblem=bool(rng.random() < 0.25), rim=bool(rng.random() < 0.4),
    )  # fmt: skip


def _brazilian_grey(rng: np.random.Generator) -> PlateStyle:
    ground, ink = ((172, 176, 180), _BLACK) if rng.random() < 0.85 else ((165, 28, 30), (238, 238, 238))
    return PlateStyle(
        52, float(rng.uniform(2.9, 3.2)), _shade(ground, rng), _shade(ink, rng), float(rng.uniform(0.48, 0.64)),
        float(rng.normal(0.575, 0.02)), float(rng.uniform(0.07, 0.18)), bool(rng.random() < 0.6), header=True,
        frame=pick(rng, _FRAMES) if rng.random() < 0.25 else None, bolts=_bolts(rng), embossed=_embossed(rng),
    )  # fmt: skip


def _mercosul(rng: np.random.Generator) -> PlateStyle:
    return PlateStyle(
        52, float(rng.uniform(2.9, 3.2)), _shade(_WHITE, rng), _ink(rng), float(rng.uniform(0.5, 0.64)),
        float(rng.normal(0.61, 0.02)), float(rng.uniform(0.07, 0.18)), bool(rng.random() < 0.5),
        top=_shade((18, 54, 150), rng) if rng.random() < 0.85 else None, header=True,
        frame=pick(rng, _FRAMES) if rng.random() < 0.25 else None, bolts=_bolts(rng), embossed=_embossed(rng),
    )  # fmt: skip


def _chinese(rng: np.random.Generator) -> PlateStyle:
    ground, ink = pick(rng, (((20, 62, 168), (242, 242, 242)),) * 5 + (((240, 180, 24), _BLACK), (_WHITE, _BLACK)))
    return PlateStyle(
        52, float(rng.uniform(2.9, 3.4)), _shade(ground, rng, 22), _shade(ink, rng), float(rng.uniform(0.6, 0.72)),
        float(rng.normal(0.5, 0.02)), float(rng.uniform(0.1, 0.2)), bool(rng.random() < 0.6), bolts=_bolts(rng),
        frame=pick(rng, _FRAMES) if rng.random() < 0.3 else None, embossed=_embossed(rng),
    )  # fmt: skip


def _chinese_green(rng: np.random.Generator) -> PlateStyle:
    return PlateStyle(
        52, float(rng.uniform(3.2, 3.6)), _shade((130, 214, 160), rng), _ink(rng), float(rng.uniform(0.6, 0.72)),
        float(rng.normal(0.5, 0.02)), float(rng.uniform(0.09, 0.17)), bool(rng.random() < 0.6), scenery=0.5,
        bolts=_bolts(rng), frame=pick(rng, _FRAMES) if rng.random() < 0.3 else None,
    )  # fmt: skip


def _chinese_square(rng: np.random.Generator) -> PlateStyle:
    ground, ink = pick(rng, (((240, 180, 24), _BLACK), ((240, 180, 24), _BLACK), ((20, 62, 168), (242, 242, 242))))
    return PlateStyle(
        72, float(rng.uniform(1.5, 2.1)), _shade(ground, rng, 22), _shade(ink, rng), float(rng.uniform(0.34, 0.42)),
        0.5,
        float(rng.uniform(0.1, 0.24)), bool(rng.random() < 0.6), bolts=_bolts(rng), embossed=_embossed(rng),
        frame=pick(rng, _FRAMES) if rng.random() < 0.3 else None,
    )  # fmt: skip


def _plain(rng: np.random.Generator) -> PlateStyle:
    ground, ink = pick(
        rng, ((_WHITE, _BLACK),) * 4 + (((244, 200, 40), _BLACK), (_BLACK, _WHITE), ((20, 110, 60), _WHITE))
    )
    return PlateStyle(
        48, float(rng.uniform(2.6, 5.0)), _shade(ground, rng), _shade(ink, rng), float(rng.uniform(0.55, 0.8)),
        float(rng.normal(0.5, 0.03)), float(rng.uniform(0.08, 0.24)), bool(rng.random() < 0.5),
        frame=pick(rng, _FRAMES) if rng.random() < 0.3 else None, bolts=_bolts(rng), embossed=_embossed(rng),
        rim=bool(rng.random() < 0.7), header=bool(rng.random() < 0.1),
        band=_shade(_BLUE, rng) if rng.random() < 0.2 else None,
    )  # fmt: skip


def _square(rng: np.random.Generator) -> PlateStyle:
    ground, ink = pick(
        rng, ((_WHITE, _BLACK),) * 4 + (((246, 204, 40), _BLACK), ((172, 176, 180), _BLACK), (_BLACK, _WHITE))
    )
    return PlateStyle(
        72, float(rng.uniform(1.0, 2.15)), _shade(ground, rng), _shade(ink, rng), float(rng.uniform(0.33, 0.42)), 0.5,
        float(rng.uniform(0.08, 0.24)), bool(rng.random() < 0.5), embossed=_embossed(rng),
        band=_shade(_BLUE, rng) if rng.random() < 0.2 else None, bolts=_bolts(rng), rim=bool(rng.random() < 0.7),
        frame=pick(rng, _FRAMES) if rng.random() < 0.25 else None,
    )  # fmt: skip


_BY_FAMILY = {
    "eu": _european,
    "uk": _british,
    "us": _american,
    "br": _brazilian_grey,
    "mercosul": _mercosul,
    "cn": _chinese,
    "cn-green": _chinese_green,
    "cn-square": _chinese_square,
    "plain": _plain,
    "square": _square,
}


def pick(rng: np.random.Generator, choices: tuple[T, ...]) -> T:
    """Draw one of the choices."""
    return choices[int(rng.integers(len(choices)))]


def _shade(colour: Rgb, rng: np.random.Generator, spread: float = 12) -> Rgb:
    """Return a random variation of a colour."""
    red, green, blue = (int(value) for value in np.clip(np.array(colour) + rng.normal(0, spread, 3), 0, 255))
    return red, green, blue


def _ink(rng: np.random.Generator) -> Rgb:
    return _shade(pick(rng, (_BLACK, _BLACK, _BLACK, _BLACK, (20, 30, 90), (120, 20, 25), (20, 80, 40))), rng, 8)


def _bolts(rng: np.random.Generator) -> int:
    return int(rng.choice([0, 0, 2, 4]))


def _embossed(rng: np.random.Generator) -> float:
    """Return the strength of the embossing of characters."""
    return float(rng.uniform(0.1, 0.6)) if rng.random() < 0.6 else 0.0
