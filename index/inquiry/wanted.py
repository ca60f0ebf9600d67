"""Gather what is known of the vehicle that a question is about: its looks, its plate, where and when it was."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from index.catalogue import cameras, models, sightings, vectors
from index.errors import ArchiveError
from index.inquiry.plate_looks import WantedPlate, wanted_plate
from index.sighting import Query, Sighting
from reid.appearance.embedder import Embedder
from reid.appearance.installed import embedder_names, make_embedder
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
    plate_looks: WantedPlate | None
    pattern: PlatePattern | None
    type: str | None
    colour: str | None

    @property
    def has_text(self) -> bool:
        """Return whether it is known what the plate says, or a part of it."""
        return self.plate is not None or self.pattern is not None


def wanted_of(archive: "Archive", query: Query) -> Wanted:
    """Return what the query tells, filled up with what the archive knows of its sighting and what its pictures show."""
    stored = _sighting(archive, query.sighting) if query.sighting is not None else None
    told_where = query.camera is not None or query.place is not None
    model_id = _newest_model(archive)
    plate = stored.plate if stored and stored.plate and stored.plate.text else None
    read = _plates_in(archive, query.pictures)
    return Wanted(
        sighting=query.sighting,
        camera=stored.camera if stored and not told_where else query.camera,
        time=query.time or (_true_time(archive, stored) if stored else None),
        edge=stored.edge if stored and not told_where else None,
        model_id=model_id,
        vectors=_vectors(archive, query, model_id),
        plate=plate if plate or query.plate is not None else _surest(read),
        plate_looks=wanted_plate(archive, query, read),
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


def _plates_in(archive: "Archive", pictures: tuple[Image, ...]) -> list[tuple[Image, Plate]]:
    """Return the best plate of each picture that shows one, if the archive has plates to compare it with."""
    with archive.catalogue.reading() as connection:
        kinds = ("plate_reader", "plate_vector")
        if not pictures or not any(models.listing(connection, kind=kind) for kind in kinds):
            return []
    from reid.plates.read import read_plates

    found = [(picture, read_plates(picture)) for picture in pictures]
    return [(picture, plates[0]) for picture, plates in found if plates]


def _surest(read: Sequence[tuple[Image, Plate]]) -> Plate | None:
    """Return the plate that is read best."""
    plates = [plate for _, plate in read if plate.text]
    return max(plates, key=lambda plate: (plate.confidence, plate.text), default=None)
