"""Read times as other systems and file names write them, and never guess their zone."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from index.dates import YEARS, utc_time
from index.errors import ArchiveError
from index.ingest.half_words import has_written_half, is_unsure_at_twelve, with_latin_half
from index.ingest.time_digits import has_all_digits
from reid.clock.iso_time import is_date, iso_time
from reid.clock.name_time import GERMAN, OFFSETS, NameTime

Half = Literal["AM", "PM"]

SECONDS_DIGITS, MILLIS_DIGITS = 10, 13
"""The number of digits of a time written as seconds, or as milliseconds, since 1970."""

LATE_SECONDS = 2_000_000_000
"""From here on, in 2033, seconds since 1970 look like dates of this century, 2026050408 or 2605040830."""

EARLY_SECONDS = 1_000_000_000
"""Below this, before September 2001, they have fewer digits, and ten begin with 0, as dates do: 0405202608."""

DATES = ("%Y%m%d%H", "%y%m%d%H%M", "%d%m%Y%H", "%d%m%y%H%M", "%m%d%Y%H", "%m%d%y%H%M")
"""How ten digits can be a date and hour, or one to the minute."""

HOURS = ("%H", "%I", "%c", "%X")
"""What asks for the hour in a layout."""

OF_WINTER = {
    "WET": "Europe/Lisbon",
    "CET": "Europe/Vienna",
    "MET": "Europe/Vienna",
    "EET": "Europe/Athens",
    "EST": "America/New_York",
    "MST": "America/Denver",
}
"""Names of winter time that are zones, too, and a place of each: in its summer they may mean either."""

MONTHS, WEEKS, WEEKDAYS = ("%m", "%b", "%B"), ("%V", "%W", "%U"), ("%u", "%w", "%a", "%A")
WHOLE_DAYS = ("%c", "%x", "%j")
"""What asks for a day of the year by itself, or for a part of it."""

_SAID = re.compile(
    r"(?:utc|gmt)\s*(?:(?P<sign>[-+−–])\s*(?P<hours>\d\d?):?(?P<minutes>\d\d)?)?|(?P<bare>[-+]\d\d:?\d\d)$|(?<![A-Za-z])Z$",
    re.IGNORECASE,
)
"""What says an offset in the name of a column, or in what a layout writes out: UTC, GMT+2, +02:00, Z."""

_ZONE_NAME = re.compile(
    r"(?<![A-Za-z])(?:A[CEK][DS]T|AWST|BST|CES?T|[CEMP][DS]T|EES?T|HKT|HST|IST|JST|KST|MESZ|MEZ|MSK|NZ[DS]T|SAST|WES?T)"
    r"(?![A-Za-z])"
)
"""Names of zones there, which clocks of their places show for a part of the year."""

_SPAN = re.compile(r".*[T ]\d\d:?\d\d-\d\d:?\d\d")
"""From one minute to another, or a minute and an offset."""


class UnreadableTimeError(ArchiveError):
    """A time that cannot be read."""


@dataclass(frozen=True, slots=True)
class TimeReader:
    """Reads times written in a strptime `layout` (None: ISO 8601); `zone` is that of times that name none.

    What the name of their `column`, or the layout, says of an offset must be that of the zone. A `half` of the day is
    one that stands elsewhere than in the text.
    """

    zone: tzinfo | None = None
    layout: str | None = None
    column: str | None = None
    half: Half | None = None

    def read(self, text: str) -> datetime:
        """Return the time in UTC."""
        if self._is_count(text):
            _check_seconds(text)
            seconds = int(text) if len(text) == SECONDS_DIGITS else int(text) / 1000
            return utc_time(datetime.fromtimestamp(seconds, UTC), repr(text))
        time = self._parsed(text)
        if self.half is not None:
            time = _in_half(time, self.half, text)
        if time.tzinfo is None:
            time = self._in_zone(time, text)
        elif self.zone is not None and self.layout is None and _SPAN.fullmatch(text):
            self._check_span(time, text)
        return utc_time(time, repr(text))

    def hour(self, text: str) -> int | None:
        """Return the hour as it is written, before or after noon; None where it cannot be read, or says its half."""
        if self._is_count(text) or (self.layout and "%p" in self.layout):
            return None
        try:
            return replace(self, half="AM")._parsed(text).hour
        except UnreadableTimeError:
            return None

    def read_name(self, named: NameTime) -> datetime:
        """Return the time that a file's name says, in UTC; refuse the name of a zone that `zone` does not bear then."""
        check_one_time(named)
        time = self.read(named.written)
        if named.zone_name is None:
            return time
        if named.zone_name in ("AM", "PM"):
            raise UnreadableTimeError(
                f"{named.zone_name} behind its time may be another word: write the hour from 0 to 23"
            )
        there = None if self.zone is None else time.astimezone(self.zone)
        called = there is not None and (named.zone_name == there.tzname() or _is_key(named.zone_name, self.zone))
        if there is None or not called or there.replace(tzinfo=None) != _local(named):
            also = f"{named.zone} and " if named.zone else ""
            raise UnreadableTimeError(
                f"its name says {also}{named.zone_name}, and {self.zone or 'no zone'} is not called that then: "
                "give --zone by name, as Europe/Vienna"
            )
        return time

    def _is_count(self, text: str) -> bool:
        return self.layout is None and text.isdecimal() and len(text) in (SECONDS_DIGITS, MILLIS_DIGITS)

    def _parsed(self, text: str) -> datetime:
        if self.layout:
            self._check_layout(self.layout.replace("%%", ""))
        elif is_date(text):
            raise UnreadableTimeError(f"{text!r} is a date without a time of day, which would be taken for midnight")
        latin = with_latin_half(text) if self.layout and "%p" in self.layout else text
        try:
            time = datetime.strptime(latin, self.layout) if self.layout else iso_time(text)
        except (ValueError, re.error):
            how = f"like {self.layout}" if self.layout else "as in 2026-05-04T08:30:00+02:00; else give --time-format"
            raise UnreadableTimeError(f"{text!r} is not a time written {how}") from None
        if time.hour in (0, 12) and latin != text and is_unsure_at_twelve(text):
            raise UnreadableTimeError(f"{text!r} is noon to some and midnight to others: write hours up to 24")
        if self.layout and not has_all_digits(latin, self.layout):
            raise UnreadableTimeError(
                f"{text!r} has fewer digits than {self.layout!r} asks for, as where a spreadsheet dropped zeros: "
                "write them, as in 003000"
            )
        if self.layout and "%p" in self.layout and "%H" in self.layout:
            _check_half(latin, self.layout, time)
        return time

    def _check_layout(self, signs: str) -> None:
        """Refuse a layout by which times would be taken for others."""
        if "%Z" in signs:
            # Python reads the name and passes it over: a time in UTC would be taken for one in `zone`.
            raise UnreadableTimeError(
                f"{self.layout!r} asks for the name of a zone, of which many mean several: "
                "write that name into it as it is, and say the zone by --zone, or write %z for an offset"
            )
        if not any(sign in signs for sign in HOURS):
            raise UnreadableTimeError(f"{self.layout!r} asks for no hour, so that midnight would be taken: write %H")
        if not _asks_for_day(signs):
            raise UnreadableTimeError(
                f"{self.layout!r} asks for no day of the year, so that the first would be taken: write %m and %d"
            )
        if has_written_half(signs):
            raise UnreadableTimeError(
                f"{self.layout!r} has AM or PM as it stands, which tells no hour: write %I and %p"
            )
        if "%I" in signs and "%p" not in signs and self.half is None:
            raise UnreadableTimeError(f"{self.layout!r} asks for an hour up to 12: write %p for AM and PM, or %H")

    def _in_zone(self, time: datetime, text: str) -> datetime:
        if self.zone is None:
            raise UnreadableTimeError(f"{text!r} has no zone: give --zone, as +02:00 or Europe/Vienna (Z for UTC)")
        first, second = time.replace(tzinfo=self.zone, fold=0), time.replace(tzinfo=self.zone, fold=1)
        if first.utcoffset() != second.utcoffset():
            raise UnreadableTimeError(f"{text!r} is in the hour when clocks change in {self.zone}: write its offset")
        place = OF_WINTER.get(str(self.zone))
        if place is not None and time.replace(tzinfo=ZoneInfo(place)).dst():
            raise UnreadableTimeError(
                f"{text!r} is of summer, when {self.zone} may not be what clocks show: give an offset, or a place "
                f"as {place}"
            )
        for said in (self.column, self.layout):
            offset = None if said is None else _said_offset(said)
            if offset is not None and first.utcoffset() != offset:
                raise UnreadableTimeError(
                    f"{text!r} is in the zone that {said!r} says, not in {self.zone}: give the --zone that is meant"
                )
            name = None if said is None or not isinstance(self.zone, ZoneInfo) else _said_name(said)
            if name is not None and name != first.tzname():
                raise UnreadableTimeError(
                    f"{text!r} is in the zone that {said!r} says, and {self.zone} is not called {name} then: "
                    "give an offset as --zone"
                )
        return first

    def _check_span(self, time: datetime, text: str) -> None:
        if time.utcoffset() != time.replace(tzinfo=self.zone).utcoffset():
            raise UnreadableTimeError(
                f"{text!r} may end with an offset, which is not that of {self.zone}, or with when something ended: "
                "write seconds, too"
            )


def check_one_time(named: NameTime) -> None:
    """Refuse a name with another time that is not when the footage ended: nobody knows which is its start."""
    if named.other is not None:
        raise UnreadableTimeError(
            f"its name says {named.local} and {named.other}: write only the time when it began into it"
        )


def hour_in_half(hour: int, half: Half) -> int:
    """Return the hour from 0 to 23; one above 12 is one already."""
    return hour if hour > 12 and half == "PM" else hour % 12 + 12 * (half == "PM")


def _in_half(time: datetime, half: Half, text: str) -> datetime:
    hour = hour_in_half(time.hour, half)
    if hour != time.hour and time.tzinfo is not None:
        raise UnreadableTimeError(
            f"{text!r} has an offset, as hours up to 24 do, and {half} beside it: which is right?"
        )
    return time.replace(hour=hour)


def _check_half(text: str, layout: str, time: datetime) -> None:
    """Refuse a half of the day that changes the hour: Python passes %p over beside %H."""
    try:
        of_twelve = datetime.strptime(text, layout.replace("%H", "%I"))
    except ValueError:
        return
    if of_twelve != time:
        raise UnreadableTimeError(f"{text!r} has an hour up to 12, and {layout!r} asks for one up to 24: write %I")


def _asks_for_day(signs: str) -> bool:
    whole, month, week, weekday = (
        any(sign in signs for sign in kind) for kind in (WHOLE_DAYS, MONTHS, WEEKS, WEEKDAYS)
    )
    return whole or (month and "%d" in signs) or (week and weekday)


def _check_seconds(text: str) -> None:
    """Refuse seconds since 1970 of 2033 or later, or of 2001 or earlier, that can be a date: such are usual."""
    layouts = " or ".join(layout for layout in DATES if _is_written(text, layout))
    if layouts and len(text) == SECONDS_DIGITS and not EARLY_SECONDS <= int(text) < LATE_SECONDS:
        raise UnreadableTimeError(
            f"{text!r} can be seconds since 1970, of {datetime.fromtimestamp(int(text), UTC):%Y}, or a date: "
            f"give --time-format {layouts}, or write milliseconds"
        )


def _is_written(text: str, layout: str) -> bool:
    try:
        return datetime.strptime(text, layout).year in YEARS
    except ValueError:
        return False


def _is_key(name: str, zone: tzinfo | None) -> bool:
    """Tell whether a name is that of a zone as --zone takes it, which no file can be called: AMERICA-NEW_YORK."""
    return re.split(r"[-_/ ]+", name) == re.split(r"[-_/ ]+", str(zone).upper())


def _local(named: NameTime) -> datetime:
    return datetime.fromisoformat(named.local)


def _said_offset(text: str) -> timedelta | None:
    """Return the offset that the name of a column, or a layout, says; None where it says none."""
    match = _SAID.search(re.sub("%.", " ", text.replace("_", " ")))
    if match is None:
        return None
    sign, hours, minutes = match["sign"] or "+", int(match["hours"] or 0), int(match["minutes"] or 0)
    if match["bare"]:
        sign, hours, minutes = match["bare"][0], int(match["bare"][1:3]), int(match["bare"][-2:])
    offset = timedelta(hours=hours, minutes=minutes)
    return offset if sign == "+" else -offset


def _said_name(text: str) -> str | None:
    """Return the name of a zone that the name of a column, or a layout, says in capitals."""
    match = _ZONE_NAME.search(re.sub("%.", " ", text.replace("_", " ")))
    return None if match is None else GERMAN.get(match[0], match[0])


def read_zone(text: str) -> tzinfo:
    """Return the zone of "+02:00", "Z" or "Europe/Vienna"."""
    if text == "Z":
        return UTC
    sign, digits = text[:1], text[1:].replace(":", "")
    if sign in ("+", "-") and digits.isdecimal() and len(digits) == 4:
        offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:])) * (1 if sign == "+" else -1)
        if offset in OFFSETS:
            return timezone(offset)
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ArchiveError(f"{text!r} is not a zone: write it as +02:00, Z or Europe/Vienna") from None
