"""Turn a passage into a sighting: its id, its type, colour and heading, the vectors of its pictures, and its plate."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from index.errors import ArchiveError
from index.records import NewShot, NewSighting
from index.store.archive import Archive
from index.store.catalogue import models
from reid.appearance.attributes import describe
from reid.appearance.embedders import Embedder, embedder_names
from reid.arrays import Floats32
from reid.images import encode_jpeg
from reid.passages import ObservedPassage
from reid.plates.locate import packaged_locator
from reid.plates.passage import passage_plate
from reid.plates.read import reader_id, spell
from reid.plates.verify import installed_verifier
from reid.vehicle import Box, Corners, Plate, Shot

PACKAGED_WEIGHTS = "appearance"
"""The weights that adapting starts from each time, so that no archive drifts away over repeated runs."""


@dataclass(frozen=True, slots=True)
class Describer:
    """Turns passages of one video file into sightings; `start` is the camera's clock at the first frame.

    `region` is where most of the plates are from, None if nobody said so.
    """

    footage: str
    camera: str
    start: datetime
    width_px: int
    height_px: int
    embedder: Embedder
    reads_plates: bool
    region: str | None = None

    def sighting(self, passage: ObservedPassage) -> NewSighting:
        """Return the passage as a sighting that the archive can store."""
        plates = self._read_plates(passage.shots)
        shots = plates.shots
        looks = self.embedder.appearance([shot.image for shot in shots])
        attributes = describe(shots, passage.track.points, looks, width_px=self.width_px, height_px=self.height_px)
        return NewSighting(
            id=sighting_id(self.footage, passage),
            camera=self.camera,
            first=self._time(passage.track.first_s),
            best=self._time(shots[0].time_s),
            last=self._time(passage.track.last_s),
            box=shots[0].box,
            attributes=attributes,
            shots=tuple(self._new_shot(*pair) for pair in zip(shots, plates.corners, strict=True)),
            vectors={self.embedder.model_id: looks.vectors},
            plate=plates.plate,
            plate_model=reader_id() if plates.plate else None,
            track=passage.track.points,
            plate_vectors=_plate_vectors(plates),
        )

    def _read_plates(self, shots: tuple[Shot, ...]) -> "_PassagePlates":
        """Return the shots, the one with the best view of the plate first, and the plate in them."""
        without_plate = _PassagePlates(shots, (None,) * len(shots), None)
        if not self.reads_plates:
            return without_plate
        found = passage_plate([shot.image for shot in shots], packaged_locator(), spell, self.region)
        if found is None:
            return without_plate
        order = [found.best, *(number for number in range(len(shots)) if number != found.best)]
        ordered = tuple(shots[number] for number in order)
        corners = tuple(found.corners[number] for number in order)
        return _PassagePlates(ordered, corners, _in_frame(found.plate, ordered[0].box))

    def _new_shot(self, shot: Shot, plate: Corners | None) -> NewShot:
        jpeg = encode_jpeg(shot.image)
        return NewShot(self._time(shot.time_s), shot.frame, shot.box, jpeg, shot.sharpness, plate)

    def _time(self, time_s: float) -> datetime:
        return self.start + timedelta(seconds=time_s)


def sighting_id(footage: str, passage: ObservedPassage) -> str:
    """Return an id made of the footage's content and where the passage begins in it: the same in every run."""
    first = passage.track.points[0]
    box = first.box
    place = f"{footage}:{first.frame}:{box.x:.0f},{box.y:.0f},{box.width:.0f},{box.height:.0f}"
    # The footage comes first, so that the ids of one file lie together in the trees of the catalogue.
    return footage[:8] + hashlib.sha256(place.encode()).hexdigest()[:16]


def weights_for(archive: Archive, name: str) -> str:
    """Return the name of the weights to embed new pictures with: of those the archive uses, or `name` if it is new.

    Vectors of other weights would not be found by its questions.
    """
    with archive.catalogue.reading() as connection:
        used = models.in_use(connection, "appearance")
    installed = embedder_names()
    if used is None or installed.get(name) == used.id:
        return name
    if name != PACKAGED_WEIGHTS:
        raise ArchiveError(
            f"the archive uses {used.id}, and new pictures described by {name} would not be found: "
            f"leave the choice out, or move the archive to them: retrace reembed --weights {name}"
        )
    names = {model: known for known, model in installed.items()}
    if used.id not in names:
        raise ArchiveError(
            f"the archive's pictures were embedded by {used.id}, which is not installed here: "
            "copy its files into the folder of weights, or move the archive to others: retrace reembed"
        )
    return names[used.id]


def adapted_name_prefix(archive: Archive) -> str:
    """Return how the names of weights adapted to this archive begin."""
    return f"adapted-{archive.id[:8]}-"


@dataclass(frozen=True, slots=True)
class _PassagePlates:
    """The shots of a passage, the plate's corners in each, and its reading, with its box in the first shot's frame."""

    shots: tuple[Shot, ...]
    corners: tuple[Corners | None, ...]
    plate: Plate | None


def _plate_vectors(plates: _PassagePlates) -> dict[str, Floats32]:
    """Return the vectors of the shots that show the plate, by the verifier's id; none without a verifier."""
    pairs = [(shot.image, corners) for shot, corners in zip(plates.shots, plates.corners, strict=True) if corners]
    verifier = installed_verifier() if pairs else None
    return {verifier.model_id: verifier.appearance(pairs).vectors} if verifier else {}


def _in_frame(plate: Plate, vehicle: Box) -> Plate:
    """Return the plate moved from the pixels of the vehicle's picture to those of the frame."""
    left, top = max(0, round(vehicle.x)), max(0, round(vehicle.y))
    box = replace(plate.box, x=plate.box.x + left, y=plate.box.y + top)
    return replace(plate, box=box, corners=tuple((x + left, y + top) for x, y in plate.corners))
