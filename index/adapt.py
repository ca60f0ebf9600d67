"""Adapt the appearance weights to an archive: learn from its own tracks and plates, switch only if that helps."""

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.catalogue import models, sightings, vectors
from index.catalogue.people import Person
from index.errors import ArchiveError
from index.inquiry.calibration import default
from index.keeping.locks import locked
from index.learning import looks_memory
from index.learning.model_check import FEWEST_VEHICLES, Comparison, Vectors, compare
from index.learning.reembedding import ADAPTED_FROM, name_start, pictures_of, switch_to
from index.learning.vehicle_labels import Labels, pick_labels
from index.office import access, audit
from index.office.access import Permission
from index.sighting import Sighting
from reid.appearance.embedder import Embedder
from reid.appearance.onnx_embedder import EmbedderOptions, OnnxEmbedder
from reid.training.datasets import BOX_SIDE_PX, squared
from reid.training.export import export_onnx, write_appearance_card
from reid.training.reload import network_of
from reid.training.table import Row
from reid.training.tuning import Known, TuneOptions, tune
from reid.weights import Weights, add_weights, find_weights, read_card

if TYPE_CHECKING:
    from index.archive import Archive

FOLDER = "adapting"
"""What is unfinished lies here, beside the catalogue; the same command goes on from it after a kill."""
MOST_COMPARED = 400
"""Sightings whose similarities tell how those of a model lie."""


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
    """Who is told how far it is: lines of the training's table, and how many sightings are embedded anew."""

    tuned: Callable[[Row], None]
    embedded: Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Adapted:
    """What came of it: `model` is in use now, None where the new one was not better and nothing was changed."""

    model: str | None
    comparison: Comparison
    sightings: int
    vehicles: int
    embedded: int


def adapt(archive: "Archive", person: Person, options: AdaptOptions, progress: AdaptProgress) -> Adapted:
    """Tune the packaged weights on the archive's own pictures, compare on held-out plates, and switch if better."""
    access.require(archive, person, Permission.INGEST)
    folder = archive.path / FOLDER
    folder.mkdir(exist_ok=True)
    with locked(archive.path / f"{FOLDER}.lock"):
        labels = _labels(archive, folder, options)
        _check(labels)
        # the audit knows of every picture that is opened, before it is opened
        audit.record(archive, person, "adapt", {"sightings": len(labels.ids), "steps": options.steps})
        weights = _tuned(archive, folder, labels, options, progress)
        embedder = OnnxEmbedder(weights, EmbedderOptions(threads=options.threads))
        before, after = _in_use(archive, labels), _by(archive, embedder, labels)
        comparison = compare(labels, before, after)
        model, embedded = None, 0
        if comparison.is_better:
            model = _keep(archive, weights, labels, before, after)
            embedded = switch_to(archive, embedder, progress.embedded)
        shutil.rmtree(folder)
    return Adapted(model, comparison, len(labels.ids), len(np.unique(labels.vehicle)), embedded)


def _labels(archive: "Archive", folder: Path, options: AdaptOptions) -> Labels:
    """Return the labels picked when this began, so that new footage does not start it anew."""
    path = folder / "labels.json"
    if not path.exists():
        labels = pick_labels(archive, most=options.most)
        told = asdict(labels) | {"vehicle": labels.vehicle.tolist(), "rivals": np.argwhere(labels.rivals).tolist()}
        unfinished = path.with_suffix(".tmp")
        unfinished.write_text(json.dumps(told), encoding="utf-8")
        unfinished.replace(path)
    told = json.loads(path.read_text(encoding="utf-8"))
    vehicle = np.array(told["vehicle"], dtype=np.int64)
    rivals = np.zeros((int(vehicle.max(initial=-1)) + 1,) * 2, dtype=bool)
    rivals[tuple(np.array(told["rivals"], dtype=np.int64).reshape(-1, 2).T)] = True
    held_out = tuple(tuple(own) for own in told["held_out"])
    return Labels(tuple(told["ids"]), tuple(told["cameras"]), vehicle, rivals, held_out)


def _check(labels: Labels) -> None:
    linked = len(labels.ids) - len(np.unique(labels.vehicle))
    if linked == 0 or len(labels.held_out) < FEWEST_VEHICLES:
        raise ArchiveError(
            f"plates join {linked} sightings to learn from and {len(labels.held_out)} vehicles to measure on, "
            f"at least 1 and {FEWEST_VEHICLES} are needed: take in more footage of cameras that can read plates"
        )


def _tuned(archive: "Archive", folder: Path, labels: Labels, options: AdaptOptions, progress: AdaptProgress) -> Weights:
    """Return the tuned weights; the card is written last and tells that they are whole."""
    onnx = folder / "adapted.onnx"
    if not onnx.with_suffix(".json").exists():
        tuning = TuneOptions(options.steps, max(1, options.steps // 2), seed=options.seed, threads=options.threads)
        known = known_pictures(archive, labels, options.shots)
        network = tune(network_of(find_weights(ADAPTED_FROM).path), known, folder, tuning, progress.tuned)
        export_onnx(network, onnx, side_px=BOX_SIDE_PX)
        name = f"{name_start(archive)}{datetime.now(UTC):%y%m%d%H%M}"
        source = (
            f"retrace adapt: {find_weights(ADAPTED_FROM).model_id} tuned on {len(labels.ids)} sightings of one archive"
        )
        write_appearance_card(onnx, name=name, side_px=BOX_SIDE_PX, source=source)
    return Weights(read_card(onnx.with_suffix(".json")), onnx, packaged=False)


def known_pictures(archive: "Archive", labels: Labels, shots: int) -> Known:
    """Return the first pictures of the labelled sightings, with what is known of them."""
    number = {camera: row for row, camera in enumerate(sorted(set(labels.cameras)))}
    pictures, rows = [], []
    for row, sighting in enumerate(_sightings(archive, labels.ids)):
        own = pictures_of(archive, replace(sighting, shots=sighting.shots[:shots]))
        pictures += [squared(picture) for picture in own]
        rows += [row] * len(own)
    cameras = np.array([number[camera] for camera in labels.cameras], dtype=np.int64)
    return Known(np.stack(pictures), labels.vehicle[rows], cameras[rows], labels.rivals)


def _sightings(archive: "Archive", ids: Sequence[str]) -> list[Sighting]:
    with archive.catalogue.reading() as connection:
        found = sightings.by_ids(connection, ids)
    if len(found) < len(ids):
        raise ArchiveError(
            f"{len(ids) - len(found)} sightings were forgotten since adapting began: "
            f"delete {archive.path / FOLDER} and begin again"
        )
    return found


def _in_use(archive: "Archive", labels: Labels) -> Vectors:
    """Return the vectors of the model that answers questions now."""
    with archive.catalogue.reading() as connection:
        known = models.listing(connection, kind="appearance")
        return vectors.of_sightings(connection, known[-1].id, labels.ids) if known else {}


def _by(archive: "Archive", embedder: Embedder, labels: Labels) -> Vectors:
    return {one.id: embedder.embed(pictures_of(archive, one)) for one in _sightings(archive, labels.ids)}


def _keep(archive: "Archive", weights: Weights, labels: Labels, before: Vectors, after: Vectors) -> str:
    """Add the weights to the user's own, with a calibration carried over from the model in use."""
    added = add_weights(weights.path, weights.card)
    with archive.catalogue.writing() as connection:
        used = models.listing(connection, kind="appearance")[-1].id
        known = looks_memory.recall(connection, default(), used)
        if used in known.looks:
            cameras = dict(zip(labels.ids, labels.cameras, strict=True))
            some = [id_ for id_ in labels.ids if id_ in before][:: len(labels.ids) // MOST_COMPARED + 1]
            old, new = (looks_memory.similarities({i: of[i] for i in some}, cameras) for of in (before, after))
            scale = looks_memory.carried_over(known.looks[used], old, new)
            fitted_on = f"carried over from {used} by {len(old)} pairs"
            looks_memory.remember(connection, added.model_id, scale, fitted_on=fitted_on, at=datetime.now(UTC))
    return added.model_id
