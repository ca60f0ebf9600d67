"""Gather what is known of the vehicle that a question is about: its looks, its plate, where and when it was."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from index.catalogue import cameras, models, sightings, vectors
from index.errors import ArchiveError
from index.sighting import Query, Sighting
from reid.appearance.embedder import Embedder, embedder_names, make_embedder
from reid.plates.pattern import PlatePattern, compile_pattern
from reid.vehicle import Image, Plate

if TYPE_CHECKING:
    from index.archive import Archive


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is known of the vehicle; what is not is None. `time` is true time; `vectors` are (shots, d)."""

    sighting: str | None
    camera: str | None
    time: datetime | None
    edge: int | None
    model_id: str | None
    vectors: npt.NDArray[np.float32] | None
    plate: Plate | None
    pattern: PlatePattern | None
    type: str | None
    colour: str | None


def wanted_of(archive: "Archive", query: Query) -> Wanted:
    """Return what the query tells, filled up with what the archive knows of its sighting and what its pictures show."""
    stored = _sighting(archive, query.sighting) if query.sighting is not None else None
    told_where = query.camera is not None or query.place is not None
    model_id = _newest_model(archive)
    plate = stored.plate if stored else None
    return Wanted(
        sighting=query.sighting,
        camera=stored.camera if stored and not told_where else query.camera,
        time=query.time or (_true_time(archive, stored) if stored else None),
        edge=stored.edge if stored and not told_where else None,
        model_id=model_id,
        vectors=_vectors(archive, query, model_id),
        plate=plate if plate is not None or query.plate is not None else _plate_in(archive, query.pictures),
        pattern=compile_pattern(query.plate) if query.plate is not None else None,
        type=query.type,
        colour=query.colour,
    )


def _sighting(archive: "Archive", id_: str) -> Sighting:
    with archive.catalogue.reading() as connection:
        return sightings.get(connection, id_)


def _true_time(archive: "Archive", sighting: Sighting) -> datetime:
    with archive.catalogue.reading() as connection:
        offset = cameras.offsets(connection, sighting.best).get(sighting.camera)
    return sighting.best - timedelta(seconds=offset.offset_s if offset else 0.0)


def _newest_model(archive: "Archive") -> str | None:
    with archive.catalogue.reading() as connection:
        known = models.listing(connection, kind="appearance")
    return known[-1].id if known else None


def _vectors(archive: "Archive", query: Query, model_id: str | None) -> npt.NDArray[np.float32] | None:
    """Return the vectors of the sighting and of the pictures, together; None where there are neither."""
    if model_id is None:
        return None
    parts: list[npt.NDArray[np.float32]] = []
    if query.sighting is not None:
        with archive.catalogue.reading() as connection:
            parts.extend(vectors.of_sightings(connection, model_id, [query.sighting]).values())
    if query.pictures:
        parts.append(_embedder(model_id).embed(query.pictures))
    return np.concatenate(parts) if parts else None


@cache
def _embedder(model_id: str) -> Embedder:
    installed = embedder_names()
    for name, its_id in installed.items():
        if its_id == model_id:
            return make_embedder(name)
    raise ArchiveError(
        f"the archive's pictures were embedded by {model_id!r}, which is not installed here: "
        f"add it by `retrace models add`, or ask by --sighting; installed are {', '.join(installed)}"
    )


def _plate_in(archive: "Archive", pictures: tuple[Image, ...]) -> Plate | None:
    """Return the plate that is read best in the pictures, if the archive has plates to compare it with."""
    with archive.catalogue.reading() as connection:
        if not pictures or not models.listing(connection, kind="plate_reader"):
            return None
    from reid.plates.read import read_plates

    read = [plate for picture in pictures for plate in read_plates(picture) if plate.text]
    return max(read, key=lambda plate: (plate.confidence, plate.text), default=None)
