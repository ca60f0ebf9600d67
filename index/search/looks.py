"""Compare how vehicles look, by the vectors of their pictures less what all pictures of a camera share.

The view of a camera, its light and its colours are in every picture that it takes, and tell no vehicle from another;
nor does the side that all show who take one road past it. How the sightings of a gallery look on the average, camera by
camera and road by road, shows what these share in the hours in question.

Some look like many: a white van is near to half the street, and so to any target. How alike a sighting is to its
crowd, others that it is very much alike to, is taken off by half (Conneau et al. 2018, section 2.3).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from index.records import SightingBrief, Window
from index.search.similarity import similarities
from index.store.archive import Archive
from index.store.catalogue import vectors
from reid.arrays import Floats, Floats32, Ints

PRIOR_PICTURES = 20.0
"""So many pictures of a road past a camera outweigh what its camera shares, so many of that what all cameras share."""

OWN, CROWD, CROWD_WEIGHS = 10, 10, 0.5
"""Of others that are the most alike the first may be the same vehicle; so many after them are the crowd of a sighting.
This share of how alike they are is taken off."""

CLOSER = 2000
"""In a larger gallery so many are compared closely, those that are the most alike as they are."""

View = tuple[str | None, int | None]
"""A camera, and the directed road that a vehicle took past it; each is None where it is not known."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """The unit vectors of the pictures of n sightings, (p, d): from `starts` (n,) on those of each."""

    vectors: Floats32
    starts: Ints

    @classmethod
    def of(cls, matrices: Sequence[Floats32]) -> "Pictures":
        """Return those of sightings, one at least, of each (pictures, d)."""
        return cls(np.concatenate(matrices), np.cumsum([0, *(len(matrix) for matrix in matrices[:-1])]))

    @property
    def counts(self) -> Ints:
        """Return how many each sighting has, (n,)."""
        return np.diff(self.starts, append=len(self.vectors))

    def alike(self, others: "Pictures") -> Floats:
        """Return the similarity of each of these sightings to each of the others, (n, m).

        It is the mean of that of their most similar pictures and that of all their pictures taken together.
        """
        each = np.maximum.reduceat(self.vectors @ others.vectors.T, self.starts, axis=0)
        best = np.maximum.reduceat(each, others.starts, axis=1)
        return np.asarray((best + self.together() @ others.together().T) / 2, dtype=np.float64)

    def together(self) -> Floats32:
        """Return the unit vector of all pictures of each sighting, (n, d)."""
        return _of_unit_length(np.add.reduceat(self.vectors, self.starts, axis=0))


@dataclass(frozen=True, slots=True)
class SharedLook:
    """What pictures share: the mean vector of those of each view, without a road of the whole camera, and of all."""

    of_view: Mapping[View, Floats32]
    of_all: Floats32

    @classmethod
    def of(cls, pictures: Pictures, views: Sequence[View]) -> "SharedLook":
        """Return what the pictures of sightings share; `views` has that of each sighting."""
        sums, counts = np.add.reduceat(pictures.vectors, pictures.starts, axis=0), pictures.counts
        rows_of: dict[View, list[int]] = {}
        for row, (camera, road) in enumerate(views):
            for view in {(camera, None), (camera, road)}:
                rows_of.setdefault(view, []).append(row)
        of_all = _mean(sums, counts, np.zeros_like(sums[0]))
        of_view: dict[View, Floats32] = {}
        for camera, road in sorted(rows_of, key=lambda view: view[1] is not None):
            rows, usual = rows_of[camera, road], of_view.get((camera, None), of_all)
            of_view[camera, road] = _mean(sums[rows], counts[rows], usual)
        return cls(of_view, of_all)

    def taken_off(self, pictures: Pictures, views: Sequence[View]) -> Pictures:
        """Return the pictures of sightings without it; of a camera that is not known, without what all share."""
        means = np.stack([self._usual(view) for view in views])
        apart = pictures.vectors - np.repeat(means, pictures.counts, axis=0)
        return Pictures(_of_unit_length(apart), pictures.starts)

    def _usual(self, view: View) -> Floats32:
        return self.of_view.get(view, self.of_view.get((view[0], None), self.of_all))


def crowds(pictures: Pictures, views: Sequence[View]) -> Floats:
    """Return what each sighting's crowd takes off its similarities, (n,): 0 where it is as alike as on the average."""
    together, (_, camera) = pictures.together(), np.unique([str(one) for one, _ in views], return_inverse=True)
    first = len(together) - OWN - CROWD
    if first <= 0:
        return np.zeros(len(together))
    alike = np.where(camera[:, None] == camera, np.float32(0.0), together @ together.T)
    highest = np.partition(np.partition(alike, first, axis=1)[:, first:], CROWD, axis=1)[:, :CROWD]
    crowd = CROWD_WEIGHS * np.maximum(highest, 0.0).mean(axis=1, dtype=np.float64)
    return np.asarray(crowd - crowd.mean())


@dataclass(frozen=True, slots=True)
class ComparedLooks:
    """The similarity of a gallery's sightings to the target, (n,), NaN where one has no vectors; and what all share.

    `usual` are similarities of sightings that nobody chose, None where those of the gallery are such.
    """

    similarity: Floats
    shared: SharedLook | None = None
    usual: Floats | None = None


def compare_looks(
    archive: Archive,
    model_id: str,
    queries: Floats32,
    view: View,
    gallery: Sequence[SightingBrief],
    windows: Sequence[Window] | None,
    usual: Sequence[SightingBrief] | None = None,
) -> ComparedLooks:
    """Compare a target's vectors, of pictures in a view, with a gallery, all of which lies in the windows.

    A gallery that was chosen for its looks is compared as they are, at the level and spread of some `usual` sightings
    that nobody chose: how the likeliness of the chosen ones falls tells how likely those are that were left out.
    """
    shown, found = gallery if usual is None else usual, np.full(len(gallery), np.nan)
    some = _read(archive, model_id, shown, range(0, len(shown), max(1, -(-len(shown) // CLOSER))))
    if not some.rows:
        return ComparedLooks(found)
    shared = SharedLook.of(some.pictures, some.views)
    asked, as_it_is = shared.taken_off(Pictures.of([queries]), [view]), Pictures.of([queries])
    if usual is None and len(gallery) <= CLOSER:
        found[some.rows] = _beside_crowd(asked, some, shared)
        return ComparedLooks(found, shared)
    alike = asked.alike(shared.taken_off(some.pictures, some.views))[0]
    whole = similarities(archive, model_id, queries, [one.id for one in gallery], windows)
    found = _as_spread(whole, as_it_is.alike(some.pictures)[0], alike)
    if usual is None:
        likeliest = np.argsort(-np.nan_to_num(found, nan=-np.inf), kind="stable")[:CLOSER].tolist()
        closely = _read(archive, model_id, gallery, likeliest)
        found[closely.rows] = _beside_crowd(asked, closely, shared)
    return ComparedLooks(found, shared, None if usual is None else alike)


@dataclass(frozen=True, slots=True)
class _Read:
    """The pictures of some rows of a gallery, of those that have any, and their views."""

    rows: list[int]
    pictures: Pictures
    views: list[View]


def _beside_crowd(asked: Pictures, read: _Read, shared: SharedLook) -> Floats:
    """Return the similarity of each sighting that was read, less what its crowd takes off."""
    apart = shared.taken_off(read.pictures, read.views)
    return np.asarray(asked.alike(apart)[0] - crowds(apart, read.views))


def _read(archive: Archive, model_id: str, gallery: Sequence[SightingBrief], rows: Sequence[int]) -> _Read:
    row_of = {gallery[row].id: row for row in rows}
    with archive.catalogue.reading() as connection:
        ids, stacked, starts = vectors.stacked(connection, model_id, list(row_of))
    known = [row_of[id_] for id_ in ids]
    return _Read(known, Pictures(stacked, starts), [(gallery[row].camera, gallery[row].edge) for row in known])


def _as_spread(values: Floats, before: Floats, after: Floats) -> Floats:
    """Return values moved and stretched as the median and the quartiles of others were."""
    low, middle, high = np.percentile(before, (25, 50, 75))
    new_low, new_middle, new_high = np.percentile(after, (25, 50, 75))
    stretch = (new_high - new_low) / (high - low) if high > low else 1.0
    return np.asarray(new_middle + stretch * (values - middle))


def _mean(sums: Floats32, counts: Ints, usual: Floats32) -> Floats32:
    """Return the mean of pictures, of which few are expected to be as usual."""
    mean = (sums.sum(axis=0) + PRIOR_PICTURES * usual) / (counts.sum() + PRIOR_PICTURES)
    return np.asarray(mean, dtype=np.float32)


def _of_unit_length(rows: Floats32) -> Floats32:
    """Return rows at length 1; they are changed where they are."""
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))
    rows /= np.maximum(lengths, 1e-9)[:, None]
    return rows
