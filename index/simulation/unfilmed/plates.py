"""Fit how plates are read: whether at all, how much of them, and how often as something else."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from index.sighting import Sighting
from index.simulation.truth import TrueVehicle
from index.simulation.unfilmed.curves import fit_curve, fit_share, fit_spread
from index.simulation.unfilmed.seeing_noise import Curve, Plates
from index.simulation.unfilmed.seen import SeenPassage
from reid.plates.alphabet import plain

READ = Curve(half_px=14, steep=6, most=0.9)
FLAWLESS = Curve(half_px=14, steep=6, most=0.85)
CHARACTER = Curve(half_px=10, steep=4, most=0.85)
DIRTY, COVERED, GARBLED, EXTRA = 0.6, 0.1, 0.05, 0.1
"""What is believed before anything is counted."""
GARBLED_BELOW = 0.5
"""A text with fewer of the plate's characters, in their order, has nothing to do with it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read from one plate: how many of its characters, and how many came besides."""

    height_px: float
    of: int
    right: int
    extra: bool
    sure: float

    @property
    def is_garbled(self) -> bool:
        """Return whether the text has nothing to do with the plate."""
        return self.right < GARBLED_BELOW * self.of

    @property
    def is_flawless(self) -> bool:
        """Return whether it is the plate's text and nothing else."""
        return self.right == self.of and not self.extra


def fit_plates(shown: Sequence[tuple[SeenPassage, Sighting]]) -> Plates:
    """Return the plates' chances; a vehicle without a plate that gave a text takes no part."""
    bearing = [(p, s) for p, s in shown if p.vehicle.plate is not None and p.passage.plate_height_px > 0]
    clean = [(p, s) for p, s in bearing if p.vehicle.plate_state == "clean"]
    read = fit_curve(
        [p.passage.plate_height_px for p, _ in clean], [has_text(s) for _, s in clean], [1] * len(clean), READ
    )
    readings = list(_readings(bearing))
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
    return Plates(
        read=read,
        dirty=_left(bearing, "dirty", read, DIRTY),
        covered=_left(bearing, "covered", read, COVERED),
        flawless=flawless,
        character=character,
        garbled_share=fit_share(len(readings) - len(legible), len(readings), GARBLED),
        extra_share=fit_share(sum(reading.extra for reading in flawed), len(flawed), EXTRA),
        sure=fit_spread([reading.sure for reading in legible], (0.8, 0.95, 1.0)),
        sure_garbled=fit_spread([reading.sure for reading in readings if reading.is_garbled], (0.5, 0.7, 0.9)),
    )


def is_exact(vehicle: TrueVehicle, sighting: Sighting) -> bool:
    """Return whether a sighting gives the text of the vehicle's plate, spaces and dashes apart."""
    text = sighting.plate.text if sighting.plate is not None else None
    return bool(text) and plain(text or "") == plain(vehicle.plate or "")


def has_text(sighting: Sighting) -> bool:
    """Return whether any text was read."""
    return sighting.plate is not None and bool(sighting.plate.text)


def reading_of(passage: SeenPassage, sighting: Sighting) -> Reading | None:
    """Return what was read of the plate of a vehicle that bears one, None where nothing was."""
    if sighting.plate is None or not sighting.plate.text:
        return None
    true, text = plain(passage.vehicle.plate or ""), plain(sighting.plate.text)
    blocks = SequenceMatcher(None, true, text, autojunk=False).get_matching_blocks()
    right = sum(block.size for block in blocks)
    return Reading(passage.passage.plate_height_px, len(true), right, len(text) > len(true), sighting.plate.confidence)


def _left(bearing: Sequence[tuple[SeenPassage, Sighting]], state: str, read: Curve, prior: float) -> float:
    """Return which part of a clean plate's chance of a text is left to plates of a state."""
    these = [(p, s) for p, s in bearing if p.vehicle.plate_state == state]
    expected = sum(read.at(p.passage.plate_height_px) for p, _ in these)
    return min(fit_share(sum(has_text(s) for _, s in these), expected, prior), 1.0)


def _readings(bearing: Sequence[tuple[SeenPassage, Sighting]]) -> Iterator[Reading]:
    for passage, sighting in bearing:
        reading = reading_of(passage, sighting)
        if reading is not None:
            yield reading
