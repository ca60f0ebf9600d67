"""Embed the pictures of an archive with another model beside the one in use, then answer questions with it.

Until the last row is written, questions are answered as before, and footage may be ingested meanwhile. Both functions
can be stopped at any moment: the same call continues where it was.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np

from index.access import audit, permissions
from index.access.permissions import Permission
from index.records import Sighting
from index.store.archive import Archive
from index.store.catalogue import cameras, models, plates, sightings, vectors
from index.store.catalogue.models import StoredModel
from index.store.catalogue.people import Person
from index.store.catalogue.vectors import StoredVectors
from reid.appearance.embedders import Embedder
from reid.arrays import Floats32
from reid.images import decode_image
from reid.plates.verify import Verifier
from reid.vehicle import Corners, Image

_log = logging.getLogger(__name__)

BATCH_SIGHTINGS = 64
"""Sightings in one batch; a kill loses the work on one batch."""

PIXELS_AT_ONCE = 32_000_000
"""Pictures that were imported may be large: of more than these together no more are held decoded."""

OnCount = Callable[[int], None]
"""Is called with the number of sightings done so far."""

LocatePlate = Callable[[Image], Corners | None]
"""Returns the corners of the plate in a picture of a vehicle."""


def reembed(archive: Archive, person: Person, embedder: Embedder, on_count: OnCount) -> int:
    """Move the archive to other weights, and return how many sightings were embedded."""
    permissions.require(archive, person, Permission.INGEST)
    audit.record(archive, person, "reembed", {"model": embedder.model_id})
    return switch_to(archive, embedder, on_count)


def switch_to(archive: Archive, embedder: Embedder, on_count: OnCount) -> int:
    """Embed every picture without vectors of this model, put the model to use, and return the number of sightings."""
    _prepare(archive, StoredModel(embedder.model_id, "appearance", embedder.dims))
    done = 0
    # What footage brought in meanwhile is embedded in another round.
    while not _put_to_use_if_complete(archive, embedder.model_id):
        last_id = ""
        while batch := _next_without_vectors(archive, embedder.model_id, last_id, located=False):
            _store(archive, embedder.model_id, "appearance", _embed(archive, embedder, batch))
            last_id, done = batch[-1].id, done + len(batch)
            on_count(done)
    return done


def embed_plates(
    archive: Archive, person: Person, verifier: Verifier, locate: LocatePlate | None, on_count: OnCount
) -> int:
    """Embed every plate without vectors of this verifier, put it to use, and return how many sightings have a plate.

    Without `locate` these are the plates found before; with it, a plate is searched for in every other picture too.
    """
    permissions.require(archive, person, Permission.INGEST)
    audit.record(archive, person, "embed plates", {"model": verifier.model_id, "locate": locate is not None})
    _prepare(archive, StoredModel(verifier.model_id, "plate_vector"))
    last_id, done, with_plate = "", 0, 0
    while batch := _next_without_vectors(archive, verifier.model_id, last_id, located=locate is None):
        found = [new for sighting in batch if (new := _embed_plate(archive, verifier, locate, sighting)) is not None]
        _store(archive, verifier.model_id, "plate_vector", found)
        last_id, done, with_plate = batch[-1].id, done + len(batch), with_plate + len(found)
        on_count(done)
    with archive.catalogue.writing() as connection:
        models.put_to_use(connection, verifier.model_id, at=datetime.now(UTC))
    return with_plate


def pictures_of(archive: Archive, sighting: Sighting) -> list[Image]:
    """Return the pictures of a sighting, in the order of its shots."""
    return [decode_image(archive.crops.read(shot.crop), shot.crop.pack) for shot in sighting.shots]


@dataclass(frozen=True, slots=True)
class _NewVectors:
    """The new vectors of one sighting, and for plates their corners, by the number of the picture."""

    sighting: Sighting
    matrix: Floats32
    corners: Mapping[int, Corners] = field(default_factory=dict)


def _prepare(archive: Archive, model: StoredModel) -> None:
    """Enter a new model without using it yet."""
    with archive.catalogue.writing() as connection:
        if model.id not in {known.id for known in models.listing(connection, kind=model.kind)}:
            models.prepare(connection, model, at=datetime.now(UTC))


def _put_to_use_if_complete(archive: Archive, model_id: str) -> bool:
    """Put the model to use unless pictures without its vectors remain; nobody can add any at the same time."""
    with archive.catalogue.writing() as connection:
        cameras.hold_all(connection)
        if plates.without_vectors(connection, model_id, after="", at_most=1, located=False):
            return False
        models.put_to_use(connection, model_id, at=datetime.now(UTC))
        return True


def _next_without_vectors(archive: Archive, model_id: str, last_id: str, *, located: bool) -> list[Sighting]:
    with archive.catalogue.reading() as connection:
        ids = plates.without_vectors(connection, model_id, after=last_id, at_most=BATCH_SIGHTINGS, located=located)
        return sightings.by_ids(connection, ids)


def _embed(archive: Archive, embedder: Embedder, batch: Sequence[Sighting]) -> list[_NewVectors]:
    rows = np.concatenate([embedder.embed(pictures) for pictures in _decoded(archive, batch)])
    ends = np.cumsum([len(sighting.shots) for sighting in batch])
    return [_NewVectors(sighting, own) for sighting, own in zip(batch, np.split(rows, ends[:-1]), strict=True)]


def _decoded(archive: Archive, batch: Iterable[Sighting]) -> Iterator[list[Image]]:
    """Yield all pictures of sightings in their order, as many at once as have PIXELS_AT_ONCE, but one at least."""
    pictures: list[Image] = []
    pixels = 0
    for shot in (shot for sighting in batch for shot in sighting.shots):
        picture = decode_image(archive.crops.read(shot.crop), shot.crop.pack)
        pixels += picture.shape[0] * picture.shape[1]
        if pictures and pixels > PIXELS_AT_ONCE:
            yield pictures
            pictures, pixels = [], picture.shape[0] * picture.shape[1]
        pictures.append(picture)
    yield pictures


def _embed_plate(
    archive: Archive, verifier: Verifier, locate: LocatePlate | None, sighting: Sighting
) -> _NewVectors | None:
    """Return the plate vectors of a sighting, None if no picture of it shows a plate."""
    pictures: list[tuple[Image, Corners]] = []
    corners_of: dict[int, Corners] = {}
    for shot in sighting.shots:
        if shot.plate is None and locate is None:
            continue
        picture = decode_image(archive.crops.read(shot.crop), shot.crop.pack)
        corners = shot.plate if shot.plate is not None or locate is None else locate(picture)
        if corners is not None:
            pictures.append((picture, corners))
            corners_of[shot.number] = corners
    return _NewVectors(sighting, verifier.appearance(pictures).vectors, corners_of) if pictures else None


def _store(archive: Archive, model_id: str, kind: str, batch: Sequence[_NewVectors]) -> None:
    """Write vectors and corners, first into the catalogue, then the vectors into the segments."""
    if not batch:
        return
    with archive.catalogue.writing() as connection:
        corners = {(new.sighting.id, number): four for new in batch for number, four in new.corners.items()}
        plates.put_corners(connection, corners)
        matrices = {new.sighting.id: new.matrix for new in batch}
        vectors.add(connection, model_id, matrices, at=datetime.now(UTC), kind=kind)
        described = sightings.descriptions_of(connection, list(matrices))
    stored = [
        StoredVectors(one.id, one.camera, one.best, described[one.id], matrices[one.id].astype("<f2"))
        for one in (new.sighting for new in batch)
    ]
    try:
        archive.vectors.add(model_id, stored)
    except OSError as error:
        _log.warning("vectors of %s are in the catalogue only, until there is room: %s", model_id, error)
