"""Read dates and times of day from text burnt into pictures, and from file names."""

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Literal

Order = Literal["year first", "day first", "month first"]
"""The order of day and month."""

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_BETWEEN = r"\s?[-/._年月]\s?"

_YEAR_FIRST = re.compile(rf"(?<!\d)(?P<y>20\d\d){_BETWEEN}(?P<m>\d\d?){_BETWEEN}(?P<d>\d\d?)\s?日?")

_YEAR_LAST = re.compile(r"(?<!\d)(?P<a>\d\d?)\s?(?P<sign>[-/.])\s?(?P<b>\d\d?)\s?[-/.]\s?(?P<y>20\d\d)")

_NAME = rf"(?P<name>{'|'.join(MONTHS)})[a-z]*"

_NAMED = (
    re.compile(rf"(?<!\d)(?P<d>\d\d?)[-\s./]*{_NAME}[-\s.,/]*(?P<y>20\d\d)", re.IGNORECASE),
    re.compile(rf"{_NAME}[-\s./]*(?P<d>\d\d?)[-\s.,/]*(?P<y>20\d\d)", re.IGNORECASE),
)

_TIME = re.compile(
    r"(?<!\d)(?P<hour>[01]?\d|2[0-3])\s?[:.]\s?(?P<minute>[0-5]\d)\s?[:.]\s?(?P<second>[0-5]\d)(?!\d)"
    r"(?:[.,:]\d+)?\s?(?P<half>[AaPp]\.?[Mm])?"
)

_NAME_TIME = re.compile(
    r"(?<!\d)(?P<year>20\d\d)[-_.]?(?P<month>\d\d)[-_.]?(?P<day>\d\d)[-_T. ]"
    r"(?P<hour>\d\d)[-_.:h]?(?P<minute>\d\d)[-_.:m]?(?P<second>\d\d)s?(?P<fraction>[.,]\d+)?"
    r"(?:(?P<z>Z|z(?![A-Za-z])|[_ ]Z(?![A-Za-z\d]))"
    r"|[_. ]?(?P<offset>[-+−–](?:0\d|1[0-4]):?(?:00|15|30|45)|\+(?:0\d|1[0-4]))"
    r"|[-_. ]?[(\[]?(?P<utc>(?i:UTC|GMT))"
    r"(?:[ _]?(?P<sign>[-+−–])(?P<hours>\d\d?)(?:[:_.]?(?P<minutes>00|15|30|45))?(?![.,:]?\d|[A-Za-z])"
    r"|(?![A-Za-z\d]|[ _]?[-+−–]\d\d?(?!\d))))?(?!\d)"
)
"""As in 20260504_083000Z, 2026-05-04T08-30-00+0200, 20260504_083000_UTC+2; -0001 after a time is a number, no zone."""

_ZONE_NAME = re.compile(
    r"[-_. ]?[(\[]?(?P<zone>(?:CET|MEZ|EET|WET|BST|MSK|[HIJK]ST|HKT|PKT|SAST|[ECMP][SD]T|AWST|(?:AK|NZ|AC)[SD]T"
    r"|(?i:CEST|MESZ|EEST|AEST|AEDT|[ECMP]DT))(?![A-Za-z])|(?i:UTC|GMT)(?=[ _]?[-+−–]\d)[\w+−–:., -]*)"
)
"""Only whoever knows the zone can say whether it is called that; WEST is where a camera looks, too, and `est` a word.

What stands behind UTC and was not understood, as in UTC+5.5, is no zone's name.
"""

_GERMAN = {"MEZ": "CET", "MESZ": "CEST"}

_FRIGATE_PATH = re.compile(
    r"(?P<date>20\d\d-\d\d-\d\d)/(?P<hour>[01]\d|2[0-3])/[^/]+/(?P<minute>[0-5]\d)\.(?P<second>[0-5]\d)"
)
"""As in 2026-05-04/08/front_door/30.10.mp4: the recordings of Frigate, in folders of the date and hour of UTC."""

_SIGNS = str.maketrans("：／—–；，", ":/--:,")

_NONE: Mapping[Order, datetime] = MappingProxyType({})


def possible_times(text: str) -> Mapping[Order, datetime]:
    """Return the possible dates and times that a text holds, by order of day and month, without a zone.

    04/05/2026 may be in May or in April, 04.05.2026 is in May.
    """
    plain = text.translate(_SIGNS)
    for pattern in (_YEAR_FIRST, *_NAMED, _YEAR_LAST):
        date = pattern.search(plain)
        if date is not None:
            time = _time_of_day(f"{plain[: date.start()]} {plain[date.end() :]}")
            return _NONE if time is None else _together(_dates(date), time)
    return _NONE


def name_time(path: Path) -> str | None:
    """Return the time in a file's name as ISO 8601, with its zone if it has one; None if there is no time."""
    match = _NAME_TIME.search(path.stem)
    if match is None:
        return _frigate_time(path)
    year, month, day, hour, minute, second = match.groups()[:6]
    fraction = (match["fraction"] or "").replace(",", ".")
    return f"{year}-{month}-{day}T{hour}:{minute}:{second}{fraction}{_zone(match)}"


def _zone(match: re.Match[str]) -> str:
    """Return the zone that a name says, as ISO 8601; empty where it says none."""
    if match["sign"]:
        return f"{_sign(match['sign'])}{int(match['hours']):02}:{match['minutes'] or '00'}"
    return _sign(match["offset"] or "") or ("Z" if match["z"] or match["utc"] else "")


def _sign(offset: str) -> str:
    return offset.replace("−", "-").replace("–", "-")


def name_zone(path: Path) -> str | None:
    """Return the name of a zone that stands behind the time in a file's name, as CEST; None where none does."""
    match = _NAME_TIME.search(path.stem)
    named = None if match is None else _ZONE_NAME.match(path.stem, match.end())
    return None if named is None else _GERMAN.get(named["zone"].upper(), named["zone"].upper())


def name_before_time(path: Path) -> str:
    """Return the part of a file's name before its time, often the camera; empty if there is no time."""
    match = _NAME_TIME.search(path.stem)
    return path.stem[: match.start()].rstrip("-_. ") if match else ""


def _frigate_time(path: Path) -> str | None:
    """Return the time that the folders and the name of a recording of Frigate tell together."""
    match = _FRIGATE_PATH.fullmatch("/".join((*path.parts[-4:-1], path.stem)))
    return f"{match['date']}T{match['hour']}:{match['minute']}:{match['second']}Z" if match else None


def _time_of_day(text: str) -> tuple[int, int, int] | None:
    match = _TIME.search(text)
    if match is None:
        return None
    hour, half = int(match["hour"]), (match["half"] or "").lower()[:1]
    if half and not 1 <= hour <= 12:
        return None
    if half:
        hour = hour % 12 + 12 * (half == "p")
    return hour, int(match["minute"]), int(match["second"])


def _dates(match: re.Match[str]) -> dict[Order, tuple[int, int, int]]:
    """Return (year, month, day) for each possible order of day and month."""
    groups = match.groupdict()
    year = int(groups["y"])
    if groups.get("name"):
        return {"year first": (year, 1 + MONTHS.index(groups["name"].lower()), int(groups["d"]))}
    if "m" in groups:
        return {"year first": (year, int(groups["m"]), int(groups["d"]))}
    first, second = int(groups["a"]), int(groups["b"])
    if groups["sign"] == "." or first == second:
        return {"day first": (year, second, first)}
    return {"day first": (year, second, first), "month first": (year, first, second)}


def _together(dates: Mapping[Order, tuple[int, int, int]], time: tuple[int, int, int]) -> Mapping[Order, datetime]:
    """Return the dates that exist in the calendar, at that time of day."""
    found: dict[Order, datetime] = {}
    for order, date in dates.items():
        try:
            found[order] = datetime(*date, *time)
        except ValueError:
            continue
    return found
