"""Open the archive, print an answer as JSON or as lines, and print progress: what every command needs."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ui.cells import plain

if TYPE_CHECKING:
    from index.store.archive import Archive

Command = TypeVar("Command", bound=Callable[..., Any])


def json_option(command: Command) -> Command:
    """Add --json, handed to the command as `as_json`."""
    option = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout, nothing else there.")
    return option(command)


def archive_of(ctx: click.Context) -> "Archive":
    """Open the archive that the command line names; it is closed when the command ends."""
    from index.store.archive import Archive

    path: Path = ctx.find_root().obj
    return ctx.with_resource(_open(Archive.open(path)))


@contextmanager
def _open(archive: "Archive") -> "Iterator[Archive]":
    """Give an open archive; an error that an edited value in its catalogue brought about says so."""
    from index.errors import UNREADABLE, ArchiveError
    from reid.errors import SeeingError
    from roadgraph.errors import RoadError

    with archive:
        try:
            yield archive
        except (ArchiveError, SeeingError, RoadError):
            raise
        except UNREADABLE as error:
            from index.upkeep.derived import edited_values

            try:
                found = edited_values(archive)
            except UNREADABLE:
                raise error from None
            if not found or isinstance(error, UnicodeError):
                raise
            said = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
            raise ArchiveError(f"{found[0]} (retrace verify lists all; {said})") from error


def show(document: Mapping[str, object], as_json: bool, lines: Iterable[str]) -> None:
    """Print the answer to stdout: the document for a program, the lines for a person."""
    if as_json:
        json.dump(document, sys.stdout, default=_to_json, allow_nan=False)
        sys.stdout.write("\n")
        return
    for line in lines:
        click.echo(plain(line))


def note(line: str) -> None:
    """Print a line of progress to stderr."""
    click.echo(plain(line), err=True)


def iso_time(time: datetime) -> str:
    """Return a time as ISO 8601 in UTC."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _to_json(value: object) -> object:
    if isinstance(value, datetime):
        return iso_time(value)
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"a {type(value).__name__} has no JSON form here")
