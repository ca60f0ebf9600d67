"""Read number plates: with our own reader, and with rapidocr beside it where ours is not sure."""

from collections.abc import Sequence
from itertools import islice

import numpy as np

from reid.plates.combine import combined
from reid.plates.locate import PHOTOGRAPH, locate, locate_in_crop
from reid.plates.rapid import rapid_spelling, tempered
from reid.plates.reader import packaged_reader
from reid.plates.rectify import MARGIN, Quad, part, quad_size, rectified
from reid.plates.spelling import Spelling, as_plate
from reid.vehicle import Image, Plate

SURE = 0.97
"""From this confidence on our own reading stands alone."""

_OTHER_LENGTH = 0.3
"""How much the second reader's confidence counts where it sees more or fewer characters: often a slogan, or a bolt."""

_LEAST_SIDE_PX = 6
_LEAST_CONTRAST = 3.0
_LINE_HEIGHT_PX = 48
_LINE_MARGIN = 0.04
_LEAST_HEIGHT_PX = 16.0
"""Below, rapidocr reads so much less than ours that joining them loses: 0.29 exact against 0.35 at 12 px (n 150)."""

_LEAST_ASPECT = 1.5
"""Plates narrower than this have two lines, of which rapidocr would read one."""

_BAND_ASPECT = 2.3
_BAND = (0.24, 0.78)
"""Where the characters stand on plates narrower than `_BAND_ASPECT`, by their height: between name and slogan."""


def reader_id() -> str:
    """Name the weights that read: readings of two ids were made by two readers."""
    return packaged_reader().model_id


def read_plates(image: Image) -> list[Plate]:
    """Return the plates in a photograph or in the picture of a vehicle, surest first; those without text last."""
    corners = [found.corners for found in locate(image, PHOTOGRAPH)]
    seen = zip(corners, spell(image, corners), strict=True)
    plates = [as_plate(quad, seconded(image, quad, spelling)) for quad, spelling in seen]
    return sorted(plates, key=lambda plate: (plate.text is None, -plate.confidence))


def read_plate_crop(image: Image) -> Plate:
    """Return what stands on a picture that is a plate and little else; no text where none can be read."""
    height, width = image.shape[:2]
    whole = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    if min(height, width) < _LEAST_SIDE_PX or float(image.std()) < _LEAST_CONTRAST:
        return as_plate(whole, Spelling((), 0.0))
    corners = [whole, locate_in_crop(image)]
    spellings = [*spell(image, corners[:1], margin=0.0), *spell(image, corners[1:])]
    best = max(range(len(spellings)), key=lambda number: spellings[number].confidence)
    return as_plate(corners[-1], seconded(image, corners[best], spellings[best]))


def read_at(image: Image, corners: Quad) -> str | None:
    """Return the text of the plate of a picture that has its corners there; None where it cannot be read."""
    return as_plate(corners, seconded(image, corners, spell(image, [corners])[0])).text


def spell(image: Image, corners: Sequence[Quad], *, margin: float = MARGIN) -> list[Spelling]:
    """Return what our reader alone makes of the plates of a picture that have their corners there.

    A plate that may have two lines is read as it lies and unrolled.
    """
    reader = packaged_reader()
    ways = [reader.cuts(image, quad, margin) for quad in corners]
    read = iter(reader.read([picture for cuts in ways for picture in cuts]))
    return [_surest(list(islice(read, len(cuts)))) for cuts in ways]


def _surest(ways: list[Spelling]) -> Spelling:
    """Return the surer of a plate's readings as it lies and unrolled, which says nothing where it tore one line."""
    return max(ways[:1] + [one for one in ways[1:] if one.characters], key=lambda one: one.confidence)


def seconded(image: Image, corners: Quad, ours: Spelling) -> Spelling:
    """Return our reading of a plate, joined with rapidocr's where ours is not sure and the plate has one line."""
    width, height = quad_size(corners)
    one_line = width >= _LEAST_ASPECT * height and height >= _LEAST_HEIGHT_PX
    if ours.confidence >= SURE or not ours.characters or not one_line:
        return ours
    theirs = tempered(rapid_spelling(line_of(image, corners)))
    if len(theirs.characters) == len(ours.characters):
        return combined([ours, theirs])
    return theirs if _OTHER_LENGTH * theirs.confidence > ours.confidence else ours


def line_of(image: Image, corners: Quad) -> Image:
    """Return the characters of a plate of one line as rapidocr takes them: level, with little around them."""
    width, height = quad_size(corners)
    if width < _BAND_ASPECT * height:
        corners = part(corners, *_BAND)
        width, height = quad_size(corners)
    line_px = round(np.clip(_LINE_HEIGHT_PX * width / max(height, 1.0), 2 * _LINE_HEIGHT_PX, 10 * _LINE_HEIGHT_PX))
    return rectified(image, corners, line_px, _LINE_HEIGHT_PX, _LINE_MARGIN)
