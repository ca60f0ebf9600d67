"""Rank a gallery for each query and score the rankings by the rules of the published benchmarks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from reid.arrays import Flags, Floats, Floats32, Ints
from reid.errors import SeeingError

NO_CAMERA = -1


SIMILARITIES_AT_ONCE = 32_000_000
"""Largest number of similarities held at a time (128 MB), which bounds memory for any gallery."""


OwnCamera = Literal["counts", "junk of the vehicle", "junk"]
"""How gallery pictures of the query's own camera are treated: like others; left out if they show the same vehicle
(VeRi-776, VERI-Wild, CityFlow); always left out (a search over other cameras)."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """Unit vectors (n, d) of pictures, and the vehicle and camera of each (n,)."""

    vectors: Floats32
    vehicle: Ints
    camera: Ints

    def __len__(self) -> int:
        """Return how many pictures there are."""
        return len(self.vehicle)

    def take(self, rows: Ints | Flags) -> "Labelled":
        """Return the pictures of these rows."""
        return Labelled(self.vectors[rows], self.vehicle[rows], self.camera[rows])


@dataclass(frozen=True, slots=True)
class Ranks:
    """The average precision of each query and the rank (from 1) of its first right answer, both (q,).

    Queries without a right answer in the gallery are left out, as in the benchmarks.
    """

    precision: Floats
    first_right: Ints
    rows: Ints
    """Which queries these are."""

    @property
    def mean_precision(self) -> float:
        """Return mAP."""
        return float(self.precision.mean())

    def hit(self, rank: int) -> float:
        """Return the share of queries with a right answer among the first `rank` (CMC)."""
        return float((self.first_right <= rank).mean())


def rank_gallery(
    query: Labelled,
    gallery: Labelled,
    *,
    own_camera: OwnCamera,
    depth: int | None = None,
    also_junk: Flags | None = None,
) -> Ranks:
    """Rank the whole gallery for each query by similarity; ties keep the gallery's order.

    With `depth` only the first `depth` answers count (CityFlow: 100); a right one below adds 0 to precision.
    `also_junk` (q, g) marks further answers to leave out.
    """
    found = []
    for rows in _blocks(len(query), len(gallery)):
        more = None if also_junk is None else also_junk[rows]
        found += _rank_block(query.take(rows), rows, gallery, _Rules(own_camera, depth, more))
    if not found:
        raise SeeingError(f"none of {len(query)} queries has a right answer in the gallery: check the labels")
    precision, first_right, kept = zip(*found, strict=True)
    return Ranks(np.array(precision), np.array(first_right, dtype=np.int64), np.array(kept, dtype=np.int64))


def random_galleries(pictures: Labelled, *, repeats: int, seed: int) -> list[Ranks]:
    """Score as VehicleID does: a random picture of each vehicle is the gallery, the others are queries, repeatedly.

    Liu et al., "Deep Relative Distance Learning", CVPR 2016, section 5.1.
    """
    rng = np.random.default_rng(seed)
    ranks = []
    for _ in range(repeats):
        drawn = _one_of_each(pictures.vehicle, rng)
        ranks.append(rank_gallery(pictures.take(~drawn), pictures.take(drawn), own_camera="counts"))
    return ranks


def summary(ranks: Sequence[Ranks], gallery: int, hits: Sequence[int] = (1, 5, 10)) -> dict[str, object]:
    """Return the scores, averaged over repeats, under the names that `retrace evaluate` prints."""
    return {
        "map": float(np.mean([rank.mean_precision for rank in ranks])),
        "cmc": {str(hit): float(np.mean([rank.hit(hit) for rank in ranks])) for hit in hits},
        "queries": len(ranks[0].precision),
        "gallery": gallery,
    }


def _blocks(queries: int, gallery: int) -> list[Ints]:
    size = max(1, SIMILARITIES_AT_ONCE // max(1, gallery))
    return [np.arange(start, min(start + size, queries)) for start in range(0, queries, size)]


@dataclass(frozen=True, slots=True)
class _Rules:
    """Which answers of a block of queries count."""

    own_camera: OwnCamera
    depth: int | None
    also_junk: Flags | None


def _rank_block(query: Labelled, rows: Ints, gallery: Labelled, rules: _Rules) -> list[tuple[float, int, int]]:
    similarity = query.vectors @ gallery.vectors.T
    right = query.vehicle[:, None] == gallery.vehicle
    counted = ~_junk(query, gallery, right, rules.own_camera)
    if rules.also_junk is not None:
        counted &= ~rules.also_junk
    results = []
    for row, own_similarity, own_right, own_counted in zip(rows.tolist(), similarity, right, counted, strict=True):
        right_counted = own_right[own_counted]
        if right_counted.any():
            results.append((*_score(_ranks(own_similarity[own_counted], right_counted), rules.depth), row))
    return results


def _junk(query: Labelled, gallery: Labelled, right: Flags, own_camera: OwnCamera) -> Flags:
    if own_camera == "counts":
        return np.zeros_like(right)
    own: Flags = query.camera[:, None] == gallery.camera
    return own & right if own_camera == "junk of the vehicle" else own


def _ranks(similarity: Floats32, right: Flags) -> Ints:
    """Return the ranks of the right answers, lowest first, without sorting all others, ten times slower."""
    ordered = np.sort(similarity)
    places = np.flatnonzero(right)
    above = len(ordered) - np.searchsorted(ordered, similarity[places], side="right")
    equal = len(ordered) - above - np.searchsorted(ordered, similarity[places], side="left")
    for tied in np.flatnonzero(equal > 1):
        above[tied] += int((similarity[: places[tied]] == similarity[places[tied]]).sum())
    return np.asarray(np.sort(above) + 1, np.int64)


def _score(ranks: Ints, depth: int | None) -> tuple[float, int]:
    """Return the average precision and the first rank of the right answers; those below `depth` add nothing."""
    relevant = len(ranks) if depth is None else min(len(ranks), depth)
    counted = ranks if depth is None else ranks[ranks <= depth]
    return float((np.arange(1, len(counted) + 1) / counted).sum() / relevant), int(ranks[0])


def _one_of_each(vehicle: Ints, rng: np.random.Generator) -> Flags:
    shuffled = rng.permutation(len(vehicle))
    _, first = np.unique(vehicle[shuffled], return_index=True)
    drawn = np.zeros(len(vehicle), dtype=np.bool_)
    drawn[shuffled[first]] = True
    return drawn
