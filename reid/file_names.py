"""Read what the names of recordings say: when they begin, and what stands before that."""

import re
from pathlib import Path

_TIME = re.compile(
    r"(?<!\d)(?P<year>20\d\d)[-_.]?(?P<month>\d\d)[-_.]?(?P<day>\d\d)[-_T. ]"
    r"(?P<hour>\d\d)[-_.:h]?(?P<minute>\d\d)[-_.:m]?(?P<second>\d\d)s?(?P<fraction>[.,]\d+)?"
    r"(?P<zone>Z|[+-]\d\d:?\d\d)?(?!\d)"
)
"""As in 20260504_083000Z, 2026-05-04T08-30-00+0200."""


def name_time(path: Path) -> str | None:
    """Return the time that a file's name says, as ISO 8601 with whatever zone it names; None where it says none."""
    match = _TIME.search(path.stem)
    if match is None:
        return None
    year, month, day, hour, minute, second = match.groups()[:6]
    fraction = (match["fraction"] or "").replace(",", ".")
    return f"{year}-{month}-{day}T{hour}:{minute}:{second}{fraction}{match['zone'] or ''}"


def name_before_time(path: Path) -> str:
    """Return what stands in a file's name before its time: often the camera; nothing where there is no time."""
    match = _TIME.search(path.stem)
    return path.stem[: match.start()].rstrip("-_. ") if match else ""
