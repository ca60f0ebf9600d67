"""Keep the state of a training on disk, so that it goes on where a kill stopped it."""

import os
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from torch import nn

from reid.errors import SeeingError


def save(path: Path, state: dict[str, Any]) -> None:
    """Write the state to a file that is either whole or the one before."""
    unfinished = path.with_suffix(f".{os.getpid()}.tmp")
    torch.save(state, unfinished)
    unfinished.replace(path)


def load(path: Path, recipe: str) -> dict[str, Any] | None:
    """Return the state that was saved, None if there is none; refuse that of another recipe."""
    if not path.exists():
        return None
    state = read(path)
    if state.get("recipe") != recipe:
        raise SeeingError(f"{path} was made by other options: give the same options, or another --out")
    return state


def read(path: Path) -> dict[str, Any]:
    """Return a state; only tensors and plain values are read (`weights_only`), because a pickle could run anything."""
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except (UnpicklingError, EOFError, RuntimeError) as error:
        raise SeeingError(
            f"{path} is not what a training keeps ({error.__class__.__name__}): give its best.pt"
        ) from None
    return state


def begin_with(network: nn.Module, path: Path) -> None:
    """Give a network the weights of the `best.pt` of an earlier training of the same network."""
    try:
        network.load_state_dict(read(path)["network"])
    except (KeyError, RuntimeError):
        name = network.__class__.__name__
        raise SeeingError(f"{path} holds no weights of a {name}: give the best.pt of an earlier one") from None
