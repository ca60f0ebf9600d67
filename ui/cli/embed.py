"""Embed vehicle pictures as vectors: `retrace embed`."""

import time
from pathlib import Path

import click

from ui.cli.output import json_option, show
from ui.cli.parameters import OutParameter, PathParameter
from ui.cli.written_files import private_file


@click.command()
@click.argument("images", nargs=-1, required=True, type=PathParameter(), metavar="IMAGE...")
@click.option("--out", required=True, type=OutParameter(dir_okay=False), help="The .npy file to write, float32 (n, d).")
@click.option("--weights", default="appearance", show_default=True, help="The weights to embed with.")
@json_option
def embed(images: tuple[Path, ...], out: Path, weights: str, as_json: bool) -> None:
    """Write one unit vector for each vehicle crop, in the order given.

    Example: retrace embed car1.jpg car2.jpg --out vectors.npy
    """
    import numpy as np

    from reid.appearance.embedders import make_embedder
    from reid.images import check_shows_vehicle, read_image

    embedder = make_embedder(weights)
    began = time.perf_counter()
    pictures = [read_image(path) for path in images]
    for picture, path in zip(pictures, images, strict=True):
        check_shows_vehicle(picture, str(path))
    vectors = embedder.embed(pictures)
    seconds = time.perf_counter() - began
    with private_file(out) as file:
        np.save(file, vectors)
    document = {"n": len(vectors), "d": embedder.dims, "seconds": round(seconds, 4), "model": embedder.model_id}
    show(document, as_json, [f"{len(vectors)} vectors of {embedder.dims} by {embedder.model_id} in {out}"])
