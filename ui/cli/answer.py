"""Give every command the same way to take an archive, a time and a number, and to show its answer."""

import json
import math
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from index.archive import Archive

Command = TypeVar("Command", bound=Callable[..., Any])

YEARS = range(1970, 2200)
"""When footage can be from; beyond, a horizon would leave the calendar."""


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


def written(time: datetime) -> str:
    """Return a time as documents have it: ISO 8601, in UTC."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def note(line: str) -> None:
    """Print progress where it does not disturb the answer."""
    click.echo(line, err=True)


def archive_of(ctx: click.Context) -> "Archive":
    """Open the archive that the command line names; it is closed when the command ends."""
    from index.archive import Archive

    path: Path = ctx.find_root().obj
    return ctx.with_resource(Archive.open(path))


class ZonedTime(click.ParamType[datetime]):
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
        if time.year not in YEARS:
            raise click.ClickException(f"{value!r} is not a time of any footage: the year is {YEARS[0]} to {YEARS[-1]}")
        return time.astimezone(UTC)


TIME = ZonedTime()


class FiniteRange(click.FloatRange):
    """A range that `nan` and `inf`, which compare with nothing or lie above everything, are not in."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Refuse what is not a number that can be counted with."""
        number: float = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a finite number", param, ctx)
        return number


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return written(value)
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"a {type(value).__name__} has no JSON form here")
