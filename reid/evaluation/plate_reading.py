"""Measure plate reading: exact matches, share of plates read at all, and calibration of the confidences."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from reid.evaluation.intervals import NOTHING, Figure, figure, share
from reid.evaluation.metrics import calibration_error
from reid.plates.rectify import Quad
from reid.plates.spelling import Spelling, plain
from reid.render.number_plates.plates import draw, make_plate
from reid.render.number_plates.views import PlateView, draw_wear, view, worn
from reid.vehicle import Image

Spell: TypeAlias = Callable[[Image, Sequence[Quad]], list[Spelling]]
"""Reads the plates of a picture at given corners, such as `reid.plates.read.spell`."""

SURE = 0.9
"""Readings of at least this confidence should be right at least as often."""

_BINS = 10


@dataclass(frozen=True, slots=True)
class ReadingResult:
    """The true text and the reading of one plate view; `plate` groups the views of one plate."""

    truth: str
    spelling: Spelling
    plate: str

    @property
    def exact(self) -> bool:
        """Return whether the plate was read and its text is right, ignoring spaces and dashes."""
        return self.spelling.readable and plain(self.spelling.text) == plain(self.truth)


@dataclass(frozen=True, slots=True)
class ReadingScore:
    """`exact` and `given` (any text) are shares of all readings, `sure` the share right of `sure_count` sure ones.

    `calibration` is the expected calibration error of the confidences of given texts.
    """

    count: int
    exact: Figure
    given: Figure
    sure_count: int
    sure: Figure
    calibration: Figure


@dataclass(frozen=True, slots=True)
class DrawnPlateView:
    """A view of a held-out drawn plate, with its text."""

    view: PlateView
    text: str
    plate: str


def score_readings(readings: Sequence[ReadingResult]) -> ReadingScore:
    """Score readings, with intervals over plates."""
    plates = [one.plate for one in readings]
    given = [one for one in readings if one.spelling.readable]
    sure = [one for one in given if one.spelling.confidence >= SURE]
    return ReadingScore(
        len(readings),
        share(plates, [float(one.exact) for one in readings]),
        share(plates, [float(one.spelling.readable) for one in readings]),
        len(sure),
        share([one.plate for one in sure], [float(one.exact) for one in sure]),
        _calibration(given),
    )


def draw_plate_views(count: int, height_px: float, severity: int, *, seed: int) -> Iterator[DrawnPlateView]:
    """Yield one view each of plates of any layout, drawn from `seed` and the numbers after it."""
    for number in range(seed, seed + count):
        rng = np.random.default_rng([number, 62])
        vehicle_type = "motorcycle" if rng.random() < 0.2 else "car"
        plate = make_plate(number, vehicle_type=vehicle_type, state="clean")
        seen = view(worn(draw(plate), draw_wear(rng)), rng, height_px, severity)
        yield DrawnPlateView(seen, plate.text, str(number))


def measure_reading(spell: Spell, count: int, height_px: float, severity: int, *, seed: int) -> ReadingScore:
    """Score the reading of `count` held-out plates with known corners."""
    shown = draw_plate_views(count, height_px, severity, seed=seed)
    return score_readings(
        [ReadingResult(one.text, spell(one.view.image, [one.view.corners])[0], one.plate) for one in shown]
    )


def _calibration(given: Sequence[ReadingResult]) -> Figure:
    if not given:
        return NOTHING
    confidences = np.array([one.spelling.confidence for one in given])
    right = np.array([one.exact for one in given])
    return figure([one.plate for one in given], lambda rows: calibration_error(confidences[rows], right[rows], _BINS))
