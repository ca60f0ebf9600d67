"""Keep the windows of a question as columns, and hand them to the database as rows.

In a city a question has a thousand windows. The database looks up each by camera and time itself.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import overload

import numpy as np
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    Subquery,
    Text,
    bindparam,
    column,
    func,
    select,
    type_coerce,
)

from index.records import Window
from index.store.catalogue.columns import EPOCH, MICROSECOND, from_micros
from index.store.catalogue.tables import sightings
from reid.arrays import Ints


class Windows(Sequence[Window]):
    """Windows as columns: the camera of each, and its first and last microsecond, both inside, (n, 2)."""

    __slots__ = ("cameras", "times")

    def __init__(self, cameras: tuple[str, ...], times: Ints) -> None:
        self.cameras, self.times = cameras, times

    @classmethod
    def of(cls, windows: Iterable[Window]) -> "Windows":
        """Return windows as columns; those that are already stay as they are."""
        if isinstance(windows, Windows):
            return windows
        listed = list(windows)
        # Written out: a call for each time would take longer than looking up what lies inside.
        times = [((window.start - EPOCH) // MICROSECOND, (window.end - EPOCH) // MICROSECOND) for window in listed]
        return cls(tuple([window.camera for window in listed]), np.array(times, np.int64).reshape(-1, 2))

    def __len__(self) -> int:
        """Return how many windows there are."""
        return len(self.cameras)

    @overload
    def __getitem__(self, place: int) -> Window: ...

    @overload
    def __getitem__(self, place: slice) -> "Windows": ...

    def __getitem__(self, place: int | slice) -> "Window | Windows":
        """Return one window, or some of them."""
        if isinstance(place, slice):
            return Windows(self.cameras[place], self.times[place])
        return _window(self.cameras[place], *self.times[place].tolist())

    def __iter__(self) -> Iterator[Window]:
        """Yield each window."""
        return map(_window, self.cameras, *self.times.T.tolist())

    def __eq__(self, other: object) -> bool:
        """Compare with windows in any sequence."""
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        """Return the same number for the same windows."""
        return hash((self.cameras, self.times.tobytes()))

    def __repr__(self) -> str:
        """Return the windows as a tuple shows them."""
        return f"Windows.of({tuple(self)!r})"


def window_rows(connection: Connection, windows: Iterable[Window]) -> Subquery:
    """Return the windows as rows of camera, first and last; the times are microseconds, both included."""
    columns = Windows.of(windows)
    rows = [*zip(columns.cameras, *columns.times.T.tolist(), strict=True)]
    if connection.dialect.name == "sqlite":
        each = func.json_each(json.dumps(rows)).table_valued("value")
        parts = [func.json_extract(each.c.value, f"$[{place}]") for place in range(3)]
        named = zip(parts, ("camera", "first", "last"), strict=True)
        return select(*(part.label(name) for part, name in named)).subquery("windows")
    cameras, firsts, lasts = zip(*rows, strict=True) if rows else ((), (), ())
    arrays = [
        bindparam(None, list(values), type_=ARRAY(kind))
        for values, kind in ((cameras, Text()), (firsts, BigInteger()), (lasts, BigInteger()))
    ]
    each = func.unnest(*arrays).table_valued(
        column("camera", Text()), column("first", BigInteger()), column("last", BigInteger())
    )
    return select(*each.render_derived().c).subquery("windows")


def lies_in(windows: Subquery) -> ColumnElement[bool]:
    """Return the condition that a sighting lies in the window of the same row."""
    best = type_coerce(sightings.c.best, BigInteger)
    return (sightings.c.camera == windows.c.camera) & best.between(windows.c.first, windows.c.last)


def _window(camera: str, first_us: int, last_us: int) -> Window:
    return Window(camera, from_micros(first_us), from_micros(last_us))
