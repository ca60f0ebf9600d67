"""Run a published benchmark: read its folder, embed its pictures, score them by its own rules."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from reid.appearance.embedder import Embedder, Vectors
from reid.errors import SeeingError
from reid.evaluation import layouts
from reid.evaluation.layouts import Files
from reid.evaluation.protocols import Labelled, random_galleries, rank_gallery, summary
from reid.images import read_image

PICTURES_AT_ONCE = 256
REPEATS = 10
"""VehicleID's figures are means over so many random galleries."""
CITYFLOW_DEPTH = 100
"""The challenge counts the first so many answers only."""

Progress = Callable[[int, int], None]
Document = dict[str, object]


def evaluate_veri(root: Path, embedder: Embedder, progress: Progress) -> Document:
    """Score VeRi-776: pictures of the query's vehicle on the query's camera are junk."""
    split = layouts.veri(root)
    query, gallery = (embed_files(part, embedder, progress) for part in (split.query, split.gallery))
    return summary([rank_gallery(query, gallery, own_camera="junk of the vehicle")], len(gallery))


def evaluate_veri_wild(root: Path, embedder: Embedder, progress: Progress, *, size: int = 3000) -> Document:
    """Score VERI-Wild of one size, by VeRi-776's rules."""
    split = layouts.veri_wild(root, size)
    query, gallery = (embed_files(part, embedder, progress) for part in (split.query, split.gallery))
    return summary([rank_gallery(query, gallery, own_camera="junk of the vehicle")], len(gallery))


def evaluate_cityflow(root: Path, embedder: Embedder, progress: Progress) -> Document:
    """Score CityFlow-ReID: as VeRi-776, but only the first hundred answers count."""
    split = layouts.cityflow(root)
    query, gallery = (embed_files(part, embedder, progress) for part in (split.query, split.gallery))
    ranks = rank_gallery(query, gallery, own_camera="junk of the vehicle", depth=CITYFLOW_DEPTH)
    return summary([ranks], len(gallery))


def evaluate_vehicleid(
    root: Path, embedder: Embedder, progress: Progress, *, size: int = 800, seed: int = 0
) -> Document:
    """Score VehicleID of one size: a random picture of each vehicle is searched, the others ask; ten times."""
    pictures = embed_files(layouts.vehicleid(root, size), embedder, progress)
    return summary(random_galleries(pictures, repeats=REPEATS, seed=seed), len(np.unique(pictures.vehicle)))


def embed_files(files: Files, embedder: Embedder, progress: Progress) -> Labelled:
    """Return the vectors of picture files, reading some at a time; `progress` gets how many are done, of how many."""
    missing = next((path for path in files.paths if not path.exists()), None)
    if missing is not None:
        raise SeeingError(f"{missing} is missing though it is listed: unpack the pictures again")
    return Labelled(embed_paths(files.paths, embedder, progress), files.vehicle, files.camera)


def embed_paths(paths: Sequence[Path], embedder: Embedder, progress: Progress) -> Vectors:
    """Return one unit vector a picture file, in the order given."""
    blocks = []
    for start in range(0, len(paths), PICTURES_AT_ONCE):
        block = paths[start : start + PICTURES_AT_ONCE]
        blocks.append(embedder.embed([read_image(path) for path in block]))
        progress(start + len(block), len(paths))
    return np.concatenate(blocks)
