"""Read the lines of tables that somebody gives: regular files, whose lines fit into memory."""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

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


def torn(row: Mapping[str | None, Any], rows: "csv.DictReader[str]") -> str | None:
    """Return how signs between cells, or around them, made other cells of a row than were meant; None: not at all."""
    sign, between = rows.reader.dialect.delimiter, len(rows.fieldnames or ()) - 1
    beyond = row.get(None) or []
    if any(cell.strip() for cell in beyond):
        return f"it has more cells than the table has columns: put quotation marks around one that holds {sign!r}"
    cells = [*(cell for name, cell in row.items() if name is not None and cell), *beyond]
    swallowed = sum(line.count(sign) >= between for cell in cells for line in cell.splitlines()[1:])
    if swallowed and between:
        return f"a quotation mark is closed only here, and made {swallowed} lines before this one a part of a cell"
    return None
