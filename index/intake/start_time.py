"""Find out when footage starts, from the name of its file or from what its recorder wrote into it."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from index.errors import ArchiveError
from reid.timeline import Timeline

_NAME = re.compile(
    r"(?<!\d)(?P<year>20\d\d)[-_.]?(?P<month>\d\d)[-_.]?(?P<day>\d\d)[-_T. ]"
    r"(?P<hour>\d\d)[-_.:h]?(?P<minute>\d\d)[-_.:m]?(?P<second>\d\d)s?(?:[.,]\d+)?"
    r"(?P<zone>Z|[+-]\d\d:?\d\d)?(?!\d)"
)
"""As in 20260504_083000Z, 2026-05-04T08-30-00+0200."""


@dataclass(frozen=True, slots=True)
class FoundStart:
    """When footage starts, and where that stands."""

    time: datetime
    source: str


def find_start(path: Path, timeline: Timeline) -> FoundStart:
    """Return the start by the file's name, else by its container; refuse to guess a zone."""
    match = _NAME.search(path.stem)
    if match and match["zone"]:
        return FoundStart(_time(match, path), "the file's name")
    if timeline.created is not None:
        return FoundStart(timeline.created, "the recorder's creation time")
    if match:
        local = _time(match, path).replace(tzinfo=None).isoformat()
        raise ArchiveError(
            f"{path}: its name says {local} but no zone: give it by --start {local}+02:00 (or Z for UTC)"
        )
    raise ArchiveError(
        f"{path} does not say when it starts, neither by its name (20260504_083000Z) nor inside: give --start TIME"
    )


def _time(match: re.Match[str], path: Path) -> datetime:
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=_zone(match["zone"])).astimezone(UTC)
    except ValueError:
        raise ArchiveError(f"{path}: {match[0]!r} in its name is not a time: give --start TIME") from None


def _zone(text: str | None) -> timezone:
    if text is None or text == "Z":
        return UTC
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[-2:])))
