"""Measure two models on vehicles that plates join and nothing was learned from, to tell which ranks better."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.learning.vehicle_labels import Labels
from reid.evaluation.intervals import Figure, figure
from reid.evaluation.metrics import average_precision

Vectors = Mapping[str, npt.NDArray[np.float32]]
"""Sighting -> the unit vectors of its pictures, (shots, d)."""

FEWEST_VEHICLES = 5
"""Of fewer held-out vehicles no gain is believed."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """mAP of both models over held-out vehicles, and the gain on the same questions, with intervals over vehicles."""

    before: Figure
    after: Figure
    gain: Figure
    vehicles: int
    questions: int
    gallery: int

    @property
    def is_better(self) -> bool:
        """Tell whether the new model ranks better and enough vehicles say so."""
        return self.vehicles >= FEWEST_VEHICLES and self.gain.value is not None and self.gain.value > 0


def compare(labels: Labels, before: Vectors, after: Vectors) -> Comparison:
    """Ask with each sighting of a held-out vehicle among all labelled sightings of the other cameras."""
    vehicle_of = {id_: number for number, own in enumerate(labels.held_out) for id_ in own}
    asked = [id_ for id_ in labels.ids if id_ in vehicle_of and id_ in before and id_ in after]
    searched = [id_ for id_ in labels.ids if id_ in before and id_ in after]
    camera_of = dict(zip(labels.ids, labels.cameras, strict=True))
    groups, first, second = [], [], []
    for question in asked:
        gallery = [id_ for id_ in searched if camera_of[id_] != camera_of[question]]
        right = np.array([vehicle_of.get(id_, -1) == vehicle_of[question] for id_ in gallery], dtype=bool)
        if right.any():
            groups.append(str(vehicle_of[question]))
            first.append(_precision(question, gallery, right, before))
            second.append(_precision(question, gallery, right, after))
    return Comparison(
        before=_mean(groups, first),
        after=_mean(groups, second),
        gain=_mean(groups, [new - old for new, old in zip(second, first, strict=True)]),
        vehicles=len(set(groups)),
        questions=len(groups),
        gallery=len(searched),
    )


def _precision(question: str, gallery: Sequence[str], right: npt.NDArray[np.bool_], vectors: Vectors) -> float:
    """Return the average precision of the gallery by the best pair of pictures, equal ones in the order of ids."""
    shots = np.concatenate([vectors[id_] for id_ in gallery])
    starts = np.cumsum([0, *(len(vectors[id_]) for id_ in gallery)])[:-1]
    best = np.maximum.reduceat((shots @ vectors[question].T).max(axis=1), starts)
    return average_precision(right[np.argsort(-best, kind="stable")], int(right.sum()))


def _mean(groups: Sequence[str], values: Sequence[float]) -> Figure:
    known = np.asarray(values, dtype=np.float64)
    return figure(groups, lambda drawn: float(known[drawn].mean()))
