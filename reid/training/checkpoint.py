"""Save and load the state of a training, so that it resumes where it was stopped."""

import os
import struct
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from torch import nn

from reid.errors import SeeingError


def save(path: Path, state: dict[str, Any]) -> None:
    """Write the state atomically: the file holds either all of it or the state before."""
    unfinished = path.with_suffix(f".{os.getpid()}.tmp")
    torch.save(state, unfinished)
    unfinished.replace(path)


def load(path: Path, recipe: str) -> dict[str, Any] | None:
    """Return the saved state, None if there is none; refuse the state of another recipe."""
    if not path.exists():
        return None
    state = read(path)
    if state.get("recipe") != recipe:
        raise SeeingError(f"{path} was made by other options: give the same options, or another --out")
    return state


UNREADABLE = (
    *(UnpicklingError, EOFError, RuntimeError, LookupError, ValueError, TypeError, AttributeError, ArithmeticError),
    *(AssertionError, struct.error),
)
"""What torch raises when it is given bytes of any kind: its reader of pickles does not check them."""


def read(path: Path) -> dict[str, Any]:
    """Return a state; `weights_only` reads tensors and plain values alone, because a pickle could run any code."""
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except UNREADABLE as error:
        raise SeeingError(
            f"{path} is not what a training keeps ({error.__class__.__name__}): give its best.pt"
        ) from None
    return state


def load_weights(network: nn.Module, path: Path) -> None:
    """Load the weights of the `best.pt` of an earlier training into a network of the same kind."""
    try:
        network.load_state_dict(read(path)["network"])
    except (KeyError, RuntimeError):
        name = network.__class__.__name__
        raise SeeingError(f"{path} holds no weights of a {name}: give the best.pt of an earlier one") from None
