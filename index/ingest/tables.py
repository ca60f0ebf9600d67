"""Read the lines of tables that somebody gives: regular files, whose lines fit into memory."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from index.errors import ArchiveError

LONGEST_LINE = 1 << 22
"""Characters; no table has a longer line, and one of gigabytes would fill the memory."""


def check_regular(path: Path) -> None:
    """Refuse a pipe, which is waited for without end, and a device, which may give without end."""
    if path.exists() and not path.is_file() and not path.is_dir():
        raise ArchiveError(f"{path} is a pipe or a device: give a file")


def lines_of(file: TextIO) -> Iterator[str]:
    """Yield the lines of a table; one that is far too long is an error of the table."""
    while line := file.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE and not line.endswith("\n"):
            raise csv.Error("a line is longer than those of any table")
        yield line
