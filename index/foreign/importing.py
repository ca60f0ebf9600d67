"""Add what another system saw to the archive, each sighting once however often it is imported."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING

from index.archive import NewChunk
from index.catalogue import cameras, models, sightings
from index.catalogue.cameras import StoredCamera
from index.catalogue.models import Model
from index.catalogue.people import Person
from index.errors import ArchiveError
from index.foreign.report import Report, Reports
from index.foreign.retelling import Retelling, report_id
from index.learning.reembedding import weights_for
from index.office import access, audit
from index.office.access import Permission
from index.sighting import NewSighting
from reid.appearance.embedder import Embedder
from reid.appearance.installed import make_embedder

if TYPE_CHECKING:
    from index.archive import Archive

AT_ONCE = 200
"""So many sightings go into the archive in one transaction: their pictures are in memory until then."""


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How pictures are described: by which weights, and whether plates are read where the other system read none."""

    weights: str = "appearance"
    plates: bool = True


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: `sightings` are new, `known` were there before, `skipped` rows could not be used.

    `problems` has a line for each row that was skipped and for each picture that could not be read.
    """

    sightings: int
    known: int
    skipped: int
    problems: tuple[str, ...]

    def __add__(self, other: "Imported") -> "Imported":
        """Return both together."""
        return Imported(
            self.sightings + other.sightings,
            self.known + other.known,
            self.skipped + other.skipped,
            self.problems + other.problems,
        )


def import_reports(archive: "Archive", person: Person, read: Reports, options: ImportOptions | None = None) -> Imported:
    """Add what the reports tell; one that cannot be used is skipped and told, and so is an unknown camera."""
    access.require(archive, person, Permission.INGEST)
    options = options or ImportOptions()
    places, unknown = _cameras(archive, read.reports)
    strangers = tuple(f"{one.where}: {unknown[one.camera]}" for one in read.reports if one.camera in unknown)
    retelling = Retelling(places, make_embedder(weights_for(archive, options.weights), threads=1), options.plates)
    _remember(archive, retelling.embedder)
    done = Imported(0, 0, len(read.problems) + len(strangers), read.problems + strangers)
    seen: set[str] = set()
    for some in _batches(one for one in read.reports if one.camera not in unknown):
        done += _add(archive, retelling, some, seen)
        seen.update(report_id(report) for report in some)
    told = {"sightings": done.sightings, "known": done.known, "skipped": done.skipped}
    audit.record(archive, person, "import sightings", told)
    return done


def _cameras(
    archive: "Archive", reports: Sequence[Report]
) -> tuple[Mapping[str, Sequence[StoredCamera]], Mapping[str, str]]:
    """Return every place of each camera, and why those that are not there cannot be used."""
    places: dict[str, Sequence[StoredCamera]] = {}
    unknown: dict[str, str] = {}
    with archive.catalogue.reading() as connection:
        for name in sorted({report.camera for report in reports}):
            try:
                cameras.known(connection, name)
                places[name] = cameras.places(connection, name)
            except ArchiveError as error:
                unknown[name] = str(error)
    return places, unknown


def _remember(archive: "Archive", embedder: Embedder) -> None:
    used = [Model(embedder.model_id, "appearance", embedder.dims)]
    with archive.catalogue.writing() as connection:
        models.remember(connection, used, at=datetime.now(UTC))


def _add(archive: "Archive", retelling: Retelling, reports: Sequence[Report], seen: set[str]) -> Imported:
    """Add a batch; `seen` are the ids of the batches before it."""
    by_id = {report_id(report): report for report in reports}
    with archive.catalogue.reading() as connection:
        there = sightings.known(connection, by_id) | (seen & by_id.keys())
    new: list[NewSighting] = []
    problems: list[str] = []
    for id_, report in by_id.items():
        if id_ not in there:
            made, lines = retelling.sighting(id_, report)
            new += [made] if made else []
            problems += lines
    added = archive.add(NewChunk(None, None, tuple(new)))
    skipped = len(by_id) - len(there) - len(new)
    return Imported(added, len(reports) - added - skipped, skipped, tuple(problems))


def _batches(reports: Iterable[Report]) -> Iterator[list[Report]]:
    iterator = iter(reports)
    while some := list(islice(iterator, AT_ONCE)):
        yield some
