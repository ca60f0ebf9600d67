"""Look at the plates of stored pictures by a verifier that has not seen them, then let questions be answered by it.

For archives of before there was one, and for a better one; what was found is kept as if it had come with the footage.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from index.catalogue import models, plate_shots, sightings, vectors
from index.catalogue.models import Model
from index.catalogue.people import Person
from index.catalogue.vectors import StoredVectors
from index.office import access, audit
from index.office.access import Permission
from index.sighting import Sighting
from reid.images import decode_image
from reid.plates.looks import Verifier
from reid.vehicle import Corners, Image

if TYPE_CHECKING:
    from index.archive import Archive

_log = logging.getLogger(__name__)
AT_ONCE = 64
"""Sightings to a batch: so many are lost by a kill."""

Locate = Callable[[Image], Corners | None]
"""Returns where the plate of a vehicle is in its picture."""
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class _Seen:
    """The plates of one sighting: where they are in its pictures, by number, and their vectors in that order."""

    sighting: Sighting
    corners: Mapping[int, Corners]
    matrix: npt.NDArray[np.float32]


def embed_plates(
    archive: "Archive", person: Person, verifier: Verifier, locate: Locate | None, progress: Progress
) -> int:
    """Look at every plate that the verifier has not seen, put it to use, and return how many sightings have one.

    Only plates that were found before, or, with `locate`, those of all pictures. Until the last row is written
    questions are answered as before; stopped at any moment, the same call goes on. `progress` gets how many were
    looked at.
    """
    access.require(archive, person, Permission.INGEST)
    audit.record(archive, person, "embed plates", {"model": verifier.model_id, "locate": locate is not None})
    with archive.catalogue.writing() as connection:
        if verifier.model_id not in {model.id for model in models.listing(connection, kind="plate_vector")}:
            models.prepare(connection, Model(verifier.model_id, "plate_vector"), at=datetime.now(UTC))
    after, looked_at, found = "", 0, 0
    while some := _next(archive, verifier.model_id, after, located=locate is None):
        seen = [one for sighting in some if (one := _look(archive, verifier, locate, sighting)) is not None]
        _keep(archive, verifier.model_id, seen)
        after, looked_at, found = some[-1].id, looked_at + len(some), found + len(seen)
        progress(looked_at)
    with archive.catalogue.writing() as connection:
        models.put_to_use(connection, verifier.model_id, at=datetime.now(UTC))
    return found


def _next(archive: "Archive", model: str, after: str, *, located: bool) -> list[Sighting]:
    with archive.catalogue.reading() as connection:
        ids = plate_shots.not_looked_at(connection, model, after=after, at_most=AT_ONCE, located=located)
        return sightings.by_ids(connection, ids)


def _look(archive: "Archive", verifier: Verifier, locate: Locate | None, sighting: Sighting) -> _Seen | None:
    """Return the plates of a sighting, None where none is known or found."""
    shown: list[tuple[Image, Corners]] = []
    numbers: list[int] = []
    for shot in sighting.shots:
        if shot.plate is None and locate is None:
            continue
        picture = decode_image(archive.crops.read(shot.crop), shot.crop.pack)
        corners = shot.plate if shot.plate is not None or locate is None else locate(picture)
        if corners is not None:
            shown.append((picture, corners))
            numbers.append(shot.number)
    if not shown:
        return None
    where = {number: corners for number, (_, corners) in zip(numbers, shown, strict=True)}
    return _Seen(sighting, where, verifier.look(shown).vectors)


def _keep(archive: "Archive", model: str, seen: Sequence[_Seen]) -> None:
    """Write corners and vectors, first into the catalogue, then into the segments."""
    if not seen:
        return
    with archive.catalogue.writing() as connection:
        for one in seen:
            plate_shots.put_corners(connection, one.sighting.id, one.corners)
        matrices = {one.sighting.id: one.matrix for one in seen}
        batch = vectors.add(connection, model, matrices, at=datetime.now(UTC), kind="plate_vector")
    stored = [
        StoredVectors(one.sighting.id, one.sighting.camera, one.sighting.best, batch, one.matrix.astype("<f2"))
        for one in seen
    ]
    try:
        archive.vectors.add(model, batch, stored)
    except OSError as error:
        _log.warning("plate vectors of %s are in the catalogue only, until there is room: %s", model, error)
