"""Find which sightings are pieces of one passage: a camera lost a vehicle, and saw it again where it had to be."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeVar

import numpy as np

from index.records import Sighting, SightingBrief
from index.search.target import Target
from index.store.archive import Archive
from index.store.catalogue import sightings, vectors
from reid.arrays import Floats, Floats32
from reid.vehicle import TrackPoint

LOST_S, AT_ONCE_S = 2.0, 0.5
"""A track that went on was lost for no longer, and both are drawn at once for no longer."""
STEP_S = 0.5
"""Over so long the speed at the end of a track is measured."""
AWAY = 0.35
"""The second piece begins no farther from where the first leads, in box sizes."""
LIKE_SIZED, SAME_WAY, ALIKE = 0.5, 0.8, 0.6
"""How much the logarithm of the box size may change; the least cosine of two directions, and of two looks."""
STILL = 0.1
"""A vehicle that moves by fewer box sizes a second goes no way at all."""
SURE_READ = 0.9
"""Two plates read so surely that differ are of two vehicles."""

Passed = TypeVar("Passed", Sighting, SightingBrief)


@dataclass(frozen=True, slots=True)
class End:
    """Where one end of a track lies in the picture, how fast it moves there in pixels a second, and its box size."""

    at: Floats
    speed: Floats
    size: float

    @classmethod
    def of(cls, track: Sequence[TrackPoint], *, first: bool) -> "End":
        """Return the first or the last end of a track."""
        end = track[0] if first else track[-1]
        near = [point for point in track if abs(point.time_s - end.time_s) <= STEP_S]
        times_s = np.array([point.time_s for point in near])
        middles = np.array([_middle(point) for point in near])
        lasts_s = float(times_s[-1] - times_s[0])
        speed = (middles[-1] - middles[0]) / lasts_s if lasts_s > 0 else np.zeros(2)
        return cls(_middle(end), speed, max(1.0, float(np.sqrt(end.box.width * end.box.height))))

    @property
    def is_still(self) -> bool:
        """Tell whether the vehicle stands there."""
        return float(np.hypot(*self.speed)) <= STILL * self.size

    def leads_to(self, other: "End", after_s: float) -> bool:
        """Tell whether the other end is where this one leads after some seconds, as large and the same way."""
        if abs(np.log(other.size / self.size)) > LIKE_SIZED or not self._goes_like(other):
            return False
        misses = (self.at + self.speed * after_s - other.at, other.at - other.speed * after_s - self.at)
        return min(float(np.hypot(*miss)) for miss in misses) <= AWAY * max(self.size, other.size)

    def _goes_like(self, other: "End") -> bool:
        if self.is_still or other.is_still:
            return self.is_still and other.is_still
        cosine = self.speed @ other.speed / (np.hypot(*self.speed) * np.hypot(*other.speed))
        return float(cosine) >= SAME_WAY


def pieces_among(archive: Archive, target: Target, found: Sequence[Sighting]) -> Mapping[str, tuple[str, ...]]:
    """Return the sightings that are further pieces of the passage of an earlier one in the sequence, by the earlier."""
    pairs = [_in_order(*pair) for pair in combinations(found, 2) if _follow(*pair)]
    ids = sorted({one.id for pair in pairs for one in pair})
    if not ids:
        return {}
    with archive.catalogue.reading() as connection:
        tracks = sightings.tracks(connection, ids)
        looks = vectors.of_sightings(connection, target.model_id, ids) if target.model_id is not None else {}
    joined = [(one.id, other.id) for one, other in pairs if _goes_on(one, other, tracks) and _alike(one, other, looks)]
    return dict(_grouped([one.id for one in found], joined))


def pieces_of(
    archive: Archive, target: Target, asked: Sequence[SightingBrief], inside: Sequence[SightingBrief]
) -> frozenset[str]:
    """Return the sightings inside that are further pieces of the passages asked about."""
    known = {one.id for one in asked}
    others = [one.id for one in inside if one.id not in known and any(_directly_after(one, own) for own in asked)]
    if not others:
        return frozenset()
    with archive.catalogue.reading() as connection:
        found = list(sightings.by_ids(connection, [*known, *others]))
    found.sort(key=lambda one: one.id not in known)
    joined = pieces_among(archive, target, found)
    return frozenset(piece for first, pieces in joined.items() if first in known for piece in pieces) - known


def _in_order(one: Passed, other: Passed) -> tuple[Passed, Passed]:
    return (one, other) if (one.last, one.id) <= (other.last, other.id) else (other, one)


def _follow(one: Sighting, other: Sighting) -> bool:
    """Tell whether one camera saw two directly after each other, without plates that surely differ."""
    return _directly_after(one, other) and not _surely_differ(one, other)


def _directly_after(one: Passed, other: Passed) -> bool:
    earlier, later = _in_order(one, other)
    lost_s = (later.first - earlier.last).total_seconds()
    return one.camera == other.camera and -AT_ONCE_S <= lost_s <= LOST_S


def _surely_differ(one: Sighting, other: Sighting) -> bool:
    plates = [plate for plate in (one.plate, other.plate) if plate is not None and plate.text]
    sure = [plate.text for plate in plates if plate.confidence >= SURE_READ]
    return len(set(sure)) == 2


def _goes_on(one: Sighting, other: Sighting, tracks: Mapping[str, Sequence[TrackPoint]]) -> bool:
    earlier, later = tracks.get(one.id, ()), tracks.get(other.id, ())
    if not earlier or not later:
        return False
    lost_s = (other.first - one.last).total_seconds()
    return End.of(earlier, first=False).leads_to(End.of(later, first=True), lost_s)


def _alike(one: Sighting, other: Sighting, looks: Mapping[str, Floats32]) -> bool:
    """Tell whether two look alike, as far as that was measured."""
    if one.id not in looks or other.id not in looks:
        return True
    return float((looks[one.id] @ looks[other.id].T).max()) >= ALIKE


def _grouped(order: Sequence[str], joined: Collection[tuple[str, str]]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the first of each group of joined ids with the others, in their order."""
    group = {id_: {id_} for pair in joined for id_ in pair}
    for one, other in joined:
        together = group[one] | group[other]
        group |= dict.fromkeys(together, together)
    told: set[str] = set()
    for id_ in order:
        if id_ in group and id_ not in told:
            told |= group[id_]
            yield id_, tuple(other for other in order if other in group[id_] and other != id_)


def _middle(point: TrackPoint) -> Floats:
    return np.array([point.box.x + point.box.width / 2, point.box.y + point.box.height / 2])
