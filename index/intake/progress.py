"""Tell how far footage is while its chunks are worked on, by whichever processes."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.catalogue import chunks
from index.errors import ArchiveError
from index.intake.claims import AtWork, at_work
from index.intake.registration import Registered, chunk_span

if TYPE_CHECKING:
    from index.archive import Archive

LOOK_EVERY_S = 0.5


@dataclass(frozen=True, slots=True)
class IngestProgress:
    """How far a file is, in seconds of its footage; `frames` were analysed in this run."""

    path: str
    done_s: float
    total_s: float
    sightings: int
    frames: int


Report = Callable[[Sequence[IngestProgress]], None]


@contextmanager
def reported(
    archive: "Archive", files: Sequence[Registered], frames: Mapping[str, int], report: Report | None
) -> Iterator[None]:
    """Report now and then while a block runs, from a thread of its own, and once at its end.

    `frames` are those of the chunks that are done, by footage; whoever does the work keeps it up.
    """
    if report is None:
        yield
        return
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(LOOK_EVERY_S):
            # A busy database only costs this one look.
            with suppress(ArchiveError):
                report(measure(archive, files, frames))

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    try:
        yield
    finally:
        ended.set()
        looking.join()
    report(measure(archive, files, frames))


def measure(archive: "Archive", files: Sequence[Registered], frames: Mapping[str, int]) -> list[IngestProgress]:
    """Return how far each file is now."""
    with archive.catalogue.reading() as connection:
        states = chunks.states(connection, [file.footage.id for file in files])
    now = {(one.footage, one.number): one for one in at_work(archive.path)}
    return [_of_file(file, states[file.footage.id], now, frames.get(file.footage.id, 0)) for file in files]


def _of_file(
    file: Registered,
    states: Sequence[tuple[int, int | None]],
    now: Mapping[tuple[str, int], AtWork],
    frames: int,
) -> IngestProgress:
    """Add up the chunks that are done and what is said of those that are not."""
    total_s = file.timeline.duration_s
    done_s, found = 0.0, 0
    for number, sightings in states:
        working = now.get((file.footage.id, number))
        if sightings is not None:
            start_s, end_s = chunk_span(file.footage, number)
            done_s += max(0.0, min(end_s, total_s) - start_s)
            found += sightings
        elif working is not None:
            done_s += working.seconds
            found += working.sightings
            frames += working.frames
    return IngestProgress(file.footage.path, min(done_s, total_s), total_s, found, frames)
