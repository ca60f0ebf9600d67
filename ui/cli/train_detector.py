"""Train what finds vehicles in footage: `retrace train detector`."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click

from ui.cli.output import json_option
from ui.cli.parameters import PathParameter
from ui.cli.training_options import (
    Length,
    TrainCommand,
    cache_option,
    length_options,
    need_torch,
    out_option,
    progress_of,
    show_weights,
    start_option,
)


def folders_option(name: str, help_line: str) -> Callable[[TrainCommand], TrainCommand]:
    """Give the command folders of real pictures of one kind."""
    folder = PathParameter(exists=True, file_okay=False)
    return click.option(f"--{name}", multiple=True, type=folder, help=f"{help_line} May be given again.")


@click.command()
@out_option
@cache_option
@start_option("The best.pt to begin with, or a detector.onnx.")
@click.option("--streets", default=500, show_default=True, type=click.IntRange(min=1), help="How many to render.")
@folders_option("clips", "Videos of fixed cameras, or their pictures in a row.")
@folders_option("scenes", "VIEW_frame_1.jpg, and VIEW_empty_1.jpg of the same view without traffic.")
@folders_option("stills", "Single pictures of streets.")
@click.option(
    "--teacher",
    "teachers",
    multiple=True,
    type=PathParameter(exists=True, dir_okay=False),
    help="One of two ONNX detectors of others, whose agreement labels real pictures.",
)
@click.option(
    "--types",
    type=PathParameter(exists=True, dir_okay=False),
    help="A CSV of boxes in real pictures and what people saw there: street,moment,x0,y0,x1,y1,type.",
)
@length_options(steps=9_000, last_steps=2_000)
@json_option
def detector(
    out: Path,
    cache: Path | None,
    start: Path | None,
    streets: int,
    clips: tuple[Path, ...],
    scenes: tuple[Path, ...],
    stills: tuple[Path, ...],
    teachers: tuple[Path, ...],
    types: Path | None,
    length: Length,
    as_json: bool,
) -> None:
    """Render streets, train the network that finds vehicles in footage, write it as ONNX with its card.

    Folders of real pictures teach, too: best a network that begins with rendered streets. Stopped at any time, the same
    command goes on where it was. A GPU is used where torch finds one.

    Example: retrace train detector --out weights --threads 2
    """
    need_torch()
    from reid.training.detector.real_streets import RealFolders
    from reid.training.detector.recipe import LOOP, REAL_LOOP, DetectorRecipe, train_detector
    from reid.training.detector.streets import StreetOptions

    real = RealFolders(clips, scenes, stills, types) if clips or scenes or stills else None
    loop = replace(REAL_LOOP if real else LOOP, **length.as_options())
    recipe = DetectorRecipe(StreetOptions(streets=streets), loop, start, real=real, teachers=teachers)
    progress = progress_of("streets", every=20)
    card = train_detector(recipe, out, cache or out / "rendered", progress)
    show_weights(card, out, as_json)
