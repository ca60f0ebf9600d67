"""Remember where every camera stood and how its clock was off, for each stretch of time in which nothing changed."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, lru_cache

import numpy as np

from index.store.catalogue import Catalogue, cameras, clocks
from index.store.catalogue.about import revision_of
from index.store.catalogue.cameras import PLACES, StoredCamera
from index.store.catalogue.clocks import CLOCKS, CameraClock, by_camera
from roadgraph.geometry import distance_m

NEAR_M = 50.0
"""A camera that was moved by less, or only turned, counts as where it stood."""

REMEMBERED = 64
"""Stretches of time kept for each catalogue: questions ask again and again about the same ones."""


@dataclass(frozen=True, eq=False)
class CameraPlacement:
    """The cameras where they stood in one stretch of time, and the names of those that have no place; ordered by id.

    Those that were `moved` around that time are among these: where they saw a vehicle depends on when.
    """

    cameras: tuple[StoredCamera, ...]
    without_place: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()

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

    def at(self, time: datetime | None, around: timedelta = timedelta(0), but: str | None = None) -> CameraPlacement:
        """Return where the cameras stood at a time (None: where they were placed last).

        One that was moved far in the time `around` it has no place, `but` for the one that is asked about; where no
        time bounds a question, one that was ever moved has none.
        """
        return self._current_places().at(time, around, but)

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

    def standing_since(self) -> Mapping[str, datetime]:
        """Return since when each camera that has a place stands where it was placed last."""
        places: dict[str, list[StoredCamera]] = {}
        for one in self.everywhere():
            places.setdefault(one.id, []).append(one)
        return {id_: _since(own) for id_, own in places.items()}

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
        self._without_moved = lru_cache(maxsize=REMEMBERED)(self._made_without)

    def at(self, time: datetime | None, around: timedelta, but: str | None) -> CameraPlacement:
        number = self._stretches.number(time)
        if not around:
            return self._in_stretch(number)
        stretches = self._stretches
        moved = stretches.ever_moved() if time is None else stretches.moved(time - around, time + around)
        moved -= {but}
        return self._without_moved(number, moved) if moved else self._in_stretch(number)

    def _made(self, stretch: int | None) -> CameraPlacement:
        stood = {one.id: one for one in self._stretches.valid(stretch)}
        placed = tuple(stood[id_] for id_ in sorted(stood))
        if self._last is None or self._last.cameras != placed:
            self._last = CameraPlacement(placed, self._without_place)
        return self._last

    def _made_without(self, stretch: int | None, moved: frozenset[str | None]) -> CameraPlacement:
        whole = self._in_stretch(stretch)
        names = tuple(one.id for one in whole.cameras if one.id in moved)
        left = tuple(one for one in whole.cameras if one.id not in moved)
        return CameraPlacement(left, tuple(sorted((*whole.without_place, *names))), names)


class _Stretches:
    """Places, and the numbers of the stretches of time between two changes of any of them."""

    def __init__(self, values: Sequence[StoredCamera]) -> None:
        self._values: Sequence[StoredCamera] = values
        self._changes = sorted({time for one in values for time in (one.valid_from, one.valid_to) if time is not None})

    def number(self, time: datetime | None) -> int | None:
        """Return the number of the stretch that a time lies in."""
        return None if time is None else bisect_right(self._changes, time)

    def moved(self, first: datetime, last: datetime) -> frozenset[str | None]:
        """Return the cameras that stood far apart in stretches between two times."""
        return self._moved_in(range(bisect_right(self._changes, first), bisect_right(self._changes, last) + 1))

    def ever_moved(self) -> frozenset[str | None]:
        """Return the cameras that stood far apart in any stretches."""
        return self._moved_in(range(1, len(self._changes) + 1))

    def _moved_in(self, stretches: range) -> frozenset[str | None]:
        if len(stretches) == 1:
            return frozenset()
        stood: dict[str, set[tuple[float, float]]] = {}
        for place in (one for number in stretches for one in self.valid(number)):
            stood.setdefault(place.id, set()).add((place.lat, place.lon))
        return frozenset(id_ for id_, places in stood.items() if _are_far_apart(places))

    def valid(self, number: int | None) -> list[StoredCamera]:
        """Return the places that are valid in a stretch, in their order; None: all."""
        if number is None:
            return list(self._values)
        if number == 0:
            return []
        time = self._changes[number - 1]
        return [one for one in self._values if one.holds_at(time)]


def _since(places: Sequence[StoredCamera]) -> datetime:
    """Return since when a camera stands near its last place; `places` are in order of time."""
    last = places[-1]
    since = last.valid_from
    for place in reversed(places[:-1]):
        if _are_far_apart([(place.lat, place.lon), (last.lat, last.lon)]):
            break
        since = place.valid_from
    return since


def _are_far_apart(places: Iterable[tuple[float, float]]) -> bool:
    lat, lon = np.array(list(places), dtype=np.float64).T
    return bool((distance_m(lat[:, None], lon[:, None], lat, lon) > NEAR_M).any())
