"""Tell from the starts of a camera's files that its footage lies about its length, as 25 frames a second that were 21.

A camera that writes one file after the other starts each when the last ends. If its frames say 10 minutes and the next
file begins 12 minutes later, again and again, a second of footage was 1.2 true seconds.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np

from index.store.catalogue import Connection, footage
from index.store.catalogue.clocks import FILES, START_DOUBT_S, ClockOffset, put_found
from index.store.catalogue.footage import Footage

NEWEST_FILES = 60
FEWEST = 3
"""So many files in a row must tell the same rate."""
LEAST_S = 20.0
"""Shorter files tell no rate: starts are often written in whole seconds."""
SLOWEST, FASTEST = 0.7, 1.4
"""True seconds of a second of footage; more is a pause between two files."""
AGREEING, AGREEING_SHARE = 0.01, 0.8
"""So many of the files must agree so closely."""


@dataclass(frozen=True, slots=True)
class FileRate:
    """The true seconds that a second of footage was, and how far off that may be, by so many files in a row."""

    true_s: float
    doubt: float
    files: int


def rate_of_files(films: Sequence[Footage]) -> FileRate | None:
    """Return the rate that the starts of files in a row tell; None where they tell none, or the right one."""
    apart = [((later.start - one.start).total_seconds(), one.duration_s) for one, later in pairwise(films)]
    told = np.array([gap_s / long_s for gap_s, long_s in apart if long_s >= LEAST_S])
    told = told[(told >= SLOWEST) & (told <= FASTEST)]
    if len(told) < FEWEST:
        return None
    true_s = float(np.median(told))
    agreeing = np.abs(told - true_s) <= AGREEING
    if agreeing.mean() < AGREEING_SHARE:
        return None
    doubt = START_DOUBT_S / float(np.median([long_s for _, long_s in apart])) / float(np.sqrt(agreeing.sum()))
    if abs(true_s - 1) <= max(2 * doubt, AGREEING / 2):
        return None
    return FileRate(true_s, doubt, int(agreeing.sum()) + 1)


def lines_of_files(films: Sequence[Footage]) -> list[ClockOffset]:
    """Return the clock of each file of a camera that lies about its rate: right where it starts, and gaining on."""
    rate = rate_of_files(films)
    if rate is None:
        return []
    ends: list[datetime] = [film.start for film in films[1:]]
    ends.append(films[-1].start + timedelta(seconds=films[-1].duration_s + START_DOUBT_S))
    return [_line(film, end, rate) for film, end in zip(films, ends, strict=True) if film.start < end]


def learn_file_clocks(connection: Connection, cameras: Collection[str]) -> list[str]:
    """Keep the clocks of cameras whose files lie about their length, and return those that changed.

    What a person said or kept of a clock stays.
    """
    changed = []
    for camera in sorted(cameras):
        films = footage.listing(connection, camera)[-NEWEST_FILES:]
        if films and put_found(connection, FILES, camera, films[0].start, lines_of_files(films)):
            changed.append(camera)
    return changed


def _line(film: Footage, end: datetime, rate: FileRate) -> ClockOffset:
    evidence = f"{rate.files} files in a row, a second of which was {rate.true_s:.3f} s"
    right = ClockOffset(film.camera, 0.0, -START_DOUBT_S, START_DOUBT_S, film.start, end, FILES, film.start)
    return replace(right.with_drift(1 - rate.true_s, rate.doubt), evidence=evidence)
