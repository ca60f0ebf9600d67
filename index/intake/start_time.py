"""Find out when footage starts: by its file's name, by what its recorder wrote, or by the clock in its pictures."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path

from index.errors import ArchiveError
from index.intake.burnt_start import RECORDER, ClockProposal, propose_start
from index.intake.times import TimeReader
from reid.burnt_clock import BurntClock, read_burnt_clock
from reid.file_names import name_time
from reid.timeline import Timeline, read_timeline

PICTURE = "the clock in its picture"

Confirm = Callable[[ClockProposal], bool]
"""Asks a person whether a burnt-in clock is right."""


@dataclass(frozen=True, slots=True)
class FoundStart:
    """When footage starts, and where that stands; None where a person said it. `doubts` speak against it."""

    time: datetime
    source: str | None = None
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StartRule:
    """How a file is to tell its start: `zone` is that of times that name none; `confirm` asks about a burnt-in clock.

    With `by_picture`, only the clock in the pictures counts, else only where nothing else says the start.
    """

    zone: tzinfo | None = None
    confirm: Confirm | None = None
    by_picture: bool = False


def find_start(path: Path, timeline: Timeline, rule: StartRule, known: datetime | None = None) -> FoundStart:
    """Return the start by the file's name, else by its container, else by its pictures.

    `known` is what the archive has it with, if it has: nobody is asked twice.
    """
    if rule.by_picture:
        return FoundStart(known) if known else _by_picture(path, timeline, rule, "in its pictures")
    written = name_time(timeline.pictures[0] if timeline.pictures else path)
    if written is not None and (_has_zone(written) or rule.zone is not None):
        return FoundStart(_time(path, written, rule.zone), _by_name(timeline))
    if timeline.created is not None:
        return FoundStart(timeline.created, _by_name(timeline) if timeline.pictures else RECORDER)
    if written is not None:
        raise ArchiveError(
            f"{path}: its name says {written} but no zone: give --zone, or --start {written}+02:00 (or Z for UTC)"
        )
    if known is not None:
        return FoundStart(known)
    return _by_picture(path, timeline, rule, "by its name (20260504_083000Z), inside, or in its pictures")


def picture_clock(path: Path, zone: tzinfo | None) -> ClockProposal:
    """Return what the clock burnt into a file's pictures says, to be looked at."""
    return _proposal(path, read_timeline(path), zone, "in its pictures")


def _by_picture(path: Path, timeline: Timeline, rule: StartRule, where: str) -> FoundStart:
    """Return the start by the burnt-in clock, if a person says that it is right."""
    proposal = _proposal(path, timeline, rule.zone, where)
    if proposal.other is not None:
        raise ArchiveError(
            f"{path}: {proposal.text!r} in its picture is {proposal.start.isoformat()} or "
            f"{proposal.other.isoformat()}: give the one that is meant as --start"
        )
    if rule.confirm is None:
        raise ArchiveError(
            f"{path}: {PICTURE} says that it starts {'; but '.join([proposal.start.isoformat(), *proposal.doubts])}: "
            "if that is right, add --accept-clock, else give --start TIME"
        )
    if not rule.confirm(proposal):
        raise ArchiveError(f"{path}: {PICTURE} was not believed: give --start TIME")
    return FoundStart(proposal.start, PICTURE, proposal.doubts)


def _proposal(path: Path, timeline: Timeline, zone: tzinfo | None, where: str) -> ClockProposal:
    clock = read_burnt_clock(timeline)
    if not isinstance(clock, BurntClock):
        raise ArchiveError(f"{path} does not say when it starts, {where} ({clock.reason}): give --start TIME")
    return propose_start(path, timeline, clock, zone)


def _by_name(timeline: Timeline) -> str:
    return "the name of its first picture" if timeline.pictures else "the file's name"


def _has_zone(written: str) -> bool:
    return re.search(r"(Z|[+-]\d\d:?\d\d)$", written[len("2026-05-04") :]) is not None


def _time(path: Path, written: str, zone: tzinfo | None) -> datetime:
    try:
        return TimeReader(zone).read(written)
    except ArchiveError as error:
        raise ArchiveError(f"{path}: {error}; or give --start TIME") from None
