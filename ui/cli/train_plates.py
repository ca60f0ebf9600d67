"""Commands that train the networks for plates: `retrace train locator`."""

from dataclasses import replace
from pathlib import Path

import click

from ui.cli.answer import json_option, note, show
from ui.cli.training import need_torch, say_row


@click.command()
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="The folder to write.")
@click.option("--cache", type=click.Path(path_type=Path, file_okay=False), help="Rendered pictures; OUT/rendered.")
@click.option(
    "--start", type=click.Path(path_type=Path, exists=True, file_okay=False), help="The --out of an earlier training."
)
@click.option("--scenes", default=3700, show_default=True, type=click.IntRange(min=50), help="How many to render.")
@click.option("--steps", default=6_000, show_default=True, type=click.IntRange(min=1), help="Batches, to find plates.")
@click.option("--corner-steps", default=4_000, show_default=True, type=click.IntRange(min=1), help="To set corners.")
@click.option(
    "--last-steps", default=1_200, show_default=True, type=click.IntRange(min=1), help="Those at falling rate."
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--threads", default=1, show_default=True, type=click.IntRange(min=1), help="Cores for the network.")
@click.option("--loaders", default=1, show_default=True, type=click.IntRange(min=0), help="Processes for pictures.")
@json_option
def locator(
    out: Path,
    cache: Path | None,
    start: Path | None,
    scenes: int,
    steps: int,
    corner_steps: int,
    last_steps: int,
    seed: int,
    threads: int,
    loaders: int,
    as_json: bool,
) -> None:
    """Render vehicles, train the two networks that find plates and set their corners right, write them as ONNX.

    Stopped at any time, the same command goes on where it was.

    Example: retrace train locator --out weights
    """
    need_torch()
    from reid.training.plates.locator import LocatorRecipe, Progress, follow

    usual = LocatorRecipe()
    shared = {"last_steps": last_steps, "seed": seed, "threads": threads, "loaders": loaders}
    recipe = replace(
        usual,
        scenes=replace(usual.scenes, scenes=scenes),
        heat=replace(usual.heat, steps=steps, **shared),
        corners=replace(usual.corners, steps=corner_steps, **shared),
        start=start,
    )
    cards = follow(recipe, out, cache or out / "rendered", Progress(_rendered, say_row))
    written = {str(out / f"{card.name}.onnx"): card.sha256 for card in cards}
    show({"weights": written, "source": cards[0].source}, as_json, [f"wrote {path}" for path in written])


def _rendered(done: int, count: int) -> None:
    if done % 500 == 0 or done == count:
        note(f"{done} of {count} scenes rendered")
