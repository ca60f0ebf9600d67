"""Find sightings that are surely of one vehicle: plates read alike, and those a case says yes to."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from index.catalogue import Connection, cases, plate_reads, sightings

LEAST_CONFIDENCE = 0.8
LEAST_CHARACTERS = 5
"""Shorter texts are often parts of plates, and alike by chance."""


@dataclass(frozen=True, slots=True)
class KnownPassage:
    """A sighting of a vehicle that is known: where, when by the camera's own clock, and the directed road it took."""

    sighting: str
    camera: str
    time: datetime
    edge: int | None


Vehicle = tuple[KnownPassage, ...]
"""The passages of one vehicle, in no order of true time: clocks may be off."""


def known_vehicles(connection: Connection) -> list[Vehicle]:
    """Return the vehicles that were seen at two cameras or more; what cases say comes before what plates say."""
    marked = list(_of_cases(connection))
    taken = {passage.sighting for vehicle in marked for passage in vehicle}
    vehicles = [*marked, *_of_plates(connection, taken)]
    return [vehicle for vehicle in vehicles if len({passage.camera for passage in vehicle}) > 1]


def _of_plates(connection: Connection, without: set[str]) -> Iterator[Vehicle]:
    reads = plate_reads.confident(connection, least_confidence=LEAST_CONFIDENCE, least_characters=LEAST_CHARACTERS)
    for _, own in groupby(reads, key=attrgetter("text")):
        yield tuple(
            KnownPassage(one.sighting, one.camera, one.time, one.edge) for one in own if one.sighting not in without
        )


def _of_cases(connection: Connection) -> Iterator[Vehicle]:
    for case in cases.listing(connection):
        yes = [mark.sighting for mark in cases.marks_of(connection, case.id) if mark.verdict == "yes"]
        yield tuple(KnownPassage(one.id, one.camera, one.best, one.edge) for one in sightings.by_ids(connection, yes))
