"""Write the small words on plates and their frames: names of states, slogans, dealers, months, in many faces."""

from functools import lru_cache

import cv2
import numpy as np

from reid.render.number_plates.glyphs import Mask
from reid.training.plates.lettering import installed, line_of_font
from reid.training.plates.looks import Rgb, pick
from reid.vehicle import Image

NAMES = (
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
_PEN_FONTS = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_COMPLEX, cv2.FONT_HERSHEY_TRIPLEX)
_SMALL_SHARE = 0.4
"""Share of the words that are written in small letters after the first."""


def across(picture: Image, words: str, colour: Rgb, middle: float, size: float, rng: np.random.Generator) -> None:
    """Write a line of small lettering across the plate, in its middle."""
    height, width = picture.shape[:2]
    tall = max(4, round(size * height))
    mask = lettered(words, tall, rng)
    room = round(float(rng.uniform(0.5, 0.85)) * width)
    if mask.shape[1] > room:
        mask = np.asarray(cv2.resize(mask, (room, tall), interpolation=cv2.INTER_AREA), np.uint8)
    stamp(picture, mask, colour, (width - mask.shape[1]) // 2, round(middle * height - tall / 2))


def lettered(words: str, tall: int, rng: np.random.Generator) -> Mask:
    """Return the coverage (tall, w) of words in some face, in large or in small letters."""
    fonts = installed(_HEADING_FONTS)
    cased = words.title() if rng.random() < _SMALL_SHARE else words
    if fonts and rng.random() < 0.75:
        mask = line_of_font(cased, pick(rng, fonts))
    else:
        mask = _penned(cased, pick(rng, _PEN_FONTS), int(rng.integers(2, 5)))
    size = (max(4, round(mask.shape[1] * tall / mask.shape[0])), tall)
    return np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), np.uint8)


def stamp(picture: Image, mask: Mask, ink: Rgb, left: int, top: int) -> None:
    """Blend ink through a mask whose corner lies at left, top, as far as it lies inside the picture."""
    x, y = max(0, left), max(0, top)
    mask = mask[y - top :, x - left :]
    part = picture[y : y + mask.shape[0], x : x + mask.shape[1]]
    share = mask[: part.shape[0], : part.shape[1], None].astype(np.float32) / 255
    part[:] = (part + (np.array(ink, np.float32) - part) * share).astype(np.uint8)


@lru_cache(maxsize=1_000)
def _penned(words: str, font: int, thick: int) -> Mask:
    (wide, high), _ = cv2.getTextSize(words, font, 1.0, 3)
    mask = np.zeros((high + 6, wide + 6), np.uint8)
    cv2.putText(mask, words, (3, high + 3), font, 1.0, 255, thick, cv2.LINE_AA)
    return mask
