"""Open an archive, add chunks of footage to it, and keep its catalogue, pictures and vectors consistent."""

import logging
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from copy import copy
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from index.errors import ArchiveError
from index.records import CropRef, NewChunk, NewSighting
from index.store import archive_file
from index.store.archive_file import ArchiveFile
from index.store.catalogue import (
    Catalogue,
    Connection,
    cameras,
    footage,
    models,
    road_numbers,
    sighting_writing,
    vectors,
)
from index.store.catalogue.audit import Record, no_record
from index.store.catalogue.driver_errors import RowExistsError
from index.store.catalogue.models import StoredModel
from index.store.catalogue.vectors import StoredVectors
from index.store.crops import CropPacks
from index.store.fitting import FootageGoneError, fitted
from index.store.opening import make_catalogue, open_catalogue
from index.store.vectors import VECTOR_STORES, VectorStore
from reid.arrays import Floats32

TRIES = 4
"""So often a chunk is written while others change what it belongs to."""

_log = logging.getLogger(__name__)


class OtherModelError(ArchiveError):
    """Pictures were described by another model than the one in use: no question would find them."""


class _ChangedMeanwhileError(ArchiveError):
    """Footage was changed between two looks at it."""


class Archive:
    """An open archive; each process opens its own, and any number of processes may add at once."""

    def __init__(self, file: ArchiveFile, catalogue: Catalogue) -> None:
        self.path = file.folder
        self.id = file.id
        self.catalogue = catalogue
        self.crops = CropPacks(file.folder / "crops")
        self.vectors: VectorStore = VECTOR_STORES[file.vectors_scheme](file, catalogue)

    @classmethod
    def create(cls, path: Path, database_url: str | None = None, vectors_url: str | None = None) -> "Archive":
        """Create an empty archive in a new or empty folder."""
        file = ArchiveFile(str(uuid.uuid4()), path, database_url, vectors_url)
        _check_store(file)
        return cls(file, make_catalogue(file))

    @classmethod
    def open(cls, path: Path) -> "Archive":
        """Open an archive by its folder or its file; an older catalogue is copied, then migrated."""
        file = archive_file.read(archive_file.find(path))
        _check_store(file)
        return cls(file, open_catalogue(file))

    def add(self, chunk: NewChunk, *, record: Record = no_record) -> int:
        """Add a chunk and return how many of its sightings are new; adding it again adds nothing.

        The pictures are written first, then one transaction writes the rows that name them and `record`, then the
        vectors follow.
        If the process is stopped at any moment, the archive is consistent, and the same call finishes the work.
        """
        for _ in range(TRIES - 1):
            # Another process may just have added one of the same sightings, moved their footage or refused a part.
            with suppress(RowExistsError, _ChangedMeanwhileError):
                return self._add(chunk, record)
        return self._add(chunk, record)

    @contextmanager
    def at_one_moment(self) -> Iterator["Archive"]:
        """Give the archive as its catalogue is at the first look into it, whatever is added or forgotten meanwhile."""
        with self.catalogue.at_one_moment() as catalogue:
            unchanging = copy(self)
            unchanging.catalogue = catalogue
            yield unchanging

    def forget(self, ids: Sequence[str]) -> int:
        """Put a tombstone on sightings and return on how many; searches no longer find them, a purge deletes them."""
        with self.catalogue.writing() as connection:
            cameras.hold(connection, road_numbers.cameras_of(connection, ids))
            return sighting_writing.forget(connection, ids, at=datetime.now(UTC))

    def close(self) -> None:
        """Close the database and the pack that this process writes."""
        self.crops.close()
        self.vectors.close()
        self.catalogue.close()

    def __enter__(self) -> "Archive":
        """Return the archive itself, for a `with` block."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close the archive at the end of the block."""
        self.close()

    def _add(self, chunk: NewChunk, record: Record) -> int:
        with self.catalogue.reading() as connection:
            chunk = fitted(connection, chunk)
            _check_cameras(connection, chunk)
            known = sighting_writing.known_ids(connection, [new.id for new in chunk.sightings])
        new_sightings = [new for new in chunk.sightings if new.id not in known]
        crops: list[list[CropRef]] = []
        try:
            crops = self._store_pictures(new_sightings)
            with self.catalogue.writing() as connection:
                _write(connection, chunk, new_sightings, crops)
                record(connection)
            self._store_vectors(new_sightings)
        except (FootageGoneError, _ChangedMeanwhileError):
            # A purge may have swept the packs before these pictures were written.
            self.crops.take_back([ref for own in crops for ref in own])
            raise
        finally:
            # Nobody holds a pack between two chunks, so that a purge gets at each of them.
            self.crops.close()
        return len(new_sightings)

    def _store_pictures(self, new_sightings: Sequence[NewSighting]) -> list[list[CropRef]]:
        refs = iter(self.crops.append([shot.jpeg for new in new_sightings for shot in new.shots]))
        return [[next(refs) for _ in new.shots] for new in new_sightings]

    def _store_vectors(self, new_sightings: Sequence[NewSighting]) -> None:
        for _, model, matrices in _matrices(new_sightings):
            stored = [
                StoredVectors(new.id, new.camera, new.best, new.description, matrices[new.id].astype("<f2"))
                for new in new_sightings
                if new.id in matrices
            ]
            try:
                self.vectors.add(model, stored)
            except OSError as error:
                _log.warning("vectors of %s are only in the catalogue until the disk has room: %s", model, error)


def _write(
    connection: Connection, chunk: NewChunk, new_sightings: Sequence[NewSighting], crops: Sequence[Sequence[CropRef]]
) -> None:
    """Write the rows of a chunk's new sightings."""
    cameras.hold(connection, _cameras_of(chunk))
    if fitted(connection, chunk) is not chunk:
        raise _ChangedMeanwhileError("footage was changed while what it shows was written: run the same command again")
    at = datetime.now(UTC)
    _check_model(connection, new_sightings)
    readers = {new.plate_model for new in new_sightings if new.plate_model}
    models.remember(connection, [StoredModel(reader, "plate_reader") for reader in sorted(readers)], at=at)
    sighting_writing.add(connection, new_sightings, crops, footage=chunk.footage, chunk=chunk.number, added_at=at)
    for kind, model, matrices in _matrices(new_sightings):
        vectors.add(connection, model, matrices, at=at, kind=kind)
    if chunk.footage is not None and chunk.number is not None:
        found = len(chunk.sightings)
        part = (chunk.footage, chunk.number, chunk.coverage)
        footage.finish_chunk(connection, *part, sightings=found, at=at, scene=chunk.scene)
    else:
        footage.add_coverage(connection, chunk.coverage)


def _check_model(connection: Connection, new_sightings: Sequence[NewSighting]) -> None:
    """Refuse pictures that only other models than the one in use have described."""
    used = models.in_use(connection, "appearance")
    if used is None:
        return
    for new in new_sightings:
        if new.vectors and used.id not in new.vectors:
            raise OtherModelError(
                f"sighting {new.id!r} was described by {', '.join(sorted(new.vectors))}, "
                f"and the archive has been using {used.id}: run the same command again, or `retrace reembed`"
            )


def _matrices(new_sightings: Sequence[NewSighting]) -> Iterator[tuple[str, str, dict[str, Floats32]]]:
    """Yield (kind of model, model, its vectors by sighting) for every model that made vectors."""
    for kind, by_sighting in (
        ("appearance", {new.id: new.vectors for new in new_sightings}),
        ("plate_vector", {new.id: new.plate_vectors for new in new_sightings}),
    ):
        for model in sorted({model for made in by_sighting.values() for model in made}):
            yield kind, model, {id_: made[model] for id_, made in by_sighting.items() if model in made}


def _check_cameras(connection: Connection, chunk: NewChunk) -> None:
    for camera in sorted(_cameras_of(chunk)):
        cameras.check_known(connection, camera)


def _cameras_of(chunk: NewChunk) -> set[str]:
    return {new.camera for new in chunk.sightings} | {part.camera for part in chunk.coverage}


def _check_store(file: ArchiveFile) -> None:
    if file.vectors_scheme not in VECTOR_STORES:
        known = ", ".join(sorted(VECTOR_STORES))
        raise ArchiveError(
            f"no vector store {file.vectors_scheme!r}: known are {known}; without one, vectors lie in files"
        )
