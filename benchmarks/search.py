"""Measure whole questions over a growing archive: different ones, listings, what the roads leave out, and forgetting.

`python -m benchmarks.search` fills 60,000 sightings of 50 cameras, `--full` a million of 1,000 cameras in 30 days;
`--database URL` keeps the catalogue in PostgreSQL. With `--keep` nothing is forgotten at the end.
"""

import argparse
import resource
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.claim import say, say_spread
from benchmarks.made_town import (
    START,
    MadeTown,
    MadeTraffic,
    camera_id,
    fill,
    look_of,
    make_archive,
    make_traffic,
    sighting_id,
    time_of,
)
from benchmarks.page_touch import touches_s
from index.access.permissions import local_person
from index.answers import Query, Ranking
from index.map.places import current_places
from index.search.measured import measure
from index.search.question import SearchOptions
from index.search.search import STAGES, search
from index.store.archive import Archive
from index.store.catalogue import sightings
from index.upkeep.retention import purge
from reid.arrays import Ints

QUESTIONS = 200
A_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Timed:
    """The seconds of each stage of an answer, and the processor seconds from the question to each of its steps.

    The answer itself is not kept: with hundreds in memory, Python would look through them again and again.
    """

    stage_s: tuple[float, ...]
    processor_s: tuple[float, ...]
    inside: int
    fitting: int | None

    @property
    def seconds(self) -> float:
        """Return the seconds of the whole answer."""
        return sum(self.stage_s)


def main() -> None:
    """Print the claims."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="a million sightings of 1,000 cameras")
    parser.add_argument("--database", metavar="URL", help="a PostgreSQL database for the catalogue")
    parser.add_argument("--keep", type=Path, help="a folder for the archive, which another run uses again")
    asked = parser.parse_args()
    town, count = (MadeTown(1000, 60, 33_334), 1_000_000) if asked.full else (MadeTown(), 60_000)
    with TemporaryDirectory() as folder, opened(asked.keep or Path(folder), town, asked.database) as archive:
        traffic = make_traffic(archive, town, count, seed=1)
        with archive.catalogue.reading() as connection:
            filled = sightings.count(connection)
        for size in (count // 4, count):
            if filled <= size:
                fill(archive, traffic, size, start=filled)
                filled = size
                claim_questions(archive, traffic, size)
                claim_listing(archive, traffic, size)
                say_spread(
                    f"a touch of the idle page of {size} sightings: catalogue read", touches_s(archive.path, 100)
                )
        claim_pruning(archive, traffic, count)
        claim_memory(archive, count)
        if asked.keep is None:
            claim_purge(archive, traffic, count)


def opened(folder: Path, town: MadeTown, database: str | None) -> Archive:
    """Return the archive that an earlier run kept in a folder, or a new one there."""
    kept = folder / "archive"
    return Archive.open(kept) if kept.is_dir() else make_archive(folder, town, database)


def claim_questions(archive: Archive, traffic: MadeTraffic, size: int) -> None:
    """Ask different questions, and print the median and the 99th percentile of each stage and of the whole."""
    asked = _drawn(size, QUESTIONS, seed=2)
    timed = [_timed(archive, Query(sighting=sighting_id(row))) for row in asked]
    correct = all(_is_exact(archive, traffic, row, size) for row in asked[:20])
    inside = np.mean([one.inside for one in timed])
    where = f"of {size} sightings, {inside:.0f} inside, {len(asked)} different questions"
    say_spread(f"a whole question {where}", [one.seconds for one in timed], correct)
    say_spread(f"a whole question {where}: processor time", [one.processor_s[-1] for one in timed], correct)
    say_spread(f"its first ranking {where}: processor time", [one.processor_s[1] for one in timed], correct)
    for number, name in enumerate(STAGES):
        say_spread(f"its stage {name} {where}", [one.stage_s[number] for one in timed], correct)


def claim_listing(archive: Archive, traffic: MadeTraffic, size: int) -> None:
    """List red cars around different places and times, and count them again among all sightings."""
    asked = _drawn(size, QUESTIONS, seed=4)
    queries = [
        Query(type="car", colour="red", camera=camera_id(int(traffic.camera[row])), time=time_of(traffic, row))
        for row in asked
    ]
    timed = [_timed(archive, query) for query in queries]
    correct = all(
        one.fitting == _red_cars(traffic, _inside(archive, traffic, row, size))
        for row, one in zip(asked[:20], timed[:20], strict=True)
    )
    inside = np.mean([one.inside for one in timed])
    where = f"of {size} sightings, {inside:.0f} inside, {len(asked)} different ones"
    say_spread(f"a listing by type and colour {where}", [one.seconds for one in timed], correct)
    spent = [one.processor_s[-1] for one in timed]
    say_spread(f"a listing by type and colour {where}: processor time", spent, correct)


def claim_pruning(archive: Archive, traffic: MadeTraffic, size: int) -> None:
    """Ask with the windows that the roads allow, and ask the same over the whole archive."""
    asked = _drawn(size, 40, seed=3)
    pruned = [_appearance_seconds(_answer(archive, Query(sighting=sighting_id(row)), SearchOptions())) for row in asked]
    whole = [
        _appearance_seconds(
            _answer(archive, Query(sighting=sighting_id(row), horizon_s=1e9), SearchOptions(prune=False))
        )
        for row in asked[:10]
    ]
    say(
        f"fetching and comparing looks where the roads allow it, of {size} sightings",
        value=1000 * float(np.median(pruned)),
        unit="ms",
        peer="the same over the whole archive",
        peer_value=1000 * float(np.median(whole)),
        less_is_better=True,
        correct=_is_exact(archive, traffic, asked[0], size),
    )


def claim_memory(archive: Archive, size: int) -> None:
    """Ask a thousand different questions after a hundred others, and compare the private memory."""
    asked = np.random.default_rng(5).choice(size, 1100, replace=False).tolist()
    before_mb = 0.0
    for number, row in enumerate(asked):
        if number == 100:
            before_mb = _private_mb()
        _answer(archive, Query(sighting=sighting_id(row)), SearchOptions())
    say(
        f"private memory after 1,000 more questions over {size} sightings; "
        f"at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB with mapped files",
        value=_private_mb(),
        unit="MB",
        peer="before them",
        peer_value=before_mb,
        less_is_better=True,
        correct=_private_mb() < 1.2 * before_mb,
    )


def claim_purge(archive: Archive, traffic: MadeTraffic, size: int) -> None:
    """Purge the first day, then the second with it gone: by how many sightings, and in what time."""
    days = traffic.time_s[:size] // A_DAY_S
    seconds, right = [], []
    for day in (0, 1):
        began = time.monotonic()
        purged = purge(archive, START + timedelta(days=day + 1), local_person())
        seconds.append(time.monotonic() - began)
        right.append(purged.sightings == int((days == day).sum()))
    say(
        f"purging a day of {int(days.max()) + 1}, {purged.sightings} of {size} sightings",
        value=seconds[1],
        unit="s",
        peer="the day before it",
        peer_value=seconds[0],
        less_is_better=True,
        correct=all(right),
    )


def _inside(archive: Archive, traffic: MadeTraffic, row: int, size: int) -> Ints:
    """Return the rows that the roads allow around the sighting of a row, by a scan of every sighting in numpy."""
    places = current_places(archive)
    assert places is not None
    assert places.travel.times is not None
    least_s = places.travel.times.earliest_s(slack=SearchOptions().slack) - SearchOptions().clock_slack_s
    here, elapsed_s = traffic.camera[row], traffic.time_s[:size] - traffic.time_s[row]
    camera = traffic.camera[:size]
    soon_s = np.where(camera == here, 0.0, np.where(elapsed_s >= 0, least_s[here, camera], least_s[camera, here]))
    return np.flatnonzero((np.abs(elapsed_s) >= np.maximum(soon_s, 0.0)) & (np.abs(elapsed_s) <= 1800))


def _is_exact(archive: Archive, traffic: MadeTraffic, row: int, size: int) -> bool:
    """Compare a question's gallery and similarities with a scan of every sighting in numpy."""
    measured = measure(archive, Query(sighting=sighting_id(row)), local_person())
    expected = _inside(archive, traffic, row, size)
    expected = expected[expected != row]
    similarity = traffic.vectors[expected] @ traffic.vectors[row]
    return list(measured.ids) == [sighting_id(one) for one in expected.tolist()] and np.allclose(
        measured.similarity, similarity, atol=2e-3
    )


def _red_cars(traffic: MadeTraffic, rows: Ints) -> int:
    looks = [look_of(vehicle) for vehicle in traffic.vehicle[rows].tolist()]
    return sum(look.type == "car" and look.colour == "red" for look in looks)


def _timed(archive: Archive, query: Query) -> Timed:
    began, steps = time.process_time(), search(archive, query, local_person())
    last, processor_s = next(steps), [time.process_time() - began]
    for answer in steps:
        last = answer
        processor_s.append(time.process_time() - began)
    stage_s = tuple(stage.seconds for stage in last.stages)
    return Timed(stage_s, tuple(processor_s), last.searched.inside, last.fitting)


def _answer(archive: Archive, query: Query, options: SearchOptions) -> Ranking:
    *_, last = search(archive, query, local_person(), options)
    return last


def _appearance_seconds(answer: Ranking) -> float:
    return next(stage.seconds for stage in answer.stages if stage.name == "appearance")


def _drawn(size: int, count: int, *, seed: int) -> list[int]:
    return sorted(np.random.default_rng(seed).choice(size, count, replace=False).tolist())


def _private_mb() -> float:
    """Return the private memory of this process, without mapped files."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(float(line.split()[1]) / 1024 for line in lines if line.startswith("RssAnon"))


if __name__ == "__main__":
    main()
