"""Read from the EXIF data of a photograph when and where it was taken; a camera or phone may have written either."""

import io
import math
import warnings
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PIL import Image as Pictures
from PIL.ExifTags import IFD, Base

from reid.images import FORMATS, UNREADABLE

_SOUTH_REF, _LAT, _WEST_REF, _LON = 1, 2, 3, 4
"""The tags of GPS latitude and longitude."""

YEARS = range(1970, 2200)
"""A year outside of these is that of no photograph, and some of them have no time in other zones."""


@dataclass(frozen=True, slots=True)
class PhotoOrigin:
    """When a photograph was taken, without a zone where it names none, and at which (latitude, longitude)."""

    time: datetime | None = None
    place: tuple[float, float] | None = None


def origin_of(data: bytes) -> PhotoOrigin:
    """Return what the EXIF data of a picture tell; damaged ones tell nothing."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exif = Pictures.open(io.BytesIO(data), formats=FORMATS).getexif()
            taken, gps = exif.get_ifd(IFD.Exif), exif.get_ifd(IFD.GPSInfo)
            return PhotoOrigin(_time(taken), _place(gps))
    except UNREADABLE:
        return PhotoOrigin()


def _time(taken: Mapping[int, Any]) -> datetime | None:
    """Return when it was taken; the time of the file alone may be that of a scan, or of a change."""
    text = taken.get(Base.DateTimeOriginal)
    offset = taken.get(Base.OffsetTimeOriginal)
    if not isinstance(text, str):
        return None
    text = text.strip("\0 ")
    with suppress(ValueError):
        time = datetime.strptime(text, "%Y:%m:%d %H:%M:%S")
        if time.year not in YEARS:
            return None
        if isinstance(offset, str):
            with suppress(ValueError):
                return datetime.fromisoformat(time.isoformat() + offset.strip("\0 "))
        return time
    return None


def _place(gps: Mapping[int, Any]) -> tuple[float, float] | None:
    lat = _degrees(gps.get(_LAT), _sign(gps.get(_SOUTH_REF), "N", "S"))
    lon = _degrees(gps.get(_LON), _sign(gps.get(_WEST_REF), "E", "W"))
    if lat is None or lon is None or abs(lat) > 90 or abs(lon) > 180 or (lat, lon) == (0.0, 0.0):
        return None
    return lat, lon


def _sign(side: Any, positive: str, negative: str) -> float | None:
    """Return 1 or -1 by the side of the equator or of Greenwich; None where that is not told."""
    return {positive: 1.0, negative: -1.0}.get(side.strip("\0 ").upper()) if isinstance(side, str) else None


def _degrees(parts: Any, sign: float | None) -> float | None:
    """Return degrees, minutes and seconds as degrees."""
    if sign is None:
        return None
    try:
        degrees, minutes, seconds = (float(part) for part in parts)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    total = degrees + minutes / 60 + seconds / 3600
    return sign * total if math.isfinite(total) else None
