"""Hold what every command that trains shares: how long, that torch is needed, what was written, how far it is."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from functools import wraps
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ui.cli.answer import note, show

if TYPE_CHECKING:
    from reid.training.table import Row
    from reid.weights import Card

Command = Callable[..., None]

out_option = click.option(
    "--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="The folder to write."
)
cache_option = click.option(
    "--cache", type=click.Path(path_type=Path, file_okay=False), help="Rendered pictures; OUT/rendered."
)


@dataclass(frozen=True, slots=True)
class Length:
    """How long and on how many cores a command trains."""

    steps: int
    last_steps: int
    seed: int
    threads: int
    loaders: int

    def told(self) -> dict[str, int]:
        """Return the numbers by the names that a training's options have."""
        return asdict(self)


def length_options(*, steps: int, last_steps: int) -> Callable[[Command], Command]:
    """Give a command the options of a `Length`, which it gets as `length`; the numbers are what they usually are."""
    one, none = click.IntRange(min=1), click.IntRange(min=0)
    options = (
        click.option("--steps", default=steps, show_default=True, type=one, help="How many batches."),
        click.option("--last-steps", default=last_steps, show_default=True, type=one, help="Those at falling rate."),
        click.option("--seed", default=0, show_default=True, type=none),
        click.option("--threads", default=1, show_default=True, type=one, help="Cores for the network."),
        click.option("--loaders", default=1, show_default=True, type=none, help="Cores for the pictures."),
    )

    def decorate(command: Command) -> Command:
        @wraps(command)
        def with_length(**given: Any) -> None:
            length = Length(**{field.name: given.pop(field.name) for field in fields(Length)})
            command(length=length, **given)

        told: Command = with_length
        for option in reversed(options):
            told = option(told)
        return told

    return decorate


def need_torch() -> None:
    """Refuse in one line where torch is not installed."""
    from reid.errors import SeeingError

    if find_spec("torch") is None:
        raise SeeingError("training needs torch, which is not installed: pip install 'retrace[train]'")


def say_row(row: "Row") -> None:
    """Print a line of a training's table as progress."""
    note("  ".join(f"{name} {value}" for name, value in row.cells().items()))


def show_written(card: "Card", out: Path, as_json: bool) -> None:
    """Say which weights were written."""
    written = out / f"{card.name}.onnx"
    show({"weights": written, "sha256": card.sha256, "source": card.source}, as_json, [f"wrote {written}"])
