"""Name what the pipeline made of a city whose truth is known."""

from dataclasses import dataclass

from index.sighting import Sighting
from index.simulation.truth import TruePassage, TrueVehicle
from index.simulation.unfilmed.likeness import Portrait


@dataclass(frozen=True, slots=True)
class SeenPassage:
    """A true passage of a city, when in seconds of its middle, whose it is, and what it passes: kind and weather.

    `sightings` show it, at true time.
    """

    city: str
    passage: TruePassage
    at_s: float
    vehicle: TrueVehicle
    kind: str
    weather: str
    sightings: tuple[Sighting, ...]


@dataclass(frozen=True, slots=True)
class SeenCity:
    """What the pipeline made of one city; `phantoms` show nothing."""

    seed: int
    models: tuple[str, ...]
    passages: tuple[SeenPassage, ...]
    phantoms: tuple[Sighting, ...]
    portraits: tuple[Portrait, ...]
