"""Remember where in each camera's picture to look, and since when."""

from datetime import datetime

from sqlalchemy import Connection, or_, select, update

from index.catalogue.cameras import ALWAYS, known
from index.catalogue.tables import camera_masks
from reid.regions import Polygon, Regions


def put(connection: Connection, camera: str, regions: Regions, *, since: datetime = ALWAYS) -> None:
    """Write the mask of a camera from a time on, instead of what was said of that time before."""
    known(connection, camera)
    here = camera_masks.c.camera == camera
    connection.execute(camera_masks.delete().where(here, camera_masks.c.valid_from >= since))
    still = or_(camera_masks.c.valid_to.is_(None), camera_masks.c.valid_to > since)
    connection.execute(update(camera_masks).where(here, still).values(valid_to=since))
    row = {"camera": camera, "valid_from": since, "look": regions.look, "ignore": regions.ignore}
    connection.execute(camera_masks.insert().values(**row))


def at(connection: Connection, camera: str, time: datetime) -> Regions | None:
    """Return the mask of a camera at a time, None where all of its picture is looked at."""
    then = or_(camera_masks.c.valid_to.is_(None), camera_masks.c.valid_to > time)
    wanted = select(camera_masks).where(camera_masks.c.camera == camera, camera_masks.c.valid_from <= time, then)
    row = connection.execute(wanted).one_or_none()
    if row is None or not (row.look or row.ignore):
        return None
    return Regions(_polygons(row.look), _polygons(row.ignore))


def _polygons(stored: list[list[list[float]]]) -> tuple[Polygon, ...]:
    return tuple(tuple((x, y) for x, y in polygon) for polygon in stored)
