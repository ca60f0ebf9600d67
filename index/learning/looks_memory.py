"""Carry the calibration of looks over to a model adapted from a calibrated one, and keep it with the archive."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime

import numpy as np
import numpy.typing as npt

from index.catalogue import Connection, calibrations
from index.catalogue.calibrations import StoredCalibration
from index.inquiry.calibration import Calibration, LooksScale

Floats = npt.NDArray[np.float64]
Vectors = Mapping[str, npt.NDArray[np.float32]]

KIND = "looks"


def carried_over(scale: LooksScale, before: Floats, after: Floats) -> LooksScale:
    """Return the scale of a model whose similarities of the same pairs of sightings moved from `before` to `after`.

    Nearly all pairs are of different vehicles, so their middle and spread tell how the model's similarities lie: what
    stands as many spreads above the crowd as before is worth what it was.
    """
    stretch = _spread(after) / max(_spread(before), 1e-6)
    usual = float(np.median(after) + stretch * (scale.usual - np.median(before)))
    return replace(
        scale,
        usual=usual,
        spread=scale.spread * stretch,
        per_similarity=scale.per_similarity / stretch,
        bias=scale.bias + scale.per_similarity * (scale.usual - usual / stretch),
    )


def similarities(vectors: Vectors, cameras: Mapping[str, str]) -> Floats:
    """Return the similarity of every two sightings of different cameras, by their best pair of pictures."""
    ids = sorted(vectors)
    stacked = np.concatenate([vectors[id_] for id_ in ids])
    starts = np.cumsum([0, *(len(vectors[id_]) for id_ in ids)])[:-1]
    best = np.maximum.reduceat(np.maximum.reduceat(stacked @ stacked.T, starts, axis=0), starts, axis=1)
    camera = np.array([cameras[id_] for id_ in ids])
    apart = np.triu(camera[:, None] != camera[None])
    return np.asarray(best[apart], dtype=np.float64)


def remember(connection: Connection, model: str, scale: LooksScale, *, fitted_on: str, at: datetime) -> None:
    """Keep the scale of a model."""
    calibrations.add(connection, StoredCalibration(KIND, model, asdict(scale), fitted_on, at))


def recall(connection: Connection, calibration: Calibration, model: str | None) -> Calibration:
    """Return the calibration with the archive's own scale of a model, if it has one."""
    kept = None if model is None else calibrations.newest(connection, KIND, model)
    if kept is None or model is None:
        return calibration
    return replace(calibration, looks={**calibration.looks, model: LooksScale(**kept.content)})


def _spread(values: Floats) -> float:
    low, high = np.percentile(values, (25, 75))
    return float(high - low)
