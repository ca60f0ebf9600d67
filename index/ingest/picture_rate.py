"""Keep how fast the clock in the pictures of a file runs: footage that lies about its rate is put right by it."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from index.access import permissions
from index.access.permissions import Permission
from index.errors import ArchiveError
from index.ingest.file_identity import sha256_of
from index.ingest.kept_rate import steady_clock
from index.map.sighting_roads import take_roads_of_moved
from index.store.archive import Archive
from index.store.catalogue import audit, cameras, clocks, footage
from index.store.catalogue.clocks import ClockOffset
from index.store.catalogue.footage import Footage
from index.store.catalogue.people import Person
from reid.clock.burnt_clock import NoClock
from reid.clock.burnt_rate import BurntRate, read_burnt_rate
from reid.video.timeline import read_timeline


def picture_rate(path: Path) -> BurntRate:
    """Return how fast the clock in the pictures of a file runs."""
    found = read_burnt_rate(read_timeline(path))
    if isinstance(found, NoClock):
        raise ArchiveError(f"{path} does not tell how fast it runs: {found.reason}")
    return found


def keep_picture_rate(archive: Archive, person: Person, path: Path) -> BurntRate:
    """Put the stored times of a file right by the clock in its pictures, from its start to its end."""
    permissions.require(archive, person, Permission.INGEST)
    id_ = sha256_of(path)
    with archive.catalogue.reading() as connection:
        film = footage.get(connection, id_)
        before = None if film is None else clocks.offsets(connection, film.start).get(film.camera)
    if film is None:
        raise ArchiveError(f"{path} is not in the archive: ingest it first, or leave out --keep")
    found = picture_rate(path)
    offset = rated(film, found, before)
    with archive.catalogue.writing() as connection:
        cameras.hold(connection, [film.camera])
        now = footage.get(connection, id_)
        if now is None or (now.camera, now.start) != (film.camera, film.start):
            raise ArchiveError(f"{path} was moved or removed while its clock was read: run the command again")
        clocks.insert_offset(connection, offset)
        take_roads_of_moved(connection, [film.camera])
        detail = {"camera": film.camera, "file": path.name, "drift": offset.drift}
        audit.append(connection, at=datetime.now(UTC), person=person.id, action="set clock", detail=detail)
    return found


def rated(film: Footage, found: BurntRate, before: ClockOffset | None) -> ClockOffset:
    """Return the clock during a file: off by what was known `before` where it starts, and gaining from there."""
    evidence = f"{found.right} of {found.read} readings of {found.text!r}"
    return replace(steady_clock(film, before).with_drift(1 - found.rate, found.doubt), evidence=evidence)
