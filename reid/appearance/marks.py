"""Tell the type and the marks of a vehicle by the vectors of its pictures, as probabilities."""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from reid.arrays import Floats, Floats32
from reid.errors import SeeingError
from reid.onnx import CPU, open_session
from reid.vehicle import VEHICLE_TYPES
from reid.weights import Weights, list_weights

_log = logging.getLogger(__name__)

TASK = "attributes"
DOCUMENT = "attributes"
"""The metadata key of the network file under which names, calibration and base rates stand as JSON."""

SURE = 0.9
"""From this probability on a mark is shown: on real pictures less was false too often."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """A mark or body: what is added to its logit and multiplied with it, and how common it is.

    `share` is that of the vehicles that can have it; of a mark these are `bodies`, of a body all vehicles.
    """

    name: str
    share: float
    least_px: float
    scale: float
    bias: float
    bodies: tuple[str, ...] = ()
    type: str = ""
    output: int = 0


@dataclass(frozen=True, slots=True)
class NamedAttributes:
    """The probability that the vehicle has each mark; what cannot be seen in pictures so small is absent."""

    marks: Mapping[str, float] = field(default_factory=dict)

    @property
    def likely(self) -> list[tuple[str, float]]:
        """Return the marks that are likely enough to be shown, likeliest first."""
        shown = [(name, probability) for name, probability in self.marks.items() if probability >= SURE]
        return sorted(shown, key=lambda one: -one[1])


NOTHING_TOLD = NamedAttributes()


@cache
def installed_attributes() -> "AttributeNetwork | None":
    """Return the network that is installed; None if there is none, or one that cannot be used: no answer needs it."""
    found = next((weights for weights in list_weights() if weights.card.task == TASK), None)
    if found is None:
        return None
    try:
        return AttributeNetwork(found)
    except (SeeingError, LookupError, ValueError, TypeError) as error:
        problem = str(error) if isinstance(error, SeeingError) else f"{found.path} is no network of marks"
        _log.warning("marks are not told: %s", problem)
        return None


def types_told(model_id: str, vectors: Floats32, side_px: Floats) -> Floats32 | None:
    """Return the probability of each of VEHICLE_TYPES for each picture; None where no network knows those vectors."""
    network = installed_attributes()
    return network.types(vectors, side_px) if network is not None and network.appearance_model == model_id else None


class AttributeNetwork:
    """Tells types and marks by vectors of one appearance model, `appearance_model`, and of no other.

    It guesses the body, of which a type has several, and since not every body can have every mark; on real pictures
    bodies of one type are confused too often to be told.
    """

    def __init__(self, weights: Weights) -> None:
        self._session = open_session(weights.read(), weights.path, threads=1, providers=CPU)
        document = json.loads(self._session.metadata[DOCUMENT])
        self.appearance_model: str = document["appearance"]
        self.bodies = tuple(_attribute(one) for one in document["bodies"])
        self.marks = tuple(_attribute(one) for one in document["marks"])

    def types(self, vectors: Floats32, side_px: Floats) -> Floats32:
        """Return the probability of each of VEHICLE_TYPES for each picture (n, 5): that of its bodies together."""
        if not len(vectors):
            return np.zeros((0, len(VEHICLE_TYPES)), np.float32)
        (of_body,) = self._session.run(["body"], {"vectors": vectors, "size_px": np.asarray(side_px, np.float32)})
        scaled = np.stack([one.scale * of_body[:, one.output] + one.bias for one in self.bodies], axis=1)
        weights = np.exp(scaled - scaled.max(axis=1, keepdims=True))
        kinds = np.array([one.type for one in self.bodies])
        told = np.stack([weights[:, kinds == kind].sum(axis=1) for kind in VEHICLE_TYPES], axis=1)
        return np.asarray(told / told.sum(axis=1, keepdims=True), np.float32)

    def tell(self, vectors: Floats32, side_px: Floats, types: Mapping[str, float]) -> NamedAttributes:
        """Return what the pictures of one vehicle tell: their vectors (n, d), and the sides of squares of their areas.

        `types` are the probabilities of its type from elsewhere, which bodies follow; {} where they are not known.
        """
        if not len(vectors):
            return NOTHING_TOLD
        sizes = np.asarray(side_px, np.float32)
        of_body, of_marks = self._session.run(["body", "marks"], {"vectors": vectors, "size_px": sizes})
        bodies = self._bodies(of_body.astype(np.float64).mean(axis=0), types)
        largest = float(sizes.max())
        marks = {
            mark.name: _probability(mark, float(of_marks[:, mark.output].mean())) * _carrying(mark, bodies)
            for mark in self.marks
            if largest >= mark.least_px
        }
        return NamedAttributes({name: round(probability, 4) for name, probability in marks.items()})

    def _bodies(self, logits: Floats, types: Mapping[str, float]) -> dict[str, float]:
        """Return the probability of each body; within a type they are the network's, types as they are given."""
        scaled = np.array([one.scale * logits[one.output] + one.bias for one in self.bodies])
        weights = np.exp(scaled - scaled.max())
        kinds = np.array([one.type for one in self.bodies])
        if types:
            for kind in set(kinds.tolist()):
                weights[kinds == kind] *= types.get(kind, 0.0) / max(float(weights[kinds == kind].sum()), 1e-12)
        total = max(float(weights.sum()), 1e-12)
        return {one.name: float(weight) / total for one, weight in zip(self.bodies, weights, strict=True)}


def side_px(sizes: Sequence[tuple[float, float]]) -> Floats:
    """Return the side of a square of the area of each picture, by its width and height."""
    return np.sqrt(np.array([max(width, 1.0) * max(height, 1.0) for width, height in sizes], np.float64))


def _attribute(document: Mapping[str, Any]) -> Attribute:
    return Attribute(**{**document, "bodies": tuple(document.get("bodies", ()))})


def _probability(mark: Attribute, logit: float) -> float:
    return float(1 / (1 + np.exp(-np.clip(mark.scale * logit + mark.bias, -50, 50))))


def _carrying(mark: Attribute, bodies: Mapping[str, float]) -> float:
    """Return the probability that the vehicle has a body that can carry the mark."""
    return sum(bodies[body] for body in mark.bodies)
