"""Say when each camera can have seen the wanted vehicle, on its own clock, and which part no footage covers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from index.catalogue.chunks import Coverage
from index.errors import ArchiveError
from index.sighting import Gap, Query, Window

DIRECTIONS = ("after", "before", "both")


@dataclass(frozen=True, slots=True)
class Clock:
    """How far a camera's clock is ahead of true time, and between which bounds that is known, in seconds."""

    offset_s: float = 0.0
    low_s: float = 0.0
    high_s: float = 0.0


TRUE_CLOCK = Clock()


@dataclass(frozen=True, slots=True)
class Earliest:
    """The least seconds from a camera to the question (before), and from the question to it (after); inf: no way."""

    before_s: float = 0.0
    after_s: float = 0.0


def windows(
    query: Query, time: datetime, earliest: Mapping[str, Earliest], clocks: Mapping[str, Clock]
) -> tuple[Window, ...]:
    """Return the stretches of camera clock in which the vehicle can have passed, by camera and start.

    `earliest` has the cameras that are asked; the horizon is the last moment asked for. Where before and after touch,
    they are one window.
    """
    if query.direction not in DIRECTIONS:
        raise ArchiveError(f"direction {query.direction!r} is none of {', '.join(DIRECTIONS)}: choose one of these")
    found: list[Window] = []
    for camera in sorted(earliest):
        clock = clocks.get(camera, TRUE_CLOCK)
        for start_s, end_s in _stretches(query, earliest[camera]):
            start = time + timedelta(seconds=start_s + clock.low_s)
            found.append(Window(camera, start, time + timedelta(seconds=end_s + clock.high_s)))
    return tuple(found)


def gaps(wanted: Sequence[Window], covered: Mapping[str, Sequence[Coverage]]) -> tuple[Gap, ...]:
    """Return what the windows wanted and no analysed footage shows: "not looked" is not "not seen"."""
    found: list[Gap] = []
    for window in wanted:
        stretches = sorted(covered.get(window.camera, ()), key=lambda stretch: (stretch.start, stretch.end))
        found.extend(_troubled(window, stretches))
        found.extend(_missing(window, stretches))
    return tuple(sorted(found, key=lambda gap: (gap.camera, gap.start, gap.end, gap.why)))


def _stretches(query: Query, earliest: Earliest) -> list[tuple[float, float]]:
    """Return the seconds around the question's time in which one camera can have seen the vehicle."""
    latest_s = query.horizon_s + query.slack_s
    before = (-latest_s, query.slack_s - earliest.before_s)
    after = (earliest.after_s - query.slack_s, latest_s)
    asked = {"before": [before], "after": [after], "both": [before, after]}[query.direction]
    possible = [(start_s, end_s) for start_s, end_s in asked if start_s <= end_s]
    if len(possible) == 2 and after[0] <= before[1]:
        return [(-latest_s, latest_s)]
    return possible


def _troubled(window: Window, stretches: Iterable[Coverage]) -> Iterable[Gap]:
    for stretch in stretches:
        start, end = max(stretch.start, window.start), min(stretch.end, window.end)
        if stretch.problem is not None and start < end:
            yield Gap(window.camera, start, end, stretch.problem)


def _missing(window: Window, stretches: Iterable[Coverage]) -> Iterable[Gap]:
    reached = window.start
    for stretch in stretches:
        if stretch.start >= window.end:
            break
        if stretch.start > reached:
            yield Gap(window.camera, reached, stretch.start, "no footage")
        reached = max(reached, stretch.end)
    if reached < window.end:
        yield Gap(window.camera, reached, window.end, "no footage")
