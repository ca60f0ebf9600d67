"""Read and write the plates of sightings: their text, and the pictures in which they were found."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, Text, exists, func, select, type_coerce

from index.records import CropRef
from index.store.catalogue import sighting_digests
from index.store.catalogue.columns import among, json_values
from index.store.catalogue.database import AT_ONCE, batched
from index.store.catalogue.tables import plates, shots, sightings, vectors
from reid.vehicle import Box, Corners, Plate

_DIGITS = 6
"""Probabilities of characters are stored to so many decimals."""


@dataclass(frozen=True, slots=True)
class PlateShot:
    """A picture of a sighting in which its plate was found, and where the corners are in it."""

    number: int
    crop: CropRef
    corners: Corners


@dataclass(frozen=True, slots=True)
class PlateRead:
    """The plate text of a sighting; the time is the camera's own, `edge` the directed road the vehicle took."""

    text: str
    sighting: str
    camera: str
    time: datetime
    edge: int | None
    heading_deg: float | None = None


def by_sighting(connection: Connection, ids: Iterable[str]) -> dict[str, Plate]:
    """Return the plate of each sighting that has one; of several readings the most confident."""
    found: dict[str, Plate] = {}
    for part in batched(ids):
        ordered = _stored().where(among(plates.c.sighting, part)).order_by(plates.c.confidence, plates.c.model)
        found.update(_plates(connection.execute(ordered).all()))
    return found


def all_plates(connection: Connection) -> Iterator[list[tuple[str, Plate]]]:
    """Yield every sighting id with each of its plates, by sighting and model, a batch at a time."""
    for rows in connection.execute(_stored().order_by(plates.c.sighting, plates.c.model)).partitions(AT_ONCE):
        yield _plates(rows)


def shots_by_sighting(connection: Connection, ids: Iterable[str]) -> dict[str, tuple[PlateShot, ...]]:
    """Return the pictures that show the plate of each sighting, in the order of its rows of plate vectors."""
    found: dict[str, list[PlateShot]] = {}
    columns = (shots.c.sighting, shots.c.number, shots.c.plate, shots.c.pack, shots.c.offset, shots.c.length)
    for part in batched(ids):
        located = select(*columns, shots.c.sha256).where(among(shots.c.sighting, part), shots.c.plate.is_not(None))
        for row in connection.execute(located.order_by(shots.c.sighting, shots.c.number)):
            crop = CropRef(row.pack, row.offset, row.length, row.sha256)
            corners = tuple((x, y) for x, y in row.plate)
            found.setdefault(row.sighting, []).append(PlateShot(row.number, crop, corners))
    return {sighting: tuple(pictures) for sighting, pictures in found.items()}


def corners_by_sighting(connection: Connection, ids: Iterable[str]) -> dict[str, list[Corners]]:
    """Return where the plate of each sighting is in the pictures that show it, in no order."""
    found: dict[str, list[Corners]] = {}
    for part in batched(ids):
        located = select(shots.c.sighting, shots.c.plate).where(among(shots.c.sighting, part))
        for sighting, corners in connection.execute(located.where(shots.c.plate.is_not(None))):
            found.setdefault(sighting, []).append(corners)
    return found


def without_vectors(connection: Connection, model: str, *, after: str, at_most: int, located: bool) -> list[str]:
    """Return the next sightings by id that have pictures and no plate vectors of a model.

    Where `located`, only those whose plate was found in a picture.
    """
    pictured = select(shots.c.sighting)
    if located:
        pictured = pictured.where(shots.c.plate.is_not(None))
    missing = (
        select(sightings.c.id)
        .where(sightings.c.deleted_at.is_(None), sightings.c.id > after, sightings.c.id.in_(pictured))
        .where(sightings.c.id.not_in(select(vectors.c.sighting).where(vectors.c.model == model)))
        .order_by(sightings.c.id)
    )
    return list(connection.execute(missing.limit(at_most)).scalars())


def count_without_vectors(connection: Connection, model: str, *, located: bool) -> int:
    """Return how many sightings have pictures, or pictures in which a plate was found, and no vectors of a model."""
    pictured = select(shots.c.sighting).where(shots.c.sighting == sightings.c.id)
    if located:
        pictured = pictured.where(shots.c.plate.is_not(None))
    has_vectors = exists().where(vectors.c.sighting == sightings.c.id, vectors.c.model == model)
    missing = select(func.count()).select_from(sightings).where(sightings.c.deleted_at.is_(None), pictured.exists())
    return int(connection.execute(missing.where(~has_vectors)).scalar_one())


def confident_reads(
    connection: Connection, *, least_confidence: float, least_characters: int, of: Collection[str] | None = None
) -> list[PlateRead]:
    """Return the plate texts that are confident and long enough, each text of a sighting once, by text and time.

    Those of all sightings, or `of` some.
    """
    confident = (
        select(plates.c.text, *(sightings.c[name] for name in ("id", "camera", "best", "edge", "heading_deg")))
        .join_from(plates, sightings, plates.c.sighting == sightings.c.id)
        .where(sightings.c.deleted_at.is_(None), plates.c.text.is_not(None))
        .where(plates.c.confidence >= least_confidence)
        .order_by(plates.c.text, sightings.c.best, sightings.c.id)
    )
    if of is not None:
        confident = confident.where(among(sightings.c.id, of))
    reads = (PlateRead(*row) for row in connection.execute(confident))
    return list(dict.fromkeys(read for read in reads if len(read.text) >= least_characters))


def put_corners(connection: Connection, corners: Mapping[tuple[str, int], Corners]) -> None:
    """Write where the plate is in pictures, by (sighting, shot number)."""
    with sighting_digests.renewed(connection, (sighting for sighting, _ in corners)):
        for (sighting, number), four in sorted(corners.items()):
            shot = (shots.c.sighting == sighting, shots.c.number == number)
            connection.execute(shots.update().where(*shot).values(plate=[list(corner) for corner in four]))


def plate_row(sighting: str, plate: Plate, model: str) -> dict[str, Any]:
    """Return the row of `plates` for a plate that a model read."""
    return {
        "sighting": sighting,
        "model": model,
        "text": None if plate.text is None else plain_text(plate.text),
        "confidence": plate.confidence,
        "box": [plate.box.x, plate.box.y, plate.box.width, plate.box.height],
        "corners": [list(corner) for corner in plate.corners],
        "characters": [
            {name: round(float(probability), _DIGITS) for name, probability in character.items()}
            for character in plate.characters
        ],
    }


def plain_text(text: str) -> str:
    """Return a plate's text in capitals, without spaces, dashes and dots."""
    return "".join(character for character in text.upper() if character.isalnum())


def _stored() -> Select[Any]:
    """Select plates, their JSON as text."""
    texts = (type_coerce(plates.c[name], Text) for name in ("box", "corners", "characters"))
    return select(plates.c.sighting, plates.c.text, plates.c.confidence, *texts)


def _plates(rows: Sequence[Sequence[Any]]) -> list[tuple[str, Plate]]:
    """Return each sighting id with its plate; the JSON of all rows is decoded at once."""
    boxes, corners, characters = (json_values([row[column] for row in rows]) for column in (3, 4, 5))
    return [
        (row[0], Plate(Box(*box), tuple((x, y) for x, y in four), row[1], row[2], tuple(likely)))
        for row, box, four, likely in zip(rows, boxes, corners, characters, strict=True)
    ]
