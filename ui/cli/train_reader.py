"""Train the network that reads plates: `retrace train reader`."""

from dataclasses import replace
from pathlib import Path

import click

from ui.cli.answer import json_option
from ui.cli.training import Length, length_options, need_torch, out_option, say_row, show_written


@click.command()
@out_option
@click.option(
    "--start", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="A reader's best.pt to begin with."
)
@length_options(steps=20_000, last_steps=1_500)
@json_option
def reader(out: Path, start: Path | None, length: Length, as_json: bool) -> None:
    """Draw plates of the whole world, train the network that reads them, write it as ONNX with its card.

    Beside it: confusion.json, what it takes for what. Fonts that are installed lend their letters; without any it
    trains on letters of our own. Stopped at any time, the same command goes on where it was.

    Example: retrace train reader --out weights
    """
    need_torch()
    from reid.training.plates.reader import ReaderRecipe
    from reid.training.plates.reader_weights import follow

    usual = ReaderRecipe(seed=length.seed, start=start)
    card = follow(replace(usual, loop=replace(usual.loop, **length.told())), out, say_row)
    show_written(card, out, as_json)
