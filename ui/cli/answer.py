"""Give every command the same way to take an archive and a time, and to show its answer."""

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from index.archive import Archive

Command = TypeVar("Command", bound=Callable[..., Any])


def json_option(command: Command) -> Command:
    """Add --json, handed to the command as `as_json`."""
    option = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout, nothing else there.")
    return option(command)


def show(document: Mapping[str, object], as_json: bool, lines: Iterable[str]) -> None:
    """Print the answer: the document for a program, the lines for a person."""
    if as_json:
        json.dump(document, sys.stdout, default=_plain, allow_nan=False)
        sys.stdout.write("\n")
        return
    for line in lines:
        click.echo(line)


def note(line: str) -> None:
    """Print progress where it does not disturb the answer."""
    click.echo(line, err=True)


def archive_of(ctx: click.Context) -> "Archive":
    """Open the archive that the command line names."""
    from index.archive import Archive

    path: Path = ctx.find_root().obj
    return Archive.open(path)


class ZonedTime(click.ParamType):
    """An ISO 8601 time with its zone, as UTC."""

    name = "TIME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Refuse a time that does not say its zone."""
        if isinstance(value, datetime):
            return value
        try:
            time = datetime.fromisoformat(value)
        except ValueError:
            raise click.ClickException(
                f"{value!r} is not a time: write it as 2026-05-04T08:30:00+02:00 (or with Z for UTC)"
            ) from None
        if time.tzinfo is None:
            raise click.ClickException(
                f"{value!r} has no zone: add it, as in {value}+02:00, or {value}Z if it is meant in UTC"
            )
        return time.astimezone(UTC)


TIME = ZonedTime()


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"a {type(value).__name__} has no JSON form here")
