"""Make a small city, ingest its footage, ask one question, and compare the answer with the truth."""

import os
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from index.access.permissions import local_person
from index.answers import Query, Ranking
from index.errors import ArchiveError
from index.ingest.ingest import IngestOptions, ingest
from index.ingest.registration import FootageJob
from index.map.map_changes import import_cameras, import_roads
from index.map.places import current_places, place_book
from index.records import Sighting
from index.search.search import search
from index.simulation import truth
from index.simulation.city import make_city
from index.simulation.match_archive import MatchedArchive, match_archive, read_truth
from index.simulation.options import CityOptions, CityRecord, read_city_record
from index.simulation.questions import HORIZON_S, CityQuestion, draw_questions, judge_ranking
from index.store.archive import Archive
from roadgraph.camera_files import read_cameras
from ui.cli.ingest_progress import ProgressLines

Note = Callable[[str], None]

FRAMES_A_SECOND = 8.0
"""Fewer than the default of a city, so that the demo takes about a minute."""


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """The folder of the demo, and the city it makes."""

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
class DemoTruth:
    """The answer compared with the truth: `same` holds the ids of the true sightings of the vehicle.

    Hits are counted as in `retrace city score`: candidates on other cameras, within the horizon, each passage once.
    """

    vehicle: str
    same: frozenset[str]
    hit_at_1: bool
    found_at_5: int
    relevant: int


@dataclass(frozen=True, slots=True)
class Demo:
    """The result of the demo: the city, the question, the answer, the truth, and the time each part took."""

    options: DemoOptions
    cameras: int
    vehicles: int
    sightings: int
    asked: Sighting
    query: Query
    ranking: Ranking
    truth: DemoTruth
    seconds: Mapping[str, float]


def demo_city(seed: int) -> CityOptions:
    """Return the options of the demo's city: an easy one, by day, so that the answer can be checked by eye."""
    return CityOptions(seed=seed, fps=FRAMES_A_SECOND, preset="easy")


def run_demo(options: DemoOptions, note: Note) -> Demo:
    """Run the demo; what an earlier run with the same seed finished is used again."""
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
        cameras = len(place_book(archive).cameras())
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


def _city(options: DemoOptions, note: Note) -> CityRecord:
    """Return the description of the city; it is made in a temporary folder and renamed, so it is never half made."""
    if not options.city.exists():
        note("making a city: roads, traffic, and what its cameras film")
        half_made = options.city.with_name("city.part")
        shutil.rmtree(half_made, ignore_errors=True)
        make_city(half_made, options.make, note)
        half_made.rename(options.city)
    about = read_city_record(options.city)
    if about.seed != options.make.seed:
        raise ArchiveError(
            f"{options.folder} holds the city of seed {about.seed}: name another --dir for seed {options.make.seed}"
        )
    return about


def _archive(options: DemoOptions, note: Note) -> Archive:
    """Return the archive of the demo, with roads and cameras imported."""
    archive = Archive.open(options.archive) if options.archive.exists() else Archive.create(options.archive)
    places = current_places(archive)
    if places is None or not places.placed:
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
        for done in ingest(
            archive, jobs, local_person(), IngestOptions(workers=workers), on_progress=ProgressLines(note)
        )
        if done.status == "failed"
    ]
    if failed:
        raise ArchiveError(f"{failed[0].path} could not be ingested: {failed[0].problem}")


def _choose(archive: Archive, options: DemoOptions) -> tuple[CityQuestion, MatchedArchive]:
    """Return the question about the clearest picture of a vehicle that recurs, and the matched sightings of the city.

    The clearest picture is the largest one with a read plate, as an investigator would bring it; the choice does not
    depend on the answer.
    """
    true = read_truth(options.city)
    remembered = match_archive(archive, options.city, true)
    asked = draw_questions(
        remembered.known_sightings(true.clocks), true.passages, n=len(remembered.sightings), seed=options.make.seed
    )
    if not asked:
        raise ArchiveError(f"no vehicle of seed {options.make.seed} passes two cameras: try another --seed and --dir")
    sightings = {sighting.id: sighting for sighting in remembered.sightings}
    return max(asked, key=lambda question: (*_clearness(sightings[question.sighting]), question.sighting)), remembered


def _clearness(sighting: Sighting) -> tuple[bool, float]:
    return bool(sighting.plate and sighting.plate.text), sighting.box.width * sighting.box.height


def _end(about: CityRecord) -> datetime:
    """Return when the cameras stop: the "now" of the question."""
    return about.start + timedelta(minutes=about.minutes)


def _truth(question: CityQuestion, remembered: MatchedArchive, ranking: Ranking) -> DemoTruth:
    matches = remembered.matches
    right = judge_ranking([candidate.sighting.id for candidate in ranking.candidates], question, matches)
    return DemoTruth(
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
