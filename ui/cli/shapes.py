"""Read a box, a place, a size, a type and a colour from the command line."""

import math
import re
from typing import Any

import click

from reid.vehicle import COLOURS, VEHICLE_TYPES, Box


class BoxType(click.ParamType[Box]):
    """Four numbers: x,y,width,height in pixels."""

    name = "X,Y,W,H"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Box:
        """Refuse what is not four numbers, or has no size."""
        if isinstance(value, Box):
            return value
        numbers = _numbers(value)
        if len(numbers) != 4 or min(numbers[2:]) <= 0:
            self.fail(f"{value!r} is not a box: write x,y,width,height in pixels, as 120,80,240,160", param, ctx)
        return Box(*numbers)


class PlaceType(click.ParamType[tuple[float, float, float]]):
    """A latitude, a longitude and perhaps a radius."""

    name = "LAT,LON[,RADIUS_M]"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, float, float]:
        """Refuse what is not on the earth."""
        if isinstance(value, tuple):
            return value
        numbers = _numbers(value)
        lat, lon, radius_m = (*numbers, 0.0)[:3] if len(numbers) in (2, 3) else (math.inf, 0.0, 0.0)
        if abs(lat) > 90 or abs(lon) > 180 or not 0 <= radius_m <= FARTHEST_M:
            self.fail(f"{value!r} is not a place: write LAT,LON or LAT,LON,RADIUS_M, as 48.41,15.6,200", param, ctx)
        return lat, lon, radius_m


class MorePictures(click.ParamType[tuple[int, int]]):
    """A seed to render with and how many vehicles."""

    name = "SEED:VEHICLES"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        """Refuse the seeds of what is rendered anyway, of validation, and those that figures are published for."""
        if isinstance(value, tuple):
            return value
        told = re.fullmatch(r"(\d{1,4}):(\d{1,7})", value)
        if told is None or int(told[1]) < 3 or int(told[2]) < 4:
            self.fail(
                f"{value!r} is not a seed and a count: write SEED:VEHICLES with a seed from 3 to 9999, as 3:1600",
                param,
                ctx,
            )
        return int(told[1]), int(told[2])


class SizeType(click.ParamType[tuple[int, int]]):
    """Width and height in pixels."""

    name = "WxH"

    def __init__(self, least: int, most: int) -> None:
        self.least, self.most = least, most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        """Refuse what is not a size, or one that nobody could work with."""
        if isinstance(value, tuple):
            return value
        size = re.fullmatch(r"(\d{1,9})[xX](\d{1,9})", value)
        if size is None:
            self.fail(f"{value!r} is not a size: write it as 1280x720, width first", param, ctx)
        width, height = int(size[1]), int(size[2])
        if min(width, height) < self.least or max(width, height) > self.most:
            self.fail(f"{value!r} is out of range: each side has {self.least} to {self.most} pixels", param, ctx)
        return width, height


FARTHEST_M = 1_000_000.0
"""The largest radius of a place: beyond, "somewhere around" says nothing."""

BOX = BoxType()
PLACE = PlaceType()
TYPE = click.Choice(VEHICLE_TYPES)
COLOUR = click.Choice(COLOURS)


def _numbers(text: str) -> list[float]:
    """Return the numbers between commas; nothing where one is none, or not finite."""
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        return []
    return numbers if all(map(math.isfinite, numbers)) else []
