"""The command that trains the detector: `retrace train detector`."""

from dataclasses import replace
from pathlib import Path

import click

from ui.cli.answer import json_option, note
from ui.cli.training import Length, cache_option, length_options, need_torch, out_option, say_row, show_written


@click.command()
@out_option
@cache_option
@click.option(
    "--start", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="The best.pt to begin with."
)
@click.option("--streets", default=500, show_default=True, type=click.IntRange(min=1), help="How many to render.")
@length_options(steps=9_000, last_steps=2_000)
@json_option
def detector(
    out: Path,
    cache: Path | None,
    start: Path | None,
    streets: int,
    length: Length,
    as_json: bool,
) -> None:
    """Render streets, train the network that finds vehicles in footage, write it as ONNX with its card.

    Stopped at any time, the same command goes on where it was. A GPU is used where torch finds one.

    Example: retrace train detector --out weights --threads 2
    """
    need_torch()
    from reid.training.detector.recipe import LOOP, Progress, Recipe, follow
    from reid.training.detector.scenes import SceneOptions

    loop = replace(LOOP, **length.told())
    recipe = Recipe(SceneOptions(streets=streets), loop, start)
    card = follow(recipe, out, cache or out / "rendered", Progress(_rendered, say_row))
    show_written(card, out, as_json)


def _rendered(done: int, count: int) -> None:
    if done % 20 == 0 or done == count:
        note(f"{done} of {count} streets rendered")
