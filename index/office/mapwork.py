"""Change the roads and cameras of an archive, allowed and on the record."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from index.catalogue.cameras import StoredCamera
from index.catalogue.people import Person
from index.office import audit
from index.office.access import Permission, require
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


def import_cameras(archive: "Archive", person: Person, cameras: Sequence[Camera]) -> list[StoredCamera]:
    """Add cameras, and put them on the roads."""
    require(archive, person, Permission.INGEST)
    stored = archive.place_book.import_cameras(cameras)
    audit.record(archive, person, "import cameras", {"cameras": [camera.id for camera in stored]})
    return stored


def move_camera(archive: "Archive", person: Person, camera: Camera, since: datetime) -> StoredCamera:
    """Put a camera elsewhere from a time on."""
    require(archive, person, Permission.INGEST)
    moved = archive.place_book.move_camera(camera, since)
    audit.record(archive, person, "move camera", {"camera": camera.id, "since": since.isoformat()})
    return moved
