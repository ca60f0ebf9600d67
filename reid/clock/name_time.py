"""Read the time that a file's name says, and the zone that stands behind it."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from unicodedata import normalize

from reid.clock.time_text import AFTER_NOON, BEFORE_NOON, UNSURE_AT_TWELVE

_WORD = f"{BEFORE_NOON}|{AFTER_NOON}"

_TIME = re.compile(
    r"(?<!\d)(?P<year>20\d\d)[-_.]?(?P<month>\d\d)[-_.]?(?P<day>\d\d)"
    rf"(?:[-_T. ](?P<hour>\d\d)|[-_. ]?(?P<word>{_WORD})[-_. ]?(?P<of_twelve>\d\d?))"
    r"[-_.:h]?(?P<minute>\d\d)[-_.:m]?(?P<second>\d\d)s?(?P<fraction>[.,]\d+)?(?!\d)"
)

_RUN_TOGETHER = re.compile(
    r"(?<!\d)(20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))((?:[01]\d|2[0-3])[0-5]\d[0-5]\d)(\d{3})?(?!\d)"
)
"""As in ch01_20260504083000, with milliseconds or without, which most recorders write."""

_UTC = re.compile(r"Z(?![A-Za-z])|[-_. ]?[(\[]?(?i:Z|UTC|GMT)(?![A-Za-z\d]|[_ ]?[+–]|[_ ]?-\d\d?(?!\d))")

_HALF = re.compile(
    r"(?P<between>(?:[-_ +–]{1,2}\d+)*[-_., ]*[(\[]?)(?P<half>[AaPp])(?:\.? ?|_)(?P<m>[Mm])\.?(?![A-Za-z\d])"
)
"""Which half of the day: 10-00-00 PM is 22:00, and so is 10.00.00 p. m., as Spanish has it."""

_NOUN = re.compile(r"am[-_ ](?!CES?T|MES?Z)[A-ZÄÖÜ]")
"""As in am Tor: German for "at the"."""

_WORD_BEHIND = re.compile(rf"[-_., (\[（]*(?P<word>{_WORD})")

_WORD_ANYWHERE = re.compile(_WORD)

_PM_ANYWHERE = re.compile(r"(?<![A-Za-z])[Pp]\.?[Mm]\.?(?![A-Za-z\d]|[-_. ]\d)")

_AM_AT_END = re.compile(r"(?<![A-Za-z\d])[Aa]\.?[Mm]\.?\W*$")
"""AM elsewhere is oftener German for "at the"."""

_OFFSET = re.compile(
    r"[-_. ]?[(\[]?(?P<utc>(?i:UTC|GMT))?[_ ]?"
    r"(?P<sign>[-+–])(?P<hours>\d\d?)(?:[:._]?(?P<minutes>\d\d)|-(?P<apart>30|45))?(?![.,:]?\d|[A-Za-z])"
)
"""As in +0200, -04:30, UTC+2, (GMT +05_30), UTC+05-30."""

_WHOLE_HOURS, _HALF_HOURS, _QUARTERS = range(-12, 15), (-9, -4, -3, 3, 4, 5, 6, 9, 10), (5, 8, 12, 13)
"""The distances from UTC that exist: -0001 after a time is a number, and so is -0815, when a recording ended."""

OFFSETS = tuple(
    timedelta(hours=hours, minutes=minutes if hours > 0 else -minutes)
    for minutes, there in ((0, _WHOLE_HOURS), (30, _HALF_HOURS), (45, _QUARTERS))
    for hours in there
)

_NO_ZONES = (
    "BELT|BOAT|BURST|CHAT|COAST|CUT|DEPT|DOT|EAST|EDIT|ENT|EVT|EXIT|EXT|FAST|FIRST|FLAT|FORST|FORT|GUEST|HOST|HUT|INT|JCT"
    "|LAST|LEFT|LIFT|LIST|LOFT|LOT|MAST|MIST|MKT|NET|NEXT|OCT|OST|OUT|PART|PIT|PLOT|PORT|POST|RAST|REST|SALT|SAT"
    "|SEAT|SEPT|SET|SHOT|SLOT|SPOT|STADT|STAT|TENT|TEST|TEXT|TRUST|UNIT|WEST"
)
"""Words in capitals that look like the name of a zone, also days and months; WEST is oftener where a camera looks."""

_IN_ANY_LETTERS = (
    "ACDT|ACST|AEDT|AEST|AKDT|AKST|AWST|BRT|BST|CDT|CEST|CET|CST|EDT|EEST|EET|HKT|HST|ICT|JST|KST|MDT|MESZ|MEZ|MSK|MST"
    "|NZDT|NZST|PDT|PKT|PST|SAST|SGT|WIB|WITA"
)
"""Names of zones that are no words in small letters, as est, ist and cat are."""

_CAPITALS = re.compile(rf"[-_. ](?!(?:{_IN_ANY_LETTERS})(?![A-Z]))[A-ZÄÖÜ]{{4}}")
"""The beginning of a word in capitals that is no zone: before such a word, AM may be one, too."""

_PLACES = r"(?:Africa|America|Asia|Australia|Europe)[-_ ]+[A-Z][A-Za-z_-]+|US[-_ ](?:Eastern|Central|Mountain|Pacific)"
"""The name of a zone as --zone takes it, as in America-New_York."""

_SUSPECT = re.compile(
    r"(?<![A-Za-z])(?P<name>(?i:UTC|GMT|ZULU)[\w+–:.,() -]*|(?i:U\.T\.|G\.M\.T\.|TZ[-_=: ]?[+–-]?\d)[\w+–:.-]*"
    rf"|{_PLACES}|(?i:eastern|central|mountain|pacific)[-_ ]*(?i:time|standard|daylight)"
    rf"|(?:UT1?|[ECMP]T)(?![A-Za-z\d])"
    rf"|(?:(?!(?:{_NO_ZONES})(?![A-Za-z]))(?:[A-Z]{{2,3}}T|[A-Z]{{3}}[DS]T)|(?i:{_IN_ANY_LETTERS}))(?![A-Za-z]))"
    r"|(?<=\d)(?P<end>Z)(?![A-Za-z\d])|(?<=[_ ])(?P<offset>[-+–]\d\d:?(?:00|30|45)(?!\d))"
    r"|^[-_. ]?[(\[]?(?P<sign>(?:[+–]|(?i:plus|minus)[-_. ]?)\d[\d:.,_]*)|[(\[](?P<signed>[-+–]\d[\d:.,_]*)"
)
"""Whatever may be a zone, and was not read as one: only whoever knows the zone can say whether it is called that."""

_BEFORE_CLOCK = re.compile(
    rf"(?<![A-Za-z])(?:(?:{_IN_ANY_LETTERS}|EST|IST|NST|WAT|CAT|EAT|ZULU)(?![A-Za-z\d])|Zulu)|(?<!\S)[-+–]\d\d:\d\d(?!\S)"
)

_UTC_BEFORE = re.compile(r"(?<![A-Za-z])(?i:UTC|GMT)(?![A-Za-z])|(?<=[a-z])(?:UTC|GMT)(?![A-Za-z])")

_SIGNS = str.maketrans("‐‑－﹣−‒—―＋\u00a0\u2007\u2009\u202f\u3000", "----––––+     ")
"""Other signs for minus and plus, and other blanks: programs of today write a narrow one before PM."""

GERMAN = {"MEZ": "CET", "MESZ": "CEST"}

_FRIGATE_PATH = re.compile(
    r"(?P<date>20\d\d-\d\d-\d\d)/(?P<hour>[01]\d|2[0-3])/[^/]+/(?P<minute>[0-5]\d)\.(?P<second>[0-5]\d)"
)
"""As in 2026-05-04/08/front_door/30.10.mp4: the recordings of Frigate, in folders of the date and hour of UTC."""


_LONGEST, _AT_ONCE = timedelta(days=1), timedelta(minutes=1)
"""No recorder writes more into a file: a name with a later end has two times of which one is a number, or of a copy.

A picture may be written a moment after it was taken, and have both times in its name.
"""


@dataclass(frozen=True, slots=True)
class NameTime:
    """The time in a file's name as ISO 8601, and the name of a zone in it, as CEST, which only its zone can confirm.

    `other` is a second time of which nobody can say that it is when the footage ended.
    """

    local: str
    zone: str = ""
    zone_name: str | None = None
    other: str | None = None

    @property
    def written(self) -> str:
        """Return the time with its zone, if it has one that is sure."""
        return self.local + self.zone


def name_time(path: Path) -> NameTime | None:
    """Return the time in a file's name; None if there is none."""
    name = _plain(path)
    match = _TIME.search(name)
    if match is None:
        return _frigate_time(path)
    year, month, day, hour, word, of_twelve, minute, second, fraction = match.groups()
    before, behind = name[: match.start()], name[match.end() :]
    if word is None and (found := _WORD_BEHIND.match(behind)):
        word, behind = found["word"], behind[found.end() :]
    if word:
        hour, doubt = _hour_by_word(hour or of_twelve, word)
    else:
        hour, behind, doubt = _whole_day(hour, behind)
        doubt = doubt or _half_elsewhere(hour, before, behind)
    local = f"{year}-{month}-{day}T{hour}:{minute}:{second}{(fraction or '').replace(',', '.')}"
    zone, rest = _zone(behind)
    zone_name = doubt or _zone_name(rest) or (None if zone else _utc_before(before))
    return NameTime(local, zone, zone_name, _other_time(path, match))


def name_before_time(path: Path) -> str:
    """Return the part of a file's name before its time, often the camera; empty if there is no time."""
    name = _RUN_TOGETHER.sub(_with_signs, path.stem)
    match = _TIME.search(name)
    return name[: match.start()].rstrip("-_. ") if match else ""


def zone_before_clock(text: str) -> str:
    """Return the zone that stands before the time of a clock in a picture, empty where none surely does."""
    match = _BEFORE_CLOCK.search(text.translate(_SIGNS))
    return match[0] if match else ""


def _plain(path: Path) -> str:
    """Return a file's name with plain signs; a Mac writes the letters of Korean in pieces."""
    return _RUN_TOGETHER.sub(_with_signs, normalize("NFC", path.stem).translate(_SIGNS))


def _other_time(path: Path, first: re.Match[str]) -> str | None:
    """Return a later time in a name that is no end of the first: earlier, or long after a number without signs."""
    digits = re.sub(r"\D", "", first[0])[:14]
    began = _digits_time(digits)
    for match in _TIME.finditer(first.string, first.end()):
        ended = _digits_time(re.sub(r"\D", "", match[0])[:14])
        if began is None or ended is None or match["word"] or _HALF.match(first.string, match.end()):
            continue
        if began - ended > _AT_ONCE or (digits in path.stem and ended - began > _LONGEST):
            return ended.isoformat()
    return None


def _digits_time(digits: str) -> datetime | None:
    try:
        return datetime.strptime(digits, "%Y%m%d%H%M%S")
    except ValueError:
        return None


def _with_signs(match: re.Match[str]) -> str:
    date, time, millis = match.groups()
    return f"{date}_{time}" + (f".{millis}" if millis else "")


def _hour_by_word(hour: str, word: str) -> tuple[str, str | None]:
    """Return the hour from 0 to 23 by a word beside it, and the half of the day where that is not sure."""
    number, half = int(hour), "AM" if re.fullmatch(BEFORE_NOON, word) else "PM"
    if number > 12:
        return f"{number:02}", "AM" if half == "AM" else None
    unsure = number == 12 and word in UNSURE_AT_TWELVE
    return f"{number % 12 + 12 * (half == 'PM'):02}", half if unsure else None


def _half_elsewhere(hour: str, before: str, behind: str) -> str | None:
    """Return the half of the day that stands elsewhere in a name, where it would change the hour."""
    number = int(hour)
    words = {_hour_by_word(hour, word) for part in (before, behind) for word in _WORD_ANYWHERE.findall(part)}
    if any(told != hour or doubt for told, doubt in words):
        return "AM" if number >= 12 else "PM"
    if 1 <= number < 12 and _PM_ANYWHERE.search(behind):
        return "PM"
    return "AM" if number == 12 and _AM_AT_END.search(behind) else None


def _whole_day(hour: str, behind: str) -> tuple[str, str, str | None]:
    """Return the hour from 0 to 23, what stands behind AM or PM, and that half where it may be another word."""
    match = _HALF.match(behind)
    if match is None:
        return hour, behind, None
    number, half = int(hour), match["half"].upper() + "M"
    said = number % 12 + 12 * (half == "PM")
    if said == number or (half == "PM" and number > 12):
        # A number between may be an offset, as in -0400 AM.
        return hour, behind if any(map(str.isdigit, match["between"])) else behind[match.end() :], None
    # "am" is German for "at the", as in AM_BAHNHOF, and a clock of 24 hours has no AM after noon.
    is_german = half == "AM" and _CAPITALS.match(behind, match.end())
    joins = () if match["m"] == "m" or is_german else ("-", "_", ".")
    is_word = match["between"] not in ("", " ", *joins) or (number == 12 and _NOUN.match(behind, match.start("half")))
    if is_word or not 1 <= number <= 12:
        return hour, behind, half
    return f"{said:02}", behind[match.end() :], None


def _zone(behind: str) -> tuple[str, str]:
    """Return the zone at the beginning of what stands behind a time, empty where it is not sure, and the rest."""
    offset = _OFFSET.match(behind)
    if offset and (iso := _iso_offset(offset)):
        return iso, behind[offset.end() :]
    utc = _UTC.match(behind)
    return ("Z", behind[utc.end() :]) if utc else ("", behind)


def _iso_offset(match: re.Match[str]) -> str | None:
    """Return an offset as +02:00; None for a number that is none."""
    digits, minutes = match["hours"], match["minutes"] or match["apart"] or "00"
    sign = "+" if match["sign"] == "+" else "-"
    hours = int(sign + digits)
    there = {"00": _WHOLE_HOURS, "30": _HALF_HOURS, "45": _QUARTERS}.get(minutes, ())
    in_full = match["utc"] or (len(digits) == 2 and (match["minutes"] or match["sign"] == "+"))
    return f"{sign}{int(digits):02}:{minutes}" if hours in there and in_full else None


def _zone_name(text: str) -> str | None:
    """Return what may be a zone."""
    match = _SUSPECT.search(text)
    if match is None:
        return None
    found = next(part for part in match.groups() if part).strip("_. -").upper()
    return GERMAN.get(found, found)


def _utc_before(text: str) -> str | None:
    """Return UTC or GMT where a name has it before its time."""
    match = _UTC_BEFORE.search(text)
    return match[0].upper() if match else None


def _frigate_time(path: Path) -> NameTime | None:
    """Return the time that the folders and the name of a recording of Frigate tell together."""
    match = _FRIGATE_PATH.fullmatch("/".join((*path.parts[-4:-1], path.stem)))
    return NameTime(f"{match['date']}T{match['hour']}:{match['minute']}:{match['second']}", "Z") if match else None
