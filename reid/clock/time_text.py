"""Read dates and times of day from text burnt into pictures."""

import re
from collections.abc import Mapping
from datetime import datetime
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
    r"(?:[.,:]\d+)?(?P<half>\s?[AaPp]\.?\s?[Mm]\.?(?![A-Za-z])|[AaPp](?![A-Za-z]))?"
)

BEFORE_NOON, AFTER_NOON = "上午|凌晨|清晨|早上|早晨|午前|오전", "下午|晚上|傍晚|午后|午後|오후"
"""Halves of the day in Chinese, Japanese and Korean."""

UNSURE_AT_TWELVE = ("午前", "午后", "午後", "晚上", "傍晚")
"""Those that mean noon to some and midnight to others where they stand beside 12."""

_HALF = (
    r"(?:(?<![A-Za-z0-9])(?:(?P<am>a)|(?P<pm>p))\.?\s?m\.?(?![A-Za-z0-9])"
    rf"|(?P<before_noon>{BEFORE_NOON}|π\.?μ)|(?P<after_noon>{AFTER_NOON}|μ\.?μ))"
)
"""A half of the day, as a word of its own."""

_HALF_BEFORE = re.compile(rf"{_HALF}\W*$", re.IGNORECASE)

_HALF_BEHIND = re.compile(
    rf"^\W*(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\W+|(?:星期|周|週)\w\s?)?{_HALF}", re.IGNORECASE
)

_HALF_ANYWHERE = re.compile(rf"{_HALF}|^\s(?:(?P<a>A)|(?P<p>P))(?![A-Za-z0-9])", re.IGNORECASE)
"""A half that may as well be a word of a label: am is a word in German, and P a car park."""

_SIGNS = str.maketrans("：／—–；，", ":/--:,")

_NONE: Mapping[Order, datetime] = MappingProxyType({})


def around_time(text: str) -> tuple[str, str]:
    """Return what stands before the time of day in a text, and behind it, without the date: zones are written there."""
    plain = text.translate(_SIGNS)
    for pattern in (_YEAR_FIRST, *_NAMED, _YEAR_LAST):
        plain = pattern.sub(" ", plain)
    time = _TIME.search(plain)
    return ("", "") if time is None else (plain[: time.start()], plain[time.end() :])


def possible_times(text: str) -> Mapping[Order, datetime]:
    """Return the possible dates and times that a text holds, by order of day and month, without a zone.

    04/05/2026 may be in May or in April, 04.05.2026 is in May. Where AM or PM does not stand beside the time and would
    change it, there is none.
    """
    plain = text.translate(_SIGNS)
    for pattern in (_YEAR_FIRST, *_NAMED, _YEAR_LAST):
        date = pattern.search(plain)
        if date is not None:
            time = _time_of_day(f"{plain[: date.start()]} {plain[date.end() :]}")
            return _NONE if time is None else _together(_dates(date), time)
    return _NONE


def _time_of_day(text: str) -> tuple[int, int, int] | None:
    match = _TIME.search(text)
    if match is None:
        return None
    hour, half = int(match["hour"]), (match["half"] or "").strip().lower()[:1]
    if half and not 1 <= hour <= 12:
        return None
    before, behind = text[: match.start()], text[match.end() :]
    if not half and 1 <= hour <= 12:
        near = _HALF_BEFORE.search(before) or _HALF_BEHIND.search(behind)
        if near is not None and hour == 12 and any(word in near[0] for word in UNSURE_AT_TWELVE):
            return None
        half = "" if near is None else _half(near)
        elsewhere = {_half(found) for part in (before, behind) for found in _HALF_ANYWHERE.finditer(part)}
        if not half and any(_hour(hour, one) != hour for one in elsewhere):
            return None
    return _hour(hour, half), int(match["minute"]), int(match["second"])


def _half(found: re.Match[str]) -> str:
    return "a" if any(found.groupdict().get(name) for name in ("am", "before_noon", "a")) else "p"


def _hour(hour: int, half: str) -> int:
    return hour % 12 + 12 * (half == "p") if half else hour


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
