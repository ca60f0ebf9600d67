"""Train what tells types and marks by the vectors of vehicles: `retrace train attributes`."""

from dataclasses import replace
from pathlib import Path

import click

from ui.cli.output import json_option, note, show
from ui.cli.parameters import PathParameter, SeedAndCount
from ui.cli.training_options import cache_option, need_torch, out_option


@click.command()
@out_option
@cache_option
@click.option("--weights", default="appearance", show_default=True, help="The appearance weights to be fitted on.")
@click.option(
    "--vehicles",
    default=800,
    show_default=True,
    type=click.IntRange(min=64),
    help="How many to render, four pictures each.",
)
@click.option(
    "--more",
    multiple=True,
    type=SeedAndCount(),
    help="SEED:VEHICLES more to render, past other cameras; may be given again.",
)
@click.option(
    "--streets",
    type=PathParameter(exists=True, file_okay=False),
    help="The folder real-... that train detector --types made in its cache: real vehicles teach types.",
)
@click.option(
    "--pairs",
    type=PathParameter(exists=True, file_okay=False),
    help="TYPE_NUMBER_cam1.jpg and TYPE_NUMBER_cam2.jpg: those of the training part teach types, too.",
)
@click.option("--epochs", default=40, show_default=True, type=click.IntRange(min=1))
@click.option("--seed", default=0, show_default=True, type=click.IntRange(min=0))
@json_option
def attributes(
    out: Path,
    cache: Path | None,
    weights: str,
    vehicles: int,
    more: tuple[tuple[int, int], ...],
    streets: Path | None,
    pairs: Path | None,
    epochs: int,
    seed: int,
    as_json: bool,
) -> None:
    """Render vehicles, fit what tells types and marks by their vectors, calibrate it, write it as ONNX with its card.

    It is for vectors of these appearance weights alone. What cannot be told well enough is left out, and measured.

    Example: retrace train attributes --out weights
    """
    need_torch()
    from reid.appearance.embedders import make_embedder
    from reid.training.attributes.marked_crops import MarkedOptions
    from reid.training.attributes.recipe import AttributesRecipe, train_attributes

    def report(done: int, count: int) -> None:
        if done % 640 == 0 or done == count:
            note(f"{done} of {count} pictures rendered")

    recipe = AttributesRecipe(
        tuple(MarkedOptions(*one) for one in ((1, vehicles), *more)), streets=streets, pairs=pairs
    )
    recipe = replace(recipe, heads=replace(recipe.heads, seed=seed, epochs=epochs))
    card, figures = train_attributes(recipe, make_embedder(weights, threads=1), out, cache or out / "rendered", report)
    written = out / f"{card.name}.onnx"
    told = [name for name, figure in figures["marks"].items() if "least_px" in figure]
    lines = [f"wrote {written}", f"it tells {', '.join(told) or 'none'}"]
    show({"weights": written, "sha256": card.sha256, "source": card.source, "figures": figures}, as_json, lines)
