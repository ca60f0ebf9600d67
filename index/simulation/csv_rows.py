"""Write and read dataclass values as CSV: one file per type, one column per field."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, datetime
from functools import lru_cache
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from index.errors import ArchiveError

Row = TypeVar("Row")


def write_rows(path: Path, kind: type[Row], rows: Iterable[Row]) -> None:
    """Write the rows with a header; the same rows give the same bytes."""
    with writing_rows(path, kind) as add:
        add(rows)


@contextmanager
def writing_rows(path: Path, kind: type[Row]) -> Iterator[Callable[[Iterable[Row]], None]]:
    """Give a function that appends rows under the header."""
    to_line = _line_writer(kind)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_columns(kind))

        def add(rows: Iterable[Row]) -> None:
            writer.writerows(map(to_line, rows))

        yield add


def read_rows(path: Path, kind: type[Row]) -> list[Row]:
    """Read every row; columns that the type does not have are ignored."""
    parsers = _parsers(kind)
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        header = next(reader, [])
        missing = sorted(set(parsers) - set(header))
        if missing:
            raise ArchiveError(f"{path} has no column {missing[0]!r}: it must have {','.join(parsers)}")
        cells = [(header.index(name), parse) for name, parse in parsers.items()]
        return [_row(path, reader.line_num, kind, cells, line) for line in reader if line]


@lru_cache(maxsize=4096)
def iso(time: datetime) -> str:
    """Return the time as ISO 8601 in UTC, to the microsecond."""
    return time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _row(
    path: Path, number: int, kind: type[Row], cells: Sequence[tuple[int, Callable[[str], Any]]], line: Sequence[str]
) -> Row:
    try:
        return kind(*[parse(line[at]) for at, parse in cells])
    except (IndexError, TypeError, ValueError) as error:
        columns = ",".join(_columns(kind))
        raise ArchiveError(f"{path}, line {number}: {error}; the columns are {columns}") from None


def _columns(kind: type[Any]) -> list[str]:
    return [column.name for column in fields(kind)]


def _parsers(kind: type[Any]) -> dict[str, Callable[[str], Any]]:
    hints = get_type_hints(kind)
    return {name: _PARSERS[hints[name]] for name in _columns(kind)}


def _line_writer(kind: type[Any]) -> Callable[[Any], Sequence[object]]:
    """Return the function from a row to its cells; the csv module writes text, numbers and None (as nothing) itself."""
    values = attrgetter(*_columns(kind))
    hints = get_type_hints(kind)
    converted = [(at, _WRITERS[hints[name]]) for at, name in enumerate(_columns(kind)) if hints[name] in _WRITERS]

    def line(row: Any) -> Sequence[object]:
        cells = list(values(row))
        for at, write in converted:
            cells[at] = write(cells[at])
        return cells

    return line


@lru_cache(maxsize=4096)
def _time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError(f"{text!r} has no zone: write it with Z or +02:00 at its end")
    return time.astimezone(UTC)


def _flag(text: str) -> bool:
    return text == "1"


_WRITERS: Mapping[object, Callable[[Any], object]] = {datetime: iso, bool: int}
_PARSERS: Mapping[object, Callable[[str], Any]] = {
    str: str,
    int: int,
    float: float,
    bool: _flag,
    datetime: _time,
    str | None: lambda text: text or None,
    int | None: lambda text: int(text) if text else None,
    float | None: lambda text: float(text) if text else None,
}
