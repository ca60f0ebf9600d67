"""Change roads, cameras and masks, with a permission check and an audit row in the same transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from index.access.permissions import Permission, require
from index.map.places import ImportedRoads, place_book
from index.map.sighting_roads import take_roads_of_moved
from index.store.archive import Archive
from index.store.catalogue import Connection, audit, cameras, clocks, scenes
from index.store.catalogue.audit import Record
from index.store.catalogue.cameras import StoredCamera
from index.store.catalogue.clocks import ClockOffset
from index.store.catalogue.people import Person
from reid.scene.regions import Regions
from roadgraph.camera import Camera
from roadgraph.tags import ALL_WAYS, TagOptions

GIVEN = "given"
"""The source of a clock offset that a person stated."""


def import_roads(archive: Archive, person: Person, path: Path, options: TagOptions = ALL_WAYS) -> ImportedRoads:
    """Replace the road map, and place the cameras on the new one."""
    require(archive, person, Permission.INGEST)
    entry = _entry(person, "import roads", {"file": path.name})
    return place_book(archive).import_roads(path, options, record=entry)


def import_cameras(archive: Archive, person: Person, new: Sequence[Camera]) -> list[StoredCamera]:
    """Add cameras and place them on the roads."""
    require(archive, person, Permission.INGEST)
    entry = _entry(person, "import cameras", {"cameras": [camera.id for camera in new]})
    return place_book(archive).import_cameras(new, record=entry)


def add_cameras(archive: Archive, person: Person, ids: Sequence[str]) -> list[str]:
    """Add cameras of which only the name is known; return all that have no place."""
    require(archive, person, Permission.INGEST)
    return place_book(archive).add_cameras(ids, record=_entry(person, "add cameras", {"cameras": list(ids)}))


def move_camera(
    archive: Archive, person: Person, camera: Camera, since: datetime, *, replace_later: bool = False
) -> StoredCamera:
    """Move a camera from a time on, and clear the suspicion that it was moved since then."""
    require(archive, person, Permission.INGEST)
    entry = _entry(person, "move camera", {"camera": camera.id, "since": since.isoformat()})

    def record(connection: Connection) -> None:
        scenes.clear_suspicion(connection, camera.id, since)
        entry(connection)

    return place_book(archive).move_camera(camera, since, replace_later=replace_later, record=record)


def set_mask(archive: Archive, person: Person, camera: str, regions: Regions, since: datetime) -> list[datetime]:
    """Set the mask of a camera from a time on; return from when on the later masks held that it takes the place of.

    Footage that was ingested before is not analysed again.
    """
    require(archive, person, Permission.INGEST)
    detail = {"camera": camera, "since": since.isoformat(), "look": len(regions.look), "ignore": len(regions.ignore)}
    with archive.catalogue.writing() as connection:
        replaced = cameras.later_masks(connection, camera, since)
        cameras.put_mask(connection, camera, regions, since=since)
        _entry(person, "mask camera", detail)(connection)
    return replaced


def set_clock(archive: Archive, person: Person, clock: ClockOffset) -> None:
    """Write down what a person found out of a camera's clock; it is believed, and no longer estimated."""
    require(archive, person, Permission.INGEST)
    with archive.catalogue.writing() as connection:
        cameras.check_known(connection, clock.camera)
        cameras.hold(connection, [clock.camera])
        clocks.set_offset(connection, replace(clock, source=GIVEN))
        take_roads_of_moved(connection, [clock.camera])
        detail = {"camera": clock.camera, "ahead_s": clock.offset_s, "since": clock.valid_from.isoformat()}
        _entry(person, "set clock", detail)(connection)


def forget_clock(archive: Archive, person: Person, camera: str, since: datetime) -> None:
    """Take back what was said or learned of a camera's clock from a time on."""
    require(archive, person, Permission.INGEST)
    with archive.catalogue.writing() as connection:
        cameras.check_known(connection, camera)
        cameras.hold(connection, [camera])
        clocks.forget_offsets(connection, camera=camera, since=since)
        take_roads_of_moved(connection, [camera])
        _entry(person, "forget clock", {"camera": camera, "since": since.isoformat()})(connection)


def clocks_of(archive: Archive, person: Person) -> list[ClockOffset]:
    """Return what is known of the clock of each camera now, by camera."""
    require(archive, person, Permission.SEE)
    with archive.catalogue.reading() as connection:
        known = clocks.offsets(connection)
    return [known[camera] for camera in sorted(known)]


def clocks_after(archive: Archive, person: Person, camera: str, since: datetime) -> list[ClockOffset]:
    """Return what people said, or a picture told, of a clock from later times on: a statement from `since` ends it."""
    require(archive, person, Permission.SEE)
    with archive.catalogue.reading() as connection:
        known = clocks.of_camera(connection, camera)
    return [one for one in known if one.valid_from > since and one.source not in clocks.FOUND]


def mask_of(archive: Archive, person: Person, camera: str) -> Regions | None:
    """Return the mask of a camera now, None where its whole picture is analysed."""
    require(archive, person, Permission.SEE)
    with archive.catalogue.reading() as connection:
        cameras.check_known(connection, camera)
        return cameras.mask_at(connection, camera, datetime.now(UTC))


def change_mask(archive: Archive, person: Person, camera: str, regions: Regions) -> None:
    """Put another mask in the place of the one that a camera has now; those of before stay."""
    with archive.catalogue.reading() as connection:
        since = cameras.mask_since(connection, camera, datetime.now(UTC))
    set_mask(archive, person, camera, regions, since)


def masks_to_come(archive: Archive, person: Person, camera: str) -> list[datetime]:
    """Return from when on masks hold that were written for times to come: a change now takes their place."""
    require(archive, person, Permission.SEE)
    with archive.catalogue.reading() as connection:
        return cameras.later_masks(connection, camera, datetime.now(UTC))


def _entry(person: Person, action: str, detail: Mapping[str, Any]) -> Record:
    """Return what writes an audit row into the transaction of a change: whoever is stopped leaves both or neither."""

    def record(connection: Connection) -> None:
        audit.append(connection, at=datetime.now(UTC), person=person.id, action=action, detail=detail)

    return record
