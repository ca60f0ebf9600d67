"""Make a small city, ingest its footage, ask one question of it, and lay the truth beside the answer."""

import os
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from index.archive import Archive
from index.errors import ArchiveError
from index.ingest import IngestOptions, ingest
from index.intake.registration import FootageJob
from index.office.access import local_person
from index.office.mapwork import import_cameras, import_roads
from index.search import search
from index.sighting import Query, Ranking, Sighting
from index.simulation import truth
from index.simulation.about import About, read_about
from index.simulation.city import make_city
from index.simulation.options import CityOptions
from index.simulation.questions import HORIZON_S, Question, judged, questions
from index.simulation.recall import Remembered, read_truth, remember
from roadgraph.camera_files import read_cameras
from ui.cli.ingest_progress import Lines

Note = Callable[[str], None]

FRAMES_A_SECOND = 8.0
"""Fewer than a city has by default, so that a newcomer waits about a minute."""


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """Where the demo lives and what city it makes."""

    folder: Path = Path("demo")
    make: CityOptions = field(default_factory=lambda: demo_city(1))

    @property
    def city(self) -> Path:
        """Return the folder of the city: roads, cameras, videos and truth."""
        return self.folder / "city"

    @property
    def archive(self) -> Path:
        """Return the folder of the archive."""
        return self.folder / "archive"


@dataclass(frozen=True, slots=True)
class Truth:
    """How the answer compares with what is true: `same` holds the sightings that truly are the vehicle.

    The hits count as the scores do: a candidate on another camera, within the horizon, each true passage once.
    """

    vehicle: str
    same: frozenset[str]
    hit_at_1: bool
    found_at_5: int
    relevant: int


@dataclass(frozen=True, slots=True)
class Demo:
    """What the demo did: the city, the question, its answer and the truth, and how long each part took."""

    options: DemoOptions
    cameras: int
    vehicles: int
    sightings: int
    asked: Sighting
    query: Query
    ranking: Ranking
    truth: Truth
    seconds: Mapping[str, float]


def demo_city(seed: int) -> CityOptions:
    """Return the city of the demo: an easy one, by day, so that what is shown can be followed by eye."""
    return CityOptions(seed=seed, fps=FRAMES_A_SECOND, preset="easy")


def run_demo(options: DemoOptions, note: Note) -> Demo:
    """Do the whole tour; what an earlier run with the same seed finished is used again."""
    clock = [time.monotonic()]
    about = _city(options, note)
    clock.append(time.monotonic())
    with _archive(options, note) as archive:
        _ingest(archive, options, note)
        clock.append(time.monotonic())
        question, remembered = _choose(archive, options)
        note("asking one question")
        query = Query(sighting=question.sighting, horizon_s=HORIZON_S, at=_end(about), reason="retrace demo")
        clock.append(time.monotonic())
        *_, ranking = search(archive, query, local_person())
        clock.append(time.monotonic())
        cameras = len(archive.place_book.cameras())
    return Demo(
        options=options,
        cameras=cameras,
        vehicles=about.vehicles,
        sightings=len(remembered.sightings),
        asked=next(sighting for sighting in remembered.sightings if sighting.id == question.sighting),
        query=query,
        ranking=ranking,
        truth=_truth(question, remembered, ranking),
        seconds=_seconds(clock),
    )


def _city(options: DemoOptions, note: Note) -> About:
    """Return what the city is; it is made beside its place and moved there whole, so that half of one never stays."""
    if not options.city.exists():
        note("making a city: roads, traffic, and what its cameras film")
        half_made = options.city.with_name("city.part")
        shutil.rmtree(half_made, ignore_errors=True)
        make_city(half_made, options.make, note)
        half_made.rename(options.city)
    about = read_about(options.city)
    if about.seed != options.make.seed:
        raise ArchiveError(
            f"{options.folder} holds the city of seed {about.seed}: name another --dir for seed {options.make.seed}"
        )
    return about


def _archive(options: DemoOptions, note: Note) -> Archive:
    """Return the demo's archive with the city's roads and cameras in it."""
    archive = Archive.open(options.archive) if options.archive.exists() else Archive.create(options.archive)
    if archive.places is None or not archive.places.placed:
        note("importing roads and cameras")
        import_roads(archive, local_person(), next(options.city.glob("roads.*")))
        import_cameras(archive, local_person(), read_cameras(options.city / "cameras.geojson"))
    return archive


def _ingest(archive: Archive, options: DemoOptions, note: Note) -> None:
    rows = truth.read(options.city, truth.FootageRow)
    jobs = [FootageJob(options.city / row.path, row.camera, row.start) for row in rows]
    workers = min(len(jobs), len(os.sched_getaffinity(0)))
    note("looking through the footage")
    failed = [
        done
        for done in ingest(archive, jobs, local_person(), IngestOptions(workers=workers), Lines(note))
        if done.status == "failed"
    ]
    if failed:
        raise ArchiveError(f"{failed[0].path} could not be ingested: {failed[0].problem}")


def _choose(archive: Archive, options: DemoOptions) -> tuple[Question, Remembered]:
    """Return the question about the clearest picture of a vehicle that recurs, and what is remembered of the city.

    Clear as an investigator's own picture would be: its plate was read, and it is large. The answer is not looked at.
    """
    true = read_truth(options.city)
    remembered = remember(archive, options.city, true)
    asked = questions(remembered.known(true.clocks), true.passages, n=len(remembered.sightings), seed=options.make.seed)
    if not asked:
        raise ArchiveError(f"no vehicle of seed {options.make.seed} passes two cameras: try another --seed and --dir")
    seen = {sighting.id: sighting for sighting in remembered.sightings}
    return max(asked, key=lambda question: (*_clearness(seen[question.sighting]), question.sighting)), remembered


def _clearness(sighting: Sighting) -> tuple[bool, float]:
    return bool(sighting.plate and sighting.plate.text), sighting.box.width * sighting.box.height


def _end(about: About) -> datetime:
    """Return when the cameras stop, which is the "now" of the question."""
    return about.start + timedelta(minutes=about.minutes)


def _truth(question: Question, remembered: Remembered, ranking: Ranking) -> Truth:
    matches = remembered.matches
    right = judged([candidate.sighting.id for candidate in ranking.candidates], question, matches)
    return Truth(
        vehicle=question.vehicle,
        same=frozenset(id_ for id_, match in matches.items() if match.vehicle == question.vehicle),
        hit_at_1=bool(right[:1].any()),
        found_at_5=int(right[:5].sum()),
        relevant=len(question.relevant),
    )


def _seconds(clock: Sequence[float]) -> dict[str, float]:
    city_end, ingest_end, asked, answered = (moment - clock[0] for moment in clock[1:])
    parts = {"city": city_end, "ingest": ingest_end - city_end, "search": answered - asked, "total": answered}
    return {name: round(seconds, 2) for name, seconds in parts.items()}
