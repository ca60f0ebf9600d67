"""Measure the gains of re-ranking by appearance, on simulated cities and on held-out rendered vehicles.

`python -m benchmarks.second_looks --cache FOLDER --cities CITY...`, each city with its archive in `archive`.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.learning.reembedding import pictures_of
from index.simulation.match_archive import match_archive, read_truth
from index.simulation.truth import SCENERY
from index.store.archive import Archive
from index.store.catalogue import sightings
from index.store.catalogue.sightings import SightingFilter
from reid.appearance.embedders import HistogramEmbedder, make_embedder
from reid.arrays import Floats, Ints
from reid.evaluation import reranking
from reid.evaluation.intervals import share
from reid.evaluation.metrics import average_precision
from reid.evaluation.reranking import RerankOptions
from reid.training.appearance.recipe import VALIDATION
from reid.training.appearance.rendered import rendered_crops
from reid.vehicle import Image


@dataclass(frozen=True, slots=True)
class PictureSet:
    """Vectors (n, d) of pictures by two models, the sighting `owner` (n,) of each, and the truth of each sighting.

    `vehicle` and `camera` are (s,); a phantom has the vehicle -1 and is not a query.
    """

    appearance: Floats
    histogram: Floats
    owner: Ints
    vehicle: Ints
    camera: Ints


@dataclass(frozen=True, slots=True)
class QuestionResults:
    """The average precision and rank-1 of each question; `group` names its vehicle."""

    precision: Floats
    first: Floats
    group: tuple[str, ...]


Similarity = Callable[[PictureSet], Floats]


def main() -> None:
    """Print one table for the cities together and one for the rendered vehicles."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", default="appearance")
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--cities", type=Path, nargs="+", required=True)
    arguments = parser.parse_args()
    print(_table("cities", [_city(city, arguments.weights) for city in arguments.cities]))
    print(_table("rendered", [_rendered(arguments.cache, arguments.weights)]))


def _table(name: str, sets: Sequence[PictureSet]) -> str:
    plain = _all(sets, plain_similarity, None)
    head = f"{name}: {len(plain.group)} questions, {len(set(plain.group))} vehicles, "
    lines = [head + f"mAP {plain.precision.mean():.3f}, rank-1 {plain.first.mean():.3f}\n"]
    lines += ["| second look | mAP | rank-1 |", "|---|---|---|"]
    for title, similarity in SIMILARITIES.items():
        lines.append(_line(title, plain, _all(sets, similarity, None)))
    for title, options in RERANKINGS.items():
        lines.append(_line(title, plain, _all(sets, plain_similarity, options)))
    return "\n".join([*lines, ""])


def _line(title: str, plain: QuestionResults, other: QuestionResults) -> str:
    gains = []
    for by in (other.precision - plain.precision, other.first - plain.first):
        gain = share(plain.group, by.tolist())
        gains.append(f"{gain.value:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]")
    return f"| {title} | {' | '.join(gains)} |"


def _all(sets: Sequence[PictureSet], similarity: Similarity, options: RerankOptions | None) -> QuestionResults:
    parts = [_ask(number, pictures, similarity(pictures), options) for number, pictures in enumerate(sets)]
    return QuestionResults(
        np.concatenate([part.precision for part in parts]),
        np.concatenate([part.first for part in parts]),
        tuple(name for part in parts for name in part.group),
    )


def _ask(number: int, pictures: PictureSet, similarity: Floats, options: RerankOptions | None) -> QuestionResults:
    precision, first, group = [], [], []
    for question in np.flatnonzero(pictures.vehicle >= 0).tolist():
        gallery = np.flatnonzero(pictures.camera != pictures.camera[question])
        right = pictures.vehicle == pictures.vehicle[question]
        if not right[gallery].any():
            continue
        if options is None:
            ranked = gallery[np.argsort(-similarity[question, gallery], kind="stable")]
        else:
            ranked = reranking.reranked(similarity, question, gallery, options)
        precision.append(average_precision(right[ranked], int(right[gallery].sum())))
        first.append(float(right[ranked[0]]))
        group.append(f"{number}:{pictures.vehicle[question]}")
    return QuestionResults(np.array(precision), np.array(first), tuple(group))


def _city(folder: Path, weights: str) -> PictureSet:
    archive = Archive.open(folder / "archive")
    matches = match_archive(archive, folder, read_truth(folder)).matches
    with archive.catalogue.reading() as connection:
        found = [sighting for sighting in sightings.listing(connection, SightingFilter()) if sighting.shots]
    vehicles = [matches[one.id].vehicle if one.id in matches else None for one in found]
    names = sorted({name for name in vehicles if name is not None and not name.startswith(SCENERY)})
    number = {name: row for row, name in enumerate(names)}
    by_sighting = [pictures_of(archive, sighting) for sighting in found]
    owner = np.repeat(np.arange(len(found)), [len(own) for own in by_sighting])
    return _picture_set(
        [picture for own in by_sighting for picture in own],
        weights,
        owner,
        np.array([number.get(name or "", -1) for name in vehicles]),
        np.unique([one.camera for one in found], return_inverse=True)[1],
    )


def _rendered(cache: Path, weights: str) -> PictureSet:
    """Return the validation vehicles; all pictures of a vehicle by one camera are one sighting."""
    crops = rendered_crops(VALIDATION, cache, lambda *_: None)
    passages, owner = np.unique(crops.vehicle * 1000 + crops.camera, return_inverse=True)
    order = np.argsort(owner, kind="stable")
    return _picture_set(list(crops.boxes[order]), weights, owner[order], passages // 1000, passages % 1000)


def _picture_set(pictures: Sequence[Image], weights: str, owner: Ints, vehicle: Ints, camera: Ints) -> PictureSet:
    appearance = make_embedder(weights, threads=1).embed(pictures).astype(np.float64)
    return PictureSet(appearance, HistogramEmbedder().embed(pictures).astype(np.float64), owner, vehicle, camera)


def plain_similarity(pictures: PictureSet) -> Floats:
    """Return the plain similarity."""
    return reranking.best_pairs(pictures.appearance, pictures.owner)


def _centred(part: float) -> Similarity:
    def similarity(pictures: PictureSet) -> Floats:
        centred = reranking.camera_centred(pictures.appearance, pictures.camera[pictures.owner], share=part)
        return reranking.best_pairs(centred, pictures.owner)

    return similarity


def _first_picture(pictures: PictureSet) -> Floats:
    firsts = np.searchsorted(pictures.owner, np.arange(len(pictures.vehicle)))
    products = pictures.appearance[firsts] @ pictures.appearance.T
    return np.asarray(np.maximum.reduceat(products, firsts, axis=1))


def _means(pictures: PictureSet) -> Floats:
    means = reranking.mean_vectors(pictures.appearance, pictures.owner)
    return np.asarray(means @ means.T)


def _expanded(neighbours: int) -> Similarity:
    def similarity(pictures: PictureSet) -> Floats:
        means = reranking.query_expanded(
            reranking.mean_vectors(pictures.appearance, pictures.owner), neighbours=neighbours
        )
        return np.asarray(means @ means.T)

    return similarity


def _with_histogram(weight: float) -> Similarity:
    def similarity(pictures: PictureSet) -> Floats:
        voices = [reranking.best_pairs(one, pictures.owner) for one in (pictures.appearance, pictures.histogram)]
        return reranking.ensembled(*voices, share=weight)

    return similarity


SIMILARITIES: Mapping[str, Similarity] = {
    "only the first picture asks": _first_picture,
    "mean of a sighting's pictures": _means,
    "best pair and mean together": lambda pictures: plain_similarity(pictures) + _means(pictures),
    "half of the camera's mean taken off": _centred(0.5),
    "the camera's mean taken off": _centred(1.0),
    "3 neighbours added to each": _expanded(3),
    "5 neighbours added to each": _expanded(5),
    "histogram as second voice, a quarter": _with_histogram(0.25),
    "histogram as second voice, half": _with_histogram(0.5),
}
RERANKINGS: Mapping[str, RerankOptions] = {
    "k-reciprocal on the top 50, k 6": RerankOptions(near=6, mean=2, keep=0.7),
    "k-reciprocal on the top 50, k 10": RerankOptions(),
    "k-reciprocal on the top 50, k 20": RerankOptions(near=20, mean=6, keep=0.3),
}


if __name__ == "__main__":
    main()
