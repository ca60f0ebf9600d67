"""Name what is true of a simulated city, and where in its folder each part is written."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from index.errors import ArchiveError
from index.simulation.rows import Row, read_rows, writing_rows
from reid.vehicle import Box

SCENERY = "scenery-"
"""What the name of a parked vehicle begins with: it is in the boxes, but nobody asks for it."""


@dataclass(frozen=True, slots=True)
class TrueVehicle:
    """One vehicle: `plate` is what is written on it, None where it has none; `twin` is the vehicle it looks like."""

    vehicle: str
    model: str
    type: str
    colour: str
    plate: str | None
    plate_layout: str | None
    plate_state: str
    twin: str | None


@dataclass(frozen=True, slots=True)
class TrueBox:
    """Where a vehicle is in a frame: whole, clipped to the frame; `visible` is the share of its pixels that is seen."""

    video: str
    frame: int
    time: datetime
    vehicle: str
    x: int
    y: int
    w: int
    h: int
    visible: float

    @property
    def box(self) -> Box:
        """Return the rectangle alone."""
        return Box(self.x, self.y, self.w, self.h)


@dataclass(frozen=True, slots=True)
class TruePassage:
    """One vehicle's way through one camera's view, in true time; the heights are the largest it reached.

    The plate's is 0 where there is none to be seen: of plates that are absent or covered, and from the side.
    `counts`: it was large enough, long enough and seen well enough that missing it is a fault.
    """

    passage: str
    vehicle: str
    camera: str
    first: datetime
    last: datetime
    height_px: float
    plate_height_px: float
    heading: float
    counts: bool


@dataclass(frozen=True, slots=True)
class TruePosition:
    """Where a vehicle is at a moment."""

    vehicle: str
    time: datetime
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class TrueClock:
    """How far a camera's clock is ahead of true time."""

    camera: str
    offset_s: float


@dataclass(frozen=True, slots=True)
class TrueWeather:
    """What a camera's pictures suffer from."""

    camera: str
    weather: str
    kind: str


@dataclass(frozen=True, slots=True)
class TrueStep:
    """One road of a vehicle's trip: when it was entered, and the line of its shape's ends."""

    vehicle: str
    trip: int
    entered: datetime
    edge: int
    name: str | None


@dataclass(frozen=True, slots=True)
class TrueSighting:
    """Which passage a sighting shows, for a city without video; None is a phantom."""

    sighting: str
    passage: str | None


@dataclass(frozen=True, slots=True)
class FootageRow:
    """One video of a city: its path beside footage.csv, and when it starts on the camera's own clock."""

    path: str
    camera: str
    start: datetime


FILES: Mapping[type, str] = {
    TrueVehicle: "truth/vehicles.csv",
    TrueBox: "truth/boxes.csv",
    TruePassage: "truth/passages.csv",
    TruePosition: "truth/positions.csv",
    TrueClock: "truth/clocks.csv",
    TrueWeather: "truth/weather.csv",
    TrueStep: "truth/routes.csv",
    TrueSighting: "truth/sightings.csv",
    FootageRow: "footage.csv",
}
"""Where each kind of row lies in a city's folder."""


def write(city: Path, kind: type[Row], rows: Iterable[Row]) -> None:
    """Write all rows of a kind into a city's folder."""
    with writing(city, kind) as add:
        add(rows)


@contextmanager
def writing(city: Path, kind: type[Row]) -> Iterator[Callable[[Iterable[Row]], None]]:
    """Lend what writes rows of a kind into a city's folder, as many at a time as there are."""
    path = city / FILES[kind]
    path.parent.mkdir(parents=True, exist_ok=True)
    with writing_rows(path, kind) as add:
        yield add


def read(city: Path, kind: type[Row]) -> list[Row]:
    """Read all rows of a kind from a city's folder."""
    path = city / FILES[kind]
    if not path.is_file():
        raise ArchiveError(f"{city} is not a city: it has no {FILES[kind]}; make one with 'retrace city make {city}'")
    return read_rows(path, kind)


def has(city: Path, kind: type) -> bool:
    """Return whether the city has rows of a kind at all."""
    return (city / FILES[kind]).is_file()
