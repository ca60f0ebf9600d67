"""Tell in which pictures a plate was found, and which of them a model has not looked at."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from index.catalogue.among import among
from index.catalogue.database import batched
from index.catalogue.tables import shots, sightings, vectors
from index.sighting import CropRef
from reid.vehicle import Corners


@dataclass(frozen=True, slots=True)
class PlateShot:
    """A picture of a sighting in which its plate was found, and where the corners are in it."""

    number: int
    crop: CropRef
    corners: Corners


def of_sightings(connection: Connection, ids: Iterable[str]) -> dict[str, tuple[PlateShot, ...]]:
    """Return the pictures that show a plate by sighting, in the order of the rows of its plate vectors."""
    found: dict[str, list[PlateShot]] = {}
    columns = (shots.c.sighting, shots.c.number, shots.c.plate, shots.c.pack, shots.c.offset, shots.c.length)
    for some in batched(ids):
        shown = select(*columns, shots.c.sha256).where(among(shots.c.sighting, some), shots.c.plate.is_not(None))
        for row in connection.execute(shown.order_by(shots.c.sighting, shots.c.number)):
            crop = CropRef(row.pack, row.offset, row.length, row.sha256)
            corners = tuple((x, y) for x, y in row.plate)
            found.setdefault(row.sighting, []).append(PlateShot(row.number, crop, corners))
    return {sighting: tuple(some) for sighting, some in found.items()}


def not_looked_at(connection: Connection, model: str, *, after: str, at_most: int, located: bool) -> list[str]:
    """Return the next sightings by id that have no plate vectors of a model.

    Only those whose plate was found in a picture, or, where not `located`, all that have a picture.
    """
    pictured = select(shots.c.sighting)
    if located:
        pictured = pictured.where(shots.c.plate.is_not(None))
    wanted = (
        select(sightings.c.id)
        .where(sightings.c.deleted_at.is_(None), sightings.c.id > after, sightings.c.id.in_(pictured))
        .where(sightings.c.id.not_in(select(vectors.c.sighting).where(vectors.c.model == model)))
        .order_by(sightings.c.id)
    )
    return list(connection.execute(wanted.limit(at_most)).scalars())


def put_corners(connection: Connection, sighting: str, corners: Mapping[int, Corners]) -> None:
    """Say where the plate is in pictures of a sighting, by the number of the picture."""
    for number, four in sorted(corners.items()):
        same = (shots.c.sighting == sighting, shots.c.number == number)
        connection.execute(shots.update().where(*same).values(plate=_plain(four)))


def _plain(corners: Corners) -> Sequence[Sequence[float]]:
    return [list(corner) for corner in corners]
