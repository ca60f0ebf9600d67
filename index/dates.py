"""Refuse dates that no footage has: outside of these years, adding a span could leave the calendar."""

from datetime import UTC, datetime

from index.errors import ArchiveError

YEARS = range(1970, 2200)


class DateError(ArchiveError):
    """A date lies outside the years of any footage."""


def utc_time(time: datetime, written: str) -> datetime:
    """Return a time with a zone in UTC; refuse one outside of YEARS with an error that begins with `written`."""
    if time.year in YEARS:
        return time.astimezone(UTC)
    raise DateError(f"{written} is not a time of any footage: the year is {YEARS[0]} to {YEARS[-1]}")
