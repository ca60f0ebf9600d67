"""Define the layouts of number plates: sizes, colours, extra fields and text patterns.

In a pattern A is a letter, 9 a digit, P a province, "[AB|CD]" one of the listed; "-", "." and "~" (a gap) are
separators that are not part of the text, "|" outside brackets starts the second line.
"""

from dataclasses import dataclass

import numpy as np

from reid.render.number_plates.glyphs import PROVINCES, Typeface

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_NO_VOWELS = "BCDFGHJKLMNPRSTVWXYZ"
_NO_IO = "ABCDEFGHJKLMNPQRSTUVWXYZ"
Rgb = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Layout:
    """A kind of plate. `grounds` are drawn from; `rear_ground` differs where fronts and rears do.

    Without a `typeface` one follows from the layout's name.
    """

    patterns: tuple[str, ...]
    width_m: float
    height_m: float
    grounds: tuple[Rgb, ...] = ((240, 240, 238),)
    ink: Rgb = (22, 22, 24)
    rear_ground: Rgb | None = None
    band: Rgb | None = None
    band_letter: str = ""
    top: Rgb | None = None
    headers: tuple[str, ...] = ()
    fading: bool = False
    letters: str = _LETTERS
    types: tuple[str, ...] = ("car", "van", "truck", "bus")
    typeface: Typeface | None = None


_BLUE: Rgb = (20, 60, 170)
_STATES = (
    "CALIFORNIA",
    "TEXAS",
    "NEW YORK",
    "FLORIDA",
    "OHIO",
    "ILLINOIS",
    "VIRGINIA",
    "GEORGIA",
    "MICHIGAN",
    "OREGON",
)
_CITIES = ("SP-SAO PAULO", "PR-CURITIBA", "RJ-RIO DE JANEIRO", "MG-BELO HORIZONTE", "RS-PORTO ALEGRE")
_BIKE = ("motorcycle",)

LAYOUTS = {
    "eu-de": Layout(("A~AA~9999", "AA~AA~999", "AAA~AA~999", "AA~A~9999"), 0.52, 0.11, band=_BLUE, band_letter="D"),
    "eu-fr": Layout(("AA-999-AA",), 0.52, 0.11, band=_BLUE, band_letter="F"),
    "eu-it": Layout(("AA~999AA",), 0.52, 0.11, band=_BLUE, band_letter="I"),
    "eu-es": Layout(("9999~AAA",), 0.52, 0.11, band=_BLUE, band_letter="E", letters=_NO_VOWELS),
    "eu-nl": Layout(("AA-999-A", "A-999-AA", "99-AAA-9"), 0.52, 0.11, ((248, 190, 24),), band=_BLUE, band_letter="N",
    letters=_NO_VOWELS),
    "eu-pl": Layout(("AA~99999", "AAA~9999"), 0.52, 0.114, band=_BLUE, band_letter="P"),
    "uk": Layout(("AA99~AAA",), 0.52, 0.111, rear_ground=(246, 204, 40), letters=_NO_IO),
    "us": Layout(
        ("AAA~9999", "9AAA999", "AAA~999", "999~AAA"), 0.305, 0.152,
        ((238, 238, 236), (226, 232, 240), (240, 232, 206), (214, 228, 214)), (24, 34, 104), headers=_STATES,
        fading=True,
    ),
    "cn-blue": Layout(("PA.99A99", "PA.A9999", "PA.99999"), 0.44, 0.14, ((16, 58, 168),), (244, 244, 244),
    letters=_NO_IO),
    "cn-green": Layout(("PA.[D|F]99999",), 0.48, 0.14, ((112, 212, 148),), (16, 18, 18), fading=True, letters=_NO_IO),
    "br-old": Layout(("AAA-9999",), 0.40, 0.13, ((176, 178, 180),), headers=_CITIES),
    "br": Layout(("AAA9A99",), 0.40, 0.13, top=(16, 50, 150), headers=("BRASIL",)),
    "in": Layout(("[MH|DL|KA|TN|GJ|UP]~99~AA~9999",), 0.50, 0.12, ((242, 242, 240), (242, 242, 240), (244, 200, 40)),
    letters=_NO_IO),
    "vn": Layout(("99A-999.99",), 0.52, 0.11, ((242, 242, 240), (242, 242, 240), (244, 196, 40)), letters=_NO_IO),
    "vn-two": Layout(("99A|999.99",), 0.33, 0.165, ((242, 242, 240), (242, 242, 240), (244, 196, 40)), letters=_NO_IO),
    "ar": Layout(("AA~999~AA",), 0.40, 0.13, top=(18, 90, 170), headers=("REPUBLICA ARGENTINA",)),
    "ar-old": Layout(("AAA~999",), 0.30, 0.13, ((24, 24, 26),), (236, 236, 236), headers=("ARGENTINA",)),
    "vn-bike": Layout(("99-A9|999.99", "99-AA|999.99"), 0.19, 0.14, letters=_NO_IO, types=_BIKE),
    "eu-bike": Layout(("AA~A|9999", "AAA|999"), 0.20, 0.17, types=_BIKE),
    "in-bike": Layout(("[MH|DL|KA|TN]~99|AA~9999",), 0.20, 0.12, letters=_NO_IO, types=_BIKE),
}  # fmt: skip


def draw_pattern(pattern: str, letters: str, rng: np.random.Generator) -> str:
    """Return a pattern with its places filled; separators and the line break stay."""
    filled = ""
    rest = pattern
    while rest:
        if rest[0] == "[":
            inside, rest = rest[1:].split("]", 1)
            filled += str(rng.choice(inside.split("|")))
            continue
        choices = {"A": letters, "9": "0123456789", "P": PROVINCES}.get(rest[0], rest[0])
        filled += choices[int(rng.integers(len(choices)))]
        rest = rest[1:]
    return filled
