"""Draw training samples of the plate reader, and views in fonts that training leaves out."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

from reid.arrays import Floats, Floats32, Ints
from reid.plates.networks.blocks import HEIGHT_PX, WIDTH_PX
from reid.plates.networks.reader import END, PLACES
from reid.plates.rectify import (
    MARGIN,
    UNROLLED_ASPECT,
    UNROLLED_PARTS,
    Quad,
    plate_band,
    quad_size,
    rectified,
    unrolled,
)
from reid.plates.spelling import CHARACTERS
from reid.render.number_plates.glyphs import Typeface
from reid.render.number_plates.plates import draw, make_plate
from reid.render.number_plates.views import SEVERITIES, draw_wear, view, worn
from reid.training.plates.backgrounds import draw_without_plate, on_bodywork
from reid.training.plates.degradation import HARSH_CHANCE, degraded, relit
from reid.training.plates.lettering import CJK_FONTS, UNSEEN_FONTS, PlateFont, draw_held_out_font, installed_fonts
from reid.training.plates.printed import print_plate, printed_plate
from reid.training.plates.real_crops import RealPlate, real_view
from reid.vehicle import Image

REAL_SHARE = 0.2
"""How many of the samples are of real plates, where there are any."""

VIEWS = 4
"""Views of each drawn plate; drawing a plate costs more than a view of it."""

_CITY_SHARE = 0.15
_EMPTY_SHARE = 0.04
_SURROUNDED_SHARE = 0.5
_LOOSE_SHARE = 0.3
_HIGHEST_PX, _LOWEST_PX = 52.0, 10.0
_EASY_LOWEST_PX = 26.0
_ASTRAY_CHANCE, _ASTRAY = 0.12, 2.5
"""How often corners have larger errors, and how many times larger these are."""

_UNROLLED_CHANCE, _TORN_CHANCE = 0.7, 0.15
"""How often narrow plates are unrolled: those of two lines, and those of one line, which unrolling tears apart."""

_NOWHERE = np.zeros((0, 2), np.float32)
_SEED_SPREAD = 7_919
"""Distance between the seeds of two views; training draws its seeds from 0 to 2**40."""


@dataclass(frozen=True, slots=True)
class ReaderBatch:
    """A batch: pictures (n, HEIGHT_PX, WIDTH_PX, 3), classes (n, PLACES), and the centres of the characters.

    `places` (n, PLACES, 2) are x and y as shares of the picture, NaN if unknown or without a character.
    """

    pictures: npt.NDArray[np.uint8]
    classes: Ints
    places: Floats32


@dataclass(frozen=True, slots=True)
class ReaderSample:
    """One network input with its text; `places` is (characters, 2) or empty."""

    picture: Image
    text: str
    places: Floats32


@dataclass(frozen=True, slots=True)
class _DrawnPlate:
    """A frontal plate; `places` are the centres of its characters as shares of it, empty if unknown."""

    image: Image
    text: str
    places: Floats32
    two_lines: bool


@dataclass(frozen=True, slots=True)
class ReaderBatches:
    """Makes the batches of a training; `part` separates the plates of training and validation.

    A curriculum: over the first `easy` batches the views become harder, so that letters are learned from clear ones.
    REAL_SHARE of the samples are of the `real` plates, if there are any.
    """

    seed: int
    count: int
    part: int = 0
    easy: int = 0
    real: Sequence[RealPlate] = ()

    def __call__(self, number: int) -> ReaderBatch:
        """Return batch `number`, the same in any process."""
        rng = np.random.default_rng([self.seed, 81, self.part, number])
        hardness = min(1.0, number / self.easy) if self.easy else 1.0
        samples = self._real_samples(rng)
        while len(samples) < self.count:
            samples += draw_reader_samples(rng, hardness)
        return reader_batch(samples[: self.count])

    def _real_samples(self, rng: np.random.Generator) -> list[ReaderSample]:
        chosen = rng.integers(len(self.real), size=round(REAL_SHARE * self.count)).tolist() if self.real else []
        plates = [self.real[at] for at in chosen]
        return [ReaderSample(real_view(plate, rng), plate.text, _NOWHERE) for plate in plates]


def draw_reader_samples(rng: np.random.Generator, hardness: float = 1.0) -> list[ReaderSample]:
    """Draw VIEWS views of a plate, or one picture without a plate; `hardness` is 0 to 1."""
    if rng.random() < _EMPTY_SHARE:
        return [ReaderSample(draw_without_plate(HEIGHT_PX, WIDTH_PX, rng), "", _NOWHERE)]
    drawn = _draw_plate(rng)
    dirty = replace(drawn, image=worn(drawn.image, draw_wear(rng)))
    return [_plate_sample(replace(dirty, image=relit(dirty.image, rng)), rng, hardness) for _ in range(VIEWS)]


def reader_batch(samples: list[ReaderSample]) -> ReaderBatch:
    """Collate samples into a batch."""
    classes = np.full((len(samples), PLACES), END, np.int64)
    places = np.full((len(samples), PLACES, 2), np.nan, np.float32)
    for row, sample in enumerate(samples):
        classes[row, : len(sample.text)] = [CHARACTERS.index(character) for character in sample.text]
        places[row, : len(sample.places)] = sample.places
    return ReaderBatch(np.stack([sample.picture for sample in samples]), classes, places)


@dataclass(frozen=True, slots=True)
class UnseenFaceView:
    """A view of a plate with its corners, text, family and typeface."""

    image: Image
    corners: Quad
    text: str
    family: str
    face: PlateFont


class DrawFaces(Protocol):
    """Draws views of plates in typefaces that training leaves out."""

    def __call__(self, count: int, height_px: float, severity: int, *, seed: int) -> Iterator[UnseenFaceView]:
        """Yield one view each of `count` plates."""


def draw_unseen_fonts(count: int, height_px: float, severity: int, *, seed: int) -> Iterator[UnseenFaceView]:
    """Yield one view each of plates of all families, in the installed fonts that training leaves out."""
    if installed_fonts(UNSEEN_FONTS):
        yield from _unseen_faces(count, height_px, severity, _unseen_font, seed)


def draw_unseen_shapes(count: int, height_px: float, severity: int, *, seed: int) -> Iterator[UnseenFaceView]:
    """Yield one view each of plates of all families, in our own strokes in shapes that training leaves out."""
    yield from _unseen_faces(count, height_px, severity, draw_held_out_font, seed)


def _unseen_faces(
    count: int, height_px: float, severity: int, draw_face: Callable[[np.random.Generator], PlateFont], seed: int
) -> Iterator[UnseenFaceView]:
    for number in range(count):
        rng = np.random.default_rng([seed, 84, number])
        plate = printed_plate(2**41 + seed + _SEED_SPREAD * number)
        face = draw_face(rng)
        drawn = worn(print_plate(plate, face).image, draw_wear(rng))
        seen = view(relit(drawn, rng), rng, height_px, severity)
        yield UnseenFaceView(seen.image, seen.corners, plate.text, plate.family, face)


def _unseen_font(rng: np.random.Generator) -> PlateFont:
    chinese = installed_fonts(CJK_FONTS)
    name = str(rng.choice(installed_fonts(UNSEEN_FONTS)))
    return PlateFont(Typeface(), name, str(rng.choice(chinese)) if chinese else None, float(rng.uniform(0.72, 1.0)))


def _draw_plate(rng: np.random.Generator) -> _DrawnPlate:
    """Draw a printed plate, or one with a layout of the simulated cities."""
    seed = int(rng.integers(2**40))
    if rng.random() >= _CITY_SHARE:
        plate = printed_plate(seed)
        shown = print_plate(plate)
        return _DrawnPlate(shown.image, plate.text, shown.centres, "|" in plate.marking)
    vehicle_type = "motorcycle" if rng.random() < 0.2 else "car"
    design = make_plate(seed, vehicle_type=vehicle_type, state="dirty" if rng.random() < 0.15 else "clean")
    return _DrawnPlate(draw(design, rear=bool(rng.random() < 0.5)), design.text, _NOWHERE, "|" in design.marking)


def _plate_sample(drawn: _DrawnPlate, rng: np.random.Generator, hardness: float) -> ReaderSample:
    """Return a camera view of a plate, rectified by imprecise corners, or as a loose crop."""
    lowest_px = _EASY_LOWEST_PX + (_LOWEST_PX - _EASY_LOWEST_PX) * hardness
    height_px = float(np.exp(rng.uniform(np.log(lowest_px), np.log(_HIGHEST_PX))))
    severity = int(np.clip(rng.normal(0.5, 0.8) * hardness, 0, len(SEVERITIES) - 1))
    if rng.random() < _SURROUNDED_SHARE * hardness:
        placed = on_bodywork(drawn.image, rng)
        share = placed.image.shape[0] / quad_size(placed.corners)[1]
        seen = view(placed.image, rng, height_px * share, severity)
        to_view = _projection(_corners_of(placed.image), seen.corners)
        corners = _moved(placed.corners, to_view)
    else:
        seen = view(drawn.image, rng, height_px, severity)
        corners = seen.corners
    cut = _cut(corners, rng)
    size = np.array([drawn.image.shape[1], drawn.image.shape[0]], np.float32)
    in_view = _moved(drawn.places * size, _projection(_corners_of(drawn.image), corners))
    sample = _taken(seen.image, cut, replace(drawn, places=in_view), rng)
    harsh = rng.random() < HARSH_CHANCE * hardness
    return replace(sample, picture=degraded(sample.picture, rng)) if harsh else sample


def _taken(image: Image, cut: Quad, drawn: _DrawnPlate, rng: np.random.Generator) -> ReaderSample:
    """Return a plate as network input, rectified or unrolled; a plate of one line has no text when unrolled."""
    width, height = quad_size(cut)
    chance = _UNROLLED_CHANCE if drawn.two_lines else _TORN_CHANCE
    if width >= UNROLLED_ASPECT * height or rng.random() >= chance:
        places = _moved(drawn.places, _projection(cut, _target()))
        return ReaderSample(rectified(image, cut, WIDTH_PX, HEIGHT_PX, MARGIN), drawn.text, places)
    picture = unrolled(image, cut, WIDTH_PX, HEIGHT_PX, MARGIN)
    if not drawn.two_lines:
        return ReaderSample(picture, "", _NOWHERE)
    return ReaderSample(picture, drawn.text, _unrolled_places(drawn.places, cut))


def _unrolled_places(places: Floats32, cut: Quad) -> Floats32:
    """Return the centres of characters after the upper line went to the left and the lower one to the right."""
    if len(places) == 0:
        return places
    halves = [_moved(places, _projection(plate_band(cut, *span), _target())) for span in UNROLLED_PARTS]
    y = _moved(places, _projection(cut, _target()))[:, 1]
    below = y > (y.min() + y.max()) / 2
    at = np.where(below[:, None], halves[1], halves[0])
    return np.asarray((at + np.stack([below, np.zeros_like(below)], axis=1)) / np.array([2, 1]), np.float32)


def _cut(corners: Quad, rng: np.random.Generator) -> Quad:
    """Return corners with a locator's errors, or an upright box around the plate as people draw it."""
    width, height = quad_size(corners)
    if rng.random() < _LOOSE_SHARE:
        (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
        wide, high = rng.normal(0.0, 0.05, 4) * width, rng.normal(0.0, 0.07, 4) * height
        left, right, top, bottom = left - wide[0], right + wide[1], top - high[0], bottom + high[1]
        return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)
    middle = corners.mean(axis=0)
    worse = _ASTRAY if rng.random() < _ASTRAY_CHANCE else 1.0
    grown = middle + (corners - middle) * rng.normal(1.01, 0.04 * worse, 2)
    shift = rng.normal(0, 0.025 * worse, 2) * (width, height)
    return np.asarray(grown + shift + rng.normal(0, 0.15 + 0.03 * height, (4, 2)), np.float32)


def _corners_of(image: Image) -> Quad:
    height, width = image.shape[:2]
    return np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)


def _target() -> Quad:
    """Return the corners of a rectified plate, as shares of the network's picture."""
    low = MARGIN / (1 + 2 * MARGIN)
    return np.array([[low, low], [1 - low, low], [1 - low, 1 - low], [low, 1 - low]], np.float32)


def _projection(source: Quad, target: Quad) -> Floats:
    return np.asarray(cv2.getPerspectiveTransform(source, target), np.float64)


def _moved(points: Floats32, projection: Floats) -> Floats32:
    if len(points) == 0:
        return points
    return np.asarray(cv2.perspectiveTransform(points[None].astype(np.float32), projection)[0], np.float32)
