"""Say what is remembered, asked and answered, in plain frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import numpy.typing as npt

from reid.vehicle import Attributes, Box, Corners, Plate, TrackPoint


@dataclass(frozen=True, slots=True)
class CropRef:
    """Where the JPEG bytes of a picture lie in the crop packs, and their SHA-256."""

    pack: str
    offset: int
    length: int
    sha256: str


@dataclass(frozen=True, slots=True)
class NewShot:
    """A picture of a vehicle on its way into the archive: JPEG bytes of `box` in the frame at `time`.

    `plate` is where the corners of its plate are in this picture, None where none was found.
    """

    time: datetime
    frame: int
    box: Box
    jpeg: bytes
    sharpness: float
    plate: Corners | None = None


@dataclass(frozen=True, slots=True)
class Description:
    """The type and colour of a vehicle, as its shots show them (None: unknown) or as a question asks (None: any)."""

    type: str | None = None
    colour: str | None = None

    def is_fulfilled_by(self, other: "Description") -> bool:
        """Tell whether a vehicle that is described so is one of those asked about."""
        return self.type in (None, other.type) and self.colour in (None, other.colour)


@dataclass(frozen=True, slots=True)
class NewSighting:
    """A passage on its way into the archive; times are the camera's own clock.

    `vectors` are (shots, d) by the id of the model, `plate_vectors` (shots whose plate was found, d) by the verifier's.
    """

    id: str
    camera: str
    first: datetime
    best: datetime
    last: datetime
    box: Box
    attributes: Attributes
    shots: tuple[NewShot, ...]
    vectors: Mapping[str, npt.NDArray[np.float32]]
    plate: Plate | None = None
    plate_model: str | None = None
    edge: int | None = None
    track: tuple[TrackPoint, ...] = ()
    plate_vectors: Mapping[str, npt.NDArray[np.float32]] = field(default_factory=dict)

    @property
    def description(self) -> Description:
        """Return its most probable type and colour."""
        return Description(self.attributes.type, self.attributes.colour)


@dataclass(frozen=True, slots=True)
class StoredShot:
    """A picture of a sighting as the archive keeps it; `plate` is where the corners of its plate are in it."""

    number: int
    time: datetime
    frame: int
    box: Box
    crop: CropRef
    sharpness: float
    plate: Corners | None = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """One passage of one vehicle past one camera; times are the camera's own clock; `box` is where it was at `best`.

    `edge` is the directed road it took, where heading and bearing tell.
    """

    id: str
    camera: str
    footage: str | None
    first: datetime
    best: datetime
    last: datetime
    box: Box
    attributes: Attributes
    plate: Plate | None
    edge: int | None
    shots: tuple[StoredShot, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of one camera's own clock."""

    camera: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Coverage:
    """A stretch of a camera's own clock that was recorded; `problem` says why it could not be analysed."""

    camera: str
    start: datetime
    end: datetime
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class NewChunk:
    """What one chunk of footage gave; an import has no footage and no number. `scene` is a JPEG of it when empty.

    `filmed` is the camera and the start by which the footage was analysed.
    """

    footage: str | None
    number: int | None
    sightings: tuple[NewSighting, ...]
    coverage: tuple[Coverage, ...] = ()
    scene: bytes | None = None
    filmed: tuple[str, datetime] | None = None


@dataclass(frozen=True, slots=True)
class SightingBrief:
    """Which sighting, where and when by the camera's own clock, the directed road it took, and its likeliest look."""

    id: str
    camera: str
    first: datetime
    best: datetime
    last: datetime
    edge: int | None
    type: str | None = None
    colour: str | None = None
