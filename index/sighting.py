"""Say what is remembered, asked and answered, in plain frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import numpy.typing as npt

from reid.vehicle import Box, Corners, Plate, TrackPoint


@dataclass(frozen=True, slots=True)
class CropRef:
    """Where the JPEG bytes of a picture lie in the crop packs, and their SHA-256."""

    pack: str
    offset: int
    length: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Look:
    """How a vehicle looks: probabilities by type and colour, and the way it drove in the picture."""

    types: Mapping[str, float]
    colours: Mapping[str, float]
    heading_deg: float | None = None

    @property
    def type(self) -> str | None:
        """Return the most probable type."""
        return max(self.types, key=self.types.__getitem__, default=None)

    @property
    def colour(self) -> str | None:
        """Return the most probable colour."""
        return max(self.colours, key=self.colours.__getitem__, default=None)


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
    look: Look
    shots: tuple[NewShot, ...]
    vectors: Mapping[str, npt.NDArray[np.float32]]
    plate: Plate | None = None
    plate_model: str | None = None
    edge: int | None = None
    track: tuple[TrackPoint, ...] = ()
    plate_vectors: Mapping[str, npt.NDArray[np.float32]] = field(default_factory=dict)


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
    look: Look
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
class Query:
    """What an investigator asks; what is not known is None or empty.

    `pictures` are RGB crops of the vehicle. `direction` is "after", "before" or "both".
    """

    pictures: tuple[npt.NDArray[np.uint8], ...] = ()
    sighting: str | None = None
    plate: str | None = None
    type: str | None = None
    colour: str | None = None
    camera: str | None = None
    place: tuple[float, float] | None = None
    radius_m: float = 0.0
    time: datetime | None = None
    slack_s: float = 0.0
    direction: str = "both"
    horizon_s: float = 1800.0
    at: datetime | None = None
    cameras: tuple[str, ...] = ()
    area: Mapping[str, object] | None = None
    top: int = 20
    reason: str | None = None
    case: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Log-likelihood ratios, same vehicle against another; None is missing and takes no part."""

    appearance: float | None = None
    plate: float | None = None
    travel: float | None = None
    direction: float | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """One sighting that may be the vehicle: `time` is true time (camera clock less its offset)."""

    sighting: Sighting
    time: datetime
    probability: float
    evidence: Evidence
    why: str


@dataclass(frozen=True, slots=True)
class Stop:
    """One passage that the itinerary claims."""

    sighting: str
    camera: str
    time: datetime
    probability: float


@dataclass(frozen=True, slots=True)
class Itinerary:
    """A joint story: passages in order of time, how probable the whole is, and its route as [lon, lat] pairs."""

    stops: tuple[Stop, ...]
    probability: float
    route: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Stage:
    """One finished step of the search: what it took and what it left."""

    name: str
    seconds: float
    cameras: int
    sightings: int


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch that the hypothesis wanted and no analysed footage covers, and why."""

    camera: str
    start: datetime
    end: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Searched:
    """How much was looked at: cameras, sightings of how many in the archive, and what could not be."""

    cameras: int
    sightings: int
    of: int
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class Ranking:
    """The answer so far; each step of the search yields a better one. `area_now` is a GeoJSON geometry."""

    stages: tuple[Stage, ...]
    candidates: tuple[Candidate, ...]
    itinerary: Itinerary | None = None
    alternatives: tuple[Itinerary, ...] = ()
    area_now: Mapping[str, object] | None = None
    searched: Searched = field(default_factory=lambda: Searched(0, 0, 0))
