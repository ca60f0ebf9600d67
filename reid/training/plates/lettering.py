"""Draw characters in many typefaces: those of free fonts where they are installed, and strokes of our own anywhere."""

from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import cv2
import numpy as np
from PIL import Image as Pictures
from PIL import ImageDraw, ImageFont

from reid.plates.alphabet import PROVINCES
from reid.render.number_plates import glyphs
from reid.render.number_plates.glyphs import Mask, Typeface

FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path("/usr/share/texmf/fonts/opentype"))
LATIN_FONTS = (
    "OSP-DIN", "RG2014B", "RG2014C", "RG2014D", "RG2014E", "RG2014EM", "routed-gothic", "routed-gothic-narrow",
    "routed-gothic-wide", "NationalPark-Heavy", "NationalPark-Regular", "osifont", "BebasNeue-Bold",
    "BebasNeue-Regular", "B612-Bold", "B612Mono-Bold", "Cabin-Bold", "Cantarell-Bold", "Dosis-Bold",
    "Dosis-ExtraBold", "Dosis-SemiBold", "Inter-SemiBold", "InterDisplay-Medium", "LeagueSpartan-SemiBold", "OCRB",
    "Play-Bold", "Play-Regular", "NimbusSans-Bold", "NimbusSansNarrow-Bold", "NimbusSansNarrow-Regular",
    "URWGothic-Demi", "YanoneKaffeesatz-Bold", "UniversalisADFStd-BoldCond", "UniversalisADFStd-Cond",
    "GilliusADF-BoldCond", "ClearSans-Bold", "ClearSans-Medium", "DejaVuSans-Bold", "DejaVuSansCondensed-Bold",
    "DejaVuSansCondensed", "DejaVuSansMono-Bold", "Karla-Bold", "Hack-Bold", "JetBrainsMono-SemiBold", "Lato-Bold",
    "Lato-Heavy", "LiberationSans-Bold", "LiberationSans-Regular", "LiberationSansNarrow-Bold", "LiberationMono-Bold",
    "OpenSans-CondBold", "OpenSans-Semibold", "Oxygen-Sans-Bold", "PTC75F", "PTN77F", "PTN57F", "PTS75F",
    "RobotoCondensed-Bold", "RobotoCondensed-Medium", "Roboto-Medium", "Roboto-Bold", "Tuffy_Bold", "Go-Medium",
    "texgyreheroscn-bold", "texgyreadventor-bold",
)  # fmt: skip
CJK_FONTS = ("DroidSansFallbackFull", "wqy-zenhei", "wqy-microhei", "NotoSansCJK-Bold", "NotoSansCJK-Regular")
UNSEEN_FONTS = (
    "allerta_medium", "OxygenMono-Regular", "Go-Mono-Bold", "PTM75F", "InterDisplay-Black", "Lato-Black", "RG2014F",
    "FreeSansBold", "Cantarell-ExtraBold", "NimbusMonoPS-Bold", "OpenSans-Bold", "texgyreschola-bold",
)  # fmt: skip
"""No training sees these: they stand for the typefaces of the world that nobody could draw from."""

_DRAWN_PX = 72
_OWN_SHARE = 0.4
"""Share of the faces made of our own strokes where fonts are installed too."""


@dataclass(frozen=True, slots=True)
class Face:
    """A typeface: the names of installed fonts, or strokes of our own where `latin` is None.

    `width` stretches the characters; `bolder` thickens (above 0) or thins them, as a share of their height.
    """

    typeface: Typeface
    latin: str | None = None
    chinese: str | None = None
    width: float = 1.0
    bolder: float = 0.0


def draw_face(rng: np.random.Generator) -> Face:
    """Draw a typeface as plates have them."""
    latin, chinese = installed(LATIN_FONTS), installed(CJK_FONTS)
    strokes = Typeface(
        weight=float(rng.uniform(0.09, 0.19)),
        width=float(rng.uniform(0.42, 0.66)),
        square=float(rng.uniform(1.9, 5.0)),
        opening=float(rng.uniform(0.15, 0.9)),
        slashed=bool(rng.random() < 0.05),
        forms=tuple(sign for sign in sorted(glyphs.OTHER_FORMS) if rng.random() < 0.3),
    )
    name = str(rng.choice(latin)) if latin and rng.random() >= _OWN_SHARE else None
    ideographs = str(rng.choice(chinese)) if chinese else None
    bolder = float(np.clip(rng.normal(0, 0.012), -0.02, 0.03))
    return Face(strokes, name, ideographs, float(rng.uniform(0.72, 1.12)), bolder)


def drawable_provinces() -> str:
    """Return the Chinese characters that can be drawn here: all, or without a font those of our own strokes."""
    return PROVINCES if installed(CJK_FONTS) else glyphs.PROVINCES


def letter(sign: str, face: Face, height_px: int) -> Mask:
    """Return the coverage (height_px, w), 0..255, of one character, from its first to its last inked row."""
    mask = _drawn(sign, face)
    font = (face.chinese if sign in PROVINCES else face.latin) is not None
    width = mask.shape[1] / mask.shape[0] * height_px * (face.width if font else 1.0)
    size = (max(2, round(width)), height_px)
    return np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), np.uint8)


@cache
def installed(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of the fonts that this machine has."""
    return tuple(name for name in names if name in _font_files())


@cache
def _font_files() -> dict[str, Path]:
    files = (file for folder in FONT_FOLDERS for file in sorted(folder.rglob("*.[ot]t[fc]")))
    return {file.stem: file for file in files}


@lru_cache(maxsize=20_000)
def _drawn(sign: str, face: Face) -> Mask:
    """Return a character _DRAWN_PX high."""
    name = face.chinese if sign in PROVINCES else face.latin
    mask = glyphs.glyph_mask(sign, face.typeface, _DRAWN_PX) if name is None else line_of_font(sign, name)
    grow = round(abs(face.bolder) * _DRAWN_PX)
    if name is None or grow == 0:
        return mask
    kernel = np.ones((2 * grow + 1, 2 * grow + 1), np.uint8)
    change = cv2.dilate if face.bolder > 0 else cv2.erode
    wider = cv2.copyMakeBorder(mask, grow, grow, grow, grow, cv2.BORDER_CONSTANT)
    changed = change(wider, kernel)
    return np.asarray(changed if face.bolder > 0 else changed[2 * grow : -2 * grow, 2 * grow : -2 * grow], np.uint8)


@lru_cache(maxsize=8_000)
def line_of_font(words: str, name: str) -> Mask:
    """Return the coverage of a character or of words in an installed font, cut to their ink."""
    font = _font(name)
    left, top, right, bottom = (round(edge) for edge in font.getbbox(words))
    picture = Pictures.new("L", (max(1, right - left), max(1, bottom - top)), 0)
    ImageDraw.Draw(picture).text((-left, -top), words, fill=255, font=font)
    return np.asarray(picture, np.uint8)


@cache
def _font(name: str) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(_font_files()[name], _DRAWN_PX)
