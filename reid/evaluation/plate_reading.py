"""Measure how well plates are read: exactly, at all, and whether a sure reading is as right as it says."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from reid.evaluation.intervals import NOTHING, Figure, figure, share
from reid.evaluation.metrics import calibration_error
from reid.plates.alphabet import plain
from reid.plates.rectify import Quad
from reid.plates.spelling import Spelling
from reid.render.number_plates.plates import draw, make_plate
from reid.render.number_plates.views import PlateView, draw_wear, view, worn
from reid.vehicle import Image

Spell: TypeAlias = Callable[[Image, Sequence[Quad]], list[Spelling]]
"""What reads the plates of a picture at the corners given, such as `reid.plates.read.spell`."""

SURE = 0.9
"""Readings of this confidence and more should be right at least as often."""

_BINS = 10


@dataclass(frozen=True, slots=True)
class Read:
    """One plate in a picture: its true text, and what was read, which may be unreadable. `plate` groups views."""

    truth: str
    spelling: Spelling
    plate: str

    @property
    def exact(self) -> bool:
        """Say whether a text was given and all of it is right, spaces and dashes apart."""
        return self.spelling.readable and plain(self.spelling.text) == plain(self.truth)


@dataclass(frozen=True, slots=True)
class ReadingScore:
    """`exact` and `given` (any text) are shares of all; `sure` is the share right of the `sure_count` of SURE and more.

    `calibration` is the expected calibration error of the confidences of given texts.
    """

    count: int
    exact: Figure
    given: Figure
    sure_count: int
    sure: Figure
    calibration: Figure


@dataclass(frozen=True, slots=True)
class Shown:
    """A view of a plate that nobody has seen, with its text."""

    view: PlateView
    text: str
    plate: str


def score_readings(readings: Sequence[Read]) -> ReadingScore:
    """Return the figures of some readings, with intervals over plates."""
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


def show_plates(count: int, height_px: float, severity: int, *, seed: int) -> Iterator[Shown]:
    """Yield one view each of plates of any layout, drawn from `seed` and the numbers after it."""
    for number in range(seed, seed + count):
        rng = np.random.default_rng([number, 62])
        vehicle_type = "motorcycle" if rng.random() < 0.2 else "car"
        plate = make_plate(number, vehicle_type=vehicle_type, state="clean")
        seen = view(worn(draw(plate), draw_wear(rng)), rng, height_px, severity)
        yield Shown(seen, plate.text, str(number))


def measure_reading(spell: Spell, count: int, height_px: float, severity: int, *, seed: int) -> ReadingScore:
    """Return how well `count` unseen plates are read whose corners are known."""
    shown = show_plates(count, height_px, severity, seed=seed)
    return score_readings([Read(one.text, spell(one.view.image, [one.view.corners])[0], one.plate) for one in shown])


def _calibration(given: Sequence[Read]) -> Figure:
    if not given:
        return NOTHING
    confidences = np.array([one.spelling.confidence for one in given])
    right = np.array([one.exact for one in given])
    return figure([one.plate for one in given], lambda rows: calibration_error(confidences[rows], right[rows], _BINS))
