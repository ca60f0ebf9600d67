"""List footage and sightings, and open single sightings and pictures, without a search."""

from collections.abc import Iterable, Iterator

from index.access import audit
from index.access.permissions import Permission, require
from index.errors import ArchiveError
from index.records import Sighting, StoredShot
from index.store.archive import Archive
from index.store.catalogue import cameras, footage, sightings
from index.store.catalogue.footage import Footage
from index.store.catalogue.people import Person
from index.store.catalogue.sightings import SightingFilter


def list_sightings(archive: Archive, filter_: SightingFilter, person: Person) -> Iterator[Sighting]:
    """Return the sightings that pass the filter, in the order of time, after writing an audit row."""
    require(archive, person, Permission.SEE)
    with archive.catalogue.reading() as connection:
        for camera in filter_.cameras:
            cameras.check_known(connection, camera)
    audit.record(archive, person, "list sightings", _detail(filter_))
    return _listing(archive, filter_)


def list_footage(archive: Archive, person: Person, *, camera: str | None = None) -> list[Footage]:
    """Return the footage in the order of its start, only of one camera if given."""
    require(archive, person, Permission.SEE)
    with archive.catalogue.reading() as connection:
        if camera is not None:
            cameras.check_known(connection, camera)
        return footage.listing(connection, camera)


def get_sighting(archive: Archive, id_: str, person: Person) -> Sighting:
    """Return a sighting; refuse an id that the archive does not have."""
    require(archive, person, Permission.SEE)
    with archive.catalogue.reading() as connection:
        return sightings.get(connection, id_)


def show_sighting(archive: Archive, id_: str, person: Person, *, reason: str | None = None) -> Sighting:
    """Return a sighting to be shown with its plate, place and time, after writing an audit row."""
    found = get_sighting(archive, id_, person)
    audit.record(archive, person, "show sighting", {"sighting": found.id}, reason=reason)
    return found


def open_picture(
    archive: Archive,
    sighting: Sighting,
    person: Person,
    *,
    shot: StoredShot | None = None,
    reason: str | None = None,
    case: str | None = None,
) -> bytes:
    """Return the JPEG of a shot (None: the best one), after writing an audit row."""
    require(archive, person, Permission.SEE)
    chosen = shot or best_shot(sighting)
    if chosen is None:
        raise ArchiveError(f"sighting {sighting.id!r} has no picture: it was imported without one")
    detail = {"sighting": sighting.id, "shot": chosen.number}
    audit.record(archive, person, "open picture", detail, reason=reason, case=case)
    return archive.crops.read(chosen.crop)


def best_shot(sighting: Sighting) -> StoredShot | None:
    """Return the shot taken at the sighting's best moment, or else the first; None where it has no shots."""
    at_best = [shot for shot in sighting.shots if shot.time == sighting.best]
    return next(iter(at_best or sighting.shots), None)


def _listing(archive: Archive, filter_: SightingFilter) -> Iterator[Sighting]:
    with archive.catalogue.reading() as connection:
        yield from sightings.listing(connection, filter_)


def _detail(filter_: SightingFilter) -> dict[str, object]:
    named = {name: getattr(filter_, name) for name in SightingFilter.__dataclass_fields__}
    for name in ("start", "end"):
        named[name] = named[name].isoformat() if named[name] else None
    named["plate"] = filter_.plate.text if filter_.plate else None
    named["without"] = sorted(filter_.without)
    named["windows"] = None if filter_.windows is None else len(filter_.windows)
    return {name: value for name, value in named.items() if value not in (None, (), [], 0)}


def count_sightings(archive: Archive, filter_: SightingFilter, person: Person) -> dict[str, dict[str, int]]:
    """Return how many sightings pass the filter, by camera, by type and by colour, the most frequent first."""
    require(archive, person, Permission.SEE)
    with archive.catalogue.reading() as connection:
        return {
            "camera": sightings.tally(connection, filter_, "camera"),
            "type": sightings.tally(connection, filter_, "type"),
            "colour": sightings.tally(connection, filter_, "colour"),
        }


def get_sightings(archive: Archive, ids: Iterable[str], person: Person) -> list[Sighting]:
    """Return sightings in the order of their ids; a forgotten one is left out."""
    require(archive, person, Permission.SEE)
    with archive.catalogue.reading() as connection:
        return sightings.by_ids(connection, ids)
