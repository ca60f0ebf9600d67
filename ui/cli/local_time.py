"""Give times in the zone of this machine, as the page gives them in that of the browser."""

from datetime import UTC, datetime, timedelta, tzinfo


class LocalZone(tzinfo):
    """The zone that this machine is set to; its distance from UTC is that of the date asked about."""

    def utcoffset(self, dt: datetime | None) -> timedelta | None:
        """Return how far the zone is ahead of UTC."""
        return None if dt is None else _system(dt).utcoffset()

    def dst(self, dt: datetime | None) -> timedelta | None:
        """Return None: the system tells the whole distance only."""
        return None

    def tzname(self, dt: datetime | None) -> str | None:
        """Return the name of the zone at a date, as CEST."""
        return None if dt is None else _system(dt).tzname()

    def fromutc(self, dt: datetime) -> datetime:
        """Return a time of UTC in this zone, the later one where clocks were set back over it."""
        local = dt.replace(tzinfo=UTC).astimezone()
        return local.replace(tzinfo=self, fold=int(_system(local).utcoffset() != local.utcoffset()))


def local_zone() -> tzinfo:
    """Return the zone of this machine."""
    return LocalZone()


def _system(local: datetime) -> datetime:
    return local.replace(tzinfo=None).astimezone()
