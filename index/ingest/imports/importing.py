"""Add the sightings of another system to the archive, each once however often it is imported."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from index.access import audit, permissions
from index.access.permissions import Permission
from index.errors import ArchiveError
from index.ingest.describing import weights_for
from index.ingest.imports.external_sighting import ExternalSighting, ExternalSightings, SightingMaker, external_id
from index.map.sighting_roads import roads_taken
from index.records import NewChunk, NewSighting
from index.store.archive import Archive
from index.store.catalogue import cameras, models, sighting_writing
from index.store.catalogue.cameras import StoredCamera
from index.store.catalogue.models import StoredModel
from index.store.catalogue.people import Person
from reid.appearance.embedders import Embedder, make_embedder

BATCH_SIGHTINGS = 200
"""Sightings added in one transaction; their pictures are in memory until then."""


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """The weights that embed the pictures, and whether plates are read where the other system read none."""

    weights: str = "appearance"
    plates: bool = True


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did: `sightings` are new, `known` were there before, `skipped` rows could not be used.

    `problems` has a line for each skipped row and for each picture that could not be read.
    """

    sightings: int
    known: int
    skipped: int
    problems: tuple[str, ...]

    def __add__(self, other: "ImportResult") -> "ImportResult":
        """Return the sum of both results."""
        return ImportResult(
            self.sightings + other.sightings,
            self.known + other.known,
            self.skipped + other.skipped,
            self.problems + other.problems,
        )


def import_external_sightings(
    archive: Archive, person: Person, read: ExternalSightings, options: ImportOptions | None = None
) -> ImportResult:
    """Add the sightings; one that cannot be used, or whose camera the archive does not know, is skipped with a line."""
    permissions.require(archive, person, Permission.INGEST)
    options = options or ImportOptions()
    places, unknown = _cameras(archive, read.sightings)
    unplaced = tuple(f"{row.where}: {unknown[row.camera]}" for row in read.sightings if row.camera in unknown)
    maker = SightingMaker(places, make_embedder(weights_for(archive, options.weights), threads=1), options.plates)
    # Before anything comes in: what an import that is stopped has added is not there without a trace.
    audit.record(archive, person, "begin importing sightings", {"rows": len(read.sightings)})
    _remember_model(archive, maker.embedder)
    result = ImportResult(0, 0, len(read.problems) + len(unplaced), read.problems + unplaced)
    earlier_ids: set[str] = set()
    for batch in _batches(row for row in read.sightings if row.camera not in unknown):
        result += _add(archive, maker, batch, earlier_ids)
        earlier_ids.update(external_id(row) for row in batch)
    counts = {"sightings": result.sightings, "known": result.known, "skipped": result.skipped}
    audit.record(archive, person, "import sightings", counts)
    return result


def _cameras(
    archive: Archive, rows: Sequence[ExternalSighting]
) -> tuple[Mapping[str, Sequence[StoredCamera]], Mapping[str, str]]:
    """Return every place of each known camera, and why each unknown one cannot be used."""
    places: dict[str, Sequence[StoredCamera]] = {}
    unknown: dict[str, str] = {}
    with archive.catalogue.reading() as connection:
        for name in sorted({row.camera for row in rows}):
            try:
                cameras.check_known(connection, name)
                places[name] = cameras.places(connection, name)
            except ArchiveError as error:
                unknown[name] = str(error)
    return places, unknown


def _remember_model(archive: Archive, embedder: Embedder) -> None:
    used = [StoredModel(embedder.model_id, "appearance", embedder.dims)]
    with archive.catalogue.writing() as connection:
        models.remember(connection, used, at=datetime.now(UTC))


def _add(
    archive: Archive, maker: SightingMaker, batch: Sequence[ExternalSighting], earlier_ids: set[str]
) -> ImportResult:
    """Add a batch; `earlier_ids` are those of the batches before it."""
    by_id = {external_id(row): row for row in batch}
    with archive.catalogue.reading() as connection:
        known = sighting_writing.known_ids(connection, by_id) | (earlier_ids & by_id.keys())
    new: list[NewSighting] = []
    unusable: set[str] = set()
    problems: list[str] = []
    for id_, row in by_id.items():
        if id_ not in known:
            made, lines = maker.sighting(id_, row)
            new += [made] if made else []
            unusable |= set() if made else {id_}
            problems += lines
    added = archive.add(NewChunk(None, None, tuple(new)), record=roads_taken(new))
    # Rows, not ids: pictures that cannot be read tell no two rows of a moment apart.
    skipped = sum(external_id(row) in unusable for row in batch)
    return ImportResult(added, len(batch) - added - skipped, skipped, tuple(problems))


def _batches(rows: Iterable[ExternalSighting]) -> Iterator[list[ExternalSighting]]:
    iterator = iter(rows)
    while batch := list(islice(iterator, BATCH_SIGHTINGS)):
        yield batch
