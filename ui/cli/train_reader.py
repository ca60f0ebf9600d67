"""Train the network that reads plates: `retrace train reader`."""

from dataclasses import replace
from pathlib import Path

import click

from ui.cli.answer import json_option, show
from ui.cli.training import need_torch, say_row


@click.command()
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="The folder to write.")
@click.option("--steps", default=20_000, show_default=True, type=click.IntRange(min=1), help="How many batches.")
@click.option(
    "--last-steps", default=1_500, show_default=True, type=click.IntRange(min=1), help="Those at falling rate."
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--threads", default=1, show_default=True, type=click.IntRange(min=1), help="Cores for the network.")
@click.option("--loaders", default=1, show_default=True, type=click.IntRange(min=0), help="Processes for pictures.")
@json_option
def reader(out: Path, steps: int, last_steps: int, seed: int, threads: int, loaders: int, as_json: bool) -> None:
    """Draw plates of the whole world, train the network that reads them, write it as ONNX with its card.

    Beside it: confusion.json, what it takes for what. Fonts that are installed lend their letters; without any it
    trains on letters of our own. Stopped at any time, the same command goes on where it was.

    Example: retrace train reader --out weights
    """
    need_torch()
    from reid.training.plates.reader import ReaderRecipe
    from reid.training.plates.reader_weights import follow

    usual = ReaderRecipe(seed=seed)
    length = replace(usual.loop, steps=steps, last_steps=last_steps, seed=seed, threads=threads, loaders=loaders)
    card = follow(replace(usual, loop=length), out, say_row)
    written = out / f"{card.name}.onnx"
    show({"weights": written, "sha256": card.sha256, "source": card.source}, as_json, [f"wrote {written}"])
