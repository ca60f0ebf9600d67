"""Define the rows of a simulated city's truth, and read and write them in the city's folder."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from index.errors import ArchiveError
from index.simulation.csv_rows import Row, read_rows, writing_rows
from reid.vehicle import Box

SCENERY = "scenery-"
"""Prefix of a parked vehicle's name: it has boxes, but no question asks for it."""


@dataclass(frozen=True, slots=True)
class TrueVehicle:
    """One vehicle: `plate` is its text, None without a plate; `twin` is the vehicle it looks like."""

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
    """The whole box of a vehicle in a frame, clipped to the frame; `visible` is the share of its pixels not hidden."""

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
        """Return the rectangle."""
        return Box(self.x, self.y, self.w, self.h)


@dataclass(frozen=True, slots=True)
class TruePassage:
    """One vehicle's way through one camera's view, in true time, with the largest heights it reached.

    The plate height is 0 if no plate is visible: absent, covered, or seen from the side. `counts` says whether the
    passage was large, long and visible enough that missing it is a fault.
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
    """The position of a vehicle at a moment."""

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
class TrueDrift:
    """How much of each second that a camera's clock shows is gained, since it showed `since`."""

    camera: str
    drift: float
    since: datetime

    def gained(self, shown: datetime) -> timedelta:
        """Return how much it gained until it shows a time."""
        return self.drift * (shown - self.since)


@dataclass(frozen=True, slots=True)
class TrueWeather:
    """The weather at a camera, and the kind of camera."""

    camera: str
    weather: str
    kind: str


@dataclass(frozen=True, slots=True)
class TrueStep:
    """One road of a vehicle's trip: when it was entered, the edge of the graph, and the street name."""

    vehicle: str
    trip: int
    entered: datetime
    edge: int
    name: str | None


@dataclass(frozen=True, slots=True)
class TrueSighting:
    """The passage of a sighting of a city without video; None for a phantom."""

    sighting: str
    passage: str | None


@dataclass(frozen=True, slots=True)
class TrueMiss:
    """A vehicle that passed a camera while that did not film; `time` is true time."""

    vehicle: str
    camera: str
    time: datetime


@dataclass(frozen=True, slots=True)
class FootageRow:
    """One video of a city: its path relative to footage.csv, and its start by the camera's own clock."""

    path: str
    camera: str
    start: datetime


FILES: Mapping[type, str] = {
    TrueVehicle: "truth/vehicles.csv",
    TrueBox: "truth/boxes.csv",
    TruePassage: "truth/passages.csv",
    TruePosition: "truth/positions.csv",
    TrueClock: "truth/clocks.csv",
    TrueDrift: "truth/drifts.csv",
    TrueWeather: "truth/weather.csv",
    TrueStep: "truth/routes.csv",
    TrueSighting: "truth/sightings.csv",
    TrueMiss: "truth/missed.csv",
    FootageRow: "footage.csv",
}
"""Type of row -> file in a city's folder."""


def write(city: Path, kind: type[Row], rows: Iterable[Row]) -> None:
    """Write all rows of a kind into a city's folder."""
    with writing(city, kind) as add:
        add(rows)


@contextmanager
def writing(city: Path, kind: type[Row]) -> Iterator[Callable[[Iterable[Row]], None]]:
    """Give a function that appends rows of a kind to their file in a city's folder."""
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
    """Return whether the city has a file for this kind of row."""
    return (city / FILES[kind]).is_file()
