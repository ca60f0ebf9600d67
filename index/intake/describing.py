"""Turn a passage into a sighting: give it its id, describe it, embed its pictures, read its plate."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from index.sighting import Look, NewShot, NewSighting
from reid.appearance.attributes import describe
from reid.appearance.embedder import Embedder
from reid.images import encode_jpeg
from reid.passages import Passage
from reid.plates.read import READER_ID, read_plates
from reid.vehicle import Box, Plate, Shot

PLATE_SHOTS = 2
"""How many pictures of a passage are searched for a plate: reading is the dearest step."""

PLATE_MIN_WIDTH_PX = 64
"""Vehicles smaller than this show no plate that could be read."""


@dataclass(frozen=True, slots=True)
class Describer:
    """What turns passages of one footage into sightings; `start` is the camera's clock at the first frame."""

    footage: str
    camera: str
    start: datetime
    width_px: int
    height_px: int
    embedder: Embedder
    reads_plates: bool

    def sighting(self, passage: Passage) -> NewSighting:
        """Return the passage as a sighting that the archive can take."""
        shots, plate = self._with_plate(passage.shots)
        seen = self.embedder.look([shot.image for shot in shots])
        told = describe(shots, passage.track.points, seen, width_px=self.width_px, height_px=self.height_px)
        return NewSighting(
            id=sighting_id(self.footage, passage),
            camera=self.camera,
            first=self._clock(passage.track.first_s),
            best=self._clock(shots[0].time_s),
            last=self._clock(passage.track.last_s),
            box=shots[0].box,
            look=Look(told.types, told.colours, told.heading_deg),
            shots=tuple(self._new_shot(shot) for shot in shots),
            vectors={self.embedder.model_id: seen.vectors},
            plate=plate,
            plate_model=READER_ID if plate else None,
            track=passage.track.points,
        )

    def _with_plate(self, shots: tuple[Shot, ...]) -> tuple[tuple[Shot, ...], Plate | None]:
        """Return the shots with the one first whose plate was read, and the plate, placed in the frame."""
        if not self.reads_plates:
            return shots, None
        largest = sorted(shots, key=lambda shot: (-shot.box.height, shot.frame))
        for shot in [shot for shot in largest if shot.box.width >= PLATE_MIN_WIDTH_PX][:PLATE_SHOTS]:
            plates = read_plates(shot.image)
            if plates:
                others = tuple(other for other in shots if other is not shot)
                return (shot, *others), _in_frame(plates[0], shot.box)
        return shots, None

    def _new_shot(self, shot: Shot) -> NewShot:
        return NewShot(self._clock(shot.time_s), shot.frame, shot.box, encode_jpeg(shot.image), shot.sharpness)

    def _clock(self, time_s: float) -> datetime:
        return self.start + timedelta(seconds=time_s)


def sighting_id(footage: str, passage: Passage) -> str:
    """Return an id made of the footage's content and where the passage begins in it: the same in every run."""
    first = passage.track.points[0]
    box = first.box
    place = f"{footage}:{first.frame}:{box.x:.0f},{box.y:.0f},{box.width:.0f},{box.height:.0f}"
    # The footage comes first, so that the ids of one file lie together in the trees of the catalogue.
    return footage[:8] + hashlib.sha256(place.encode()).hexdigest()[:16]


def _in_frame(plate: Plate, vehicle: Box) -> Plate:
    """Return the plate moved from the pixels of the vehicle's picture to those of the frame."""
    left, top = max(0, round(vehicle.x)), max(0, round(vehicle.y))
    box = replace(plate.box, x=plate.box.x + left, y=plate.box.y + top)
    return replace(plate, box=box, corners=tuple((x + left, y + top) for x, y in plate.corners))
