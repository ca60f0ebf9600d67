"""Turn sightings into rows, and rows back into sightings."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Row

from index.catalogue import track_points
from index.sighting import CropRef, Look, NewShot, NewSighting, Sighting, StoredShot
from reid.vehicle import Box, Plate

_PLACES = 6


def sighting_row(new: NewSighting, footage: str | None, chunk: int | None, added_at: datetime) -> dict[str, Any]:
    """Return the row of `sightings` for a new sighting."""
    return {
        "id": new.id,
        "camera": new.camera,
        "footage": footage,
        "chunk": chunk,
        "first": new.first,
        "best": new.best,
        "last": new.last,
        **_box_row(new.box),
        "type": new.look.type,
        "colour": new.look.colour,
        "types": new.look.types,
        "colours": new.look.colours,
        "heading_deg": new.look.heading_deg,
        "edge": new.edge,
        "track": track_points.pack(new.track),
        "added_at": added_at,
    }


def shot_rows(sighting: str, shots: Sequence[NewShot], crops: Sequence[CropRef]) -> list[dict[str, Any]]:
    """Return the rows of `shots` for the pictures of one sighting."""
    return [
        {
            "sighting": sighting,
            "number": number,
            "time": shot.time,
            "frame": shot.frame,
            **_box_row(shot.box),
            "sharpness": shot.sharpness,
            "plate": None if shot.plate is None else [list(corner) for corner in shot.plate],
            "pack": crop.pack,
            "offset": crop.offset,
            "length": crop.length,
            "sha256": crop.sha256,
        }
        for number, (shot, crop) in enumerate(zip(shots, crops, strict=True))
    ]


def plate_row(sighting: str, plate: Plate, model: str) -> dict[str, Any]:
    """Return the row of `plates` for what was read."""
    return {
        "sighting": sighting,
        "model": model,
        "text": None if plate.text is None else plain_text(plate.text),
        "confidence": plate.confidence,
        "box": [plate.box.x, plate.box.y, plate.box.width, plate.box.height],
        "corners": [list(corner) for corner in plate.corners],
        "characters": [_rounded(character) for character in plate.characters],
    }


def plain_text(text: str) -> str:
    """Return a plate's text without spaces, dashes and dots, in capitals."""
    return "".join(character for character in text.upper() if character.isalnum())


def shots_of(rows: Iterable[Row[Any]]) -> dict[str, tuple[StoredShot, ...]]:
    """Return the shots by sighting; the rows come ordered by sighting and number."""
    return {
        sighting: tuple(_stored_shot(row) for row in group)
        for sighting, group in groupby(rows, key=lambda row: str(row.sighting))
    }


def plate_of(row: Row[Any]) -> Plate:
    """Return the plate of a row of `plates`."""
    return Plate(
        box=Box(*row.box),
        corners=tuple((x, y) for x, y in row.corners),
        text=row.text,
        confidence=row.confidence,
        characters=tuple(row.characters),
    )


def sighting_of(row: Row[Any], shots: tuple[StoredShot, ...], plate: Plate | None) -> Sighting:
    """Return the sighting of a row with what belongs to it."""
    return Sighting(
        id=row.id,
        camera=row.camera,
        footage=row.footage,
        first=row.first,
        best=row.best,
        last=row.last,
        box=Box(row.x, row.y, row.width, row.height),
        look=Look(types=row.types, colours=row.colours, heading_deg=row.heading_deg),
        plate=plate,
        edge=row.edge,
        shots=shots,
    )


def _stored_shot(row: Row[Any]) -> StoredShot:
    return StoredShot(
        number=row.number,
        time=row.time,
        frame=row.frame,
        box=Box(row.x, row.y, row.width, row.height),
        crop=CropRef(row.pack, row.offset, row.length, row.sha256),
        sharpness=row.sharpness,
        plate=None if row.plate is None else tuple((x, y) for x, y in row.plate),
    )


def _box_row(box: Box) -> dict[str, float]:
    return {"x": box.x, "y": box.y, "width": box.width, "height": box.height}


def _rounded(probabilities: Mapping[str, float]) -> dict[str, float]:
    return {name: round(float(value), _PLACES) for name, value in probabilities.items()}
