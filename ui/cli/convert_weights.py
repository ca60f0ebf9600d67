"""Take in published weights of others: `retrace models convert`."""

from pathlib import Path
from tempfile import TemporaryDirectory

import click

from ui.cli.answer import json_option, show
from ui.cli.training import need_torch

FAMILIES = ("fastreid-r50", "transreid")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--family", required=True, type=click.Choice(FAMILIES), help="Whose network it is.")
@click.option("--name", required=True, help="What --weights calls it.")
@click.option("--licence", required=True, help="What its owner allows, as an SPDX name if it has one.")
@click.option("--source", required=True, help="Where it comes from.")
@json_option
def convert(file: Path, family: str, name: str, licence: str, source: str, as_json: bool) -> None:
    """Turn published weights (.pth) into ONNX and add them; nothing in the file is run.

    Families: fastreid-r50 (R50 with or without ibn, for VeRi, VehicleID and VERI-Wild), transreid (for VeRi and
    VehicleID; cameras it never saw get the mean of those it did).

    \b
    Example: retrace models convert veri_sbs_R50-ibn.pth --family fastreid-r50 --name fastreid-veri \\
        --licence Apache-2.0 --source https://github.com/JDAI-CV/fast-reid
    """  # noqa: D301
    need_torch()
    from reid.appearance.networks.conversion import convert as write
    from reid.appearance.onnx_embedder import try_weights
    from reid.weights import Card, add_weights

    with TemporaryDirectory() as folder:
        onnx = Path(folder) / "converted.onnx"
        card = Card(name, "appearance", "", licence, source, write(file, family, onnx), "vector")
        try_weights(onnx, card)
        added = add_weights(onnx, card)
    document = {"model_id": added.model_id, "path": str(added.path)}
    show({"models": [document]}, as_json, [f"added {added.model_id}; use it with --weights {name}"])
