"""Fit how plates are read: whether at all, how many characters are right, and how often the text is unrelated."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from index.records import Sighting
from index.simulation.synthetic.fit_curves import fit_curve, fit_quantiles, fit_share
from index.simulation.synthetic.observed import ObservedVehicle
from index.simulation.synthetic.seeing_noise import HeightCurve, PlateNoise
from index.simulation.truth import TrueVehicle
from reid.plates.spelling import plain

READ = HeightCurve(half_px=14, steep=6, most=0.9)
FLAWLESS = HeightCurve(half_px=14, steep=6, most=0.85)
CHARACTER = HeightCurve(half_px=10, steep=4, most=0.85)
DIRTY, COVERED, GARBLED, EXTRA = 0.6, 0.1, 0.05, 0.1
"""The priors, before anything is counted."""
GARBLED_BELOW = 0.5
"""A text with a smaller share of the plate's characters, in order, is unrelated to the plate."""


@dataclass(frozen=True, slots=True)
class PlateReading:
    """The reading of one plate: the number of its characters, those read right, and whether there are extra ones."""

    height_px: float
    of: int
    right: int
    extra: bool
    sure: float

    @property
    def is_garbled(self) -> bool:
        """Return whether the text is unrelated to the plate."""
        return self.right < GARBLED_BELOW * self.of

    @property
    def is_flawless(self) -> bool:
        """Return whether it is exactly the plate's text."""
        return self.right == self.of and not self.extra


def fit_plates(shown: Sequence[tuple[ObservedVehicle, Sighting]]) -> PlateNoise:
    """Return the noise of plates; texts from vehicles without a plate are ignored."""
    with_plate = [(p, s) for p, s in shown if p.vehicle.plate is not None and p.passage.plate_height_px > 0]
    clean = [(p, s) for p, s in with_plate if p.vehicle.plate_state == "clean"]
    read = fit_curve(
        [p.passage.plate_height_px for p, _ in clean], [has_text(s) for _, s in clean], [1] * len(clean), READ
    )
    readings = list(_readings(with_plate))
    legible = [reading for reading in readings if not reading.is_garbled]
    flawed = [reading for reading in legible if not reading.is_flawless]
    flawless = fit_curve(
        [reading.height_px for reading in legible],
        [reading.is_flawless for reading in legible],
        [1] * len(legible),
        FLAWLESS,
    )
    character = fit_curve(
        [reading.height_px for reading in flawed],
        [reading.right for reading in flawed],
        [reading.of for reading in flawed],
        CHARACTER,
    )
    return PlateNoise(
        read=read,
        dirty=_state_factor(with_plate, "dirty", read, DIRTY),
        covered=_state_factor(with_plate, "covered", read, COVERED),
        flawless=flawless,
        character=character,
        garbled_share=fit_share(len(readings) - len(legible), len(readings), GARBLED),
        extra_share=fit_share(sum(reading.extra for reading in flawed), len(flawed), EXTRA),
        sure=fit_quantiles([reading.sure for reading in legible], (0.8, 0.95, 1.0)),
        sure_garbled=fit_quantiles([reading.sure for reading in readings if reading.is_garbled], (0.5, 0.7, 0.9)),
    )


def is_exact(vehicle: TrueVehicle, sighting: Sighting) -> bool:
    """Return whether a sighting has the text of the vehicle's plate, ignoring spaces and dashes."""
    text = sighting.plate.text if sighting.plate is not None else None
    return bool(text) and plain(text or "") == plain(vehicle.plate or "")


def has_text(sighting: Sighting) -> bool:
    """Return whether any text was read."""
    return sighting.plate is not None and bool(sighting.plate.text)


def plate_reading(passage: ObservedVehicle, sighting: Sighting) -> PlateReading | None:
    """Return the reading of the plate of a vehicle that has one, None if nothing was read."""
    if sighting.plate is None or not sighting.plate.text:
        return None
    true, text = plain(passage.vehicle.plate or ""), plain(sighting.plate.text)
    blocks = SequenceMatcher(None, true, text, autojunk=False).get_matching_blocks()
    right = sum(block.size for block in blocks)
    return PlateReading(
        passage.passage.plate_height_px, len(true), right, len(text) > len(true), sighting.plate.confidence
    )


def _state_factor(
    with_plate: Sequence[tuple[ObservedVehicle, Sighting]], state: str, read: HeightCurve, prior: float
) -> float:
    """Return the probability of a text on plates of a state, relative to clean plates."""
    these = [(p, s) for p, s in with_plate if p.vehicle.plate_state == state]
    expected = sum(read.at(p.passage.plate_height_px) for p, _ in these)
    return min(fit_share(sum(has_text(s) for _, s in these), expected, prior), 1.0)


def _readings(with_plate: Sequence[tuple[ObservedVehicle, Sighting]]) -> Iterator[PlateReading]:
    for passage, sighting in with_plate:
        reading = plate_reading(passage, sighting)
        if reading is not None:
            yield reading
