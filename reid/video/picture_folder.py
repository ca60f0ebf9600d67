"""Read a folder of pictures as footage: each picture is a frame, and its file name says when it was taken."""

import logging
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from reid.arrays import Floats
from reid.clock.name_time import name_time
from reid.errors import SeeingError
from reid.images import read_image

log = logging.getLogger(__name__)

PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")

COUNTED_FPS = 25.0
"""Used, with a warning, where file names count the pictures and hold no time."""

_SECONDS = re.compile(r"(?<!\d)(1\d{9})(?:[._](\d{1,6}))?(?!\d)")
_MILLIS = re.compile(r"(?<!\d)(1\d{12})(?!\d)")
"""Of the years 2001 to 2033: 0000000012 is a number, and 2605040830 a date."""

_COUNT = re.compile(r"(\d+)\D*$")
_DATES = {10: ("%Y%m%d%H", "%y%m%d%H%M"), 12: ("%Y%m%d%H%M", "%y%m%d%H%M%S"), 14: ("%Y%m%d%H%M%S",)}
"""How a date is written without any sign in it, by its number of digits; with milliseconds it has 17."""


@dataclass(frozen=True, slots=True)
class PictureFolder:
    """Pictures in the order they were taken, (n,) seconds from the first, their size, and when the first was taken.

    `began` is None where the file names give no time zone.
    """

    pictures: tuple[Path, ...]
    times_s: Floats
    width: int
    height: int
    began: datetime | None


def pictures_in(folder: Path) -> list[Path]:
    """Return the pictures of a folder by name, without those of its subfolders."""
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURES and path.is_file())


def read_picture_folder(folder: Path) -> PictureFolder:
    """Read when each picture was taken; refuse a folder whose file names do not say it."""
    paths = pictures_in(folder)
    if not paths:
        raise SeeingError(f"{folder} is a folder without pictures: give a video, or a folder of JPEG or PNG frames")
    seconds, began = _seconds(folder, paths)
    order = sorted(range(len(paths)), key=lambda row: (seconds[row], paths[row].name))
    times_s = _spread(np.array([seconds[row] for row in order]))
    first = paths[order[0]]
    height, width = read_image(first).shape[:2]
    return PictureFolder(tuple(paths[row] for row in order), times_s - times_s[0], width, height, began)


def _seconds(folder: Path, paths: Sequence[Path]) -> tuple[list[float], datetime | None]:
    """Return when each picture was taken, in order of `paths`, and the time of the first if it has a zone."""
    written = [name_time(path) for path in paths]
    if all(written):
        times = [_time(folder, one.written) for one in written if one]
        zoned = [time for time in times if time.tzinfo is not None]
        if 0 < len(zoned) < len(times):
            raise SeeingError(f"{folder}: some names of pictures have a zone and some have none: name them alike")
        began = min(zoned).astimezone(UTC) if zoned else None
        return [time.replace(tzinfo=time.tzinfo or UTC).timestamp() for time in times], began
    for pattern, scale in ((_MILLIS, 1000.0), (_SECONDS, 1.0)):
        found = [pattern.search(path.stem) for path in paths]
        if all(found):
            seconds = [float(".".join(part for part in match.groups() if part)) / scale for match in found if match]
            return seconds, datetime.fromtimestamp(min(seconds), UTC)
    counts = [_COUNT.search(path.stem) for path in paths]
    if not all(counts):
        raise SeeingError(
            f"{folder}: names of pictures say no time: name them as 20260504_083000.200Z.jpg, or by number"
        )
    if all(match is not None and _is_date(match[1]) for match in counts):
        raise SeeingError(f"{folder}: names of pictures may be dates or numbers: name them as 20260504_083000.200Z.jpg")
    log.warning("%s: names count pictures and tell no time: taken as %.0f a second", folder, COUNTED_FPS)
    return [int(match[1]) / COUNTED_FPS for match in counts if match], None


def _time(folder: Path, text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise SeeingError(f"{folder}: {text!r} in the name of a picture is not a time: rename that picture") from None


def _is_date(digits: str) -> bool:
    """Tell whether digits can be a date of this century or the next; pictures of dates are not 25 a second."""
    written = digits[:14] if len(digits) == 17 else digits
    for layout in _DATES.get(len(written), ()):
        with suppress(ValueError):
            if 2000 <= datetime.strptime(written, layout).year < 2200:
                return True
    return False


def _spread(seconds: Floats) -> Floats:
    """Return distinct times: pictures of the same second are spread over that second."""
    values, first, count = np.unique(seconds, return_index=True, return_counts=True)
    place = np.arange(len(seconds)) - np.repeat(first, count)
    spread: Floats = np.repeat(values, count) + place / np.repeat(count, count)
    return spread
