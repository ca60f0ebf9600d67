"""Adapt the appearance weights to an archive: tune on its own sightings, and switch only if that ranks better."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from index.access import audit, permissions
from index.access.permissions import Permission
from index.errors import ArchiveError
from index.ingest.describing import PACKAGED_WEIGHTS, adapted_name_prefix
from index.learning.labels import Labels, pick_labels
from index.learning.labels_file import read_labels, write_labels
from index.learning.reembedding import pictures_of, switch_to
from index.records import Sighting
from index.search.calibration import (
    calibration_of,
    carried_over,
    keep_scale,
    packaged_calibration,
    similarities,
)
from index.store.archive import Archive
from index.store.archive_file import ADAPTING, locked, make_folder
from index.store.catalogue import models, sightings, vectors
from index.store.catalogue.people import Person
from reid.appearance.embedders import Embedder, EmbedderOptions, OnnxEmbedder
from reid.arrays import Flags, Floats32
from reid.evaluation.intervals import Figure, figure
from reid.evaluation.metrics import average_precision
from reid.training.appearance.datasets import BOX_SIDE_PX, resized_box
from reid.training.appearance.export import export_onnx, load_network, write_appearance_card
from reid.training.appearance.tuning import TuneOptions, TuningLabels, tune
from reid.training.loop import LogRow
from reid.weights import Weights, add_weights, find_weights, weights_at

MOST_COMPARED_SIGHTINGS = 400
"""Sightings whose similarities carry the calibration over to the new model."""

FEWEST_VEHICLES = 5
"""A gain measured on fewer held-out vehicles does not count."""

ShotVectors = Mapping[str, Floats32]
"""Sighting -> the unit vectors of its pictures, (shots, d)."""


@dataclass(frozen=True, slots=True)
class AdaptOptions:
    """How much to learn from: at most `most` sightings with `shots` pictures each, for `steps` batches."""

    steps: int = 400
    most: int = 1500
    shots: int = 4
    threads: int = 1
    seed: int = 0


@dataclass(frozen=True, slots=True)
class AdaptProgress:
    """Callbacks: `tuned` gets each row of the training's table, `embedded` the number of sightings embedded anew."""

    tuned: Callable[[LogRow], None]
    embedded: Callable[[int], None]


@dataclass(frozen=True, slots=True)
class ModelComparison:
    """mAP of both models on held-out vehicles, and the gain on the same questions, with intervals over the vehicles."""

    before: Figure
    after: Figure
    gain: Figure
    vehicles: int
    questions: int
    gallery: int

    @property
    def is_better(self) -> bool:
        """Return whether the new model ranks better, measured on enough vehicles."""
        return self.vehicles >= FEWEST_VEHICLES and self.gain.value is not None and self.gain.value > 0


@dataclass(frozen=True, slots=True)
class AdaptResult:
    """The result: `model` is the new model in use, None if it was not better and nothing was changed."""

    model: str | None
    comparison: ModelComparison
    sightings: int
    vehicles: int
    embedded: int


def adapt(archive: Archive, person: Person, options: AdaptOptions, progress: AdaptProgress) -> AdaptResult:
    """Tune the packaged weights on the archive's own pictures, compare on held-out plates, and switch if better."""
    permissions.require(archive, person, Permission.INGEST)
    archive.catalogue.check_writable()
    folder = archive.path / ADAPTING
    make_folder(folder)
    with locked(archive.path / f"{ADAPTING}.lock"):
        labels = _labels(archive, folder, options)
        _check(labels)
        # Pictures are opened only after the audit row that says so.
        audit.record(archive, person, "adapt", {"sightings": len(labels.ids), "steps": options.steps})
        weights = _tuned(archive, folder, labels, options, progress)
        embedder = OnnxEmbedder(weights, EmbedderOptions(threads=options.threads))
        before, after = _vectors_in_use(archive, labels), _new_vectors(archive, embedder, labels)
        comparison = compare(labels, before, after)
        model, embedded = None, 0
        if _is_in_use(archive, weights):
            # Stopped after the switch: the vectors of before are gone, and there is nothing to compare with any more.
            model = weights.model_id
        elif comparison.is_better:
            model = _install(archive, weights, labels, before, after)
            embedded = switch_to(archive, embedder, progress.embedded)
        shutil.rmtree(folder)
    return AdaptResult(model, comparison, len(labels.ids), len(np.unique(labels.vehicle)), embedded)


def known_pictures(archive: Archive, labels: Labels, shots: int) -> TuningLabels:
    """Return the first pictures of the labelled sightings, with their vehicles and cameras."""
    number = {camera: row for row, camera in enumerate(sorted(set(labels.cameras)))}
    pictures, rows = [], []
    for row, sighting in enumerate(_sightings(archive, labels.ids)):
        own = pictures_of(archive, replace(sighting, shots=sighting.shots[:shots]))
        pictures += [resized_box(picture) for picture in own]
        rows += [row] * len(own)
    cameras = np.array([number[camera] for camera in labels.cameras], dtype=np.int64)
    return TuningLabels(np.stack(pictures), labels.vehicle[rows], cameras[rows], labels.rivals)


def compare(labels: Labels, before: ShotVectors, after: ShotVectors) -> ModelComparison:
    """Compare two models: search with each sighting of a held-out vehicle among the sightings of the other cameras."""
    vehicle_of = {id_: number for number, own in enumerate(labels.held_out) for id_ in own}
    embedded = [id_ for id_ in labels.ids if id_ in before and id_ in after]
    questions = [id_ for id_ in embedded if id_ in vehicle_of]
    camera_of = dict(zip(labels.ids, labels.cameras, strict=True))
    groups, first, second = [], [], []
    for question in questions:
        gallery = [id_ for id_ in embedded if camera_of[id_] != camera_of[question]]
        right = np.array([vehicle_of.get(id_, -1) == vehicle_of[question] for id_ in gallery], dtype=bool)
        if right.any():
            groups.append(str(vehicle_of[question]))
            first.append(_precision(question, gallery, right, before))
            second.append(_precision(question, gallery, right, after))
    return ModelComparison(
        before=_mean(groups, first),
        after=_mean(groups, second),
        gain=_mean(groups, [new - old for new, old in zip(second, first, strict=True)]),
        vehicles=len(set(groups)),
        questions=len(groups),
        gallery=len(embedded),
    )


def _labels(archive: Archive, folder: Path, options: AdaptOptions) -> Labels:
    """Return the labels picked at the first start, so that new footage does not change them halfway."""
    path = folder / "labels.json"
    if not path.exists():
        write_labels(path, pick_labels(archive, most=options.most))
    return read_labels(path, most=options.most)


def _check(labels: Labels) -> None:
    linked = len(labels.ids) - len(np.unique(labels.vehicle))
    if linked == 0 or len(labels.held_out) < FEWEST_VEHICLES:
        raise ArchiveError(
            f"plates join {linked} sightings to learn from and {len(labels.held_out)} vehicles to measure on, "
            f"at least 1 and {FEWEST_VEHICLES} are needed: take in more footage of cameras that can read plates"
        )


def _tuned(archive: Archive, folder: Path, labels: Labels, options: AdaptOptions, progress: AdaptProgress) -> Weights:
    """Return the tuned weights; the card is written last, so they are complete once it exists."""
    onnx = folder / "adapted.onnx"
    if not onnx.with_suffix(".json").exists():
        tuning = TuneOptions(options.steps, max(1, options.steps // 2), seed=options.seed, threads=options.threads)
        known = known_pictures(archive, labels, options.shots)
        network = tune(load_network(find_weights(PACKAGED_WEIGHTS).path), known, folder, tuning, progress.tuned)
        export_onnx(network, onnx, side_px=BOX_SIDE_PX)
        name = f"{adapted_name_prefix(archive)}{datetime.now(UTC):%y%m%d%H%M}"
        packaged = find_weights(PACKAGED_WEIGHTS).model_id
        source = f"retrace adapt: {packaged} tuned on {len(labels.ids)} sightings of one archive"
        write_appearance_card(onnx, name=name, side_px=BOX_SIDE_PX, source=source)
    weights = weights_at(onnx)
    if not weights.card.name.startswith(adapted_name_prefix(archive)):
        # The folder came with an archive of somebody else: installed, they would take the place of other weights.
        raise ArchiveError(
            f"{onnx} is named {weights.card.name!r}, not as adapt names weights: delete {folder} and begin again"
        )
    return weights


def _sightings(archive: Archive, ids: Sequence[str]) -> list[Sighting]:
    with archive.catalogue.reading() as connection:
        found = sightings.by_ids(connection, ids)
    if len(found) < len(ids):
        raise ArchiveError(
            f"{len(ids) - len(found)} sightings were forgotten since adapting began: "
            f"delete {archive.path / ADAPTING} and begin again"
        )
    return found


def _is_in_use(archive: Archive, weights: Weights) -> bool:
    with archive.catalogue.reading() as connection:
        used = models.in_use(connection, "appearance")
    return used is not None and used.id == weights.model_id


def _vectors_in_use(archive: Archive, labels: Labels) -> ShotVectors:
    """Return the vectors of the model in use."""
    with archive.catalogue.reading() as connection:
        used = models.in_use(connection, "appearance")
        return vectors.of_sightings(connection, used.id, labels.ids) if used else {}


def _new_vectors(archive: Archive, embedder: Embedder, labels: Labels) -> ShotVectors:
    return {sighting.id: embedder.embed(pictures_of(archive, sighting)) for sighting in _sightings(archive, labels.ids)}


def _install(archive: Archive, weights: Weights, labels: Labels, before: ShotVectors, after: ShotVectors) -> str:
    """Install the weights for this user, with the calibration carried over from the model in use."""
    added = add_weights(weights.path, weights.card)
    with archive.catalogue.writing() as connection:
        model = models.in_use(connection, "appearance")
        used = model.id if model else ""
        known = calibration_of(connection, used, packaged_calibration())
        if used in known.looks:
            cameras = dict(zip(labels.ids, labels.cameras, strict=True))
            step = len(labels.ids) // MOST_COMPARED_SIGHTINGS + 1
            sample = [id_ for id_ in labels.ids if id_ in before][::step]
            old, new = (similarities({id_: of[id_] for id_ in sample}, cameras) for of in (before, after))
            scale = carried_over(known.looks[used], old, new)
            fitted_on = f"carried over from {used} by {len(old)} pairs"
            keep_scale(connection, added.model_id, scale, fitted_on=fitted_on, at=datetime.now(UTC))
    return added.model_id


def _precision(question: str, gallery: Sequence[str], right: Flags, vectors: ShotVectors) -> float:
    """Return the average precision of the gallery ranked by its best pair of pictures; ties keep the order of ids."""
    shots = np.concatenate([vectors[id_] for id_ in gallery])
    starts = np.cumsum([0, *(len(vectors[id_]) for id_ in gallery)])[:-1]
    best = np.maximum.reduceat((shots @ vectors[question].T).max(axis=1), starts)
    return average_precision(right[np.argsort(-best, kind="stable")], int(right.sum()))


def _mean(groups: Sequence[str], values: Sequence[float]) -> Figure:
    known = np.asarray(values, dtype=np.float64)
    return figure(groups, lambda drawn: float(known[drawn].mean()))
