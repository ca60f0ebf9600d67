"""Hold everything one inquiry office remembers: catalogue, pictures and vectors, opened and kept whole together."""

import logging
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from index.catalogue import (
    Catalogue,
    Connection,
    about,
    cameras,
    chunks,
    models,
    plate_index,
    schema,
    sightings,
    vectors,
)
from index.catalogue.chunks import Coverage
from index.catalogue.database import RowExistsError
from index.catalogue.models import Model
from index.catalogue.vectors import StoredVectors
from index.crops import CropPacks
from index.errors import ArchiveError
from index.keeping import archive_check, archive_file
from index.keeping.archive_file import ArchiveFile
from index.keeping.locks import locked
from index.keeping.sweeping import sweep
from index.sighting import CropRef, NewSighting
from index.vectors import VECTOR_STORES, VectorStore

if TYPE_CHECKING:
    from index.places import PlaceBook, Places

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NewChunk:
    """What one chunk of footage gave; an import has no footage and no number. `scene` is a JPEG of it when empty."""

    footage: str | None
    number: int | None
    sightings: tuple[NewSighting, ...]
    coverage: tuple[Coverage, ...] = ()
    scene: bytes | None = None


class Archive:
    """An open archive; each process opens its own, and any number may add at once."""

    def __init__(self, file: ArchiveFile, catalogue: Catalogue) -> None:
        self.path = file.folder
        self.id = file.id
        self.catalogue = catalogue
        self.crops = CropPacks(file.folder / "crops")
        self.vectors: VectorStore = VECTOR_STORES[file.vectors_scheme](file.folder / "vectors", catalogue)

    @cached_property
    def place_book(self) -> "PlaceBook":
        """Return what keeps roads and cameras; commands that need neither do not load the libraries of the roads."""
        from index.places import PlaceBook

        return PlaceBook(self.path, self.catalogue)

    @classmethod
    def create(cls, path: Path, database_url: str | None = None, vectors_url: str | None = None) -> "Archive":
        """Make an empty archive in a new or empty folder."""
        archive_file.check_free(path, "the archive")
        file = ArchiveFile(str(uuid.uuid4()), path, database_url, vectors_url)
        _check_store(file)
        path.mkdir(parents=True, exist_ok=True)
        catalogue = _catalogue(file)
        schema.create(catalogue)
        with catalogue.writing() as connection:
            about.set_archive(connection, file.id)
        archive_file.write(file)
        return cls(file, catalogue)

    @classmethod
    def open(cls, path: Path) -> "Archive":
        """Open an archive by its folder or its file; an older one is brought up to date after a copy is made."""
        file = archive_file.read(archive_file.find(path))
        _check_store(file)
        if file.database_path is not None and not file.database_path.is_file():
            raise ArchiveError(f"{file.database_path} is gone: restore it from a backup")
        catalogue = _catalogue(file)
        if not schema.is_current(catalogue):
            _bring_up_to_date(file, catalogue)
        with catalogue.reading() as connection:
            about.check_archive(connection, file.id, catalogue.name)
        return cls(file, catalogue)

    @property
    def places(self) -> "Places | None":
        """Return the roads and the cameras on them, None where no roads are imported."""
        return self.place_book.current()

    def add(self, chunk: NewChunk) -> int:
        """Remember a chunk and return how many of its sightings are new; adding it again adds nothing.

        Pictures are on the disk before the one transaction that names them, and vectors follow it: stopped at any
        moment, the archive is whole and the same call finishes the work.
        """
        try:
            return self._add(chunk)
        except RowExistsError:
            # Another process added one of the same sightings a moment ago: now it is known.
            return self._add(chunk)

    def forget(self, ids: Sequence[str]) -> int:
        """Lay a tombstone on sightings and return on how many."""
        with self.catalogue.writing() as connection:
            return sightings.forget(connection, ids, at=datetime.now(UTC))

    def verify(self) -> list[str]:
        """Return what is broken, each in one line; nothing is changed but derived files that were missing."""
        return archive_check.problems(self)

    def rebuild(self) -> int:
        """Make vector segments and the list of plates anew, sweep unnamed pictures, and return the bytes freed."""
        self.vectors.rebuild()
        with self.catalogue.writing() as connection:
            plate_index.rebuild(connection)
        with locked(self.path / "maintenance.lock"):
            return sweep(self)

    def close(self) -> None:
        """Let go of the database and the pack."""
        self.crops.close()
        self.catalogue.close()

    def __enter__(self) -> "Archive":
        """Lend the archive to a block."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close it at the end of the block."""
        self.close()

    def _add(self, chunk: NewChunk) -> int:
        with self.catalogue.reading() as connection:
            _check_cameras(connection, chunk)
            known = sightings.known(connection, [new.id for new in chunk.sightings])
        news = [new for new in chunk.sightings if new.id not in known]
        crops = self._store_pictures(news)
        with self.catalogue.writing() as connection:
            batches = _write(connection, chunk, news, crops)
        self._store_vectors(news, batches)
        return len(news)

    def _store_pictures(self, news: Sequence[NewSighting]) -> list[list[CropRef]]:
        refs = iter(self.crops.append([shot.jpeg for new in news for shot in new.shots]))
        return [[next(refs) for _ in new.shots] for new in news]

    def _store_vectors(self, news: Sequence[NewSighting], batches: dict[str, int]) -> None:
        for _, model, matrices in _matrices(news):
            batch = batches[model]
            stored = [
                StoredVectors(new.id, new.camera, new.best, batch, matrices[new.id].astype("<f2"))
                for new in news
                if new.id in matrices
            ]
            try:
                self.vectors.add(model, batch, stored)
            except OSError as error:
                _log.warning("vectors of %s are in the catalogue only, until there is room: %s", model, error)


def _write(
    connection: Connection, chunk: NewChunk, news: Sequence[NewSighting], crops: Sequence[Sequence[CropRef]]
) -> dict[str, int]:
    """Write all of a chunk that is new, and return the batch of each model's vectors."""
    at = datetime.now(UTC)
    readers = {new.plate_model for new in news if new.plate_model}
    models.remember(connection, [Model(reader, "plate_reader") for reader in sorted(readers)], at=at)
    sightings.add(connection, news, crops, footage=chunk.footage, chunk=chunk.number, added_at=at)
    batches = {
        model: vectors.add(connection, model, matrices, at=at, kind=kind) for kind, model, matrices in _matrices(news)
    }
    if chunk.footage is not None and chunk.number is not None:
        found = len(chunk.sightings)
        part = (chunk.footage, chunk.number, chunk.coverage)
        chunks.finish(connection, *part, sightings=found, at=at, scene=chunk.scene)
    else:
        chunks.cover(connection, chunk.coverage)
    return batches


def _matrices(news: Sequence[NewSighting]) -> Iterator[tuple[str, str, dict[str, npt.NDArray[np.float32]]]]:
    """Yield each kind of model, the model, and its vectors by sighting."""
    for kind, made in (
        ("appearance", {new.id: new.vectors for new in news}),
        ("plate_vector", {new.id: new.plate_vectors for new in news}),
    ):
        for model in sorted({model for vectors_of in made.values() for model in vectors_of}):
            yield kind, model, {id_: vectors_of[model] for id_, vectors_of in made.items() if model in vectors_of}


def _check_cameras(connection: Connection, chunk: NewChunk) -> None:
    named = {new.camera for new in chunk.sightings} | {part.camera for part in chunk.coverage}
    for camera in sorted(named):
        cameras.known(connection, camera)


def _catalogue(file: ArchiveFile) -> Catalogue:
    if file.database_path is not None:
        return Catalogue.embedded(file.database_path)
    return Catalogue.served(file.database or "")


def _check_store(file: ArchiveFile) -> None:
    if file.vectors_scheme not in VECTOR_STORES:
        known = ", ".join(sorted(VECTOR_STORES))
        raise ArchiveError(
            f"no vector store {file.vectors_scheme!r}: known are {known}; without one, vectors lie in files"
        )


def _bring_up_to_date(file: ArchiveFile, catalogue: Catalogue) -> None:
    """Migrate, after a copy of an embedded catalogue; a server's migration is one transaction and needs none."""
    with locked(file.folder / "migration.lock"):
        if schema.is_current(catalogue):
            return
        if file.database_path is not None:
            copy = file.database_path.with_suffix(f".before-{schema.HEAD}.sqlite")
            catalogue.copy_to(copy)
            _log.warning("the archive is brought up to date; as it was: %s", copy)
        schema.migrate(catalogue)
