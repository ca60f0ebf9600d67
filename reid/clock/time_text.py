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

_GLUED = re.compile(r"^(?:(?P<am>[Aa][Mm])|(?P<pm>[Pp][Mm]|\sPM))[A-Za-z]")
"""A half of the day with a word right behind it, as where a blank was not read."""

_APART = re.compile(r"\d|[A-Za-z]{4}")
"""More than a weekday, or a half of the day."""

_NOUN = re.compile(r"^\s?(?!Mon|Tue|Wed|Thu|Fri|Sat|Sun)[A-ZÄÖÜ][a-zäöüß]")
"""Behind am, which is German for "at the", as in am Tor."""

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
    time = next(iter(_times(plain)), None)
    return ("", "") if time is None else (plain[: time.start()], plain[time.end() :])


def is_half(text: str) -> bool:
    """Tell whether a text is nothing but a half of the day."""
    return re.fullmatch(rf"\W*{_HALF}\W*", text, re.IGNORECASE) is not None


def has_date(text: str) -> bool:
    """Tell whether a text holds a date with its year."""
    plain = text.translate(_SIGNS)
    return any(pattern.search(plain) for pattern in (_YEAR_FIRST, *_NAMED, _YEAR_LAST))


def has_word(text: str) -> bool:
    """Tell whether letters stand beside a time of day, apart from a half of the day or a weekday."""
    rest = _TIME.sub(" ", text)
    return (
        re.search("[A-Za-z]", re.sub(rf"{_HALF}|\b(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*", " ", rest, flags=re.I))
        is not None
    )


def possible_times(text: str) -> Mapping[Order, datetime]:
    """Return the possible dates and times that a text holds, by order of day and month, without a zone.

    04/05/2026 may be in May or in April, 04.05.2026 is in May. Where AM or PM does not stand beside the time and would
    change it, there is none.
    """
    plain = text.translate(_SIGNS)
    for pattern in (_YEAR_FIRST, *_NAMED, _YEAR_LAST):
        date = pattern.search(plain)
        if date is not None:
            time = _time_of_day(f"{plain[: date.start()]}\n{plain[date.end() :]}")
            return _NONE if time is None else _together(_dates(date), time)
    return _NONE


def _time_of_day(text: str) -> tuple[int, int, int] | None:
    """Return the time of day in a text whose date was where a line ends; None where it has none, or may have two."""
    found = _times(text)
    # Recorders count their minutes, too: the clock is what stands beside the date.
    found = [match for match in found if not _APART.search(_from_date(text, match))] if len(found) > 1 else found
    if len({(match["hour"], match["minute"], match["second"]) for match in found}) != 1:
        return None
    match = found[0]
    hour, half = int(match["hour"]), (match["half"] or "").strip().lower()[:1]
    if half and not 1 <= hour <= 12:
        return None
    before, behind = text[: match.start()], text[match.end() :]
    if hour == 12 and (match["half"] or "").strip() == "am" and _NOUN.match(behind):
        return None
    if not half and 1 <= hour <= 12:
        near = _HALF_BEFORE.search(before) or _HALF_BEHIND.search(behind)
        if near is not None and hour == 12 and any(word in near[0] for word in UNSURE_AT_TWELVE):
            return None
        half = "" if near is None else _half(near)
        elsewhere = {_half(word) for part in (before, behind) for word in _HALF_ANYWHERE.finditer(part)}
        elsewhere |= {_half(glued)} if (glued := _GLUED.match(behind)) else set()
        if not half and any(_hour(hour, one) != hour for one in elsewhere):
            return None
    return _hour(hour, half), int(match["minute"]), int(match["second"])


def _times(text: str) -> list[re.Match[str]]:
    """Return the times of day in a text; without colons only the first, as addresses and versions have dots, too."""
    found = list(_TIME.finditer(text))
    return [match for match in found if ":" in match[0]] or found[:1]


def _from_date(text: str, time: re.Match[str]) -> str:
    """Return what stands between a time and where the date was."""
    date = text.find("\n")
    return text[time.end() : date] if time.end() <= date else text[date + 1 : time.start()]


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
