"""Remember where every camera stood and how its clock was off, for each stretch of time in which nothing changed."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache

from index.store.catalogue import Catalogue, cameras, clocks
from index.store.catalogue.about import revision_of
from index.store.catalogue.cameras import PLACES, StoredCamera
from index.store.catalogue.clocks import CLOCKS, CameraClock, by_camera

REMEMBERED = 64
"""Stretches of time kept for each catalogue: questions ask again and again about the same ones."""


@dataclass(frozen=True, eq=False)
class CameraPlacement:
    """The cameras where they stood in one stretch of time, and the names of those that have no place; ordered by id."""

    cameras: tuple[StoredCamera, ...]
    without_place: tuple[str, ...] = ()

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """Return the ids of all cameras, in order."""
        return tuple(sorted([*(camera.id for camera in self.cameras), *self.without_place]))


class PlacementBook:
    """The placements and clocks of one catalogue; each is read again only when one of its kind has changed.

    For all times between two changes it returns the very same value.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._places: _Places | None = None
        self._clocks: tuple[str | None, Mapping[str, CameraClock]] | None = None

    def at(self, time: datetime | None) -> CameraPlacement:
        """Return where the cameras stood at a time (None: where they were placed last)."""
        return self._current_places().at(time)

    def clocks(self) -> Mapping[str, CameraClock]:
        """Return what is known of each clock of which anything is, over all times."""
        with self._catalogue.reading() as connection:
            revision = revision_of(connection, CLOCKS)
            if self._clocks is None or self._clocks[0] != revision:
                self._clocks = revision, by_camera(clocks.all_offsets(connection))
        return self._clocks[1]

    def everywhere(self) -> tuple[StoredCamera, ...]:
        """Return every place that any camera ever had, ordered by camera and time."""
        return self._current_places().all

    def _current_places(self) -> "_Places":
        with self._catalogue.reading() as connection:
            revision = revision_of(connection, PLACES)
            if self._places is None or self._places.revision != revision:
                self._places = _Places(revision, cameras.all_places(connection), cameras.without_place(connection))
        return self._places


class _Places:
    """All places of one revision."""

    def __init__(self, revision: str | None, places: Sequence[StoredCamera], without_place: Sequence[str]) -> None:
        self.revision, self.all, self._without_place = revision, tuple(places), tuple(without_place)
        self._stretches = _Stretches(places)
        self._last: CameraPlacement | None = None
        self._in_stretch = lru_cache(maxsize=REMEMBERED)(self._made)

    def at(self, time: datetime | None) -> CameraPlacement:
        return self._in_stretch(self._stretches.number(time))

    def _made(self, stretch: int | None) -> CameraPlacement:
        stood = {one.id: one for one in self._stretches.valid(stretch)}
        placed = tuple(stood[id_] for id_ in sorted(stood))
        if self._last is None or self._last.cameras != placed:
            self._last = CameraPlacement(placed, self._without_place)
        return self._last


class _Stretches:
    """Places, and the numbers of the stretches of time between two changes of any of them."""

    def __init__(self, values: Sequence[StoredCamera]) -> None:
        self._values: Sequence[StoredCamera] = values
        self._changes = sorted({time for one in values for time in (one.valid_from, one.valid_to) if time is not None})

    def number(self, time: datetime | None) -> int | None:
        """Return the number of the stretch that a time lies in."""
        return None if time is None else bisect_right(self._changes, time)

    def valid(self, number: int | None) -> list[StoredCamera]:
        """Return the places that are valid in a stretch, in their order; None: all."""
        if number is None:
            return list(self._values)
        if number == 0:
            return []
        time = self._changes[number - 1]
        return [one for one in self._values if one.valid_from <= time and (one.valid_to is None or one.valid_to > time)]
