"""Read the half of the day that a table has in a column of its own, beside hours up to 12."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from index.errors import ArchiveError
from index.ingest.times import Half, UnreadableTimeError, hour_in_half
from reid.clock.time_text import AFTER_NOON, BEFORE_NOON, UNSURE_AT_TWELVE

_MORNING = re.compile(rf"a\.? ?(?:m\.?)?|{BEFORE_NOON}|π\.?μ\.?", re.IGNORECASE)
_AFTERNOON = re.compile(rf"p\.? ?(?:m\.?)?|{AFTER_NOON}|μ\.?μ\.?", re.IGNORECASE)


@dataclass(slots=True)
class HalfColumns:
    """The columns of no known meaning in which nothing but halves of the day stands, and their cells by row."""

    names: set[str]
    rows: list[Mapping[str, str]] = field(default_factory=list)

    def add(self, row: Mapping[str, str | None]) -> None:
        """Take a row into account."""
        cells = {name: text for name in self.names if (text := (row.get(name) or "").strip())}
        self.names -= {name for name, text in cells.items() if len(text) == 1 or half_of(text) is None}
        self.rows.append(cells)

    def chosen(self, path: Path, beside: Sequence[str], hours: Sequence[int | None]) -> str | None:
        """Return the column that changes hours; refuse one that is not `beside` the time: it may be initials."""
        if has_full_days(hours):
            return None
        changing = sorted(name for name in self.names if self._changes(name, hours))
        near = [name for name in changing if name in beside]
        if changing and len(near) != 1:
            raise ArchiveError(
                f"{path}: {changing[0]!r} holds AM or PM, and no hour is above 12: say --columns half={changing[0]} "
                "if it belongs to the time, else take that column away"
            )
        return near[0] if near else None

    def _changes(self, name: str, hours: Sequence[int | None]) -> bool:
        return any(
            hour is not None and (half := half_of(cells.get(name, ""))) is not None and hour_in_half(hour, half) != hour
            for cells, hour in zip(self.rows, hours, strict=True)
        )


def half_of(text: str) -> Half | None:
    """Return the half of the day that a cell says."""
    if _MORNING.fullmatch(text):
        return "AM"
    return "PM" if _AFTERNOON.fullmatch(text) else None


def has_full_days(hours: Sequence[int | None]) -> bool:
    """Tell whether hours go up to 24."""
    return any(hour is not None and hour > 12 for hour in hours)


def row_half(text: str, hour: int | None, *, full_days: bool) -> Half | None:
    """Return the half that the hour of a row is to be read in; None where it is one of a whole day."""
    half = half_of(text)
    if hour is None:
        return half
    if full_days:
        if half is not None and hour_in_half(hour, half) != hour:
            raise UnreadableTimeError(f"hour {hour} and {text!r} contradict each other: other hours here go up to 24")
        return None
    if hour == 12 and text in UNSURE_AT_TWELVE:
        raise UnreadableTimeError(f"{text} 12 is noon to some and midnight to others: write hours up to 24")
    if half is None and (text or 1 <= hour <= 12):
        raise UnreadableTimeError(f"the half of the day is {text!r}: write AM or PM")
    return half
