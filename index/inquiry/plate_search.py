"""Find sightings by what is remembered of a plate."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.catalogue import plate_index, sightings
from index.catalogue.people import Person
from index.office import access, audit
from index.office.access import Permission
from index.sighting import Sighting
from reid.plates.pattern import compile_pattern

if TYPE_CHECKING:
    from index.archive import Archive

MOST_FOUND = 500


@dataclass(frozen=True, slots=True)
class PlateFound:
    """A sighting whose plate can be read so that it fits, and the probability that it does."""

    sighting: Sighting
    probability: float


def find_plates(
    archive: "Archive", person: Person, pattern: str, *, limit: int | None = MOST_FOUND, reason: str | None = None
) -> list[PlateFound]:
    """Return the sightings whose plate fits a pattern such as AB?1*, the most probable first, then by time."""
    wanted = compile_pattern(pattern)
    access.require(archive, person, Permission.SEARCH)
    audit.record(archive, person, "find plates", {"pattern": pattern}, reason=reason)
    with archive.catalogue.reading() as connection:
        found = sightings.by_ids(connection, plate_index.find(connection, wanted, limit=limit))
    read = [one.plate.characters if one.plate else () for one in found]
    fits = [math.exp(chance) for chance in wanted.log_probabilities(read).tolist()]
    ranked = [PlateFound(one, fit) for one, fit in zip(found, fits, strict=True)]
    return sorted(ranked, key=lambda one: (-one.probability, one.sighting.best, one.sighting.id))
