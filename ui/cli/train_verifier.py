"""Train the network that compares plates, and how it joins with reading: `retrace train verifier`, `train fusion`."""

from dataclasses import replace
from pathlib import Path

import click

from ui.cli.answer import json_option, show
from ui.cli.training import Length, length_options, need_torch, out_option, say_row, show_written


@click.command()
@out_option
@click.option(
    "--start",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The best.pt of a reader or verifier to begin with.",
)
@length_options(steps=4_000, last_steps=800)
@json_option
def verifier(out: Path, start: Path | None, length: Length, as_json: bool) -> None:
    """Draw plates, train the network that says whether two pictures show one plate, write it as ONNX with its card.

    Plates are drawn while it learns; nothing is kept but its state. Stopped at any time, the same command goes on
    where it was.

    Example: retrace train verifier --out weights
    """
    need_torch()
    from reid.training.plates.verifier import VerifierRecipe, follow

    usual = VerifierRecipe(start=start)
    card = follow(replace(usual, loop=replace(usual.loop, **length.told())), out, say_row)
    show_written(card, out, as_json)


@click.command()
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The JSON file to write.")
@click.option("--groups", default=2_000, show_default=True, type=click.IntRange(min=50), help="Four pictures each.")
@click.option("--seed", type=click.IntRange(min=0), default=2, show_default=True)
@json_option
def fusion(out: Path, groups: int, seed: int, as_json: bool) -> None:
    """Fit how much reading and looks count where a pair of plates has both, with the reader and verifier in use.

    Example: retrace train fusion --out fusion.json
    """
    need_torch()
    from dataclasses import asdict

    from reid.evaluation.plate_levels import installed, read_one
    from reid.plates.fusion import write_weights
    from reid.training.plates.fusion import both_ratios, fit_fusion

    weights = fit_fusion(both_ratios(installed(), read_one, groups=groups, seed=seed))
    write_weights(weights, out)
    show(asdict(weights), as_json, [f"wrote {out}"])
