"""Make what the plate reader learns from: plates as the network takes them, their texts and where they stand."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from reid.plates.alphabet import CHARACTERS
from reid.plates.networks.blocks import HEIGHT_PX, WIDTH_PX
from reid.plates.networks.reader import END, PLACES
from reid.plates.rectify import MARGIN, UNROLLED_ASPECT, UNROLLED_PARTS, Quad, part, quad_size, rectified, unrolled
from reid.render.number_plates.plates import draw, make_plate
from reid.render.number_plates.views import SEVERITIES, draw_wear, view, worn
from reid.training.plates.lighting import lit
from reid.training.plates.pictures import HARSH_CHANCE
from reid.training.plates.printed import print_plate, printed_plate
from reid.training.plates.spoiling import spoilt
from reid.training.plates.surroundings import no_plate, surrounded
from reid.vehicle import Image

Floats = npt.NDArray[np.float32]

VIEWS = 4
"""Views that each drawn plate is shown in: drawing costs more than looking."""

_CITY_SHARE = 0.15
_EMPTY_SHARE = 0.04
_SURROUNDED_SHARE = 0.5
_LOOSE_SHARE = 0.3
_HIGHEST_PX, _LOWEST_PX = 52.0, 10.0
_EASY_LOWEST_PX = 26.0
_ASTRAY_CHANCE, _ASTRAY = 0.12, 2.5
"""How often, and how many times further than usual, corners are off."""

_UNROLLED_CHANCE, _TORN_CHANCE = 0.7, 0.15
"""How often narrow plates are shown unrolled: those of two lines, and those of one line, which that tears apart."""

_NOWHERE = np.zeros((0, 2), np.float32)


@dataclass(frozen=True, slots=True)
class Texts:
    """A batch: pictures (n, HEIGHT_PX, WIDTH_PX, 3), classes (n, PLACES), and where each place should look.

    `places` (n, PLACES, 2) are x and y as shares of the picture; NaN where nothing is known or there is no character.
    """

    pictures: npt.NDArray[np.uint8]
    classes: npt.NDArray[np.int64]
    places: Floats


@dataclass(frozen=True, slots=True)
class Sample:
    """One picture for the network with its text; `places` (characters, 2) or none."""

    picture: Image
    text: str
    places: Floats


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A plate from straight in front; `places` of its characters as shares of it, none where they are not known."""

    image: Image
    text: str
    places: Floats
    two_lines: bool


@dataclass(frozen=True, slots=True)
class MakeTexts:
    """Make the batches of a training; `part` keeps the plates of training and validation apart.

    Over the first `easy` batches the views become as hard as they stay: letters are learned from clear ones.
    """

    seed: int
    count: int
    part: int = 0
    easy: int = 0

    def __call__(self, number: int) -> Texts:
        """Return batch `number`, the same whichever process makes it."""
        rng = np.random.default_rng([self.seed, 81, self.part, number])
        hardness = min(1.0, number / self.easy) if self.easy else 1.0
        samples: list[Sample] = []
        while len(samples) < self.count:
            samples += draw_samples(rng, hardness)
        return gathered(samples[: self.count])


def draw_samples(rng: np.random.Generator, hardness: float = 1.0) -> list[Sample]:
    """Draw a plate and show it in VIEWS views, or show something that is no plate; `hardness` is 0 to 1."""
    if rng.random() < _EMPTY_SHARE:
        return [Sample(no_plate(HEIGHT_PX, WIDTH_PX, rng), "", _NOWHERE)]
    drawn = _drawn(rng)
    dirty = replace(drawn, image=worn(drawn.image, draw_wear(rng)))
    return [_seen(replace(dirty, image=lit(dirty.image, rng)), rng, hardness) for _ in range(VIEWS)]


def gathered(samples: list[Sample]) -> Texts:
    """Return samples as one batch."""
    classes = np.full((len(samples), PLACES), END, np.int64)
    places = np.full((len(samples), PLACES, 2), np.nan, np.float32)
    for row, sample in enumerate(samples):
        classes[row, : len(sample.text)] = [CHARACTERS.index(character) for character in sample.text]
        places[row, : len(sample.places)] = sample.places
    return Texts(np.stack([sample.picture for sample in samples]), classes, places)


def _drawn(rng: np.random.Generator) -> _Drawn:
    """Draw a plate of the whole world, or one such as the simulated cities have."""
    seed = int(rng.integers(2**40))
    if rng.random() >= _CITY_SHARE:
        plate = printed_plate(seed)
        shown = print_plate(plate)
        return _Drawn(shown.image, plate.text, shown.centres, "|" in plate.marking)
    vehicle_type = "motorcycle" if rng.random() < 0.2 else "car"
    design = make_plate(seed, vehicle_type=vehicle_type, state="dirty" if rng.random() < 0.15 else "clean")
    return _Drawn(draw(design, rear=bool(rng.random() < 0.5)), design.text, _NOWHERE, "|" in design.marking)


def _seen(drawn: _Drawn, rng: np.random.Generator, hardness: float) -> Sample:
    """Show a plate through a camera, cut out by corners that are somewhat wrong, or as a loose crop."""
    lowest_px = _EASY_LOWEST_PX + (_LOWEST_PX - _EASY_LOWEST_PX) * hardness
    height_px = float(np.exp(rng.uniform(np.log(lowest_px), np.log(_HIGHEST_PX))))
    severity = int(np.clip(rng.normal(0.5, 0.8) * hardness, 0, len(SEVERITIES) - 1))
    if rng.random() < _SURROUNDED_SHARE * hardness:
        placed = surrounded(drawn.image, rng)
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
    return replace(sample, picture=spoilt(sample.picture, rng)) if harsh else sample


def _taken(image: Image, cut: Quad, drawn: _Drawn, rng: np.random.Generator) -> Sample:
    """Return a plate as the network takes it, as it lies or unrolled; unrolled, one line is no text at all."""
    width, height = quad_size(cut)
    chance = _UNROLLED_CHANCE if drawn.two_lines else _TORN_CHANCE
    if width >= UNROLLED_ASPECT * height or rng.random() >= chance:
        places = _moved(drawn.places, _projection(cut, _target()))
        return Sample(rectified(image, cut, WIDTH_PX, HEIGHT_PX, MARGIN), drawn.text, places)
    picture = unrolled(image, cut, WIDTH_PX, HEIGHT_PX, MARGIN)
    if not drawn.two_lines:
        return Sample(picture, "", _NOWHERE)
    return Sample(picture, drawn.text, _unrolled_places(drawn.places, cut))


def _unrolled_places(places: Floats, cut: Quad) -> Floats:
    """Return where characters lie once the upper line stands left and the lower one right."""
    if len(places) == 0:
        return places
    halves = [_moved(places, _projection(part(cut, *span), _target())) for span in UNROLLED_PARTS]
    y = _moved(places, _projection(cut, _target()))[:, 1]
    below = y > (y.min() + y.max()) / 2
    at = np.where(below[:, None], halves[1], halves[0])
    return np.asarray((at + np.stack([below, np.zeros_like(below)], axis=1)) / np.array([2, 1]), np.float32)


def _cut(corners: Quad, rng: np.random.Generator) -> Quad:
    """Return corners as a locator gives them, or a box around the plate as people draw it, with more or less margin."""
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
    """Return where a rectified plate's corners lie, as shares of the network's picture."""
    low = MARGIN / (1 + 2 * MARGIN)
    return np.array([[low, low], [1 - low, low], [1 - low, 1 - low], [low, 1 - low]], np.float32)


def _projection(source: Quad, target: Quad) -> npt.NDArray[np.float64]:
    return np.asarray(cv2.getPerspectiveTransform(source, target), np.float64)


def _moved(points: Floats, projection: npt.NDArray[np.float64]) -> Floats:
    if len(points) == 0:
        return points
    return np.asarray(cv2.perspectiveTransform(points[None].astype(np.float32), projection)[0], np.float32)
