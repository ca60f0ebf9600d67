"""Commands about weights: what there is, is it whole, fetch published ones, add your own."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ui.cli.answer import json_option, show
from ui.cli.convert_weights import convert
from ui.cli.shapes import SizeType

if TYPE_CHECKING:
    from reid.weights import Weights


@click.group()
def models() -> None:
    """Weights with licence and SHA-256."""


models.add_command(convert)


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
    """Check that every file of weights is the one that its card speaks of.

    Example: retrace models verify
    """
    from reid.weights import list_weights

    found = list_weights()
    problems = [problem for weights in found if (problem := weights.problem()) is not None]
    show({"ok": not problems, "problems": problems}, as_json, problems or [f"{len(found)} weights are whole"])
    ctx.exit(1 if problems else 0)


@models.command()
@click.argument("name", required=False)
@click.option("--url", help="Another place of the same file, as file:///media/stick/yolox_nano.onnx.")
@json_option
def pull(name: str | None, url: str | None, as_json: bool) -> None:
    """Download the published weights NAME, checked by SHA-256; without NAME, list what there is.

    No other command downloads anything.

    Example: retrace models pull yolox-nano
    """
    from reid.published import PUBLISHED
    from reid.published import pull as fetch

    if name is None:
        offered = [{**asdict(one.card), "url": one.url, "commit": one.commit} for one in PUBLISHED.values()]
        lines = (
            f"{one.card.name:<16} {one.card.task:<12} {one.card.licence:<12} {one.url}" for one in PUBLISHED.values()
        )
        show({"published": offered}, as_json, lines)
        return
    pulled = fetch(name, url=url)
    use = f"use it with --detector {name}" if pulled.card.task == "detector" else f"use it with --weights {name}"
    show({"models": [_document(pulled)]}, as_json, [f"pulled {pulled.model_id}; {use}"])


@models.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--name", required=True, help="What --weights calls them.")
@click.option("--task", type=click.Choice(["appearance", "detector"]), default="appearance", show_default=True)
@click.option("--licence", required=True, help="What their owner allows, as an SPDX name if it has one.")
@click.option("--source", required=True, help="Where they come from.")
@click.option(
    "--size", type=SizeType(least=1, most=4096), default="128x128", show_default=True, help="How large pictures go in."
)
@click.option("--order", type=click.Choice(["RGB", "BGR"]), default="RGB", show_default=True)
@click.option("--mean", nargs=3, type=float, default=(0.0, 0.0, 0.0), help="Taken off each channel, of 0 to 255.")
@click.option("--spread", nargs=3, type=float, default=(255.0, 255.0, 255.0), help="Then divides each channel.")
@click.option("--output", help="Which output holds the vectors; the first if not given.")
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
    from reid.appearance.onnx_embedder import try_weights
    from reid.detect import try_detector
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


def _line(weights: "Weights") -> str:
    origin = "packaged" if weights.packaged else "added"
    return f"{weights.model_id:<32} {weights.card.task:<12} {weights.card.licence:<12} {origin:<9} {weights.path}"


def _document(weights: "Weights") -> dict[str, object]:
    told = {"model_id": weights.model_id, **asdict(weights.card)}
    return {**told, "path": str(weights.path), "packaged": weights.packaged}
