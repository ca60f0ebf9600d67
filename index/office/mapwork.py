"""Change the roads, the cameras and where these look, allowed and on the record."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from index.catalogue import cameras, masks, scenes
from index.catalogue.cameras import StoredCamera
from index.catalogue.people import Person
from index.office import audit
from index.office.access import Permission, require
from reid.regions import Regions
from roadgraph.camera import Camera

if TYPE_CHECKING:
    from index.archive import Archive
    from index.places import ImportedRoads


def import_roads(archive: "Archive", person: Person, path: Path) -> "ImportedRoads":
    """Replace the road map, and put the cameras on the new one."""
    require(archive, person, Permission.INGEST)
    made = archive.place_book.import_roads(path)
    audit.record(archive, person, "import roads", {"file": path.name, "km": round(made.km, 3)})
    return made


def import_cameras(archive: "Archive", person: Person, new: Sequence[Camera]) -> list[StoredCamera]:
    """Add cameras, and put them on the roads."""
    require(archive, person, Permission.INGEST)
    stored = archive.place_book.import_cameras(new)
    audit.record(archive, person, "import cameras", {"cameras": [camera.id for camera in stored]})
    return stored


def move_camera(archive: "Archive", person: Person, camera: Camera, since: datetime) -> StoredCamera:
    """Put a camera elsewhere from a time on; that it may have been moved then is no suspicion any more."""
    require(archive, person, Permission.INGEST)
    moved = archive.place_book.move_camera(camera, since)
    with archive.catalogue.writing() as connection:
        scenes.believe(connection, camera.id, since)
    audit.record(archive, person, "move camera", {"camera": camera.id, "since": since.isoformat()})
    return moved


def set_mask(archive: "Archive", person: Person, camera: str, regions: Regions, since: datetime) -> None:
    """Say where in a camera's picture to look from a time on; footage that is in already stays as it was seen."""
    require(archive, person, Permission.INGEST)
    with archive.catalogue.writing() as connection:
        masks.put(connection, camera, regions, since=since)
    told = {"camera": camera, "since": since.isoformat(), "look": len(regions.look), "ignore": len(regions.ignore)}
    audit.record(archive, person, "mask camera", told)


def mask_of(archive: "Archive", person: Person, camera: str) -> Regions | None:
    """Return where a camera looks now, None for everywhere."""
    require(archive, person, Permission.SEE)
    with archive.catalogue.reading() as connection:
        cameras.known(connection, camera)
        return masks.at(connection, camera, datetime.now(UTC))
