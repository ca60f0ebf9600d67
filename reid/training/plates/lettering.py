"""Draw characters and small words in many typefaces: installed free fonts, and our own strokes everywhere."""

from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import cv2
import numpy as np
from PIL import Image as Pictures
from PIL import ImageDraw, ImageFont

from reid.arrays import Mask
from reid.plates.spelling import PROVINCES
from reid.render.number_plates import glyphs
from reid.render.number_plates.glyphs import Typeface
from reid.render.number_plates.layouts import Rgb
from reid.training.plates.letter_shapes import PLAIN, LetterShape, deformed, draw_held_out_shape, draw_shape, pen_mask
from reid.training.plates.styles import pick
from reid.vehicle import Image

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
    "texgyreheroscn-bold", "texgyreadventor-bold", "DejaVuSerif-Bold", "LiberationSerif-Bold", "P052-Bold",
)  # fmt: skip
CJK_FONTS = ("DroidSansFallbackFull", "wqy-zenhei", "wqy-microhei", "NotoSansCJK-Bold", "NotoSansCJK-Regular")
UNSEEN_FONTS = (
    "allerta_medium", "OxygenMono-Regular", "Go-Mono-Bold", "PTM75F", "InterDisplay-Black", "Lato-Black", "RG2014F",
    "FreeSansBold", "Cantarell-ExtraBold", "NimbusMonoPS-Bold", "OpenSans-Bold", "texgyreschola-bold",
)  # fmt: skip
"""Held-out fonts, which stand for the typefaces that training does not cover."""

_DRAWN_PX = 72
_OWN_SHARE = 0.4
"""Share of our own strokes where fonts are installed too."""

PLATE_HEADERS = (
    "CALIFORNIA", "TEXAS", "NEW YORK", "FLORIDA", "OHIO", "ILLINOIS", "VIRGINIA", "GEORGIA", "MICHIGAN", "OREGON",
    "ARIZONA", "NEVADA", "UTAH", "COLORADO", "WISCONSIN", "MISSOURI", "KANSAS", "ALABAMA", "NEW JERSEY", "MARYLAND",
    "WASHINGTON", "TENNESSEE", "KENTUCKY", "INDIANA", "MAINE", "IOWA", "LOUISIANA", "OKLAHOMA", "MINNESOTA",
    "MASSACHUSETTS", "IDAHO", "PENNSYLVANIA", "NORTH CAROLINA", "SOUTH CAROLINA", "CONNECTICUT", "ARKANSAS", "ALASKA",
    "HAWAII", "VERMONT", "WYOMING", "NEW MEXICO", "NEBRASKA", "SP-SAO PAULO", "PR-CURITIBA", "RJ-RIO DE JANEIRO",
    "MG-BELO HORIZONTE", "RS-PORTO ALEGRE", "BRASIL", "ARGENTINA", "CHILE", "COLOMBIA", "MEXICO", "ONTARIO", "QUEBEC",
)  # fmt: skip
SLOGANS = (
    "GRAND CANYON STATE", "THE GOLDEN STATE", "DMV.CA.GOV", "SUNSHINE STATE", "LAND OF LINCOLN", "GARDEN STATE",
    "FIRST IN FLIGHT", "AMERICAS DAIRYLAND", "LIVE FREE OR DIE", "GREATEST SNOW", "EVERGREEN STATE", "MYFLORIDA.COM",
    "EMPIRE STATE", "COUNTY", "AUTOHAUS", "MOTORS", "TOYOTA", "HONDA OF TOWN", "FORD", "AUTO SALES 555-0142",
    "WWW.CARS.COM", "CHEVROLET", "AUTO CENTER", "BLUEGRASS STATE", "IN GOD WE TRUST", "WILD WONDERFUL",
    "SPIRIT OF AMERICA", "SHOW ME STATE", "PURE MICHIGAN", "FULTON", "JEFFERSON COUNTY", "10,000 LAKES",
)  # fmt: skip
_HEADING_FONTS = (
    "NimbusRoman-Bold", "NimbusRoman-BoldItalic", "Z003-MediumItalic", "texgyrechorus-mediumitalic", "P052-Bold",
    "URWBookman-DemiItalic", "URWBookman-Demi", "C059-Bold", "C059-BdIta", "texgyrebonum-bold", "LiberationSerif-Bold",
    "DejaVuSerif-Bold", "PTF75F", "Ubuntu-Title", "Go-Bold-Italic", "NationalPark-Heavy", "NimbusSans-BoldItalic",
    "Lato-BlackItalic", "texgyreadventor-bold", "Dosis-Bold", "NimbusSans-Bold",
)  # fmt: skip
_STROKE_FONTS = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_COMPLEX, cv2.FONT_HERSHEY_TRIPLEX)
_SMALL_SHARE = 0.4
"""Share of words in title case; the others are in capitals."""


@dataclass(frozen=True, slots=True)
class PlateFont:
    """A typeface: the names of installed fonts, or our own strokes if `latin` is None, and the shape of its characters.

    `width` stretches the characters; `bolder` thickens (above 0) or thins them, as a share of their height.
    """

    typeface: Typeface
    latin: str | None = None
    chinese: str | None = None
    width: float = 1.0
    bolder: float = 0.0
    shape: LetterShape = PLAIN


def draw_font(rng: np.random.Generator) -> PlateFont:
    """Draw a typeface such as plates have."""
    latin, chinese = installed_fonts(LATIN_FONTS), installed_fonts(CJK_FONTS)
    strokes = _draw_strokes(rng)
    name = str(rng.choice(latin)) if latin and rng.random() >= _OWN_SHARE else None
    ideographs = str(rng.choice(chinese)) if chinese else None
    bolder = float(np.clip(rng.normal(0, 0.012), -0.02, 0.03))
    width = float(rng.uniform(0.72, 1.12))
    return PlateFont(strokes, name, ideographs, width, bolder, draw_shape(rng.spawn(1)[0]))


def draw_held_out_font(rng: np.random.Generator) -> PlateFont:
    """Draw a typeface of our own strokes, in a shape that training leaves out."""
    chinese = installed_fonts(CJK_FONTS)
    ideographs = str(rng.choice(chinese)) if chinese else None
    return PlateFont(_draw_strokes(rng), None, ideographs, shape=draw_held_out_shape(rng))


def drawable_provinces() -> str:
    """Return the Chinese characters that can be drawn: all with an installed font, else those of our own strokes."""
    return PROVINCES if installed_fonts(CJK_FONTS) else glyphs.PROVINCES


def character_mask(sign: str, face: PlateFont, height_px: int) -> Mask:
    """Return the coverage (height_px, w), 0..255, of one character, cut to its inked rows."""
    mask = _drawn(sign, face)
    font = (face.chinese if sign in PROVINCES else face.latin) is not None
    width = mask.shape[1] / mask.shape[0] * height_px * (face.width if font else 1.0)
    size = (max(2, round(width)), height_px)
    return np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), np.uint8)


@cache
def installed_fonts(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of the fonts that are installed."""
    return tuple(name for name in names if name in _font_files())


@lru_cache(maxsize=8_000)
def font_mask(words: str, name: str) -> Mask:
    """Return the coverage of a character or words in an installed font, cut to their ink."""
    font = _font(name)
    left, top, right, bottom = (round(edge) for edge in font.getbbox(words))
    picture = Pictures.new("L", (max(1, right - left), max(1, bottom - top)), 0)
    ImageDraw.Draw(picture).text((-left, -top), words, fill=255, font=font)
    return np.asarray(picture, np.uint8)


def write_centred(
    picture: Image, words: str, colour: Rgb, middle: float, size: float, rng: np.random.Generator
) -> None:
    """Write a line of small words, horizontally centred on the plate; changes the picture."""
    height, width = picture.shape[:2]
    tall = max(4, round(size * height))
    mask = words_mask(words, tall, rng)
    room = round(float(rng.uniform(0.5, 0.85)) * width)
    if mask.shape[1] > room:
        mask = np.asarray(cv2.resize(mask, (room, tall), interpolation=cv2.INTER_AREA), np.uint8)
    stamp(picture, mask, colour, (width - mask.shape[1]) // 2, round(middle * height - tall / 2))


def words_mask(words: str, tall: int, rng: np.random.Generator) -> Mask:
    """Return the coverage (tall, w) of words in a random font and case."""
    fonts = installed_fonts(_HEADING_FONTS)
    cased = words.title() if rng.random() < _SMALL_SHARE else words
    if fonts and rng.random() < 0.75:
        mask = font_mask(cased, pick(rng, fonts))
    else:
        mask = _stroke_mask(cased, pick(rng, _STROKE_FONTS), int(rng.integers(2, 5)))
    size = (max(4, round(mask.shape[1] * tall / mask.shape[0])), tall)
    return np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), np.uint8)


def stamp(picture: Image, mask: Mask, ink: Rgb, left: int, top: int) -> None:
    """Blend ink through a mask whose corner lies at left, top, cut to the picture; changes the picture."""
    x, y = max(0, left), max(0, top)
    mask = mask[y - top :, x - left :]
    part = picture[y : y + mask.shape[0], x : x + mask.shape[1]]
    share = mask[: part.shape[0], : part.shape[1], None].astype(np.float32) / 255
    part[:] = (part + (np.array(ink, np.float32) - part) * share).astype(np.uint8)


def _draw_strokes(rng: np.random.Generator) -> Typeface:
    return Typeface(
        weight=float(rng.uniform(0.09, 0.19)),
        width=float(rng.uniform(0.42, 0.66)),
        square=float(rng.uniform(1.9, 5.0)),
        opening=float(rng.uniform(0.15, 0.9)),
        slashed=bool(rng.random() < 0.05),
        forms=tuple(sign for sign in sorted(glyphs.OTHER_FORMS) if rng.random() < 0.3),
    )


@cache
def _font_files() -> dict[str, Path]:
    files = (file for folder in FONT_FOLDERS for file in sorted(folder.rglob("*.[ot]t[fc]")))
    return {file.stem: file for file in files}


@lru_cache(maxsize=20_000)
def _drawn(sign: str, face: PlateFont) -> Mask:
    """Return a character _DRAWN_PX high."""
    name = face.chinese if sign in PROVINCES else face.latin
    return deformed(_in_strokes(sign, face) if name is None else _in_font(sign, name, face.bolder), sign, face.shape)


def _in_strokes(sign: str, face: PlateFont) -> Mask:
    if face.shape.pen is None and not face.shape.serif and not face.shape.faceted:
        return glyphs.glyph_mask(sign, face.typeface, _DRAWN_PX)
    return pen_mask(sign, face.typeface, face.shape, _DRAWN_PX)


def _in_font(sign: str, name: str, bolder: float) -> Mask:
    mask = font_mask(sign, name)
    grow = round(abs(bolder) * _DRAWN_PX)
    if grow == 0:
        return mask
    kernel = np.ones((2 * grow + 1, 2 * grow + 1), np.uint8)
    wider = cv2.copyMakeBorder(mask, grow, grow, grow, grow, cv2.BORDER_CONSTANT)
    changed = (
        cv2.dilate(wider, kernel)
        if bolder > 0
        else cv2.erode(wider, kernel)[2 * grow : -2 * grow, 2 * grow : -2 * grow]
    )
    return np.asarray(changed, np.uint8)


@cache
def _font(name: str) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(_font_files()[name], _DRAWN_PX)


@lru_cache(maxsize=1_000)
def _stroke_mask(words: str, font: int, thick: int) -> Mask:
    (wide, high), _ = cv2.getTextSize(words, font, 1.0, 3)
    mask = np.zeros((high + 6, wide + 6), np.uint8)
    cv2.putText(mask, words, (3, high + 3), font, 1.0, 255, thick, cv2.LINE_AA)
    return mask
