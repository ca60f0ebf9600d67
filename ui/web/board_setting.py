"""Hold what a board needs beside the answer: the question as it is shown, the map, the zone, footage and marks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from index.store.catalogue.footage import Footage
from reid.appearance.marks import NamedAttributes
from ui.web.map_base import MapBase, Place

Row = dict[str, Any]
"""Plain values for JSON."""


@dataclass(frozen=True, slots=True)
class AskedVehicle:
    """How the board shows the question: its picture's address, words, place and time; what is not known is None."""

    picture: str | None = None
    label: str = ""
    described: str = ""
    place_name: str = ""
    place: Place | None = None
    time: datetime | None = None
    sighting: str | None = None
    plate: str | None = None
    plate_text: str | None = None


@dataclass(frozen=True, slots=True)
class BoardSetting:
    """What a board needs beside the answer: map, zone, question, footage by id, and why.

    Streets, marks of the case, and the marks of vehicles that are told, `named`, are by sighting.
    With `names_years` each day is shown with its year: the answer is of several.
    `open` is the sighting to open first, `now` the moment of the area.
    """

    key: str
    base: MapBase
    zone: tzinfo
    asked: AskedVehicle = field(default_factory=AskedVehicle)
    films: Mapping[str, Footage] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()
    streets: Mapping[str, str] = field(default_factory=dict)
    marks: Mapping[str, str] = field(default_factory=dict)
    named: Mapping[str, NamedAttributes] = field(default_factory=dict)
    case: str | None = None
    reason: str | None = None
    open: str | None = None
    busy: bool = False
    now: datetime | None = None
    names_years: bool = False
