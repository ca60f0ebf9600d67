import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import pytest

from index.ingest.file_identity import SAMPLE_BYTES, SAMPLES, sha256_of, stat_of
from reid.errors import SeeingError

GIB = 1 << 30
NOON_NS = 1_777_896_000_000_000_000


class CountingFile:
    """A file that counts the bytes that are read of it."""

    def __init__(self, file: BinaryIO, read: list[int]) -> None:
        self._file, self._read = file, read

    def __enter__(self) -> "CountingFile":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def seek(self, place: int) -> int:
        return self._file.seek(place)

    def read(self, count: int) -> bytes:
        part = self._file.read(count)
        self._read.append(len(part))
        return part


@pytest.fixture
def bytes_read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The bytes of each reading."""
    read: list[int] = []
    opened: Callable[..., BinaryIO] = Path.open
    monkeypatch.setattr(Path, "open", lambda path, mode: CountingFile(opened(path, mode), read))
    return read


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    os.utime(path, ns=(NOON_NS, NOON_NS))
    return path


def test_of_a_large_file_only_a_sample_is_read(tmp_path: Path, bytes_read: list[int]) -> None:
    with open(tmp_path / "day.mp4", "wb") as file:
        file.truncate(3 * GIB)
    assert stat_of(tmp_path / "day.mp4").size_bytes == 3 * GIB
    assert sum(bytes_read) == SAMPLES * SAMPLE_BYTES


@pytest.mark.parametrize("size", [0, 1, SAMPLE_BYTES - 1, SAMPLE_BYTES + 1, SAMPLES * SAMPLE_BYTES])
def test_of_a_small_file_every_byte_counts(tmp_path: Path, size: int) -> None:
    content = bytes(number % 251 for number in range(size))
    before = stat_of(write(tmp_path / "a.mp4", content))
    assert stat_of(write(tmp_path / "moved.mp4", content)) == before
    for place in {0, size // 2, size - 1} - {-1}:
        if size:
            changed = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
            assert stat_of(write(tmp_path / "a.mp4", changed)) != before


def test_size_and_time_count(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp4", b"some frames")
    before = stat_of(path)
    os.utime(path, ns=(NOON_NS, NOON_NS + 1))
    assert stat_of(path) != before
    assert stat_of(write(path, b"some frames\0")) != before


def test_a_folder_is_its_pictures(tmp_path: Path) -> None:
    for number in range(30):
        write(tmp_path / f"{number:02}.jpg", bytes([number]))
    before = stat_of(tmp_path)
    write(tmp_path / "notes.txt", b"no picture")
    assert stat_of(tmp_path) == before
    (tmp_path / "17.jpg").rename(tmp_path / "17b.jpg")
    assert stat_of(tmp_path) != before


def test_reading_a_file_whole_can_be_stopped(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp4", b"some frames")

    def stop() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        sha256_of(path, on_block=stop)


def test_a_pipe_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    with pytest.raises(SeeingError, match="is a pipe or a device"):
        stat_of(tmp_path / "pipe.mp4")
