"""Know a file of footage: surely by the hash of all its bytes, at a glance by its size, its time and a sample of it."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

from index.store.catalogue.footage_stats import FileStat
from reid.errors import SeeingError
from reid.video.picture_folder import pictures_in

BLOCK_BYTES = 1 << 20
SAMPLE_BYTES = 1 << 16
SAMPLES = 8
"""So many parts of a file are sampled, from its beginning to its end."""


def sha256_of(path: Path, *, on_block: Callable[[], None] | None = None) -> str:
    """Return the hash of a file's bytes, which is its id; for a folder, the hash of its pictures' names and hashes.

    `on_block` is called every now and then, and may raise an error to stop it: a day of footage takes a while.
    """
    if path.is_dir():
        lines = [f"{picture.name} {sha256_of(picture, on_block=on_block)}\n" for picture in pictures_in(path)]
        return hashlib.sha256("".join(lines).encode()).hexdigest()
    _check_plain(path)
    digest = hashlib.sha256()
    for block in _blocks(path):
        if on_block is not None:
            on_block()
        digest.update(block)
    return digest.hexdigest()


def stat_of(path: Path) -> FileStat:
    """Return what a file looks like from outside, or the pictures of a folder all together."""
    files = pictures_in(path) if path.is_dir() else [path]
    _check_plain(path)
    states = [file.stat() for file in files]
    digest = hashlib.sha256()
    for file, state in zip(files, states, strict=True):
        digest.update(f"{file.name if path.is_dir() else ''} {state.st_size} {state.st_mtime_ns}\n".encode())
    for file in _spread(files):
        for part in _sample(file):
            digest.update(part)
    newest_ns = max((state.st_mtime_ns for state in states), default=0)
    return FileStat(sum(state.st_size for state in states), newest_ns, digest.hexdigest())


def _check_plain(path: Path) -> None:
    if path.exists() and not path.is_dir() and not path.is_file():
        raise SeeingError(f"{path} is a pipe or a device, not a video: give a file, or the address of a stream")


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            yield block


def _spread(files: list[Path]) -> list[Path]:
    """Return some of many files, evenly spread, the first and the last among them."""
    if len(files) <= SAMPLES:
        return files
    return [files[round(number * (len(files) - 1) / (SAMPLES - 1))] for number in range(SAMPLES)]


def _sample(path: Path) -> Iterator[bytes]:
    """Yield parts of a file, evenly spread, its beginning and its end among them; all of a small file."""
    with path.open("rb") as file:
        last = path.stat().st_size - SAMPLE_BYTES
        for number in range(SAMPLES):
            file.seek(max(0, round(number * last / (SAMPLES - 1))))
            yield file.read(SAMPLE_BYTES)
