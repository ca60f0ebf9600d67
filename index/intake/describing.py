"""Turn a passage into a sighting: give it its id, describe it, embed its pictures, read its plate."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from index.sighting import Look, NewShot, NewSighting
from reid.appearance.attributes import describe
from reid.appearance.embedder import Embedder
from reid.images import encode_jpeg
from reid.passages import Passage
from reid.plates.locate import packaged_locator
from reid.plates.passage import passage_plate
from reid.plates.read import reader_id, spell
from reid.plates.verify import installed_verifier
from reid.vehicle import Box, Corners, Plate, Shot


@dataclass(frozen=True, slots=True)
class _SeenPlates:
    """The shots of a passage, where the plate is in each, and what it says, placed in the frame of the first."""

    shots: tuple[Shot, ...]
    corners: tuple[Corners | None, ...]
    plate: Plate | None


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
        seen = self._seen_plates(passage.shots)
        shots = seen.shots
        looks = self.embedder.look([shot.image for shot in shots])
        told = describe(shots, passage.track.points, looks, width_px=self.width_px, height_px=self.height_px)
        return NewSighting(
            id=sighting_id(self.footage, passage),
            camera=self.camera,
            first=self._clock(passage.track.first_s),
            best=self._clock(shots[0].time_s),
            last=self._clock(passage.track.last_s),
            box=shots[0].box,
            look=Look(told.types, told.colours, told.heading_deg),
            shots=tuple(self._new_shot(*one) for one in zip(shots, seen.corners, strict=True)),
            vectors={self.embedder.model_id: looks.vectors},
            plate=seen.plate,
            plate_model=reader_id() if seen.plate else None,
            track=passage.track.points,
            plate_vectors=_plate_vectors(seen),
        )

    def _seen_plates(self, shots: tuple[Shot, ...]) -> _SeenPlates:
        """Return the shots, that which shows the plate best first."""
        nothing = _SeenPlates(shots, (None,) * len(shots), None)
        if not self.reads_plates:
            return nothing
        seen = passage_plate([shot.image for shot in shots], packaged_locator(), spell)
        if seen is None:
            return nothing
        order = [seen.best, *(number for number in range(len(shots)) if number != seen.best)]
        ordered = tuple(shots[number] for number in order)
        return _SeenPlates(
            ordered, tuple(seen.corners[number] for number in order), _in_frame(seen.plate, ordered[0].box)
        )

    def _new_shot(self, shot: Shot, plate: Corners | None) -> NewShot:
        jpeg = encode_jpeg(shot.image)
        return NewShot(self._clock(shot.time_s), shot.frame, shot.box, jpeg, shot.sharpness, plate)

    def _clock(self, time_s: float) -> datetime:
        return self.start + timedelta(seconds=time_s)


def sighting_id(footage: str, passage: Passage) -> str:
    """Return an id made of the footage's content and where the passage begins in it: the same in every run."""
    first = passage.track.points[0]
    box = first.box
    place = f"{footage}:{first.frame}:{box.x:.0f},{box.y:.0f},{box.width:.0f},{box.height:.0f}"
    # The footage comes first, so that the ids of one file lie together in the trees of the catalogue.
    return footage[:8] + hashlib.sha256(place.encode()).hexdigest()[:16]


def _plate_vectors(seen: _SeenPlates) -> dict[str, npt.NDArray[np.float32]]:
    """Return how the plate looks in the shots that show it, by the verifier's id; nothing without a verifier."""
    verifier = installed_verifier()
    plates = [(shot.image, corners) for shot, corners in zip(seen.shots, seen.corners, strict=True) if corners]
    return {verifier.model_id: verifier.look(plates).vectors} if verifier and plates else {}


def _in_frame(plate: Plate, vehicle: Box) -> Plate:
    """Return the plate moved from the pixels of the vehicle's picture to those of the frame."""
    left, top = max(0, round(vehicle.x)), max(0, round(vehicle.y))
    box = replace(plate.box, x=plate.box.x + left, y=plate.box.y + top)
    return replace(plate, box=box, corners=tuple((x + left, y + top) for x, y in plate.corners))
