"""Measure what second looks at a ranking by looks gain, on simulated cities and on rendered vehicles kept aside.

`python -m benchmarks.second_looks --cache FOLDER --cities CITY...`, each city with its archive in `archive`.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.archive import Archive
from index.catalogue import sightings
from index.catalogue.sightings import SightingFilter
from index.learning.reembedding import pictures_of
from index.simulation.recall import read_truth, remember
from index.simulation.truth import SCENERY
from reid.appearance.histogram import HistogramEmbedder
from reid.appearance.onnx_embedder import make_onnx_embedder
from reid.evaluation import second_looks
from reid.evaluation.intervals import share
from reid.evaluation.metrics import average_precision
from reid.evaluation.second_looks import Reciprocal
from reid.training.recipe import VALIDATION
from reid.training.rendered import rendered_crops
from reid.vehicle import Image

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Seen:
    """Pictures by the vectors (n, d) of two models, the sighting `owner` (n,) of each, and what each sighting shows.

    `vehicle` and `camera` are (s,); a sighting of nobody has the vehicle -1 and does not ask.
    """

    looks: Floats
    histogram: Floats
    owner: Numbers
    vehicle: Numbers
    camera: Numbers


@dataclass(frozen=True, slots=True)
class Asked:
    """How each question fared; `group` names its vehicle."""

    precision: Floats
    first: Floats
    group: tuple[str, ...]


Way = Callable[[Seen], Floats]


def main() -> None:
    """Print one table for the cities together and one for the rendered vehicles."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", default="appearance")
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--cities", type=Path, nargs="+", required=True)
    asked = parser.parse_args()
    print(_table("cities", [_city(city, asked.weights) for city in asked.cities]))
    print(_table("rendered", [_rendered(asked.cache, asked.weights)]))


def _table(name: str, sets: Sequence[Seen]) -> str:
    plain = _all(sets, as_it_is, None)
    head = f"{name}: {len(plain.group)} questions, {len(set(plain.group))} vehicles, "
    lines = [head + f"mAP {plain.precision.mean():.3f}, rank-1 {plain.first.mean():.3f}\n"]
    lines += ["| second look | mAP | rank-1 |", "|---|---|---|"]
    for title, way in WAYS.items():
        lines.append(_line(title, plain, _all(sets, way, None)))
    for title, options in RERANKINGS.items():
        lines.append(_line(title, plain, _all(sets, as_it_is, options)))
    return "\n".join([*lines, ""])


def _line(title: str, plain: Asked, other: Asked) -> str:
    gains = []
    for by in (other.precision - plain.precision, other.first - plain.first):
        gain = share(plain.group, by.tolist())
        gains.append(f"{gain.value:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]")
    return f"| {title} | {' | '.join(gains)} |"


def _all(sets: Sequence[Seen], way: Way, options: Reciprocal | None) -> Asked:
    parts = [_ask(number, seen, way(seen), options) for number, seen in enumerate(sets)]
    return Asked(
        np.concatenate([part.precision for part in parts]),
        np.concatenate([part.first for part in parts]),
        tuple(name for part in parts for name in part.group),
    )


def _ask(number: int, seen: Seen, similarity: Floats, options: Reciprocal | None) -> Asked:
    precision, first, group = [], [], []
    for question in np.flatnonzero(seen.vehicle >= 0).tolist():
        gallery = np.flatnonzero(seen.camera != seen.camera[question])
        right = seen.vehicle == seen.vehicle[question]
        if not right[gallery].any():
            continue
        if options is None:
            ranked = gallery[np.argsort(-similarity[question, gallery], kind="stable")]
        else:
            ranked = second_looks.reranked(similarity, question, gallery, options)
        precision.append(average_precision(right[ranked], int(right[gallery].sum())))
        first.append(float(right[ranked[0]]))
        group.append(f"{number}:{seen.vehicle[question]}")
    return Asked(np.array(precision), np.array(first), tuple(group))


def _city(folder: Path, weights: str) -> Seen:
    archive = Archive.open(folder / "archive")
    matches = remember(archive, folder, read_truth(folder)).matches
    with archive.catalogue.reading() as connection:
        found = [one for one in sightings.listing(connection, SightingFilter()) if one.shots]
    vehicles = [matches[one.id].vehicle if one.id in matches else None for one in found]
    names = sorted({name for name in vehicles if name is not None and not name.startswith(SCENERY)})
    number = {name: row for row, name in enumerate(names)}
    pictures = [pictures_of(archive, one) for one in found]
    owner = np.repeat(np.arange(len(found)), [len(own) for own in pictures])
    return _seen(
        [picture for own in pictures for picture in own],
        weights,
        owner,
        np.array([number.get(name or "", -1) for name in vehicles]),
        np.unique([one.camera for one in found], return_inverse=True)[1],
    )


def _rendered(cache: Path, weights: str) -> Seen:
    """Return the validation vehicles, what one camera saw of one vehicle as one sighting."""
    crops = rendered_crops(VALIDATION, cache, lambda *_: None)
    passages, owner = np.unique(crops.vehicle * 1000 + crops.camera, return_inverse=True)
    order = np.argsort(owner, kind="stable")
    return _seen(list(crops.boxes[order]), weights, owner[order], passages // 1000, passages % 1000)


def _seen(pictures: Sequence[Image], weights: str, owner: Numbers, vehicle: Numbers, camera: Numbers) -> Seen:
    looks = make_onnx_embedder(weights, 1).embed(pictures).astype(np.float64)
    return Seen(looks, HistogramEmbedder().embed(pictures).astype(np.float64), owner, vehicle, camera)


def as_it_is(seen: Seen) -> Floats:
    """Return the plain similarity."""
    return second_looks.best_pairs(seen.looks, seen.owner)


def _centred(part: float) -> Way:
    def way(seen: Seen) -> Floats:
        centred = second_looks.camera_centred(seen.looks, seen.camera[seen.owner], share=part)
        return second_looks.best_pairs(centred, seen.owner)

    return way


def _first_picture(seen: Seen) -> Floats:
    firsts = np.searchsorted(seen.owner, np.arange(len(seen.vehicle)))
    products = seen.looks[firsts] @ seen.looks.T
    return np.asarray(np.maximum.reduceat(products, firsts, axis=1))


def _means(seen: Seen) -> Floats:
    means = second_looks.mean_vectors(seen.looks, seen.owner)
    return np.asarray(means @ means.T)


def _expanded(neighbours: int) -> Way:
    def way(seen: Seen) -> Floats:
        means = second_looks.expanded(second_looks.mean_vectors(seen.looks, seen.owner), neighbours=neighbours)
        return np.asarray(means @ means.T)

    return way


def _with_histogram(weight: float) -> Way:
    def way(seen: Seen) -> Floats:
        voices = [second_looks.best_pairs(one, seen.owner) for one in (seen.looks, seen.histogram)]
        return second_looks.second_voice(*voices, share=weight)

    return way


WAYS: Mapping[str, Way] = {
    "only the first picture asks": _first_picture,
    "mean of a sighting's pictures": _means,
    "best pair and mean together": lambda seen: as_it_is(seen) + _means(seen),
    "half of the camera's mean taken off": _centred(0.5),
    "the camera's mean taken off": _centred(1.0),
    "3 neighbours added to each": _expanded(3),
    "5 neighbours added to each": _expanded(5),
    "histogram as second voice, a quarter": _with_histogram(0.25),
    "histogram as second voice, half": _with_histogram(0.5),
}
RERANKINGS: Mapping[str, Reciprocal] = {
    "k-reciprocal on the top 50, k 6": Reciprocal(near=6, mean=2, keep=0.7),
    "k-reciprocal on the top 50, k 10": Reciprocal(),
    "k-reciprocal on the top 50, k 20": Reciprocal(near=20, mean=6, keep=0.3),
}


if __name__ == "__main__":
    main()
