"""Count how many files of the project a reader passes who follows one question, and one clip of footage.

A file is entered when one of its functions is called; a hop is a call from a function of one file to one of another.
Both are counted while the code runs: the question is one of `benchmarks.search`, the clip is the made street of
`benchmarks.ingest`, ingested by one worker.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType

from benchmarks import ingest as ingest_benchmark
from benchmarks.claim import say
from benchmarks.made_town import MadeTown, fill, make_archive, make_traffic, sighting_id
from index import Archive, FootageJob, IngestOptions, Query, ingest, local_person, search
from index.store.catalogue import cameras
from index.store.catalogue.cameras import StoredCamera

ROOT = Path(__file__).parents[1]
ROOMS = ("reid", "roadgraph", "index", "ui")

MOST_FILES_OF_A_QUESTION, MOST_HOPS_OF_A_QUESTION = 61, 1800
MOST_FILES_OF_A_CLIP, MOST_HOPS_OF_A_CLIP = 72, 8400
"""As of 1 December 2026, since opening an archive is read apart from adding to it, what speaks against the marks of a
case apart from what they confirm, cameras tell when they stood where, sightings are linked, by their plates, too, also
where no plate is asked about, and tracks are told that follow no whole vehicle: whoever adds a file to a path looks
first whether two on it are ever read apart."""

SIGHTINGS = 5000
CLIP_S = 20


@dataclass(slots=True)
class ReadingPath:
    """The files entered, and the calls from each file to another."""

    files: set[str] = field(default_factory=set)
    hops: Counter[tuple[str | None, str]] = field(default_factory=Counter)

    def __call__(self, frame: FrameType, event: str, _: object) -> None:
        """Take note of a call; module bodies do not count, they run once at import."""
        entered = _file_of(frame.f_code.co_filename)
        if event != "call" or entered is None or frame.f_code.co_name == "<module>":
            return
        self.files.add(entered)
        caller = _caller_of(frame)
        if caller != entered:
            self.hops[caller, entered] += 1


def main() -> None:
    """Print the claims."""
    with TemporaryDirectory() as folder:
        _say("one question", question_path(Path(folder)), MOST_FILES_OF_A_QUESTION, MOST_HOPS_OF_A_QUESTION)
    with TemporaryDirectory() as folder:
        _say("one clip's ingest", clip_path(Path(folder)), MOST_FILES_OF_A_CLIP, MOST_HOPS_OF_A_CLIP)


def question_path(folder: Path) -> ReadingPath:
    """Return the path of one question in the archive of `benchmarks.search`."""
    town = MadeTown()
    with make_archive(folder, town) as archive:
        fill(archive, make_traffic(archive, town, SIGHTINGS, seed=1), SIGHTINGS)
        query = Query(sighting=sighting_id(SIGHTINGS // 2))
        with following() as path:
            for _ in search(archive, query, local_person()):
                pass
    return path


def clip_path(folder: Path) -> ReadingPath:
    """Return the path of one clip through one worker into an archive."""
    clip = ingest_benchmark.make_street(folder / "street.mp4", seconds=CLIP_S)
    with Archive.create(folder / "archive") as archive:
        with archive.catalogue.writing() as connection:
            cameras.put(connection, [StoredCamera("street", 48.41, 15.6)])
        job = FootageJob(clip, "street", datetime(2026, 5, 4, 8, tzinfo=UTC))
        with following() as path:
            ingest(archive, [job], local_person(), IngestOptions(detector="learned"))
    return path


@contextmanager
def following() -> Iterator[ReadingPath]:
    """Follow every call of the block."""
    path = ReadingPath()
    before: Callable[..., object] | None = sys.getprofile()
    sys.setprofile(path)
    try:
        yield path
    finally:
        sys.setprofile(before)


def _say(what: str, path: ReadingPath, most_files: int, most_hops: int) -> None:
    for unit, value, most in (("files", len(path.files), most_files), ("hops", sum(path.hops.values()), most_hops)):
        say(
            f"{unit} of the project that {what} passes through",
            value=value,
            unit=unit,
            peer="what the tests allow",
            peer_value=most,
            less_is_better=True,
            correct=value <= most,
        )


def _caller_of(frame: FrameType) -> str | None:
    """Return the file of the nearest caller that belongs to the project, None where there is none."""
    caller = frame.f_back
    while caller is not None:
        file = _file_of(caller.f_code.co_filename)
        if file is not None:
            return file
        caller = caller.f_back
    return None


@cache
def _file_of(filename: str) -> str | None:
    path = Path(filename)
    if not path.is_relative_to(ROOT) or path.relative_to(ROOT).parts[0] not in ROOMS:
        return None
    return path.relative_to(ROOT).as_posix()


if __name__ == "__main__":
    main()
