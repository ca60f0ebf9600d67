"""Compare how vehicles look, by the vectors of their pictures less what all pictures of a camera share.

The view of a camera, its light and its colours are in every picture that it takes, and tell no vehicle from another.
How the sightings of a gallery look on the average, camera by camera, shows what these share in the hours in question.
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
"""So many pictures of a camera outweigh what is shared everywhere, and so many of all cameras that nothing is."""

CLOSER = 2000
"""In a larger gallery so many are compared closely, those that are the most alike as they are."""


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
        return np.asarray((best + self._together() @ others._together().T) / 2, dtype=np.float64)

    def _together(self) -> Floats32:
        return _of_unit_length(np.add.reduceat(self.vectors, self.starts, axis=0))


@dataclass(frozen=True, slots=True)
class SharedLook:
    """What pictures share: the mean vector of those of each camera, and of those of all."""

    of_camera: Mapping[str, Floats32]
    of_all: Floats32

    @classmethod
    def of(cls, pictures: Pictures, cameras: Sequence[str]) -> "SharedLook":
        """Return what the pictures of sightings share; `cameras` has that of each sighting."""
        named, of_each = np.unique(cameras, return_inverse=True)
        taken_by = np.arange(len(named))[:, None] == np.repeat(of_each, pictures.counts)
        counts, sums = taken_by.sum(axis=1)[:, None], taken_by.astype(np.float32) @ pictures.vectors
        of_all = sums.sum(axis=0) / (counts.sum() + PRIOR_PICTURES)
        means = (sums + PRIOR_PICTURES * of_all) / (counts + PRIOR_PICTURES)
        return cls(dict(zip(named.tolist(), means.astype(np.float32), strict=True)), of_all.astype(np.float32))

    def taken_off(self, pictures: Pictures, cameras: Sequence[str | None]) -> Pictures:
        """Return the pictures of sightings without it; of a camera that is not known, without what all share."""
        named = sorted({camera or "" for camera in cameras})
        means = np.stack([self.of_camera.get(camera, self.of_all) for camera in named])
        of_each = np.searchsorted(named, [camera or "" for camera in cameras])
        apart = pictures.vectors - means[np.repeat(of_each, pictures.counts)]
        return Pictures(_of_unit_length(apart), pictures.starts)


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
    camera: str | None,
    gallery: Sequence[SightingBrief],
    windows: Sequence[Window] | None,
    usual: Sequence[SightingBrief] | None = None,
) -> ComparedLooks:
    """Compare a target's vectors, of pictures of a camera, with a gallery, all of which lies in the windows.

    A gallery that was chosen for its looks is compared as they are, at the level and spread of some `usual` sightings
    that nobody chose: how the likeliness of the chosen ones falls tells how likely those are that were left out.
    """
    shown, found = gallery if usual is None else usual, np.full(len(gallery), np.nan)
    evenly = range(0, len(shown), max(1, -(-len(shown) // CLOSER)))
    some = _read(archive, model_id, shown, evenly)
    if not some.rows:
        return ComparedLooks(found)
    shared = SharedLook.of(some.pictures, some.cameras)
    asked, as_it_is = shared.taken_off(Pictures.of([queries]), [camera]), Pictures.of([queries])
    alike = asked.alike(shared.taken_off(some.pictures, some.cameras))[0]
    if usual is None and len(gallery) <= CLOSER:
        found[some.rows] = alike
        return ComparedLooks(found, shared)
    whole = similarities(archive, model_id, queries, [one.id for one in gallery], windows)
    found = _as_spread(whole, as_it_is.alike(some.pictures)[0], alike)
    if usual is None:
        likeliest = np.argsort(-np.nan_to_num(found, nan=-np.inf), kind="stable")[:CLOSER].tolist()
        closely = _read(archive, model_id, gallery, likeliest)
        found[closely.rows] = asked.alike(shared.taken_off(closely.pictures, closely.cameras))[0]
    return ComparedLooks(found, shared, None if usual is None else alike)


@dataclass(frozen=True, slots=True)
class _Read:
    """The pictures of some rows of a gallery, of those that have any, and their cameras."""

    rows: list[int]
    pictures: Pictures
    cameras: list[str]


def _read(archive: Archive, model_id: str, gallery: Sequence[SightingBrief], rows: Sequence[int]) -> _Read:
    row_of = {gallery[row].id: row for row in rows}
    with archive.catalogue.reading() as connection:
        ids, stacked, starts = vectors.stacked(connection, model_id, list(row_of))
    known = [row_of[id_] for id_ in ids]
    return _Read(known, Pictures(stacked, starts), [gallery[row].camera for row in known])


def _as_spread(values: Floats, before: Floats, after: Floats) -> Floats:
    """Return values moved and stretched as the median and the quartiles of others were."""
    low, middle, high = np.percentile(before, (25, 50, 75))
    new_low, new_middle, new_high = np.percentile(after, (25, 50, 75))
    stretch = (new_high - new_low) / (high - low) if high > low else 1.0
    return np.asarray(new_middle + stretch * (values - middle))


def _of_unit_length(rows: Floats32) -> Floats32:
    """Return rows at length 1; they are changed where they are."""
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))
    rows /= np.maximum(lengths, 1e-9)[:, None]
    return rows
