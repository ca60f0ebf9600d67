"""Find out when footage starts, from the name of its file or from what its recorder wrote into it."""

import re
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path

from index.errors import ArchiveError
from index.intake.times import TimeReader
from reid.file_names import name_time
from reid.timeline import Timeline

RECORDER = "the recorder's creation time"


@dataclass(frozen=True, slots=True)
class FoundStart:
    """When footage starts, and where that stands; None where a person said it."""

    time: datetime
    source: str | None = None


def find_start(path: Path, timeline: Timeline, zone: tzinfo | None = None) -> FoundStart:
    """Return the start by the file's name, else by its container; `zone` is that of names without one."""
    written = name_time(timeline.pictures[0] if timeline.pictures else path)
    if written is not None and (_has_zone(written) or zone is not None):
        return FoundStart(_time(path, written, zone), _by_name(timeline))
    if timeline.created is not None:
        return FoundStart(timeline.created, _by_name(timeline) if timeline.pictures else RECORDER)
    if written is not None:
        raise ArchiveError(
            f"{path}: its name says {written} but no zone: give --zone, or --start {written}+02:00 (or Z for UTC)"
        )
    raise ArchiveError(
        f"{path} does not say when it starts, neither by its name (20260504_083000Z) nor inside: give --start TIME"
    )


def _by_name(timeline: Timeline) -> str:
    return "the name of its first picture" if timeline.pictures else "the file's name"


def _has_zone(written: str) -> bool:
    return re.search(r"(Z|[+-]\d\d:?\d\d)$", written[len("2026-05-04") :]) is not None


def _time(path: Path, written: str, zone: tzinfo | None) -> datetime:
    try:
        return TimeReader(zone).read(written)
    except ArchiveError as error:
        raise ArchiveError(f"{path}: {error}; or give --start TIME") from None
