"""Define what a report is made of, so that the HTML and the PDF say the same."""

from dataclasses import dataclass
from typing import TypeAlias

from reid.vehicle import Box

Row: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 is the title of the report."""

    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; `kind` is "body", "small", "lead", "caution" or "verbatim"."""

    text: str
    kind: str = "body"


@dataclass(frozen=True, slots=True)
class Facts:
    """Labels with what they say."""

    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: `shares` are the widths of its columns, `mono` the columns with hashes and identifiers."""

    columns: Row
    rows: tuple[Row, ...]
    shares: tuple[float, ...]
    mono: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class ReportPicture:
    """A picture of the report: its file, its JPEG bytes and size, what is under it, and the box to be drawn in it."""

    path: str
    jpeg: bytes
    width_px: int
    height_px: int
    caption: str
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class ExhibitCard:
    """A sighting: label, role and title, its pictures, its facts, and what people wrote about it.

    `clip` is the path of its clip.
    """

    label: str
    role: str
    role_words: str
    title: str
    pictures: tuple[ReportPicture, ...]
    facts: Facts
    remarks: tuple[str, ...] = ()
    clip: str | None = None


@dataclass(frozen=True, slots=True)
class MapSpot:
    """A camera on the map, in metres to the east and north, with the labels of its exhibits and its kind."""

    east_m: float
    north_m: float
    name: str
    kind: str


Line: TypeAlias = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class RouteMap:
    """Roads, a route and cameras, in metres to the east and north of the map's south-west corner.

    Lines are cut to the map; `bar_m` is the length of the bar that shows its scale.
    """

    width_m: float
    height_m: float
    bar_m: int
    roads: tuple[Line, ...]
    route: tuple[Line, ...]
    spots: tuple[MapSpot, ...]


Block: TypeAlias = Heading | Text | Facts | Grid | ExhibitCard | RouteMap
