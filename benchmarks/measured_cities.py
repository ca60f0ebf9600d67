"""Measure the evidence of a city's questions, and keep it in a file: measuring takes minutes, fitting seconds."""

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

import numpy as np

from index.search.measured import Measured
from index.simulation.calibrate import MeasuredQuestion, measure_city

OF_QUESTION = ("model_id",)
"""What `Measured` has once for a question; all else it has for each sighting."""


def measured_city(city: Path, queries: int, keep: Path | None = None) -> list[MeasuredQuestion]:
    """Return the measured questions of a city, half as many of them absent.

    In the folder `keep` they are kept by the city's name and the number of questions, and read again.
    """
    kept = None if keep is None else keep / f"{city.name}-{queries}.npz"
    if kept is not None and kept.is_file():
        return read_measured(kept)
    questions = measure_city(city, queries, absent=queries // 2)
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_measured(kept, questions)
    return questions


def write_measured(path: Path, questions: Sequence[MeasuredQuestion]) -> None:
    """Write measured questions as arrays, one after the other."""
    of_sightings = [field.name for field in fields(Measured) if field.name not in OF_QUESTION]
    arrays = {name: np.concatenate([getattr(one.measured, name) for one in questions]) for name in of_sightings}
    np.savez_compressed(
        path,
        allow_pickle=False,
        same=np.concatenate([one.same for one in questions]),
        count=[one.same.size for one in questions],
        model_id=[one.measured.model_id or "" for one in questions],
        **arrays,
    )


def read_measured(path: Path) -> list[MeasuredQuestion]:
    """Return the measured questions of a file."""
    with np.load(path, allow_pickle=False) as file:
        arrays = dict(file)
    starts = np.cumsum(arrays.pop("count"))[:-1]
    models, same = arrays.pop("model_id").tolist(), np.split(arrays.pop("same"), starts)
    parts = {name: np.split(array, starts) for name, array in arrays.items()}
    ids = [tuple(some.tolist()) for some in parts.pop("ids")]
    return [
        MeasuredQuestion(
            Measured(ids=own, model_id=model or None, **{name: part[row] for name, part in parts.items()}), same[row]
        )
        for row, (own, model) in enumerate(zip(ids, models, strict=True))
    ]
