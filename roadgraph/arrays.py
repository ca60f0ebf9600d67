"""Name the types of the arrays that describe roads, and keep arrays in .npz files."""

import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Floats32 = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Ints32 = npt.NDArray[np.int32]
"""The numbers of junctions, edges and arcs."""
Bytes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]


def write_arrays(path: Path, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Write arrays to one .npz file that the owner alone reads; a crash leaves the old file or none, never half of one.

    Where several processes write the same file at once, it is that of one of them.
    """
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with open(os.open(partial, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def read_arrays(path: Path) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays of a .npz file by name; nothing in it is unpickled. ValueError says why it is none."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except (NotImplementedError, RuntimeError, MemoryError, zlib.error, AttributeError) as error:
        # What zipfile and numpy say of other compressions, passwords, sizes that nobody has, damage, and a bare .npy.
        raise ValueError(str(error) or type(error).__name__) from error
