"""Find sightings by a pattern of their plate, without a target."""

import math
from dataclasses import dataclass

from index.access import audit
from index.access.permissions import Permission, require
from index.records import Sighting
from index.store.archive import Archive
from index.store.catalogue import plate_index, sightings
from index.store.catalogue.people import Person
from reid.plates.pattern import compile_pattern

MOST_FOUND = 500


@dataclass(frozen=True, slots=True)
class PlateFound:
    """A sighting whose plate can be read so that it fits, and the probability that it does."""

    sighting: Sighting
    probability: float


def find_plates(
    archive: Archive, person: Person, pattern: str, *, limit: int | None = MOST_FOUND, reason: str | None = None
) -> list[PlateFound]:
    """Return the sightings whose plate fits a pattern such as AB?1*, the most probable first, then by time."""
    compiled = compile_pattern(pattern)
    require(archive, person, Permission.SEARCH)
    audit.record(archive, person, "find plates", {"pattern": pattern}, reason=reason)
    with archive.catalogue.reading() as connection:
        found = sightings.by_ids(connection, plate_index.find(connection, compiled, limit=limit))
    read = [one.plate.characters if one.plate else () for one in found]
    fits = [math.exp(chance) for chance in compiled.log_probabilities(read).tolist()]
    ranked = [PlateFound(one, fit) for one, fit in zip(found, fits, strict=True)]
    return sorted(ranked, key=lambda one: (-one.probability, one.sighting.best, one.sighting.id))
