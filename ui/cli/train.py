"""Commands that train weights: `retrace train`."""

from dataclasses import replace
from pathlib import Path

import click

from ui.cli.answer import FiniteRange, json_option, note, show
from ui.cli.train_detector import detector
from ui.cli.train_plates import locator
from ui.cli.train_reader import reader
from ui.cli.train_verifier import fusion, verifier
from ui.cli.training import need_torch, say_row


@click.group()
def train() -> None:
    """Train weights on rendered pictures, and on real ones where you have them."""


@train.command()
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="The folder to write.")
@click.option("--cache", type=click.Path(path_type=Path, file_okay=False), help="Rendered pictures; OUT/rendered.")
@click.option("--real", type=click.Path(path_type=Path, exists=True, file_okay=False), help="A folder of real pairs.")
@click.option("--real-share", default=0.2, show_default=True, type=FiniteRange(0.0, 0.9, min_open=True))
@click.option(
    "--start", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="The best.pt to begin with."
)
@click.option("--vehicles", default=1600, show_default=True, type=click.IntRange(min=16), help="How many to render.")
@click.option("--steps", default=10_000, show_default=True, type=click.IntRange(min=1), help="How many batches.")
@click.option(
    "--last-steps", default=1_000, show_default=True, type=click.IntRange(min=1), help="Those at falling rate."
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--threads", default=1, show_default=True, type=click.IntRange(min=1), help="Cores for the network.")
@click.option("--loaders", default=1, show_default=True, type=click.IntRange(min=1), help="Cores for the pictures.")
@json_option
def appearance(
    out: Path,
    cache: Path | None,
    real: Path | None,
    real_share: float,
    start: Path | None,
    vehicles: int,
    steps: int,
    last_steps: int,
    seed: int,
    threads: int,
    loaders: int,
    as_json: bool,
) -> None:
    """Render vehicles, train the network that knows one again, write it as ONNX with its card.

    Stopped at any time, the same command goes on where it was. A GPU is used where torch finds one.

    Example: retrace train appearance --out weights --real pictures --threads 2
    """
    need_torch()
    from reid.training.identities import TrainOptions
    from reid.training.recipe import Progress, Recipe, follow
    from reid.training.rendered import RenderOptions

    usual = TrainOptions()
    length = replace(usual.loop, steps=steps, last_steps=last_steps, seed=seed, threads=threads, loaders=loaders)
    options = replace(usual, loop=length)
    recipe = Recipe(RenderOptions(vehicles=vehicles), options, real, real_share, start)
    card = follow(recipe, out, cache or out / "rendered", Progress(_rendered, say_row))
    written = out / f"{card.name}.onnx"
    show({"weights": written, "sha256": card.sha256, "source": card.source}, as_json, [f"wrote {written}"])


def _rendered(done: int, count: int) -> None:
    if done % 20 == 0 or done == count:
        note(f"{done} of {count} models rendered")


train.add_command(detector)
train.add_command(locator)
train.add_command(reader)
train.add_command(verifier)
train.add_command(fusion)
