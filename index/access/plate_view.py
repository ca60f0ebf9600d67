"""Show the plate of a sighting as its picture has it, seen from in front."""

import numpy as np

from index.access import audit
from index.access.permissions import Permission, require
from index.errors import ArchiveError
from index.records import Sighting, StoredShot
from index.store.archive import Archive
from index.store.catalogue.people import Person
from reid.images import decode_image, encode_jpeg
from reid.plates.rectify import quad_size, rectified
from reid.vehicle import Corners

HEIGHT_PX, WIDEST_PX = 64, 400
MARGIN = 0.12


def plate_shot(sighting: Sighting) -> StoredShot | None:
    """Return the shot that shows the largest plate, None where no plate was found."""
    with_plate = [shot for shot in sighting.shots if shot.plate is not None]
    return max(with_plate, key=lambda shot: (_height_px(shot.plate), -shot.number), default=None)


def open_plate(
    archive: Archive, sighting: Sighting, person: Person, *, reason: str | None = None, case: str | None = None
) -> bytes:
    """Return the plate of a sighting as JPEG, after writing an audit row."""
    require(archive, person, Permission.SEE)
    shot = plate_shot(sighting)
    if shot is None or shot.plate is None:
        raise ArchiveError(f"no picture of sighting {sighting.id!r} shows a plate")
    detail = {"sighting": sighting.id, "shot": shot.number, "plate": True}
    audit.record(archive, person, "open picture", detail, reason=reason, case=case)
    image = decode_image(archive.crops.read(shot.crop), shot.crop.pack)
    corners = np.array(shot.plate, np.float32)
    width, height = quad_size(corners)
    shown_px = min(WIDEST_PX, max(HEIGHT_PX, round(HEIGHT_PX * width / max(height, 1.0))))
    return encode_jpeg(rectified(image, corners, shown_px, HEIGHT_PX, MARGIN), 90)


def _height_px(corners: Corners | None) -> float:
    return 0.0 if corners is None else quad_size(np.array(corners, np.float32))[1]
