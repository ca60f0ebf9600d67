"""Fetch the sightings that may be the answer: all of a bounded question, the likeliest of an unbounded one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from index.catalogue import Connection, glimpses, plate_index, sightings
from index.catalogue.glimpses import Glimpse
from index.catalogue.sightings import SightingFilter
from index.inquiry.calibration import LooksScale
from index.inquiry.evidence import appearance_llr
from index.inquiry.plate_looks import like_plates
from index.inquiry.scope import Scope
from index.inquiry.wanted import Wanted
from reid.plates.pattern import exactly

if TYPE_CHECKING:
    from index.archive import Archive

Floats = npt.NDArray[np.float64]

READ_RATHER_THAN_CHOSEN = 4
"""Up to so many times the shortlist all sightings are read: each is weighed, and it takes less than choosing."""


@dataclass(frozen=True, slots=True)
class Gallery:
    """Candidates ordered by id; arrays are (n,): true time in seconds from `epoch`, similarity and ratio of looks.

    `size` is how many were looked at, which is more than n where only the likeliest were fetched.
    """

    sightings: tuple[Glimpse, ...]
    epoch: datetime
    time_s: Floats
    similarity: Floats
    appearance: Floats
    size: int

    @property
    def cameras(self) -> list[str]:
        """Return the camera of each candidate."""
        return [sighting.camera for sighting in self.sightings]

    @property
    def ids(self) -> list[str]:
        """Return the id of each candidate."""
        return [sighting.id for sighting in self.sightings]

    def without(self, ids: Collection[str]) -> "Gallery":
        """Return the gallery less some candidates."""
        kept = [row for row, one in enumerate(self.sightings) if one.id not in ids]
        return Gallery(
            sightings=tuple(self.sightings[row] for row in kept),
            epoch=self.epoch,
            time_s=self.time_s[kept],
            similarity=self.similarity[kept],
            appearance=self.appearance[kept],
            size=self.size - (len(self.sightings) - len(kept)),
        )

    def true_time(self, row: int) -> datetime:
        """Return when a candidate passed, by true time."""
        return self.epoch + timedelta(seconds=float(self.time_s[row]))


@dataclass(frozen=True, slots=True)
class Inside:
    """The sightings in the windows of a question, None where they are too many to read; and how many they are."""

    found: tuple[Glimpse, ...] | None
    size: int


def look_inside(archive: "Archive", scope: Scope, *, shortlist: int) -> Inside:
    """Return the sightings in the windows of a question, and how many these are."""
    with archive.catalogue.reading() as connection:
        if scope.windows is None:
            return Inside(None, sightings.count(connection))
        if not scope.windows:
            return Inside((), 0)
        if glimpses.count_near(connection, scope.windows) > READ_RATHER_THAN_CHOSEN * shortlist:
            return Inside(None, sightings.count_in_windows(connection, scope.windows))
        found = glimpses.in_windows(connection, scope.windows)
        return Inside(tuple(found), len(found))


def gather(
    archive: "Archive", wanted: Wanted, scope: Scope, inside: Inside, scale: LooksScale, *, shortlist: int
) -> Gallery:
    """Return the gallery of a question; of more sightings than can be read, the most alike and those of like plates."""
    similar = _similar(archive, wanted, scope)
    ids = sorted(similar)
    scores = np.array([similar[id_] for id_ in ids], dtype=np.float64)
    ratios = dict(zip(ids, appearance_llr(scores, scale).tolist(), strict=True)) if ids else {}
    found = _likely(archive, wanted, scope, ratios, shortlist) if inside.found is None else inside.found
    kept = [one for one in found if one.id != wanted.sighting]
    epoch = wanted.time or min((one.best for one in kept), default=datetime.min.replace(tzinfo=UTC))
    times = [(scope.true_time(one.camera, one.best) - epoch).total_seconds() for one in kept]
    return Gallery(
        sightings=tuple(kept),
        epoch=epoch,
        time_s=np.array(times, dtype=np.float64),
        similarity=_aligned(kept, similar),
        appearance=_aligned(kept, ratios),
        size=len(kept) if inside.found is not None else inside.size,
    )


def _similar(archive: "Archive", wanted: Wanted, scope: Scope) -> dict[str, float]:
    if wanted.model_id is None or wanted.vectors is None:
        return {}
    scores = archive.vectors.all_scores(wanted.model_id, wanted.vectors, scope.windows)
    return {id_: score for id_, score in scores.items() if id_ != wanted.sighting}


def _likely(
    archive: "Archive", wanted: Wanted, scope: Scope, ratios: dict[str, float], shortlist: int
) -> list[Glimpse]:
    """Return the most alike, those of like plates, and without any picture those of the look that is named; by id."""
    likely = sorted(ratios, key=lambda id_: (-ratios[id_], id_))[:shortlist]
    with archive.catalogue.reading() as connection:
        few = shortlist if not ratios else shortlist // 4
        named = _named(connection, wanted, few)
        # The wanted sighting is the most like itself.
        plates = like_plates(archive, wanted.plate_looks, scope.windows, few + 1) if wanted.plate_looks else []
        return [one for one in glimpses.by_ids(connection, [*likely, *named, *plates]) if _inside(one, scope)]


def _named(connection: Connection, wanted: Wanted, limit: int) -> list[str]:
    """Return what to fetch besides: like plates, one misread character forgiven; without a picture, the look named."""
    pattern = wanted.pattern
    if pattern is None and wanted.plate is not None and wanted.plate.text:
        pattern = exactly(wanted.plate.text)
    if pattern is not None:
        return plate_index.find(connection, pattern.forgiving(), limit=limit)
    if wanted.vectors is not None:
        return []
    look = SightingFilter(type=wanted.type, colour=wanted.colour, limit=limit)
    return [one.id for one in sightings.listing(connection, look)]


def _inside(sighting: Glimpse, scope: Scope) -> bool:
    if scope.windows is None:
        return True
    return any(
        window.camera == sighting.camera and window.start <= sighting.best <= window.end for window in scope.windows
    )


def _aligned(kept: Sequence[Glimpse], values: dict[str, float]) -> Floats:
    return np.array([values.get(one.id, np.nan) for one in kept], dtype=np.float64)
