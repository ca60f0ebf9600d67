"""Make what tells body and marks from start to end: draw, embed, fit, calibrate, measure, write file and card."""

import hashlib
import json
import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch

from reid.appearance.embedders import Embedder, Vectors
from reid.appearance.marks import DOCUMENT, SURE, TASK, Attribute
from reid.arrays import Floats
from reid.training.attributes.calibrating import body_attributes, mark_attributes
from reid.training.attributes.heads import HeadNetwork, HeadOptions, fit_heads, logits_of
from reid.training.attributes.marked_crops import MARKS, MarkedOptions, MarkedVectors, marked_vectors
from reid.training.attributes.real_types import typed_vectors
from reid.training.attributes.scores import body_shares_right, mark_scores, probability_score
from reid.training.onnx_file import Ports, write_onnx, write_onnx_card
from reid.weights import Card, PictureInput

DRAW_VERSION = 1
"""Increase it when the pictures or their labels change."""

NAME = "attributes"
VALIDATION = MarkedOptions(2, 300)
"""Held-out vehicles and cameras, on which the marks are chosen and calibrated."""

PUBLISHED = MarkedOptions(10_021, 250)
"""Those of the published figures; seeds below 10,000 are for training and tuning."""


@dataclass(frozen=True, slots=True)
class AttributesRecipe:
    """All inputs: what to draw to learn from, to choose and calibrate by, and to measure.

    `streets` and `pairs` are folders of real vehicles of known types.
    """

    train: tuple[MarkedOptions, ...]
    validation: MarkedOptions = VALIDATION
    test: MarkedOptions = PUBLISHED
    heads: HeadOptions = field(default_factory=HeadOptions)
    streets: Path | None = None
    pairs: Path | None = None


def train_attributes(
    recipe: AttributesRecipe, embedder: Embedder, out: Path, cache: Path, report: Callable[[int, int], None]
) -> tuple[Card, dict[str, Any]]:
    """Write `out`/attributes.onnx and its card, and return the card and the figures of the test pictures."""
    train, validation, test = (
        join([_cached(part, embedder, cache, report) for part in parts])
        for parts in (recipe.train, (recipe.validation,), (recipe.test,))
    )
    has_real = recipe.streets is not None or recipe.pairs is not None
    real = typed_vectors(recipe.streets, recipe.pairs, embedder) if has_real else None
    network = fit_heads(train, validation, recipe.heads, real)
    of_body, of_marks = logits_of(network, validation.vectors, validation.size_px)
    bodies = body_attributes(of_body, validation, body_shares_right(of_body, validation))
    marks = mark_attributes(of_marks, validation, mark_scores(of_marks, validation))
    document = {"appearance": embedder.model_id, "bodies": _plain(bodies), "marks": _plain(marks)}
    out.mkdir(parents=True, exist_ok=True)
    _write(network, out / f"{NAME}.onnx", document)
    card = write_onnx_card(
        out / f"{NAME}.onnx", name=NAME, task=TASK, source=_command(recipe), picture=PictureInput(), output="marks"
    )
    return card, figures(network, test, bodies, marks)


def join(parts: Sequence[MarkedVectors]) -> MarkedVectors:
    """Return all parts as one, their vehicles and cameras numbered apart."""
    apart = []
    vehicles = cameras = 0
    for part in parts:
        apart.append(replace(part, vehicle=part.vehicle + vehicles, camera=part.camera + cameras))
        vehicles, cameras = vehicles + int(part.vehicle.max()) + 1, cameras + int(part.camera.max()) + 1
    names = [one.name for one in fields(MarkedVectors)]
    return MarkedVectors(*(np.concatenate([getattr(part, name) for part in apart]) for name in names))


def figures(
    network: HeadNetwork, test: MarkedVectors, bodies: Sequence[Attribute], marks: Sequence[Attribute]
) -> dict[str, Any]:
    """Return what the test pictures say of bodies and of every mark; of the marks that are told, how right they are."""
    of_body, of_marks = logits_of(network, test.vectors, test.size_px)
    told = {mark.name: mark for mark in marks}
    document: dict[str, Any] = {
        "pictures": len(test.vehicle),
        "vehicles": len(np.unique(test.vehicle)),
        "body_right": _rounded(body_shares_right(of_body, test)),
        "body_least_px": bodies[0].least_px,
        "marks": {},
    }
    for column, (name, score) in enumerate(mark_scores(of_marks, test).items()):
        document["marks"][name] = {"by_view": _rounded(score.by_view), "by_size": _rounded(score.by_size)}
        if name in told:
            document["marks"][name] |= _calibration(of_marks[:, column], test, told[name])
    return document


def _calibration(logits: Vectors, test: MarkedVectors, mark: Attribute) -> dict[str, Any]:
    """Return how right the probabilities are at the rate of the drawn pictures, in those that are large enough."""
    column = MARKS.index(mark.name)
    rows = test.can_carry[:, column] & (test.size_px >= mark.least_px)
    true = test.marks[rows, column]
    drawn = float(test.marks[test.can_carry[:, column], column].mean())
    shift = np.log(drawn / (1 - drawn)) - np.log(mark.share / (1 - mark.share))
    probabilities: Floats = 1 / (1 + np.exp(-(mark.scale * logits[rows].astype(np.float64) + mark.bias + shift)))
    score = asdict(probability_score(probabilities, true, SURE))
    return {"least_px": mark.least_px, "base": mark.share, "drawn": round(drawn, 3), **_rounded(score)}


def _cached(
    options: MarkedOptions, embedder: Embedder, cache: Path, report: Callable[[int, int], None]
) -> MarkedVectors:
    """Return the vectors of drawn crops, which are drawn once and kept in `cache`."""
    document = json.dumps([asdict(options), DRAW_VERSION, embedder.model_id], sort_keys=True)
    path = cache / f"{hashlib.sha256(document.encode()).hexdigest()[:16]}.npz"
    if not path.exists():
        drawn = marked_vectors(options, embedder, report)
        cache.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(f".{os.getpid()}.tmp")
        with unfinished.open("wb") as file:
            # no keyword of savez may be called "file"; the labels' names are ours
            np.savez(file, allow_pickle=False, **{one.name: getattr(drawn, one.name) for one in fields(drawn)})
        unfinished.replace(path)
    with np.load(path, allow_pickle=False) as stored:
        return MarkedVectors(*(stored[one.name] for one in fields(MarkedVectors)))


def _write(network: HeadNetwork, path: Path, document: Mapping[str, Any]) -> None:
    examples = torch.zeros(2, network.dims), torch.full((2,), 64.0)
    free = {name: {0: "pictures"} for name in ("vectors", "size_px", "body", "marks")}
    write_onnx(network, examples, path, Ports(("vectors", "size_px"), ("body", "marks"), free), half=True)
    model = onnx.load(path)
    onnx.helper.set_model_props(model, {DOCUMENT: json.dumps(document)})
    onnx.save(model, path)


def _plain(attributes: Sequence[Attribute]) -> list[dict[str, Any]]:
    return [asdict(one) for one in attributes]


def _command(recipe: AttributesRecipe) -> str:
    first, *more = recipe.train
    sets = "".join(f" --more {one.seed}:{one.vehicles}" for one in more)
    real = "".join(f" --{name} ..." for name, given in (("streets", recipe.streets), ("pairs", recipe.pairs)) if given)
    return f"retrace train attributes --vehicles {first.vehicles}{sets}{real} --seed {recipe.heads.seed}"


def _rounded(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values with three decimals; None where there was too little to measure."""
    return {name: _three_decimals(value) for name, value in values.items()}


def _three_decimals(value: Any) -> Any:
    if not isinstance(value, float):
        return value
    return None if math.isnan(value) else round(value, 3)
