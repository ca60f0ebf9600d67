"""Put passages that come vehicle by vehicle into the order of time, on the disk: memory holds a slice of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.simulation.fleet import Member
from reid.vehicle import COLOURS, VEHICLE_TYPES

SLICE_ROWS = 20_000
"""About so many passages are in memory at once."""
_PLATE_STATES = ("clean", "dirty", "covered", "absent")
_PASSING = np.dtype([("at_s", "<f8"), ("vehicle", "<i8"), ("camera", "<i4"), ("towards", "?")])
_SHOWN = np.dtype(
    [("model", "<i8"), ("own", "<i8"), ("type", "u1"), ("colour", "u1"), ("state", "u1"), ("plate", "<U20")]
)

Rows = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """What can be seen of a vehicle: `kind` is its model and colour, `own` a number that only it has."""

    name: str
    kind: str
    own: int
    type: str
    colour: str
    plate: str
    plate_state: str


class Roster:
    """What can be seen of every vehicle, by its number, in one file."""

    def __init__(self, path: Path, vehicles: int) -> None:
        self._rows = np.memmap(path, _SHOWN, "w+", shape=(vehicles,))

    def add(self, first: int, fleet: Sequence[Member]) -> None:
        """Remember the vehicles from number `first` on."""
        self._rows[first : first + len(fleet)] = [_shown_row(member) for member in fleet]

    def shown(self, vehicle: int) -> Shown:
        """Return what can be seen of the vehicle of a number."""
        model, own, kind, colour, state, plate = self._rows[vehicle].item()
        named = COLOURS[colour]
        return Shown(
            f"v{vehicle + 1:04d}", f"{model} {named}", own, VEHICLE_TYPES[kind], named, plate, _PLATE_STATES[state]
        )


def passing_rows(passings: Sequence[tuple[float, int, int, bool]]) -> Rows:
    """Return passings (second of the period, vehicle, number of the camera, whether towards it) as an array."""
    return np.array(passings, _PASSING)


class Spool:
    """Passings in files by time; `expected` of them are shared out among the slices of the period."""

    def __init__(self, folder: Path, period_s: float, expected: int) -> None:
        slices = max(1, round(expected / SLICE_ROWS))
        self._slice_s = period_s / slices
        self._paths = [folder / f"passings-{number}" for number in range(slices)]

    def add(self, rows: Rows) -> None:
        """Remember passings in any order."""
        into = np.clip(rows["at_s"] / self._slice_s, 0, len(self._paths) - 1).astype(int)
        for number in np.unique(into).tolist():
            with self._paths[number].open("ab") as file:
                file.write(rows[into == number].tobytes())

    def in_order(self) -> Iterator[tuple[tuple[float, float], Rows]]:
        """Yield from when to when each slice is, and its passings in the order of time, camera and vehicle."""
        for number, path in enumerate(self._paths):
            rows = np.fromfile(path, _PASSING) if path.exists() else np.zeros(0, _PASSING)
            span_s = number * self._slice_s, (number + 1) * self._slice_s
            yield span_s, rows[np.lexsort((rows["vehicle"], rows["camera"], rows["at_s"]))]


def _shown_row(member: Member) -> tuple[int, int, int, int, int, str]:
    look = member.look
    type_, colour = VEHICLE_TYPES.index(look.type), COLOURS.index(look.colour)
    state = _PLATE_STATES.index(look.plate.state)
    return look.model.seed, look.seed, type_, colour, state, look.plate.text
