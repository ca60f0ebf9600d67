"""Define the number plates of the foreign town: no country has them, and no training writes their texts.

A two-line text breaks off its middle and a one-line text has three gaps, as no text of the trainings has.
"""

from reid.render.number_plates.glyphs import Typeface
from reid.render.number_plates.layouts import Layout, Rgb

_TEAL: Rgb = (18, 92, 98)
_CREAM: Rgb = (246, 238, 208)
_RUST: Rgb = (206, 92, 44)
_NIGHT: Rgb = (26, 22, 40)
_LETTERS = "ABEHKLMNPRTUXZ"
_TYPEFACE = Typeface(
    weight=0.15, width=0.68, square=6.5, opening=0.1, spacing=0.2, sharp=True, forms=("1", "4", "7", "A", "K", "R")
)
_TOWNS = ("ZORAVA", "KELLUN", "MIRDAH", "OSTREL")

FOREIGN_LAYOUTS = {
    "zz": Layout(
        ("A9~A9~A9~9", "A9~A9~9~A9"), 0.54, 0.10, (_TEAL,), _CREAM, letters=_LETTERS, typeface=_TYPEFACE,
        types=("car", "van"),
    ),
    "zz-two": Layout(
        ("9A|A9-9A9", "A9|9A-A99"), 0.36, 0.21, (_CREAM,), _NIGHT, top=_RUST,
        headers=_TOWNS, letters=_LETTERS, typeface=_TYPEFACE, types=("car", "van"),
    ),
    "zz-trade": Layout(
        ("9A|A9-9A9",), 0.40, 0.22, (_RUST,), _CREAM, letters=_LETTERS, typeface=_TYPEFACE,
        types=("van", "truck", "bus"),
    ),
    "zz-bike": Layout(
        ("9A|A9A9",), 0.24, 0.18, (_CREAM,), _RUST, letters=_LETTERS, typeface=_TYPEFACE, types=("motorcycle",),
    ),
}  # fmt: skip
