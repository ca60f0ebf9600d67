"""Share the options and the output of the training commands, and check that torch is installed."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from functools import wraps
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ui.cli.output import note, show
from ui.cli.parameters import FiniteRange, OutParameter, PathParameter

if TYPE_CHECKING:
    from reid.training.loop import LogRow, TrainingProgress
    from reid.weights import Card

TrainCommand = Callable[..., None]

out_option = click.option("--out", required=True, type=OutParameter(file_okay=False), help="The folder to write.")
cache_option = click.option(
    "--cache",
    type=PathParameter(file_okay=False),
    help="For rendered pictures; OUT/rendered if not given.",
)
full_size_steps_option = click.option(
    "--full-size-steps", type=click.IntRange(min=0), help="How many of the last steps use 128 px; as --last-steps."
)


@dataclass(frozen=True, slots=True)
class Length:
    """How many steps a training takes, and how many cores it uses."""

    steps: int
    last_steps: int
    seed: int
    threads: int
    loaders: int

    def as_options(self) -> dict[str, int]:
        """Return the numbers under the names of a training's options."""
        return asdict(self)


def start_option(help_line: str) -> Callable[[TrainCommand], TrainCommand]:
    """Give a command the file to begin with, if any."""
    return click.option("--start", type=PathParameter(exists=True, dir_okay=False), help=help_line)


def cameras_option(*, default: int) -> Callable[[TrainCommand], TrainCommand]:
    """Give a command the number of simulated cameras that vehicles are rendered past."""
    return click.option(
        "--cameras", default=default, show_default=True, type=click.IntRange(min=6), help="Simulated ones a seed."
    )


def real_options(command: TrainCommand) -> TrainCommand:
    """Give a command a folder of real pairs, and the share of a batch that comes from it."""
    folder = click.option("--real", type=PathParameter(exists=True, file_okay=False), help="A folder of real pairs.")
    share = FiniteRange(0.0, 0.9, min_open=True)
    return folder(click.option("--real-share", default=0.2, show_default=True, type=share)(command))


def length_options(*, steps: int, last_steps: int) -> Callable[[TrainCommand], TrainCommand]:
    """Give a command the options of a `Length`, passed as `length`; the arguments are the defaults."""
    one, none = click.IntRange(min=1), click.IntRange(min=0)
    options = (
        click.option("--steps", default=steps, show_default=True, type=one, help="How many batches."),
        click.option("--last-steps", default=last_steps, show_default=True, type=one, help="At a falling rate."),
        click.option("--seed", default=0, show_default=True, type=none),
        click.option("--threads", default=1, show_default=True, type=one, help="Cores for the network."),
        click.option("--loaders", default=1, show_default=True, type=none, help="Cores for the pictures."),
    )

    def decorate(command: TrainCommand) -> TrainCommand:
        @wraps(command)
        def with_length(**given: Any) -> None:
            length = Length(**{field.name: given.pop(field.name) for field in fields(Length)})
            command(length=length, **given)

        decorated: TrainCommand = with_length
        for option in reversed(options):
            decorated = option(decorated)
        return decorated

    return decorate


def need_torch() -> None:
    """Raise an error that says what to install where torch is missing."""
    from reid.errors import SeeingError

    if find_spec("torch") is None:
        raise SeeingError("training needs torch, which is not installed: pip install 'retrace[train]'")


def note_row(row: "LogRow") -> None:
    """Print a row of the training log as progress."""
    note("  ".join(f"{name} {value}" for name, value in row.cells().items()))


def progress_of(thing: str, *, every: int) -> "TrainingProgress":
    """Return what prints the training log, and how many things are rendered at each `every`th one and the last."""
    from reid.training.loop import TrainingProgress

    def note_rendered(done: int, count: int) -> None:
        if done % every == 0 or done == count:
            note(f"{done} of {count} {thing} rendered")

    return TrainingProgress(note_rendered, note_row)


def show_weights(card: "Card", out: Path, as_json: bool) -> None:
    """Print which weights were written."""
    written = out / f"{card.name}.onnx"
    show({"weights": written, "sha256": card.sha256, "source": card.source}, as_json, [f"wrote {written}"])
