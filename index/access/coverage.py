"""Say what footage there is of each camera, hour by hour, and what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from index.access.permissions import Permission, require
from index.records import Window
from index.store.archive import Archive
from index.store.catalogue import cameras, footage, sightings
from index.store.catalogue.people import Person
from index.store.catalogue.sightings import SightingFilter

HOUR = timedelta(hours=1)
WITHOUT_FOOTAGE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CameraCoverage:
    """The footage of a camera: seconds of it by the hour (UTC) in which they lie, its problems, and its sightings.

    `problem_s` has the seconds of each problem; `first` and `last` bound the footage, None where there is none.
    """

    camera: str
    hours: Mapping[datetime, float]
    problem_s: Mapping[str, float]
    first: datetime | None
    last: datetime | None
    sightings: int


def coverage_by_hour(archive: Archive, person: Person, start: datetime, end: datetime) -> list[CameraCoverage]:
    """Return the coverage of every camera between two times of its clock, ordered by id."""
    require(archive, person, Permission.SEE)
    with archive.catalogue.reading() as connection:
        ids = sorted([*(camera.id for camera in cameras.listing(connection)), *cameras.without_place(connection)])
        parts = footage.coverage_in_windows(connection, [Window(id_, start, end) for id_ in ids])
        counts = sightings.tally(connection, SightingFilter(start=start, end=end), "camera")
    found = []
    for id_ in ids:
        hours: dict[datetime, float] = {}
        problems: dict[str, float] = {}
        for part in parts.get(id_, ()):
            first, last = max(part.start, start), min(part.end, end)
            if part.problem is not None:
                problems[part.problem] = problems.get(part.problem, 0.0) + max(0.0, (last - first).total_seconds())
                continue
            for hour, seconds in _by_hour(first, last):
                hours[hour] = hours.get(hour, 0.0) + seconds
        times = [time for part in parts.get(id_, ()) for time in (part.start, part.end)]
        latest = max(times, default=None)
        found.append(CameraCoverage(id_, hours, problems, min(times, default=None), latest, counts.get(id_, 0)))
    return found


def footage_span(archive: Archive, person: Person) -> tuple[datetime, datetime] | None:
    """Return when the first footage starts and the last ends; without footage, the days around the newest sighting."""
    require(archive, person, Permission.SEE)
    with archive.catalogue.reading() as connection:
        films = footage.listing(connection)
        watching = sightings.cameras_with_any(connection)
        seen = [one.last for id_ in watching for one in sightings.newest(connection, id_, 1)]
    if films:
        return films[0].start, max(film.start + timedelta(seconds=film.duration_s) for film in films)
    latest = max(seen, default=None)
    return None if latest is None else (latest - WITHOUT_FOOTAGE, latest + HOUR)


def _by_hour(start: datetime, end: datetime) -> list[tuple[datetime, float]]:
    """Return the seconds of a stretch by the hour in which they lie."""
    hour = start.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    found = []
    while hour < end:
        inside = min(end, hour + HOUR) - max(start, hour)
        found.append((hour, inside.total_seconds()))
        hour += HOUR
    return found
