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
"""In a larger gallery so many are compared closely, those that are the most alike before anything is taken off."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """The unit vectors of the pictures of n sightings, (p, d): from `starts` (n,) on those of each."""

    vectors: Floats32
    starts: Ints

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
    def of(cls, matrices: Sequence[Floats32], cameras: Sequence[str]) -> "SharedLook":
        """Return what the pictures of sightings share; of one at least, `cameras` has that of each."""
        sums = np.stack([matrix.sum(axis=0) for matrix in matrices])
        counts, by_camera = np.array([len(matrix) for matrix in matrices]), np.array(cameras)
        of_all = sums.sum(axis=0) / (counts.sum() + PRIOR_PICTURES)
        own = {camera: by_camera == camera for camera in sorted(set(cameras))}
        means = {
            camera: (sums[rows].sum(axis=0) + PRIOR_PICTURES * of_all) / (counts[rows].sum() + PRIOR_PICTURES)
            for camera, rows in own.items()
        }
        return cls({camera: mean.astype(np.float32) for camera, mean in means.items()}, of_all.astype(np.float32))

    def taken_off(self, matrices: Sequence[Floats32], cameras: Sequence[str | None]) -> Pictures:
        """Return the pictures of sightings without it; of a camera that is not known, without what all share."""
        means = np.stack([self.of_camera.get(camera or "", self.of_all) for camera in cameras])
        counts = [len(matrix) for matrix in matrices]
        apart = np.concatenate(matrices) - np.repeat(means, counts, axis=0)
        return Pictures(_of_unit_length(apart), np.cumsum([0, *counts[:-1]]))


@dataclass(frozen=True, slots=True)
class ComparedLooks:
    """The similarity of a gallery's sightings to the target, (n,), NaN where one has no vectors; and what all share."""

    similarity: Floats
    shared: SharedLook | None = None


def compare_looks(
    archive: Archive,
    model_id: str,
    queries: Floats32,
    camera: str | None,
    gallery: Sequence[SightingBrief],
    windows: Sequence[Window] | None,
) -> ComparedLooks:
    """Compare a target's vectors, of pictures of a camera, with a gallery, all of which lies in the windows."""
    ids, cameras = [one.id for one in gallery], [one.camera for one in gallery]
    whole, closely = None, np.arange(len(ids))
    if len(ids) > CLOSER:
        whole = similarities(archive, model_id, queries, ids, windows)
        closely = np.sort(np.argsort(-np.nan_to_num(whole, nan=-1.0), kind="stable")[:CLOSER])
    spread = range(0, len(ids), -(-len(ids) // CLOSER)) if ids else ()
    with archive.catalogue.reading() as connection:
        stored = vectors.of_sightings(connection, model_id, sorted({ids[row] for row in (*closely.tolist(), *spread)}))
    shown = [row for row in spread if ids[row] in stored]
    if not shown:
        return ComparedLooks(np.full(len(ids), np.nan))
    shared = SharedLook.of([stored[ids[row]] for row in shown], [cameras[row] for row in shown])
    rows = [row for row in closely.tolist() if ids[row] in stored]
    found = np.full(len(ids), np.nan)
    if rows:
        pictures = shared.taken_off([stored[ids[row]] for row in rows], [cameras[row] for row in rows])
        found[rows] = shared.taken_off([queries], [camera]).alike(pictures)[0]
    if whole is not None:
        found = np.where(np.isnan(found), whole + np.nanmedian(found - whole), found)
    return ComparedLooks(found, shared)


def _of_unit_length(rows: Floats32) -> Floats32:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9), dtype=np.float32)
