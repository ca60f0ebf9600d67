"""Name the types of the arrays that describe roads, and keep arrays in .npz files."""

import os
import secrets
import zipfile
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
    # Two threads may write it, too.
    partial = path.with_name(f"{path.name}.{secrets.token_hex(8)}.part")
    try:
        # A file or link that lies there already is not this process's: it is replaced, never followed.
        partial.unlink(missing_ok=True)
        with open(os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def read_arrays(path: Path) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays of a .npz file by name; nothing in it is unpickled. ValueError says why it is none."""
    try:
        _check_size(path)
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except (NotImplementedError, RuntimeError, MemoryError, zlib.error, AttributeError) as error:
        # What zipfile and numpy say of other compressions, passwords, sizes that nobody has, damage, and a bare .npy.
        raise ValueError(str(error) or type(error).__name__) from error


def _check_size(path: Path) -> None:
    """Refuse a file whose arrays are larger than itself: `write_arrays` packs none, and a packed one fills memory."""
    with zipfile.ZipFile(path) as stored:
        parts = stored.infolist()
    packed = any(part.compress_type != zipfile.ZIP_STORED for part in parts)
    if packed or sum(part.file_size for part in parts) > path.stat().st_size:
        raise ValueError("its arrays are packed, or larger than the file")
