"""Compare the vectors of a target with those of chosen sightings."""

from collections.abc import Sequence

import numpy as np

from index.records import Window
from index.store.archive import Archive
from index.store.catalogue import vectors
from reid.arrays import Floats, Floats32


def similarities(
    archive: Archive, model_id: str, queries: Floats32, ids: Sequence[str], windows: Sequence[Window] | None
) -> Floats:
    """Return the similarity of each sighting to the most similar query, (n,); NaN where it has no such vectors.

    All of `ids` lie in the windows, which are slices of the segments. Rows are read one by one where there are no
    windows, and of sightings that were forgotten since the question began.
    """
    known: dict[bytes, float] = {}
    if windows is not None:
        scores = archive.vectors.all_scores(model_id, queries, windows)
        known = dict(zip(scores.ids.tolist(), scores.values.tolist(), strict=True))
    keys = [id_.encode() for id_ in ids]
    read = _read(archive, model_id, queries, [id_ for id_, key in zip(ids, keys, strict=True) if key not in known])
    found = [known.get(key, read.get(id_, np.nan)) for id_, key in zip(ids, keys, strict=True)]
    return np.array(found, dtype=np.float64)


def most_similar(matrices: Sequence[Floats32]) -> Floats:
    """Return the similarity of each two of some sightings, by their most similar pair of shots, (n, n)."""
    stacked = np.concatenate(matrices)
    starts = np.cumsum([0, *(len(matrix) for matrix in matrices)])[:-1]
    similarity = stacked @ stacked.T
    return np.asarray(np.maximum.reduceat(np.maximum.reduceat(similarity, starts, axis=0), starts, axis=1), np.float64)


def _read(archive: Archive, model_id: str, queries: Floats32, ids: Sequence[str]) -> dict[str, float]:
    with archive.catalogue.reading() as connection:
        stored = vectors.of_sightings(connection, model_id, ids)
    return {id_: float((matrix @ queries.T).max()) for id_, matrix in stored.items()}
