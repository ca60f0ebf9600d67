"""Find out when footage starts: from its file's name, from its recorder, or from the clock burnt into its pictures."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

from index.errors import ArchiveError
from index.ingest.times import TimeReader, check_one_time
from reid.clock.burnt_clock import BurntClock, read_burnt_clock
from reid.clock.name_time import OFFSETS, NameTime, name_time, zone_before_clock
from reid.clock.time_text import around_time
from reid.video.timeline import Timeline, read_timeline

PICTURE = "the clock in its picture"
RECORDER = "the recorder's creation time"
FILE_NAME, PICTURE_NAME = "the file's name", "the name of its first picture"

SAME_TIME = timedelta(minutes=1)
"""Two clocks agree if they differ by no more than this."""

SPREAD = timedelta(seconds=1)
"""Pictures whose names say the same second are spread over it."""

CHANGE_MONTHS, CHANGE_HOUR = (3, 4, 9, 10, 11), 2
"""When clocks are changed: about two o'clock of a Sunday."""

SAME_DATE = timedelta(days=1)
"""Two clocks mean the same day and month if they differ by less than this."""


@dataclass(frozen=True, slots=True)
class ClockProposal:
    """The start by a burnt-in clock, for a person to confirm; `other` is the start with day and month swapped.

    `text` is the clock as it was read; `right` of `read` readings agree. Each line of `doubts` speaks against it.
    """

    path: Path
    start: datetime
    other: datetime | None
    text: str
    right: int
    read: int
    doubts: tuple[str, ...]


Confirm = Callable[[ClockProposal], bool]
"""Asks a person whether a burnt-in clock is right."""


def believe(_: ClockProposal) -> bool:
    """Confirm a burnt-in clock without asking anybody."""
    return True


@dataclass(frozen=True, slots=True)
class FoundStart:
    """When footage starts, and the source of that, None if a person gave it. Each of `doubts` speaks against it."""

    time: datetime
    source: str | None = None
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StartRule:
    """How to find the start of a file.

    `zone` applies to times that name none; `confirm` asks a person about a burnt-in clock. With `by_picture` only that
    clock counts; otherwise it is the last resort.
    """

    zone: tzinfo | None = None
    confirm: Confirm | None = None
    by_picture: bool = False


def find_start(path: Path, timeline: Timeline, rule: StartRule, known: datetime | None = None) -> FoundStart:
    """Return the start by the file's name, else by its container, else by the clock in its pictures.

    `known` is the start that the archive has for this file: if it has one, nobody is asked again.
    """
    if rule.by_picture:
        return FoundStart(known) if known else _by_picture(path, timeline, rule, "in its pictures")
    named, name_source = (timeline.pictures[0], PICTURE_NAME) if timeline.pictures else (path, FILE_NAME)
    found = _start_by_name(path, named, name_source, rule)
    if found is not None:
        _check_names(timeline, rule.zone)
        return found
    written, recorded = name_time(named), _recorded(path, timeline, rule.zone)
    if recorded is not None and timeline.pictures:
        return FoundStart(recorded, name_source)
    if recorded is not None:
        if written is None:
            return FoundStart(recorded, RECORDER, _doubt_of_cut(recorded, timeline))
        return _beside_name(path, recorded, written, known, timeline.duration_s)
    if written is not None:
        with _saying(path):
            check_one_time(written)
        raise ArchiveError(
            f"{path}: its name says {written.local} but no zone: give --zone, or --start {written.local}+02:00 "
            "(or Z for UTC)"
        )
    if known is not None:
        return FoundStart(known)
    if timeline.created is not None:
        local = timeline.created.isoformat()
        raise ArchiveError(
            f"{path}: its recorder wrote {local} but no zone: give --zone, or --start {local}+02:00 (or Z for UTC)"
        )
    return _by_picture(path, timeline, rule, "by its name (20260504_083000Z), inside, or in its pictures")


def start_by_name(path: Path, rule: StartRule) -> FoundStart | None:
    """Return the start by the name of a file; None where that says none, or no zone is known, and for a folder."""
    return None if path.is_dir() else _start_by_name(path, path, FILE_NAME, rule)


def picture_clock(path: Path, zone: tzinfo | None) -> ClockProposal:
    """Return the start of a file by the clock burnt into its pictures, for a person to confirm."""
    return _proposal(path, read_timeline(path), zone, "in its pictures")


def _start_by_name(path: Path, named: Path, source: str, rule: StartRule) -> FoundStart | None:
    written = name_time(named)
    if written is None or not (written.zone or rule.zone):
        return None
    with _saying(path):
        return FoundStart(TimeReader(rule.zone).read_name(written), source)


def _recorded(path: Path, timeline: Timeline, zone: tzinfo | None) -> datetime | None:
    """Return the start that the recorder wrote; None where it wrote none, or one without a zone and none is told."""
    created = timeline.created
    if created is None or created.tzinfo is not None:
        return created
    if zone is None:
        return None
    with _saying(path):
        return TimeReader(zone).read(created.isoformat())


def _beside_name(
    path: Path, recorded: datetime, written: NameTime, known: datetime | None, duration_s: float
) -> FoundStart:
    """Return the recorder's time where that of the name, whose zone nobody knows, can be the same; else refuse it.

    Where it can be that of the end as well, an hour later for an hour of footage, that is said.
    """
    try:
        apart = datetime.fromisoformat(written.local).replace(tzinfo=UTC) - recorded
    except ValueError:
        return FoundStart(recorded, RECORDER)
    if abs(apart) <= SAME_TIME:
        doubt = "its name says the same without a zone: is that UTC? If it is local time, give --zone"
        return FoundStart(recorded, RECORDER, (doubt,))
    if _is_offset(apart):
        doubt = f"its name says {written.local}: if its recorder wrote when it ended, give --zone"
        ended = timedelta(seconds=duration_s) > SAME_TIME and _is_offset(apart + timedelta(seconds=duration_s))
        return FoundStart(recorded, RECORDER, (doubt,) if ended else ())
    if known is not None:
        return FoundStart(known)
    raise ArchiveError(
        f"{path}: its name says {written.local} and its recorder {recorded.isoformat()}, which no zone makes the same: "
        f"give --zone if the name is right, or --start {recorded.isoformat()} if the recorder is"
    )


def _doubt_of_cut(recorded: datetime, timeline: Timeline) -> tuple[str, ...]:
    """Return a line where a film of a phone was written long after it was filmed: what remains of it is not known."""
    longest = timedelta(seconds=timeline.duration_s) + SAME_TIME
    if timeline.saved is None or timeline.saved.tzinfo is None or timeline.saved - recorded <= longest:
        return ()
    return (
        f"its file was written at {timeline.saved.isoformat()}: if its beginning was cut off, it starts later: "
        "give --start",
    )


def _is_offset(apart: timedelta) -> bool:
    return any(abs(apart - offset) <= SAME_TIME for offset in OFFSETS)


def check_pictures(timeline: Timeline, zone: tzinfo | None) -> None:
    """Refuse a folder of pictures of which a name says another time than that after the first: clocks were changed.

    Another start would not help: the pictures are as far apart as their names say. A name that says no time is left.
    """
    first: datetime | None = None
    for row, picture in enumerate(timeline.pictures):
        written = name_time(picture)
        if written is None:
            return
        try:
            begins = TimeReader(zone).read(written.written) - timedelta(seconds=float(timeline.times_s[row]))
        except ArchiveError:
            continue
        first = first or begins
        if abs(begins - first) > SPREAD:
            raise ArchiveError(
                f"{timeline.path}: clocks change in {zone} between {timeline.pictures[0].name} and {picture.name}: "
                "give a folder for those of before and one for those of after, or write the zone into their names"
            )


def doubt_of_change(timeline: Timeline, zone: tzinfo | None) -> tuple[str, ...]:
    """Return a line where clocks may have been changed between the pictures of a folder, and no zone tells it."""
    names = [name_time(picture) for picture in timeline.pictures[:: max(len(timeline.pictures) - 1, 1)]]
    if zone is not None or len(names) < 2 or any(name is None or name.zone for name in names):
        return ()
    try:
        first, last = (datetime.fromisoformat(name.local) for name in names if name is not None)
    except ValueError:
        return ()
    nights = (first.replace(hour=CHANGE_HOUR, minute=0) + timedelta(days=day) for day in range((last - first).days + 2))
    if not any(first < night < last and night.isoweekday() == 7 and night.month in CHANGE_MONTHS for night in nights):
        return ()
    return (
        f"its pictures were taken over a night of Sunday in which clocks may be changed, {first} to {last}: "
        "give --zone, as Europe/Vienna, to have that looked at",
    )


def _check_names(timeline: Timeline, zone: tzinfo | None) -> None:
    """Refuse a picture whose name has a time that cannot be read, where no start was given."""
    for picture in timeline.pictures:
        written = name_time(picture)
        try:
            if written is not None:
                TimeReader(zone).read_name(written)
        except ArchiveError as error:
            raise ArchiveError(f"{picture}: {error}; or give that picture another name") from None


def _by_picture(path: Path, timeline: Timeline, rule: StartRule, searched: str) -> FoundStart:
    """Return the start by the burnt-in clock, if a person confirms it."""
    proposal = _proposal(path, timeline, rule.zone, searched)
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


def _proposal(path: Path, timeline: Timeline, zone: tzinfo | None, searched: str) -> ClockProposal:
    """Return the start by the burnt-in clock; the error names the places `searched` for a start."""
    clock = read_burnt_clock(timeline)
    if not isinstance(clock, BurntClock):
        raise ArchiveError(f"{path} does not say when it starts, {searched} ({clock.reason}): give --start TIME")
    if zone is None:
        first = next(iter(clock.starts.values())).isoformat(timespec="seconds")
        raise ArchiveError(
            f"{path}: the clock in its picture says {first} but no zone: give --zone, as +02:00 or Europe/Vienna"
        )
    return _compare(path, timeline, clock, zone)


def _compare(path: Path, timeline: Timeline, clock: BurntClock, zone: tzinfo) -> ClockProposal:
    """Compare the clock with the file's name and its recorder: they decide the day, and cast doubt on the time."""
    sources = _other_sources(path, timeline, zone)
    with _saying(path):
        starts = [TimeReader(zone).read(start.isoformat()) for start in clock.starts.values()]
        _check_said_zone(clock, zone)
    same_date = [start for start in starts if any(abs(start - time) < SAME_DATE for time in sources.values())]
    start, *others = same_date or starts
    doubts = tuple(
        _disagreement(start, source, time) for source, time in sources.items() if abs(start - time) > SAME_TIME
    )
    return ClockProposal(path, start, others[0] if others else None, clock.text, clock.right, clock.read, doubts)


def _check_said_zone(clock: BurntClock, zone: tzinfo) -> None:
    """Refuse a clock beside which another zone is written than the one it is read in."""
    before, behind = (part.replace("/", " ") for part in around_time(clock.text))
    behind = f" {zone_before_clock(before)} {behind}" if zone_before_clock(before) else behind
    names = [name_time(Path(f"{before}_{start:%Y%m%d_%H%M%S}{behind}.mp4")) for start in clock.starts.values()]
    if not any(_fits_zone(written, TimeReader(zone)) for written in names):
        raise ArchiveError(
            f"the clock in its picture says {clock.text!r}, and {zone} is not that zone: give --zone by name, "
            "as Europe/Vienna"
        )


def _fits_zone(written: NameTime | None, reader: TimeReader) -> bool:
    try:
        return written is None or reader.read_name(written) == reader.read(written.local)
    except ArchiveError:
        return False


def _other_sources(path: Path, timeline: Timeline, zone: tzinfo) -> dict[str, datetime]:
    """Return the start by the recorder and by the file's name, where they say one."""
    sources: dict[str, datetime] = {}
    written = name_time(path)
    # An impossible time says nothing.
    with suppress(ArchiveError):
        recorded = _recorded(path, timeline, zone)
        sources |= {} if recorded is None else {RECORDER: recorded}
    with suppress(ArchiveError):
        sources |= {} if written is None else {FILE_NAME: TimeReader(zone).read_name(written)}
    return sources


@contextmanager
def _saying(path: Path) -> Iterator[None]:
    """Say of which file a time cannot be read, and what else can be done."""
    try:
        yield
    except ArchiveError as error:
        raise ArchiveError(f"{path}: {error}; or give --start TIME") from None


def _disagreement(start: datetime, source: str, time: datetime) -> str:
    apart = abs(time - start)
    hours = round(apart / timedelta(hours=1))
    zones = ", whole hours: is the zone right?" if hours and abs(apart - timedelta(hours=hours)) <= SAME_TIME else ""
    way = "later" if time > start else "earlier"
    return f"{source} says {time.isoformat()}, {timedelta(seconds=round(apart.total_seconds()))} {way}{zones}"
