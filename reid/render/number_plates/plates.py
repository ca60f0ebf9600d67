"""Draw number plates: their text, and their picture with dirt, bolts and frames."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from reid.errors import SeeingError
from reid.render.foreign.layouts import FOREIGN_LAYOUTS
from reid.render.number_plates.glyphs import Typeface, draw_typeface, glyph_mask, line_mask
from reid.render.number_plates.layouts import LAYOUTS, Layout, Rgb, draw_pattern
from reid.vehicle import Image

PLATE_STATES = ("clean", "dirty", "covered", "absent")
PX_PER_M = 500
"""Scale of a drawn plate, the finest that a narrow camera sees."""

_SEPARATORS = "-.~|"
_ALIKE = {
    "0": "OD8", "O": "0DQ", "D": "0O", "8": "B3", "B": "8R", "1": "I7", "I": "1L", "7": "1T", "2": "Z", "Z": "2",
    "5": "S6",
    "S": "5", "6": "5G8", "G": "C6", "C": "GO", "M": "NW", "N": "MH", "H": "NM", "E": "F", "F": "EP", "P": "FR",
    "R": "PB",
    "U": "V", "V": "UY", "Q": "O", "3": "8", "9": "8", "4": "9", "K": "X", "X": "KY", "Y": "V", "T": "7", "L": "I",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlateDesign:
    """A plate: `marking` is its text with separators and line break; `state` is one of PLATE_STATES."""

    marking: str
    layout: str
    typeface: Typeface
    ground: Rgb
    state: str
    seed: int

    @property
    def text(self) -> str:
        """Return the characters alone, as they are written down."""
        return "".join(character for character in self.marking if character not in _SEPARATORS)

    @property
    def size_m(self) -> tuple[float, float]:
        """Return width and height."""
        layout = layout_named(self.layout)
        return layout.width_m, layout.height_m


def layout_named(name: str) -> Layout:
    """Return the layout of a name, which may be one of the foreign town."""
    layout = LAYOUTS.get(name) or FOREIGN_LAYOUTS.get(name)
    if layout is None:
        raise SeeingError(f"plate layout {name!r} is not known: choose one of {', '.join(LAYOUTS)}")
    return layout


def make_plate(
    seed: int,
    layout: str | None = None,
    *,
    vehicle_type: str = "car",
    state: str | None = None,
    country: str | None = None,
) -> PlateDesign:
    """Draw a plate; without a layout any that fits the vehicle type and `country`, a start of its name ("eu")."""
    rng = np.random.default_rng([seed, 41])
    if layout is None:
        layout = _choose_layout(rng, vehicle_type, country)
    kind = layout_named(layout)
    pattern = kind.patterns[int(rng.integers(len(kind.patterns)))]
    marking = draw_pattern(pattern, kind.letters, rng)
    ground = kind.grounds[int(rng.integers(len(kind.grounds)))]
    if state is None:
        state = str(rng.choice(PLATE_STATES, p=(0.82, 0.13, 0.03, 0.02)))
    country_typeface = _country_typeface(layout)
    typeface = replace(country_typeface, weight=country_typeface.weight * float(rng.uniform(0.94, 1.06)))
    return PlateDesign(marking, layout, typeface, ground, state, seed)


def twin(plate: PlateDesign, seed: int) -> PlateDesign:
    """Return a plate that differs in one character, half of the time a similar one."""
    rng = np.random.default_rng([seed, 42])
    places = [i for i, character in enumerate(plate.marking) if character.isascii() and character.isalnum()]
    place = places[int(rng.integers(len(places)))]
    old = plate.marking[place]
    kind = "0123456789" if old.isdigit() else layout_named(plate.layout).letters
    alike = [character for character in _ALIKE.get(old, "") if character in kind]
    others = alike if alike and rng.random() < 0.5 else [character for character in kind if character != old]
    new = others[int(rng.integers(len(others)))]
    return replace(plate, marking=plate.marking[:place] + new + plate.marking[place + 1 :], seed=seed)


def draw(plate: PlateDesign, *, rear: bool = True, px_per_m: float = PX_PER_M) -> Image:
    """Return the frontal picture of the plate, (h, w, 3) RGB."""
    layout = layout_named(plate.layout)
    width, height = (round(side * px_per_m) for side in plate.size_m)
    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = layout.rear_ground if rear and layout.rear_ground else plate.ground
    rng = np.random.default_rng([plate.seed, 43])
    if layout.fading:
        picture[:] = np.clip(picture * np.linspace(1.06, 0.84, height)[:, None, None], 0, 255)
    left, top, right, bottom = _bands_and_headers(picture, layout, plate, rng)
    lines = plate.marking.split("|")
    line_height = (bottom - top) / len(lines)
    for row, line in enumerate(lines):
        _write(
            picture,
            line,
            plate.typeface,
            layout.ink,
            (left, round(top + row * line_height)),
            (right - left, line_height),
        )
    cv2.rectangle(picture, (1, 1), (width - 2, height - 2), layout.ink, max(1, height // 48), cv2.LINE_AA)
    _bolts_and_frame(picture, rng)
    return _worn(picture, plate.state, rng)


def _choose_layout(rng: np.random.Generator, vehicle_type: str, country: str | None) -> str:
    """Draw a layout that fits a type of vehicle."""
    fitting = [name for name, kind in LAYOUTS.items() if vehicle_type in kind.types and name.startswith(country or "")]
    if not fitting:
        raise SeeingError(
            f"no plate layout of country {country!r} fits a {vehicle_type}: known are {', '.join(LAYOUTS)}"
        )
    return fitting[int(rng.integers(len(fitting)))]


def _country_typeface(layout: str) -> Typeface:
    """Return the typeface that all plates of a layout share."""
    own = layout_named(layout).typeface
    return own or draw_typeface(np.random.default_rng([sum(map(ord, layout)), 44]))


def _bands_and_headers(
    picture: Image, layout: Layout, plate: PlateDesign, rng: np.random.Generator
) -> tuple[int, int, int, int]:
    """Paint bands and headers; return the room left for the text: left, top, right, bottom."""
    height, width = picture.shape[:2]
    left, top, right, bottom = round(0.035 * width), round(0.13 * height), round(0.965 * width), round(0.88 * height)
    if layout.band:
        band = round(0.085 * width)
        picture[:, :band] = layout.band
        cv2.circle(
            picture,
            (band // 2, round(0.3 * height)),
            round(0.14 * height),
            (226, 206, 70),
            max(1, height // 40),
            cv2.LINE_AA,
        )
        _stamp(
            picture,
            glyph_mask(layout.band_letter, plate.typeface, round(0.26 * height)),
            (240, 240, 240),
            band // 2,
            round(0.74 * height),
        )
        left = band + round(0.02 * width)
    if layout.top:
        picture[: round(0.22 * height)] = layout.top
        top, bottom = round(0.29 * height), round(0.92 * height)
    if layout.headers:
        words = layout.headers[int(rng.integers(len(layout.headers)))].replace(" ", "~")
        mask = line_mask(words, replace(plate.typeface, weight=0.16), max(5, round(0.13 * height)))
        fit = min(1.0, 0.8 * width / mask.shape[1])
        mask = cv2.resize(
            mask, (max(1, round(mask.shape[1] * fit)), mask.shape[0]), interpolation=cv2.INTER_AREA
        ).astype(np.uint8)
        _stamp(picture, mask, (250, 250, 250) if layout.top else layout.ink, width // 2, round(0.11 * height))
        top, bottom = max(top, round(0.24 * height)), round(0.90 * height)
    return left, top, right, bottom


def _write(
    picture: Image, line: str, typeface: Typeface, ink: Rgb, corner: tuple[int, int], room: tuple[int, float]
) -> None:
    """Write one line as large as its room allows, in its middle."""
    height = max(4, round(room[1] * 0.92))
    mask = line_mask(line, typeface, height)
    if mask.shape[1] > room[0]:
        mask = cv2.resize(mask, (room[0], height), interpolation=cv2.INTER_AREA).astype(np.uint8)
    _stamp(picture, mask, ink, corner[0] + room[0] // 2, round(corner[1] + room[1] / 2))


def _stamp(picture: Image, mask: Image, ink: Rgb, x: int, y: int) -> None:
    """Blend ink through a mask whose middle lies at x, y."""
    top, left = max(0, y - mask.shape[0] // 2), max(0, x - mask.shape[1] // 2)
    part = picture[top : top + mask.shape[0], left : left + mask.shape[1]]
    share = mask[: part.shape[0], : part.shape[1], None].astype(np.float32) / 255
    part[:] = (part + (np.array(ink, np.float32) - part) * share).astype(np.uint8)


def _bolts_and_frame(picture: Image, rng: np.random.Generator) -> None:
    """Paint bolts and, often, a holder's dark rim."""
    height, width = picture.shape[:2]
    if rng.random() < 0.6:
        for x in (0.22, 0.78):
            cv2.circle(
                picture,
                (round(x * width), round(0.09 * height)),
                max(1, height // 28),
                (120, 120, 118),
                -1,
                cv2.LINE_AA,
            )
    if rng.random() < 0.5:
        shade = int(rng.choice([22, 40, 150]))
        cv2.rectangle(picture, (0, 0), (width - 1, height - 1), (shade, shade, shade), max(2, round(0.09 * height)))


def _worn(picture: Image, state: str, rng: np.random.Generator) -> Image:
    """Return the plate with its dirt or cover."""
    height, width = picture.shape[:2]
    if state == "covered":
        return np.full_like(picture, int(rng.integers(25, 200)))
    if state != "dirty":
        return picture
    mask = np.zeros((height, width), np.float32)
    for _ in range(int(rng.integers(3, 9))):
        centre = (int(rng.integers(width)), int(rng.integers(height // 3, height)))
        radii = (int(rng.integers(4, max(5, width // 5))), int(rng.integers(3, max(4, height // 3))))
        cv2.ellipse(mask, centre, radii, float(rng.uniform(0, 180)), 0, 360, float(rng.uniform(0.4, 0.95)), -1)
    share = cv2.GaussianBlur(mask, (0, 0), height / 14)[..., None]
    mud = np.array(((96, 82, 66), (70, 64, 58), (134, 124, 108))[int(rng.integers(3))], np.float32)
    return (picture * (1 - share) + mud * share).astype(np.uint8)
