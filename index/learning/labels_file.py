"""Keep the labels that an adaptation began with in a file; the file may have come with an archive of somebody else."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from index.errors import ArchiveError
from index.learning.labels import Labels
from index.store.archive_file import write_text


def write_labels(path: Path, labels: Labels) -> None:
    """Write labels, completely or not at all."""
    document = asdict(labels) | {"vehicle": labels.vehicle.tolist(), "rivals": np.argwhere(labels.rivals).tolist()}
    write_text(path, json.dumps(document))


def read_labels(path: Path, *, most: int) -> Labels:
    """Return the labels in a file; refuse those of more than `most` sightings, and what are no labels."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        ids, cameras = _texts(stored["ids"]), _texts(stored["cameras"])
        vehicle = _numbers(stored["vehicle"], below=len(ids))
        if not len(ids) == len(cameras) == len(vehicle):
            raise ValueError("as many cameras and vehicles as sightings")
        held_out = tuple(_texts(own) for own in stored["held_out"])
        # Only now: the matrix of rivals grows with the square.
        if len(ids) > most:
            raise ArchiveError(
                f"{path} was begun with {len(ids)} sightings, more than the {most} that may be learned from: "
                f"give --most {len(ids)}, or delete {path.parent} and begin again"
            )
        vehicles = int(vehicle.max(initial=-1)) + 1
        rivals = np.zeros((vehicles, vehicles), dtype=bool)
        rivals[tuple(_numbers(stored["rivals"], below=vehicles).reshape(-1, 2).T)] = True
    except ArchiveError:
        raise
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
        raise ArchiveError(
            f"{path} does not hold the labels that an adaptation began with ({type(error).__name__}: {error}): "
            f"delete {path.parent} and begin again"
        ) from None
    return Labels(ids, cameras, vehicle, rivals, held_out)


def _texts(values: Sequence[Any]) -> tuple[str, ...]:
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ValueError("a list of texts")
    return tuple(values)


def _numbers(values: Sequence[Any], *, below: int) -> "np.ndarray[Any, np.dtype[np.int64]]":
    """Return numbers from 0 up to a limit."""
    numbers = np.array(values, dtype=np.int64)
    if numbers.size and (numbers.min() < 0 or numbers.max() >= below):
        raise ValueError(f"numbers from 0 to {below - 1}")
    return numbers
