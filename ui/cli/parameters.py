"""Parse the option values of the command line: times, finite numbers, boxes, places, sizes, types and colours."""

import math
import os
import re
import stat
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from index.dates import DateError, utc_time
from reid.clock.iso_time import iso_time
from reid.vehicle import COLOURS, VEHICLE_TYPES, Box

DAY_S = 86_400.0

FARTHEST_M = 1_000_000.0
"""The largest radius of a place; a larger one would exclude nothing."""


class TimeParameter(click.ParamType[datetime]):
    """An ISO 8601 time with its zone, as UTC."""

    name = "TIME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Parse a time; one without a zone is refused."""
        if isinstance(value, datetime):
            return value
        try:
            time = iso_time(value)
        except ValueError:
            raise click.ClickException(
                f"{value!r} is not a time: write it as 2026-05-04T08:30:00+02:00 (or with Z for UTC)"
            ) from None
        if time.tzinfo is None:
            raise click.ClickException(
                f"{value!r} has no zone: add it, as in {value}+02:00, or {value}Z if it is meant in UTC"
            )
        try:
            return utc_time(time, repr(value))
        except DateError as error:
            raise click.ClickException(str(error)) from None


class PathParameter(click.Path):
    """A path of a file or folder, as a `Path`; a pipe or a device, which may never end, is refused."""

    def __init__(self, **rules: Any) -> None:
        super().__init__(path_type=Path, **rules)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Return the path; one that leads to itself, or to what is no file and no folder, is refused."""
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        try:
            mode = path.stat().st_mode
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            # Whoever opens it says what is wrong: some commands make it.
            return path
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise click.ClickException(f"{str(path)[:200]!r} cannot be used: {reason}") from None
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            raise click.ClickException(f"{path} is a pipe or a device: give a file or a folder")
        return path


class OutParameter(PathParameter):
    """A path to write to; one inside an archive is refused: it would replace a part of it, or outlive a purge."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Return the path."""
        from index.store.archive_file import around

        path = super().convert(value, param, ctx)
        if (archive := around(path)) is not None:
            raise click.ClickException(f"{path} is inside the archive {archive}: choose a place elsewhere")
        return path


class FiniteRange(click.FloatRange):
    """A range of floats that excludes `nan` and `inf`."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Parse a number; `nan` and `inf` are refused."""
        number: float = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a finite number", param, ctx)
        return number


class SecondsParameter(click.ParamType[float]):
    """A number of seconds, negative too, with or without the unit."""

    name = "SECONDS"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Parse seconds; a day is the most."""
        if isinstance(value, float):
            return value
        match = re.fullmatch(r"([+-]?\d+(?:\.\d+)?)\s*s?", value.strip())
        if match is None or abs(float(match[1])) > DAY_S:
            self.fail(f"{value!r} is not a time within a day: write seconds, as 192, 192s or -4.5", param, ctx)
        return float(match[1])


class BoxParameter(click.ParamType[Box]):
    """A box as x,y,width,height in pixels."""

    name = "X,Y,W,H"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Box:
        """Parse a box; an empty one is refused."""
        if isinstance(value, Box):
            return value
        numbers = _numbers(value)
        if len(numbers) != 4 or min(numbers[2:]) <= 0:
            self.fail(f"{value!r} is not a box: write x,y,width,height in pixels, as 120,80,240,160", param, ctx)
        return Box(*numbers)


class PlaceParameter(click.ParamType[tuple[float, float, float]]):
    """A latitude, a longitude and an optional radius in metres."""

    name = "LAT,LON[,RADIUS_M]"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, float, float]:
        """Parse a place; coordinates that do not exist are refused."""
        if isinstance(value, tuple):
            return value
        numbers = _numbers(value)
        lat, lon, radius_m = (*numbers, 0.0)[:3] if len(numbers) in (2, 3) else (math.inf, 0.0, 0.0)
        if abs(lat) > 90 or abs(lon) > 180 or not 0 <= radius_m <= FARTHEST_M:
            self.fail(f"{value!r} is not a place: write LAT,LON or LAT,LON,RADIUS_M, as 48.41,15.6,200", param, ctx)
        return lat, lon, radius_m


class SizeParameter(click.ParamType[tuple[int, int]]):
    """A width and a height in pixels."""

    name = "WxH"

    def __init__(self, least: int, most: int) -> None:
        self.least, self.most = least, most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        """Parse a size; sides out of range are refused."""
        if isinstance(value, tuple):
            return value
        size = re.fullmatch(r"(\d{1,9})[xX](\d{1,9})", value)
        if size is None:
            self.fail(f"{value!r} is not a size: write it as 1280x720, width first", param, ctx)
        width, height = int(size[1]), int(size[2])
        if min(width, height) < self.least or max(width, height) > self.most:
            self.fail(f"{value!r} is out of range: each side has {self.least} to {self.most} pixels", param, ctx)
        return width, height


class SeedAndCount(click.ParamType[tuple[int, int]]):
    """A seed to render with, and the number of vehicles."""

    name = "SEED:VEHICLES"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        """Parse a seed and a count; seeds that are used for the default pictures, validation or figures are refused."""
        if isinstance(value, tuple):
            return value
        match = re.fullmatch(r"(\d{1,4}):(\d{1,7})", value)
        if match is None or int(match[1]) < 3 or int(match[2]) < 4:
            self.fail(
                f"{value!r} is not a seed and a count: write SEED:VEHICLES with a seed from 3 to 9999, as 3:1600",
                param,
                ctx,
            )
        return int(match[1]), int(match[2])


SECONDS = SecondsParameter()
TIME = TimeParameter()
BOX = BoxParameter()
PLACE = PlaceParameter()
TYPE = click.Choice(VEHICLE_TYPES)
COLOUR = click.Choice(COLOURS)


def _numbers(text: str) -> list[float]:
    """Return the comma-separated numbers, or an empty list if any is not a finite number."""
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        return []
    return numbers if all(map(math.isfinite, numbers)) else []
