"""Commands that train weights: `retrace train`."""

from dataclasses import replace
from pathlib import Path

import click

from ui.cli.answer import FiniteRange, json_option, note
from ui.cli.shapes import MorePictures
from ui.cli.train_detector import detector
from ui.cli.train_plates import locator
from ui.cli.train_reader import reader
from ui.cli.train_verifier import fusion, verifier
from ui.cli.training import Length, cache_option, length_options, need_torch, out_option, say_row, show_written


@click.group()
def train() -> None:
    """Train weights on rendered pictures, and on real ones where you have them."""


@train.command()
@out_option
@cache_option
@click.option("--real", type=click.Path(path_type=Path, exists=True, file_okay=False), help="A folder of real pairs.")
@click.option("--real-share", default=0.2, show_default=True, type=FiniteRange(0.0, 0.9, min_open=True))
@click.option("--no-real-validation", is_flag=True, help="The validation part of the real pairs teaches too.")
@click.option(
    "--start",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The best.pt or ONNX file to begin with.",
)
@click.option("--vehicles", default=1600, show_default=True, type=click.IntRange(min=16), help="How many to render.")
@click.option(
    "--more",
    multiple=True,
    type=MorePictures(),
    help="SEED:VEHICLES more to render, past other cameras; may be given again.",
)
@click.option(
    "--rate", default=1.2e-3, show_default=True, type=FiniteRange(0.0, 0.1, min_open=True), help="Of learning."
)
@click.option(
    "--full-size-steps", type=click.IntRange(min=0), help="The last ones, at 128 px; as many as --last-steps."
)
@length_options(steps=10_000, last_steps=1_000)
@json_option
def appearance(
    out: Path,
    cache: Path | None,
    real: Path | None,
    real_share: float,
    no_real_validation: bool,
    start: Path | None,
    vehicles: int,
    more: tuple[tuple[int, int], ...],
    rate: float,
    full_size_steps: int | None,
    length: Length,
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
    options = replace(
        usual, loop=replace(usual.loop, learning_rate=rate, **length.told()), full_size_steps=full_size_steps
    )
    further = tuple(RenderOptions(seed=seed, vehicles=count) for seed, count in more)
    recipe = Recipe(RenderOptions(vehicles=vehicles), further, options, real, real_share, not no_real_validation, start)
    card = follow(recipe, out, cache or out / "rendered", Progress(_rendered, say_row))
    show_written(card, out, as_json)


def _rendered(done: int, count: int) -> None:
    if done % 20 == 0 or done == count:
        note(f"{done} of {count} models rendered")


train.add_command(detector)
train.add_command(locator)
train.add_command(reader)
train.add_command(verifier)
train.add_command(fusion)
