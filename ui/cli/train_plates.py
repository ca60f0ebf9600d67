"""Train what finds, reads and compares plates: `retrace train locator`, `reader`, `verifier`, `fusion` and `twins`."""

from dataclasses import replace
from pathlib import Path

import click

from ui.cli.output import json_option, show
from ui.cli.parameters import OutParameter, PathParameter
from ui.cli.training_options import (
    Length,
    cache_option,
    length_options,
    need_torch,
    note_row,
    out_option,
    progress_of,
    show_weights,
    start_option,
)


@click.command()
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
    from reid.training.plates.locator import LocatorRecipe, train_locator

    usual = LocatorRecipe()
    recipe = replace(
        usual,
        scenes=replace(usual.scenes, scenes=scenes),
        heat=replace(usual.heat, **length.as_options()),
        corners=replace(usual.corners, **length.as_options() | {"steps": corner_steps}),
        start=start,
    )
    progress = progress_of("scenes", every=500)
    cards = train_locator(recipe, out, cache or out / "rendered", progress)
    written = {str(out / f"{card.name}.onnx"): card.sha256 for card in cards}
    show({"weights": written, "source": cards[0].source}, as_json, [f"wrote {path}" for path in written])


@click.command()
@out_option
@start_option("A reader's best.pt or ONNX file to begin with.")
@click.option(
    "--crops",
    multiple=True,
    type=PathParameter(exists=True, file_okay=False),
    help="Real pictures of plates with a texts.csv of file and text: half of the plates teach. May be given again.",
)
@length_options(steps=20_000, last_steps=1_500)
@json_option
def reader(out: Path, start: Path | None, crops: tuple[Path, ...], length: Length, as_json: bool) -> None:
    """Draw plates of the whole world, train the network that reads them, write it as ONNX with its card.

    Beside it: confusion.json, which character it takes for which. Installed fonts are used for the letters; without
    any it trains on letters drawn by this project. Folders of real plates teach, too: best a network that begins with
    drawn ones. Stopped at any time, the same command goes on where it was.

    Example: retrace train reader --out weights
    """
    need_torch()
    from reid.training.plates.reader import LOOP, REAL_LOOP, ReaderRecipe, train_reader

    loop = replace(REAL_LOOP if crops else LOOP, **length.as_options())
    card = train_reader(ReaderRecipe(loop, length.seed, start=start, crops=crops), out, note_row)
    show_weights(card, out, as_json)


@click.command()
@out_option
@start_option("The best.pt of a reader or verifier, or a verifier's ONNX file, to begin with.")
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


@click.command()
@click.option("--out", required=True, type=OutParameter(dir_okay=False), help="The JSON file to write.")
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


@click.command()
@click.option("--out", required=True, type=OutParameter(dir_okay=False), help="The JSON file to write.")
@click.option("--groups", default=3_000, show_default=True, type=click.IntRange(min=150), help="Four pictures each.")
@click.option("--seed", type=click.IntRange(min=0), default=4, show_default=True)
@json_option
def twins(out: Path, groups: int, seed: int, as_json: bool) -> None:
    """Measure what the installed verifier tells of plates that differ in one character, by the quality of pictures.

    Example: retrace train twins --out reid/plates/twins.json
    """
    need_torch()
    from reid.plates.twins import write_twin_curves
    from reid.plates.verify import SiameseNetwork, verifier_weights
    from reid.training.plates.calibration import fit_twin_curves

    weights = verifier_weights()
    if weights is None:
        raise click.ClickException("no plate verifier is installed: train one with `retrace train verifier` and add it")
    found = fit_twin_curves(SiameseNetwork(weights), groups=groups, seed=seed)
    write_twin_curves(found, out)
    show({"verifier": found.model_id, "qualities": found.curves.qualities}, as_json, [f"wrote {out}"])
