"""Fetch the gallery of a question: every sighting inside a small scope, the likeliest of a large one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from index.records import SightingBrief
from index.search.calibration import AppearanceScale, appearance_llr
from index.search.scope import Scope
from index.search.target import Target
from index.store.archive import Archive
from index.store.catalogue import Connection, plate_index, sightings
from index.store.catalogue.sightings import SightingFilter
from reid.arrays import Floats
from reid.plates.pattern import exactly

READ_ALL_UP_TO = 4
"""Up to this many times the shortlist every sighting is read: comparing all takes less than choosing some."""


@dataclass(frozen=True, slots=True)
class Gallery:
    """The sightings to compare, ordered by id; arrays are (n,): true time in seconds from `epoch`, similarity, llr.

    `size` is how many lie in the scope, which is more than n where only the likeliest were fetched.
    """

    sightings: tuple[SightingBrief, ...]
    epoch: datetime
    time_s: Floats
    similarity: Floats
    appearance: Floats
    size: int

    def __len__(self) -> int:
        """Return how many sightings are compared."""
        return len(self.sightings)

    @property
    def cameras(self) -> list[str]:
        """Return the camera of each sighting."""
        return [sighting.camera for sighting in self.sightings]

    @property
    def ids(self) -> list[str]:
        """Return the id of each sighting."""
        return [sighting.id for sighting in self.sightings]

    @property
    def edges(self) -> list[int | None]:
        """Return the directed road that each sighting took, None where it is not known."""
        return [sighting.edge for sighting in self.sightings]

    def without(self, ids: Collection[str]) -> "Gallery":
        """Return the gallery without some sightings."""
        kept = [row for row, sighting in enumerate(self.sightings) if sighting.id not in ids]
        return Gallery(
            sightings=tuple(self.sightings[row] for row in kept),
            epoch=self.epoch,
            time_s=self.time_s[kept],
            similarity=self.similarity[kept],
            appearance=self.appearance[kept],
            size=self.size - (len(self) - len(kept)),
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
    """Return the sightings inside the windows of a scope, and how many they are."""
    with archive.catalogue.reading() as connection:
        if scope.windows is None:
            return Inside(None, sightings.count(connection))
        if not scope.windows:
            return Inside((), 0)
        if sightings.count_near(connection, scope.windows) > READ_ALL_UP_TO * shortlist:
            return Inside(None, sightings.count_in_windows(connection, scope.windows))
        found = sightings.briefs_in_windows(connection, scope.windows)
        return Inside(tuple(found), len(found))


def gather(
    archive: Archive, target: Target, scope: Scope, inside: Inside, scale: AppearanceScale, *, shortlist: int
) -> Gallery:
    """Return the gallery: all sightings inside, or the likeliest by appearance and plate where they are too many."""
    similar = _similar(archive, target, scope)
    ids = sorted(similar)
    scores = np.array([similar[id_] for id_ in ids], dtype=np.float64)
    llrs = dict(zip(ids, appearance_llr(scores, scale).tolist(), strict=True)) if ids else {}
    found = _likely(archive, target, scope, llrs, shortlist) if inside.found is None else inside.found
    kept = [sighting for sighting in found if sighting.id != target.sighting]
    epoch = target.time or min((sighting.best for sighting in kept), default=datetime.min.replace(tzinfo=UTC))
    return Gallery(
        sightings=tuple(kept),
        epoch=epoch,
        time_s=_true_times_s(kept, scope, epoch),
        similarity=_aligned(kept, similar),
        appearance=_aligned(kept, llrs),
        size=len(kept) if inside.found is not None else inside.size,
    )


def _true_times_s(kept: Sequence[SightingBrief], scope: Scope, epoch: datetime) -> Floats:
    """Return the true time of each sighting in seconds from the epoch: camera clock less the clock's offset."""
    offset = {camera: timedelta(seconds=scope.clock_of(camera).offset_s) for camera in {one.camera for one in kept}}
    return np.array([(one.best - offset[one.camera] - epoch).total_seconds() for one in kept], dtype=np.float64)


def _similar(archive: Archive, target: Target, scope: Scope) -> dict[str, float]:
    """Return the similarity of every sighting inside that has vectors of the target's model, by id."""
    if target.model_id is None or target.vectors is None:
        return {}
    scores = archive.vectors.all_scores(target.model_id, target.vectors, scope.windows)
    by_id = zip(scores.ids.tolist(), scores.values.tolist(), strict=True)
    return {id_.decode(): score for id_, score in by_id if id_.decode() != target.sighting}


def _likely(
    archive: Archive, target: Target, scope: Scope, llrs: dict[str, float], shortlist: int
) -> list[SightingBrief]:
    """Return the most similar sightings, those with similar plates, and those that fit what the query states; by id."""
    likely = sorted(llrs, key=lambda id_: (-llrs[id_], id_))[:shortlist]
    with archive.catalogue.reading() as connection:
        few = shortlist if not llrs else shortlist // 4
        stated = _fitting(connection, target, few)
        # One more than wanted: the sighting asked about is the most similar to itself.
        plates = _with_similar_plates(archive, target, scope, few + 1)
        return [one for one in sightings.briefs(connection, [*likely, *stated, *plates]) if _inside(one, scope)]


def _fitting(connection: Connection, target: Target, limit: int) -> list[str]:
    """Return sightings whose plate text fits up to one character; without pictures, those of the stated look."""
    pattern = target.pattern
    if pattern is None and target.plate is not None and target.plate.text:
        pattern = exactly(target.plate.text)
    if pattern is not None:
        return plate_index.find(connection, pattern.forgiving(), limit=limit)
    if target.vectors is not None:
        return []
    stated = SightingFilter(type=target.type, colour=target.colour, limit=limit)
    return [sighting.id for sighting in sightings.listing(connection, stated)]


def _with_similar_plates(archive: Archive, target: Target, scope: Scope, limit: int) -> list[str]:
    """Return the sightings whose plate pictures are the most similar to the target's."""
    plate = target.plate_pictures
    if plate is None:
        return []
    hits = archive.vectors.search(plate.verifier.model_id, plate.largest.vectors, scope.windows, limit)
    return [hit.sighting for hit in hits]


def _inside(sighting: SightingBrief, scope: Scope) -> bool:
    if scope.windows is None:
        return True
    return any(
        window.camera == sighting.camera and window.start <= sighting.best <= window.end for window in scope.windows
    )


def _aligned(kept: Sequence[SightingBrief], values: dict[str, float]) -> Floats:
    return np.array([values.get(sighting.id, np.nan) for sighting in kept], dtype=np.float64)
