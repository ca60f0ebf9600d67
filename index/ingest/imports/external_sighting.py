"""Hold a sighting that another system reports, and turn it into one of the archive's own."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from index.ingest.describing import Describer
from index.ingest.file_identity import sha256_of
from index.map.stored_places import road_driven
from index.records import NewSighting
from index.store.catalogue.cameras import StoredCamera
from reid.appearance.embedders import Embedder
from reid.errors import SeeingError
from reid.images import MAX_BYTES, read_image, sharpness
from reid.passages import ObservedPassage
from reid.vehicle import COLOURS, VEHICLE_TYPES, Attributes, Box, Plate, Shot, Track, TrackPoint

READER_ID = "another-plate-reader"
"""The model id of imported plate readings."""

DEFAULT_CONFIDENCE = 0.9
"""The confidence of a plate whose reader gives none."""

LEAST_CONFIDENCE, MOST_CONFIDENCE = 0.05, 0.99
"""The confidence in each character is clipped to this range."""

ATTRIBUTE_CONFIDENCE = 0.9
"""The probability of a type or a colour that another system reports."""

MOST_PICTURES = 3

NOWHERE = Box(0.0, 0.0, 0.0, 0.0)
"""The box of a vehicle of which there is no picture."""


@dataclass(frozen=True, slots=True)
class ExternalSighting:
    """One vehicle at one camera, on the camera's clock: by its plate, by pictures of it, or both.

    `where` is the line or file that it comes from, for error messages. What the other system does not say is None.
    """

    where: str
    camera: str
    pictures: tuple[tuple[datetime, Path], ...] = ()
    time: datetime | None = None
    plate: str | None = None
    confidence: float | None = None
    type: str | None = None
    colour: str | None = None

    @property
    def first(self) -> datetime:
        """Return when the vehicle was first seen."""
        return min(self._times)

    @property
    def last(self) -> datetime:
        """Return when the vehicle was last seen."""
        return max(self._times)

    @property
    def _times(self) -> list[datetime]:
        return [time for time, _ in self.pictures] + ([self.time] if self.time is not None else [])


@dataclass(frozen=True, slots=True)
class ExternalSightings:
    """The sightings of a table or folder, a line for each row that could not be read, and the guesses made."""

    sightings: tuple[ExternalSighting, ...]
    problems: tuple[str, ...] = ()
    guesses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SightingMaker:
    """Turns external sightings into the archive's own; `places` has every place of each camera."""

    places: Mapping[str, Sequence[StoredCamera]]
    embedder: Embedder
    reads_plates: bool

    def sighting(self, id_: str, external: ExternalSighting) -> tuple[NewSighting | None, list[str]]:
        """Return the sighting, None if it has neither a plate nor a readable picture, and a line for each problem."""
        shots, problems = _shots(external)
        if not shots and not external.plate:
            return None, problems
        new = self._described(id_, external, shots) if shots else _without_pictures(id_, external)
        plate = _plate(external, new.box) or new.plate
        reader = READER_ID if external.plate else new.plate_model
        edge = self._road(external, new.attributes.heading_deg)
        attributes = _with_reported_attributes(new.attributes, external)
        new = replace(new, id=id_, first=external.first, last=external.last, track=())
        return replace(new, attributes=attributes, plate=plate, plate_model=reader, edge=edge), problems

    def _described(self, id_: str, external: ExternalSighting, shots: Sequence[Shot]) -> NewSighting:
        """Return the sighting as the pictures show it, described like one from footage."""
        describer = Describer(
            footage=id_,
            camera=external.camera,
            start=external.first,
            width_px=max(shot.image.shape[1] for shot in shots),
            height_px=max(shot.image.shape[0] for shot in shots),
            embedder=self.embedder,
            reads_plates=self.reads_plates and not external.plate,
        )
        points = (TrackPoint(shot.frame, shot.time_s, shot.box, 1.0) for shot in shots)
        track = Track(0, tuple(sorted(points, key=lambda point: (point.time_s, point.frame))))
        return describer.sighting(ObservedPassage(track, tuple(shots)))

    def _road(self, external: ExternalSighting, heading_deg: float | None) -> int | None:
        place = _place_at(self.places[external.camera], external.first)
        return road_driven(place, heading_deg) if place else None


def external_id(external: ExternalSighting) -> str:
    """Return an id made of what is reported, not of the line that reports it: the same row is the same sighting."""
    parts = [external.camera, external.first.isoformat(), external.plate or ""]
    parts += [digest for _, path in external.pictures if (digest := _digest(path)) is not None]
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:24]


def _digest(path: Path) -> str | None:
    """Return the SHA-256 of a picture; None of one that cannot be read, which is said when it is to be shown."""
    try:
        return sha256_of(path) if path.is_file() and path.stat().st_size <= MAX_BYTES else None
    except OSError:
        return None


def _shots(external: ExternalSighting) -> tuple[list[Shot], list[str]]:
    """Return the largest and sharpest pictures, best first, and a line for each that could not be read."""
    shots, problems = [], []
    for number, (time, path) in enumerate(external.pictures):
        try:
            image = read_image(path)
        except FileNotFoundError:
            problems.append(f"{external.where}: there is no picture {path}")
        except SeeingError as error:
            problems.append(f"{external.where}: {error}")
        except OSError as error:
            problems.append(f"{external.where}: {path} cannot be read: {error.strerror or error}")
        else:
            height, width = image.shape[:2]
            seconds = (time - external.first).total_seconds()
            shots.append(Shot(number, seconds, Box(0.0, 0.0, width, height), image, sharpness(image)))
            shots.sort(key=lambda shot: (-shot.box.width * shot.box.height * shot.sharpness, shot.frame))
            # No more in memory at once: a passage may have thousands of pictures.
            del shots[MOST_PICTURES:]
    return shots, problems


def _without_pictures(id_: str, external: ExternalSighting) -> NewSighting:
    first, last = external.first, external.last
    return NewSighting(id_, external.camera, first, first, last, NOWHERE, Attributes({}, {}), (), {})


def _place_at(places: Sequence[StoredCamera], time: datetime) -> StoredCamera | None:
    """Return the place of a camera that is valid at a time."""
    return next((place for place in places if place.holds_at(time)), None)


def _with_reported_attributes(seen: Attributes, external: ExternalSighting) -> Attributes:
    """Return the attributes with the other system's type and colour, where it gives them."""
    types = _probabilities(external.type, VEHICLE_TYPES) or seen.types
    return replace(seen, types=types, colours=_probabilities(external.colour, COLOURS) or seen.colours)


def _probabilities(reported: str | None, names: Sequence[str]) -> dict[str, float]:
    if reported is None:
        return {}
    others = (1.0 - ATTRIBUTE_CONFIDENCE) / (len(names) - 1)
    return {name: ATTRIBUTE_CONFIDENCE if name == reported else round(others, 4) for name in names}


def _plate(external: ExternalSighting, box: Box) -> Plate | None:
    """Return the plate that the other system read; each character gets the confidence of the whole text."""
    if not external.plate:
        return None
    confidence = DEFAULT_CONFIDENCE if external.confidence is None else external.confidence
    clipped = min(max(confidence, LEAST_CONFIDENCE), MOST_CONFIDENCE)
    right, bottom = box.x + box.width, box.y + box.height
    corners = ((box.x, box.y), (right, box.y), (right, bottom), (box.x, bottom))
    return Plate(box, corners, external.plate, confidence, tuple({character: clipped} for character in external.plate))
