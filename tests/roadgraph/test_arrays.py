import stat
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import pytest

from roadgraph.arrays import read_arrays, write_arrays


def test_arrays_come_back_and_are_for_their_owner(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    write_arrays(path, {"x": np.arange(5), "y": np.zeros((2, 3))})
    found = {name: array.tolist() for name, array in read_arrays(path).items()}
    assert found == {"x": [0, 1, 2, 3, 4], "y": [[0] * 3] * 2}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_two_threads_write_one_file(tmp_path: Path) -> None:
    """Each began by removing the unfinished file of the other."""
    path = tmp_path / "a.npz"
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(write_arrays, path, {"x": np.arange(50)}) for _ in range(40)]:
            done.result()
    assert list(tmp_path.iterdir()) == [path]
    assert len(read_arrays(path)["x"]) == 50


@pytest.mark.parametrize("flipped", range(0, 900, 41))
def test_a_damaged_file_is_a_value_error_or_the_same_arrays(tmp_path: Path, flipped: int) -> None:
    path = tmp_path / "a.npz"
    write_arrays(path, {"x": np.arange(40), "y": np.zeros((2, 3))})
    content = bytearray(path.read_bytes())
    content[flipped % len(content)] ^= 0xFF
    path.write_bytes(content)
    try:
        found = read_arrays(path)
    except (ValueError, KeyError, EOFError, OSError, BadZipFile):
        return
    assert len(found) == 2


@pytest.mark.parametrize("way", ["packed", "named many times"])
def test_arrays_larger_than_their_file_are_refused_unread(tmp_path: Path, way: str) -> None:
    """Four megabytes of packed zeros took four gigabytes."""
    path = tmp_path / "a.npz"
    if way == "packed":
        np.savez_compressed(path, a=np.zeros(10**6))
    else:
        np.savez(path, a=np.zeros(10**4))
        with zipfile.ZipFile(path, "a") as stored:
            stored.filelist += stored.filelist * 9
            stored._didModify = True
    with pytest.raises(ValueError, match="packed, or larger than the file"):
        read_arrays(path)
