"""Fetch the gallery of a question: every sighting inside a small scope, the likeliest of a large one."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property

import numpy as np

from index.records import Description, SightingBrief
from index.search.calibration import AppearanceScale, appearance_llr
from index.search.looks import CLOSER, ComparedLooks, SharedLook, compare_looks
from index.search.pieces import pieces_of
from index.search.scope import Scope
from index.search.target import Target
from index.store.archive import Archive
from index.store.catalogue import Connection, plate_index, sightings
from index.store.catalogue.sightings import SightingFilter
from index.store.vectors import ANY
from reid.arrays import Flags, Floats, Floats32
from reid.plates.pattern import exactly
from roadgraph.way_past import road_or_way

READ_ALL_UP_TO = 4
"""Up to this many times the shortlist every sighting is read: comparing all takes less than choosing some."""


@dataclass(frozen=True)
class Gallery:
    """The sightings to compare, ordered by id; arrays are (n,): true time in seconds from `epoch`, similarity, llr.

    `size` is how many lie in the scope, which is more than n where only the likeliest were fetched. Not among them are
    those that are the question itself, `asked_about`, and so many that its case ruled out, `ruled_out`. `shared` is
    what their pictures have in common, None where these were not compared.
    """

    sightings: tuple[SightingBrief, ...]
    epoch: datetime
    time_s: Floats
    similarity: Floats
    appearance: Floats
    size: int
    asked_about: frozenset[str] = frozenset()
    ruled_out: int = 0
    shared: SharedLook | None = None

    def __len__(self) -> int:
        """Return how many sightings are compared."""
        return len(self.sightings)

    @cached_property
    def cameras(self) -> list[str]:
        """Return the camera of each sighting."""
        return [sighting.camera for sighting in self.sightings]

    @cached_property
    def ids(self) -> list[str]:
        """Return the id of each sighting."""
        return [sighting.id for sighting in self.sightings]

    @cached_property
    def in_sight_s(self) -> tuple[Floats, Floats]:
        """Return when each sighting came into sight, and when it left."""
        before_s = [(one.best - one.first).total_seconds() for one in self.sightings]
        after_s = [(one.last - one.best).total_seconds() for one in self.sightings]
        return self.time_s - np.array(before_s), self.time_s + np.array(after_s)

    @cached_property
    def edges(self) -> list[int | None]:
        """Return the directed road that each sighting took, None where it is not known."""
        return [sighting.edge for sighting in self.sightings]

    def by_ways(self, headings: Mapping[str, float]) -> "Gallery":
        """Return the gallery with the way of each sighting past its camera in place of the road."""
        ways = [replace(one, edge=road_or_way(one.edge, headings.get(one.id))) for one in self.sightings]
        return replace(self, sightings=tuple(ways))

    def without(self, ids: Collection[str]) -> "Gallery":
        """Return the gallery without some sightings."""
        kept = [row for row, sighting in enumerate(self.sightings) if sighting.id not in ids]
        return replace(
            self,
            sightings=tuple(self.sightings[row] for row in kept),
            time_s=self.time_s[kept],
            similarity=self.similarity[kept],
            appearance=self.appearance[kept],
            size=self.size - (len(self) - len(kept)),
            ruled_out=len(self) - len(kept),
        )

    def true_times(self, rows: Sequence[int]) -> list[datetime]:
        """Return when the sightings of some rows were seen, by true time."""
        return [self.epoch + timedelta(seconds=float(self.time_s[row])) for row in rows]


@dataclass(frozen=True, slots=True)
class Inside:
    """The sightings inside a scope, None where they are too many to read; and how many they are."""

    found: tuple[SightingBrief, ...] | None
    size: int


def look_inside(archive: Archive, scope: Scope, *, shortlist: int) -> Inside:
    """Return the sightings inside the windows of a scope, unless they are too many to read, and how many they are."""
    with archive.catalogue.reading() as connection:
        if scope.windows is None:
            return Inside(None, sightings.count(connection))
        found = sightings.briefs_in_windows(connection, scope.windows, at_most=READ_ALL_UP_TO * shortlist)
        if found is None:
            return Inside(None, sightings.count_in_windows(connection, scope.windows))
    return Inside(tuple(found), len(found))


def gather(
    archive: Archive, target: Target, scope: Scope, inside: Inside, scale: AppearanceScale, *, shortlist: int
) -> Gallery:
    """Return the gallery: all sightings inside, or the likeliest by appearance and plate where they are too many."""
    found = _likely(archive, target, scope, shortlist) if inside.found is None else inside.found
    asked = [sighting for sighting in found if _is_asked_about(sighting, target, scope)]
    own = {sighting.id for sighting in asked} | pieces_of(archive, target, asked, found)
    kept = [sighting for sighting in found if sighting.id not in own]
    epoch = target.time or min((sighting.best for sighting in kept), default=datetime.min.replace(tzinfo=UTC))
    looks = ComparedLooks(np.full(len(kept), np.nan))
    if target.model_id is not None and target.vectors is not None:
        usual = _some(archive) if inside.found is None else None
        view = (target.pictured_by, target.pictured_on)
        looks = compare_looks(archive, target.model_id, target.vectors, view, kept, scope.windows, usual)
    return Gallery(
        sightings=tuple(kept),
        epoch=epoch,
        time_s=_true_times_s(kept, scope, epoch),
        similarity=looks.similarity,
        appearance=appearance_llr(looks.similarity, scale, of_camera(kept, target.pictured_by), looks.usual),
        size=len(kept) if inside.found is not None else inside.size,
        asked_about=frozenset(own),
        shared=looks.shared,
    )


def _some(archive: Archive) -> list[SightingBrief]:
    """Return sightings that nobody chose for what they show."""
    with archive.catalogue.reading() as connection:
        return sightings.some(connection, CLOSER)


def of_camera(kept: Sequence[SightingBrief], camera: str | None) -> Flags:
    """Return which sightings are of a camera, (n,)."""
    return np.array([one.camera == camera for one in kept], dtype=np.bool_)


def _is_asked_about(sighting: SightingBrief, target: Target, scope: Scope) -> bool:
    """Tell whether a sighting is the question itself: named, or on the camera and at the moment asked about.

    Where a picture is asked about, whatever passed its camera at its moment is that vehicle, or surely another one.
    """
    if target.sighting is not None or target.time is None or sighting.camera != target.camera:
        return sighting.id == target.sighting
    (true,) = scope.true_times([(sighting.camera, sighting.best)])
    return sighting.first <= sighting.best + (target.time - true) <= sighting.last


def _true_times_s(kept: Sequence[SightingBrief], scope: Scope, epoch: datetime) -> Floats:
    """Return the true time of each sighting in seconds from the epoch: camera clock less the clock's offset."""
    true = scope.true_times([(one.camera, one.best) for one in kept])
    return np.array([(time - epoch).total_seconds() for time in true], dtype=np.float64)


def _likely(archive: Archive, target: Target, scope: Scope, shortlist: int) -> list[SightingBrief]:
    """Return the most similar sightings inside, and fewer that fit the description, the plate or its text; by id."""
    few = shortlist if target.vectors is None else shortlist // 4
    # One more than asked for: the sighting asked about is the most similar to itself.
    likely = [
        *_nearest(archive, target.model_id, target.vectors, scope, shortlist + 1),
        *_described(archive, target, scope, few + 1),
        *_with_similar_plates(archive, target, scope, few + 1),
    ]
    with archive.catalogue.reading() as connection:
        return sightings.briefs(connection, [*likely, *_with_fitting_plates(connection, target, scope, few)])


def _nearest(
    archive: Archive,
    model_id: str | None,
    queries: Floats32 | None,
    scope: Scope,
    most: int,
    description: Description = ANY,
) -> list[str]:
    """Return the sightings inside that fit a description and whose vectors are the most similar."""
    if model_id is None or queries is None:
        return []
    hits = archive.vectors.search(model_id, queries, scope.windows, most, description=description)
    return [hit.sighting for hit in hits]


def _described(archive: Archive, target: Target, scope: Scope, most: int) -> list[str]:
    """Return the most similar sightings of the type and colour that the query states, however little that is."""
    stated = Description(target.type, target.colour)
    return _nearest(archive, target.model_id, target.vectors, scope, most, stated) if target.is_described else []


def _with_similar_plates(archive: Archive, target: Target, scope: Scope, most: int) -> list[str]:
    """Return the sightings inside whose plate pictures are the most similar to the target's."""
    plate = target.plate_pictures
    return [] if plate is None else _nearest(archive, plate.verifier.model_id, plate.largest.vectors, scope, most)


def _with_fitting_plates(connection: Connection, target: Target, scope: Scope, most: int) -> list[str]:
    """Return sightings inside whose plate text fits up to one character."""
    pattern = target.pattern
    if pattern is None and target.plate is not None and target.plate.text:
        pattern = exactly(target.plate.text)
    if pattern is None:
        return []
    if scope.windows is None:
        return plate_index.find(connection, pattern.forgiving(), limit=most)
    return sightings.ids(connection, SightingFilter(windows=scope.windows, plate=pattern.forgiving(), limit=most))
