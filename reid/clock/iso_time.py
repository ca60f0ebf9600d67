"""Read times written as ISO 8601 says, and refuse dates that Python reads as if they had an hour."""

import re
from datetime import date, datetime

from reid.clock.name_time import OFFSETS

_OFFSET = re.compile(r"(Z|[+-]\d\d(:?\d\d)?Z?)?")

_DAY = r"(\d{8}|\d{4}-\d\d-\d\d|\d{4}W\d{3}|\d{4}-W\d\d-\d)"

_RUN_TOGETHER = re.compile(rf"{_DAY}\d")
"""A day with a digit right behind it."""

_DASH = re.compile(rf"{_DAY}\D(\d\d-|\d\d:?\d\d-\d\dZ?$|[\d:.]+-\d\d:\d\d:)")
"""A dash behind the hour, or behind the minute with two digits: 08-10 is ten past eight to whoever writes it so.

What has seconds behind a dash is when a span ended.
"""


def iso_time(text: str) -> datetime:
    """Return the time of a text; ValueError also without a time of day, or a sign before it, and for a dash in it.

    Midnight was not meant, and of 20260504103000123 Python takes a digit for the sign: it reads three o'clock,
    and of 08-10 ten hours west of Greenwich.
    """
    if is_date(text):
        raise ValueError(f"{text!r} is a date without a time of day")
    if _RUN_TOGETHER.match(text):
        raise ValueError(f"{text!r} has no sign between the day and the time of day")
    if _DASH.match(text):
        raise ValueError(f"{text!r} has a dash where minutes or seconds may be meant, or an offset")
    time = datetime.fromisoformat(text)
    if time.tzinfo is not None and time.utcoffset() not in OFFSETS:
        raise ValueError(f"{text!r} has an offset that is none of any place, as where a span is written")
    return time


def is_date(text: str) -> bool:
    """Tell whether a text is a date alone, or with an offset: in 2026-05-04+02:00 Python reads two o'clock."""
    return any(_is_day(text[:end]) and _OFFSET.fullmatch(text[end:]) for end in (len(text), 10, 8))


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
