"""Train what finds vehicles in footage: `retrace train detector`."""

from dataclasses import replace
from pathlib import Path

import click

from ui.cli.output import json_option
from ui.cli.training_options import (
    Length,
    cache_option,
    length_options,
    need_torch,
    out_option,
    progress_of,
    show_weights,
    start_option,
)


@click.command()
@out_option
@cache_option
@start_option("The best.pt to begin with, or a detector.onnx.")
@click.option("--streets", default=500, show_default=True, type=click.IntRange(min=1), help="How many to render.")
@length_options(steps=9_000, last_steps=2_000)
@json_option
def detector(out: Path, cache: Path | None, start: Path | None, streets: int, length: Length, as_json: bool) -> None:
    """Render streets, train the network that finds vehicles in footage, write it as ONNX with its card.

    Stopped at any time, the same command goes on where it was. A GPU is used where torch finds one.

    Example: retrace train detector --out weights --threads 2
    """
    need_torch()
    from reid.training.detector.recipe import LOOP, DetectorRecipe, train_detector
    from reid.training.detector.streets import StreetOptions

    loop = replace(LOOP, **length.as_options())
    recipe = DetectorRecipe(StreetOptions(streets=streets), loop, start)
    progress = progress_of("streets", every=20)
    card = train_detector(recipe, out, cache or out / "rendered", progress)
    show_weights(card, out, as_json)
