"""Gather what is known of the target, the vehicle asked about: appearance, plate, place, time."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import numpy as np

from index.answers import Query
from index.errors import ArchiveError
from index.map.places import placements_of
from index.records import Sighting
from index.store.archive import Archive
from index.store.catalogue import clocks, models, plates, sightings, vectors
from index.store.catalogue.plates import PlateShot
from index.store.crops import CropError
from reid.appearance.embedders import Embedder, embedder_names, make_embedder
from reid.arrays import Floats32
from reid.images import decode_image
from reid.plates.likelihood import text_llrs
from reid.plates.pattern import PlatePattern, compile_pattern
from reid.plates.pattern_likelihood import pattern_llrs
from reid.plates.verify import PlateAppearance, Verifier, height_px, installed_verifier
from reid.vehicle import Corners, Image, Plate

OTHER_PLATE = -3.0
"""Below this llr two readings are not of one plate, however badly they were read: 20 to 1."""

SHOTS_EACH = 2
"""The shots of a sighting with the largest plates are compared; more frames of one passage say little more."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TargetPlate:
    """The pictures of the target's plate, as the verifier sees them that made the archive's plate vectors."""

    verifier: Verifier
    looks: PlateAppearance

    @property
    def largest(self) -> PlateAppearance:
        """Return the largest of the pictures."""
        return self.looks.take([int(np.argmax(self.looks.heights_px))])


@dataclass(frozen=True, slots=True)
class Target:
    """What is known of the vehicle asked about; what is not is None. `time` is true time; `vectors` are (shots, d).

    `other_plates` were given, too, and are not the one that is compared: pictures of two vehicles, or a mistyped plate.
    `pictured_by` is the camera whose pictures `vectors` are of, `pictured_on` the directed road that they show. The
    vehicle was in sight for so long before and after `time` (`stays_s`).
    """

    sighting: str | None
    camera: str | None
    time: datetime | None
    edge: int | None
    model_id: str | None
    vectors: Floats32 | None
    plate: Plate | None
    plate_pictures: TargetPlate | None
    pattern: PlatePattern | None
    type: str | None
    colour: str | None
    heading_deg: float | None = None
    other_plates: tuple[str, ...] = ()
    pictured_by: str | None = None
    pictured_on: int | None = None
    stays_s: tuple[float, float] = (0.0, 0.0)

    @property
    def is_described(self) -> bool:
        """Tell whether the query states a type or a colour."""
        return self.type is not None or self.colour is not None

    @property
    def compared_by(self) -> str | None:
        """Return the model by which pictures are compared, that of looks first; None where there is no picture."""
        if self.vectors is not None:
            return self.model_id
        return None if self.plate_pictures is None else self.plate_pictures.verifier.model_id

    @property
    def has_text(self) -> bool:
        """Tell whether the text of the plate is known, or a part of it."""
        return self.plate is not None or self.pattern is not None


def target_of(archive: Archive, query: Query, *, trust_clocks: bool = True) -> Target:
    """Return the target of a query, completed by what the archive knows of its sighting and what its pictures show.

    Without `trust_clocks` every clock is taken as true, whatever is known of it.
    """
    stored = _sighting(archive, query.sighting) if query.sighting is not None else None
    place_is_given = query.camera is not None or query.place is not None
    model_id = _model_in_use(archive)
    plate = stored.plate if stored and stored.plate and stored.plate.text else None
    read = _plates_in(archive, query.pictures)
    pattern = compile_pattern(query.plate) if query.plate is not None else None
    compared = plate if plate or pattern is not None else _most_confident(read)
    given = [*([plate] if plate else []), *(one for _, one in read if one.text)]
    return Target(
        sighting=query.sighting,
        camera=stored.camera if stored and not place_is_given else query.camera,
        time=query.time or (_time_of(archive, stored, trust_clocks) if stored else None),
        edge=stored.edge if stored and not place_is_given else None,
        model_id=model_id,
        vectors=_vectors(archive, query, model_id),
        plate=compared,
        plate_pictures=_target_plate(archive, query, read),
        pattern=pattern,
        type=query.type,
        colour=query.colour,
        heading_deg=stored.attributes.heading_deg if stored and not place_is_given else None,
        other_plates=_other_plates(pattern, compared, given),
        pictured_by=stored.camera if stored else query.camera,
        pictured_on=stored.edge if stored else None,
        stays_s=_in_sight_s(stored) if stored and not place_is_given and query.time is None else (0.0, 0.0),
    )


def plate_pictures(archive: Archive, shots: Sequence[PlateShot]) -> list[tuple[Image, Corners]]:
    """Return the shots with the largest plates, each with the plate's corners; a lost picture is left out."""
    largest = sorted(shots, key=lambda shot: (-height_px(shot.corners), shot.number))[:SHOTS_EACH]
    found = []
    for shot in largest:
        try:
            found.append((decode_image(archive.crops.read(shot.crop), shot.crop.pack), shot.corners))
        except CropError as error:
            _log.warning("the picture of a plate is not compared: %s", error)
    return found


def true_time_of(archive: Archive, sighting: Sighting) -> datetime:
    """Return when a sighting was seen, as far as its camera's clock is known."""
    with archive.catalogue.reading() as connection:
        offset = clocks.offsets(connection, sighting.best).get(sighting.camera)
    return offset.true_time(sighting.best) if offset else sighting.best


def true_times_of(archive: Archive, shown: Sequence[Sighting]) -> list[datetime]:
    """Return when each sighting was seen, as far as the clocks of their cameras are known."""
    clocks_of = placements_of(archive).clocks()
    return [clocks_of[one.camera].true_times([one.best])[0] if one.camera in clocks_of else one.best for one in shown]


def _sighting(archive: Archive, id_: str) -> Sighting:
    with archive.catalogue.reading() as connection:
        return sightings.get(connection, id_)


def _in_sight_s(stored: Sighting) -> tuple[float, float]:
    """Return for how long a sighting was in sight before its best picture, and after it."""
    return (stored.best - stored.first).total_seconds(), (stored.last - stored.best).total_seconds()


def _time_of(archive: Archive, sighting: Sighting, trust_clocks: bool) -> datetime:
    return true_time_of(archive, sighting) if trust_clocks else sighting.best


def _model_in_use(archive: Archive) -> str | None:
    with archive.catalogue.reading() as connection:
        used = models.in_use(connection, "appearance")
    return used.id if used else None


def _vectors(archive: Archive, query: Query, model_id: str | None) -> Floats32 | None:
    """Return the vectors of the sighting and of the pictures together; None if there are neither."""
    if model_id is None:
        return None
    parts: list[Floats32] = []
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


def _plates_in(archive: Archive, pictures: tuple[Image, ...]) -> list[tuple[Image, Plate]]:
    """Return the best plate of each picture that shows one, if the archive has plates to compare it with."""
    with archive.catalogue.reading() as connection:
        kinds = ("plate_reader", "plate_vector")
        if not pictures or not any(models.listing(connection, kind=kind) for kind in kinds):
            return []
    from reid.plates.read import read_plates

    found = [(picture, read_plates(picture)) for picture in pictures]
    return [(picture, plates[0]) for picture, plates in found if plates]


def _most_confident(read: Sequence[tuple[Image, Plate]]) -> Plate | None:
    """Return the plate that was read with the highest confidence."""
    readable = [plate for _, plate in read if plate.text]
    return max(readable, key=lambda plate: (plate.confidence, plate.text), default=None)


def _other_plates(pattern: PlatePattern | None, compared: Plate | None, given: Sequence[Plate]) -> tuple[str, ...]:
    """Return the texts of the given plates that are surely another than the one that is compared."""
    readable = [one for one in given if one.text and one.characters]
    if pattern is not None:
        llrs = pattern_llrs(pattern, readable)
    elif compared is not None and compared.characters:
        llrs = text_llrs(compared, readable)
    else:
        return ()
    return tuple(sorted({str(one.text) for one, llr in zip(readable, llrs, strict=True) if llr < OTHER_PLATE}))


def _target_plate(archive: Archive, query: Query, read: Sequence[tuple[Image, Plate]]) -> TargetPlate | None:
    """Return the plate in the pictures of the query and of its sighting; None if there is none or no verifier."""
    verifier = verifier_of(archive)
    if verifier is None:
        return None
    shown: list[tuple[Image, Corners]] = [(picture, plate.corners) for picture, plate in read]
    if query.sighting is not None:
        with archive.catalogue.reading() as connection:
            stored = plates.shots_by_sighting(connection, [query.sighting])
        shown += plate_pictures(archive, stored.get(query.sighting, ()))
    return TargetPlate(verifier, verifier.appearance(shown)) if shown else None


def verifier_of(archive: Archive) -> Verifier | None:
    """Return the verifier whose plate vectors the archive uses; None if it is not installed here."""
    with archive.catalogue.reading() as connection:
        used = models.in_use(connection, "plate_vector")
    installed = installed_verifier() if used else None
    return installed if used and installed and installed.model_id == used.id else None
