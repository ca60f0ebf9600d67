"""Say what every command that trains says: that torch is needed, and how far it is."""

from importlib.util import find_spec
from typing import TYPE_CHECKING

from ui.cli.answer import note

if TYPE_CHECKING:
    from reid.training.table import Row


def need_torch() -> None:
    """Refuse in one line where torch is not installed."""
    from reid.errors import SeeingError

    if find_spec("torch") is None:
        raise SeeingError("training needs torch, which is not installed: pip install 'retrace[train]'")


def say_row(row: "Row") -> None:
    """Print a line of a training's table as progress."""
    note("  ".join(f"{name} {value}" for name, value in row.cells().items()))
