"""Name what the pipeline made of a city whose truth is known."""

from dataclasses import dataclass

from index.sighting import Sighting
from index.simulation.truth import TruePassage, TrueVehicle
from index.simulation.unfilmed.likeness import Portrait


@dataclass(frozen=True, slots=True)
class SeenPassage:
    """A true passage, whose it is, what kind of camera it passes, and the sightings that show it, at true time."""

    passage: TruePassage
    vehicle: TrueVehicle
    kind: str
    sightings: tuple[Sighting, ...]


@dataclass(frozen=True, slots=True)
class SeenCity:
    """What the pipeline made of one city; `phantoms` show nothing."""

    seed: int
    models: tuple[str, ...]
    passages: tuple[SeenPassage, ...]
    phantoms: tuple[Sighting, ...]
    portraits: tuple[Portrait, ...]
