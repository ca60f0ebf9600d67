"""Commands that train the networks for plates: `retrace train locator`."""

from dataclasses import replace
from pathlib import Path

import click

from ui.cli.answer import json_option, note, show
from ui.cli.training import Length, cache_option, length_options, need_torch, out_option, say_row


@click.command()
@out_option
@cache_option
@click.option(
    "--start", type=click.Path(path_type=Path, exists=True, file_okay=False), help="The --out of an earlier training."
)
@click.option("--scenes", default=3700, show_default=True, type=click.IntRange(min=50), help="How many to render.")
@click.option("--corner-steps", default=4_000, show_default=True, type=click.IntRange(min=1), help="To set corners.")
@length_options(steps=6_000, last_steps=1_200)
@json_option
def locator(
    out: Path,
    cache: Path | None,
    start: Path | None,
    scenes: int,
    corner_steps: int,
    length: Length,
    as_json: bool,
) -> None:
    """Render vehicles, train the two networks that find plates and set their corners right, write them as ONNX.

    Stopped at any time, the same command goes on where it was.

    Example: retrace train locator --out weights
    """
    need_torch()
    from reid.training.plates.locator import LocatorRecipe, Progress, follow

    usual = LocatorRecipe()
    recipe = replace(
        usual,
        scenes=replace(usual.scenes, scenes=scenes),
        heat=replace(usual.heat, **length.told()),
        corners=replace(usual.corners, **length.told() | {"steps": corner_steps}),
        start=start,
    )
    cards = follow(recipe, out, cache or out / "rendered", Progress(_rendered, say_row))
    written = {str(out / f"{card.name}.onnx"): card.sha256 for card in cards}
    show({"weights": written, "source": cards[0].source}, as_json, [f"wrote {path}" for path in written])


def _rendered(done: int, count: int) -> None:
    if done % 500 == 0 or done == count:
        note(f"{done} of {count} scenes rendered")
