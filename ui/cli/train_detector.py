"""The command that trains the detector: `retrace train detector`."""

from dataclasses import replace
from pathlib import Path

import click

from ui.cli.answer import json_option, note, show
from ui.cli.training import need_torch, say_row


@click.command()
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="The folder to write.")
@click.option("--cache", type=click.Path(path_type=Path, file_okay=False), help="Rendered streets; OUT/rendered.")
@click.option(
    "--start", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="The best.pt to begin with."
)
@click.option("--streets", default=500, show_default=True, type=click.IntRange(min=1), help="How many to render.")
@click.option("--steps", default=9_000, show_default=True, type=click.IntRange(min=1), help="How many batches.")
@click.option(
    "--last-steps", default=2_000, show_default=True, type=click.IntRange(min=1), help="Those at falling rate."
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--threads", default=1, show_default=True, type=click.IntRange(min=1), help="Cores for the network.")
@click.option("--loaders", default=1, show_default=True, type=click.IntRange(min=1), help="Cores for the pictures.")
@json_option
def detector(
    out: Path,
    cache: Path | None,
    start: Path | None,
    streets: int,
    steps: int,
    last_steps: int,
    seed: int,
    threads: int,
    loaders: int,
    as_json: bool,
) -> None:
    """Render streets, train the network that finds vehicles in footage, write it as ONNX with its card.

    Stopped at any time, the same command goes on where it was. A GPU is used where torch finds one.

    Example: retrace train detector --out weights --threads 2
    """
    need_torch()
    from reid.training.detector.recipe import LOOP, Progress, Recipe, follow
    from reid.training.detector.scenes import SceneOptions

    loop = replace(LOOP, steps=steps, last_steps=last_steps, seed=seed, threads=threads, loaders=loaders)
    recipe = Recipe(SceneOptions(streets=streets), loop, start)
    card = follow(recipe, out, cache or out / "rendered", Progress(_rendered, say_row))
    written = out / f"{card.name}.onnx"
    show({"weights": written, "sha256": card.sha256, "source": card.source}, as_json, [f"wrote {written}"])


def _rendered(done: int, count: int) -> None:
    if done % 20 == 0 or done == count:
        note(f"{done} of {count} streets rendered")
