"""List, verify, download, add and convert weights: `retrace models`."""

from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from ui.cli.output import json_option, show
from ui.cli.parameters import PathParameter, SizeParameter
from ui.cli.training_options import need_torch

if TYPE_CHECKING:
    from reid.weights import Weights

FAMILIES = ("fastreid-r50", "transreid")


@click.group()
def models() -> None:
    """Weights with licence and SHA-256."""


@models.command("list")
@json_option
def list_models(as_json: bool) -> None:
    """List the weights that are packaged or were added.

    Example: retrace models list
    """
    from reid.weights import list_weights

    found = list_weights()
    show({"models": [_document(weights) for weights in found]}, as_json, map(_line, found))


@models.command()
@json_option
@click.pass_context
def verify(ctx: click.Context, as_json: bool) -> None:
    """Check the SHA-256 of every file of weights against its card.

    Example: retrace models verify
    """
    from reid.weights import list_weights

    found = list_weights()
    problems = [problem for weights in found if (problem := weights.problem()) is not None]
    show({"ok": not problems, "problems": problems}, as_json, problems or [f"{len(found)} weights are whole"])
    ctx.exit(1 if problems else 0)


@models.command()
@click.argument("name", required=False)
@click.option("--url", help="Another address of the same file, as file:///media/stick/yolox_nano.onnx.")
@json_option
def pull(name: str | None, url: str | None, as_json: bool) -> None:
    """Download the published weights NAME, checked by SHA-256; without NAME, list what there is.

    No other command downloads anything.

    Example: retrace models pull yolox-nano
    """
    from reid.published import PUBLISHED
    from reid.published import pull as fetch

    if name is None:
        offered = [
            {**asdict(published.card), "url": published.url, "commit": published.commit}
            for published in PUBLISHED.values()
        ]
        lines = (
            f"{published.card.name:<16} {published.card.task:<12} {published.card.licence:<12} {published.url}"
            for published in PUBLISHED.values()
        )
        show({"published": offered}, as_json, lines)
        return
    pulled = fetch(name, url=url)
    use = f"use it with --detector {name}" if pulled.card.task == "detector" else f"use it with --weights {name}"
    show({"models": [_document(pulled)]}, as_json, [f"pulled {pulled.model_id}; {use}"])


@models.command()
@click.argument("file", type=PathParameter(exists=True, dir_okay=False))
@click.option("--name", required=True, help="The name for --weights or --detector.")
@click.option("--task", type=click.Choice(["appearance", "detector"]), default="appearance", show_default=True)
@click.option("--licence", required=True, help="Their licence, as an SPDX name if it has one.")
@click.option("--source", required=True, help="Where they come from.")
@click.option(
    "--size",
    type=SizeParameter(least=1, most=4096),
    default="128x128",
    show_default=True,
    help="Input size.",
)
@click.option("--order", type=click.Choice(["RGB", "BGR"]), default="RGB", show_default=True)
@click.option("--mean", nargs=3, type=float, default=(0.0, 0.0, 0.0), help="Subtracted from each channel, 0 to 255.")
@click.option("--spread", nargs=3, type=float, default=(255.0, 255.0, 255.0), help="Divisor of each channel.")
@click.option("--output", help="The output that holds the vectors; the first if not given.")
@json_option
def add(
    file: Path,
    name: str,
    task: str,
    licence: str,
    source: str,
    size: tuple[int, int],
    order: str,
    mean: tuple[float, float, float],
    spread: tuple[float, float, float],
    output: str | None,
    as_json: bool,
) -> None:
    """Add an ONNX network that turns pictures into vectors, or that finds vehicles, after one trial run.

    \b
    Example: retrace models add reid-0001.onnx --name openvino-0001 --licence Apache-2.0 \\
        --source https://github.com/openvinotoolkit/open_model_zoo --size 208x208 --spread 1 1 1
    """  # noqa: D301
    from reid.appearance.embedders import try_weights
    from reid.detect.detectors import try_detector
    from reid.weights import Card, PictureInput, add_weights

    picture = PictureInput(*size, order, mean, spread)
    card = Card(name, task, "", licence, source, picture, output)
    if task == "detector":
        try_detector(file)
    else:
        try_weights(file, card)
    added = add_weights(file, card)
    use = "--detector" if task == "detector" else "--weights"
    show({"models": [_document(added)]}, as_json, [f"added {added.model_id}; use it with {use} {name}"])


@models.command()
@click.argument("file", type=PathParameter(exists=True, dir_okay=False))
@click.option("--family", required=True, type=click.Choice(FAMILIES), help="The project the network comes from.")
@click.option("--name", required=True, help="The name for --weights.")
@click.option("--licence", required=True, help="Its licence, as an SPDX name if it has one.")
@click.option("--source", required=True, help="Where it comes from.")
@json_option
def convert(file: Path, family: str, name: str, licence: str, source: str, as_json: bool) -> None:
    """Turn published weights (.pth) into ONNX and add them; nothing in the file is run.

    Families: fastreid-r50 (R50 with or without ibn, for VeRi, VehicleID and VERI-Wild), transreid (for VeRi and
    VehicleID; unknown cameras get the mean of the cameras it was trained on).

    \b
    Example: retrace models convert veri_sbs_R50-ibn.pth --family fastreid-r50 --name fastreid-veri \\
        --licence Apache-2.0 --source https://github.com/JDAI-CV/fast-reid
    """  # noqa: D301
    need_torch()
    from reid.appearance.embedders import try_weights
    from reid.training.conversion import convert as convert_file
    from reid.weights import Card, add_weights

    with TemporaryDirectory() as folder:
        onnx = Path(folder) / "converted.onnx"
        card = Card(name, "appearance", "", licence, source, convert_file(file, family, onnx), "vector")
        try_weights(onnx, card)
        added = add_weights(onnx, card)
    document = {"model_id": added.model_id, "path": str(added.path)}
    show({"models": [document]}, as_json, [f"added {added.model_id}; use it with --weights {name}"])


def _line(weights: "Weights") -> str:
    origin = "packaged" if weights.packaged else "added"
    return f"{weights.model_id:<32} {weights.card.task:<12} {weights.card.licence:<12} {origin:<9} {weights.path}"


def _document(weights: "Weights") -> dict[str, object]:
    card = {"model_id": weights.model_id, **asdict(weights.card)}
    return {**card, "path": str(weights.path), "packaged": weights.packaged}
