"""Read number plates with our own reader, and with rapidocr where ours is not sure."""

from collections.abc import Sequence
from functools import cache
from itertools import islice

import numpy as np

from reid.arrays import Floats
from reid.onnx import open_session, to_blob
from reid.plates.combine import combined
from reid.plates.formats import region_prior
from reid.plates.grammar import grammatical
from reid.plates.locate import PHOTOGRAPH, locate, locate_in_crop
from reid.plates.rapid import rapid_spelling, tempered
from reid.plates.rectify import MARGIN, UNROLLED_ASPECT, Quad, plate_band, quad_size, rectified, unrolled
from reid.plates.spelling import Spelling, as_plate, decode_places
from reid.vehicle import Image, Plate
from reid.weights import Weights, find_weights

READER = "reader"

SURE = 0.97
"""From this confidence on, our own reading stands alone."""

_OTHER_LENGTH = 0.3
"""The weight of rapidocr's confidence where it reads another number of characters: often a slogan, or a bolt."""

_LEAST_SIDE_PX = 6
_LEAST_CONTRAST = 3.0

_LINE_HEIGHT_PX = 48
_LINE_MARGIN = 0.04

_LEAST_HEIGHT_PX = 16.0
"""On lower plates rapidocr only harms: 0.29 exact joined with it, 0.35 without at 12 px (n 150)."""

_LEAST_ASPECT = 1.5
"""Plates narrower than this have two lines, of which rapidocr would read one."""

_BAND_ASPECT = 2.3
_BAND = (0.24, 0.78)
"""The characters of plates narrower than `_BAND_ASPECT` lie in this band of the height: between name and slogan."""


def read_plates(image: Image, region: str | None = None) -> list[Plate]:
    """Return the plates in a photograph or in the picture of a vehicle, most confident first, unreadable ones last.

    `region` is where most of the plates are from, one of `formats.SYNTAXES`.
    """
    corners = [located.corners for located in locate(image, PHOTOGRAPH)]
    plates = [
        as_plate(quad, grammatical(with_second_reader(image, quad, spelling), region_prior(region)))
        for quad, spelling in zip(corners, spell(image, corners), strict=True)
    ]
    return sorted(plates, key=lambda plate: (plate.text is None, -plate.confidence))


def read_plate_crop(image: Image, region: str | None = None) -> Plate:
    """Return the plate in a picture of a plate and little else; without text if it is unreadable."""
    corners, spelling = _crop_spelling(image)
    return as_plate(corners, grammatical(spelling, region_prior(region)))


def read_crop(image: Image) -> Spelling:
    """Return what both readers make of a picture of a plate and little else, without the grammar of plates."""
    return _crop_spelling(image)[1]


def _crop_spelling(image: Image) -> tuple[Quad, Spelling]:
    height, width = image.shape[:2]
    whole = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    if min(height, width) < _LEAST_SIDE_PX or float(image.std()) < _LEAST_CONTRAST:
        return whole, Spelling((), 0.0)
    corners = [whole, locate_in_crop(image)]
    spellings = [*spell(image, corners[:1], margin=0.0), *spell(image, corners[1:])]
    best = max(range(len(spellings)), key=lambda number: spellings[number].confidence)
    return corners[-1], with_second_reader(image, corners[best], spellings[best])


def read_at(image: Image, corners: Quad) -> str | None:
    """Return the text of the plate at these corners of a picture; None if it is unreadable."""
    return as_plate(corners, grammatical(with_second_reader(image, corners, spell(image, [corners])[0]))).text


def spell(image: Image, corners: Sequence[Quad], *, margin: float = MARGIN) -> list[Spelling]:
    """Return the spelling of each plate of a picture by our reader alone.

    A plate that may have two lines is read both rectified and unrolled.
    """
    reader = packaged_reader()
    variants = [reader.cuts(image, quad, margin) for quad in corners]
    spellings = iter(reader.read([picture for cuts in variants for picture in cuts]))
    return [_surest(list(islice(spellings, len(cuts)))) for cuts in variants]


def with_second_reader(image: Image, corners: Quad, ours: Spelling) -> Spelling:
    """Return our reading of a plate, joined with rapidocr's if ours is not sure and the plate has one line."""
    width, height = quad_size(corners)
    one_line = width >= _LEAST_ASPECT * height and height >= _LEAST_HEIGHT_PX
    if ours.confidence >= SURE or not ours.characters or not one_line:
        return ours
    theirs = tempered(rapid_spelling(line_picture(image, corners)))
    if len(theirs.characters) == len(ours.characters):
        return combined([ours, theirs])
    return theirs if _OTHER_LENGTH * theirs.confidence > ours.confidence else ours


def line_picture(image: Image, corners: Quad) -> Image:
    """Return the characters of a plate of one line as rapidocr expects them: level, with little around them."""
    width, height = quad_size(corners)
    if width < _BAND_ASPECT * height:
        corners = plate_band(corners, *_BAND)
        width, height = quad_size(corners)
    line_px = round(np.clip(_LINE_HEIGHT_PX * width / max(height, 1.0), 2 * _LINE_HEIGHT_PX, 10 * _LINE_HEIGHT_PX))
    return rectified(image, corners, line_px, _LINE_HEIGHT_PX, _LINE_MARGIN)


class Reader:
    """Run one reader network."""

    def __init__(self, weights: Weights) -> None:
        self.model_id = weights.model_id
        self._picture = weights.card.picture
        self._session = open_session(weights.read(), weights.path)

    def cuts(self, image: Image, corners: Quad, margin: float = MARGIN) -> list[Image]:
        """Return the plate at the network's input size: rectified, and unrolled too if it may have two lines."""
        width, height = quad_size(corners)
        ways = (rectified, unrolled) if width < UNROLLED_ASPECT * height else (rectified,)
        size = self._picture.width_px, self._picture.height_px
        return [way(image, corners, *size, margin) for way in ways]

    def probabilities(self, pictures: Sequence[Image]) -> Floats:
        """Return (n, places, CHARACTERS + 1) of pictures from `cuts`; the last column is the end of the text."""
        (characters,) = self._session.run(["characters"], {"pictures": to_blob(pictures, self._picture)})
        return np.asarray(characters, np.float64)

    def read(self, pictures: Sequence[Image]) -> list[Spelling]:
        """Return the spelling of the plate in each picture from `cuts`."""
        return [decode_places(places) for places in self.probabilities(pictures)] if pictures else []


@cache
def packaged_reader() -> Reader:
    """Return the packaged reader, loaded once per process."""
    return Reader(find_weights(READER))


def reader_id() -> str:
    """Return the id of the weights that read: readings of two ids come from two readers."""
    return packaged_reader().model_id


def _surest(variants: list[Spelling]) -> Spelling:
    """Return the more confident of a plate's readings, rectified and unrolled; an unrolled one without text is out."""
    candidates = variants[:1] + [other for other in variants[1:] if other.characters]
    return max(candidates, key=lambda spelling: spelling.confidence)
