"""Make a small city, ingest its footage, ask two questions, and compare the answers with the truth."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from index.access.permissions import local_person
from index.answers import Query, Ranking
from index.errors import ArchiveError
from index.ingest.ingest import ingest
from index.ingest.ingest_options import IngestOptions
from index.ingest.registration import FootageJob
from index.map.map_changes import import_cameras, import_roads
from index.map.places import Places, current_places, place_book
from index.search.search import search
from index.simulation import truth
from index.simulation.area_score import is_inside, vehicle_paths
from index.simulation.city import UNFINISHED, is_finished, make_city
from index.simulation.demo_vehicles import DemoVehicle, recurring_vehicle, single_vehicle
from index.simulation.match_archive import CityTruth, MatchedArchive, match_archive, read_truth
from index.simulation.options import CityOptions, CityRecord, read_city_record
from index.simulation.questions import HORIZON_S, CityQuestion, draw_questions, judge_ranking
from index.store.archive import Archive
from index.store.archive_file import check_free
from roadgraph.camera_files import read_cameras
from ui.cli.ingest_progress import ProgressLines

Note = Callable[[str], None]

FRAMES_A_SECOND = 8.0
"""Fewer than the default of a city, so that the demo takes about a minute."""


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """The folder of the demo, and the city it makes."""

    folder: Path
    make: CityOptions

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
    `in_area` says whether the vehicle is in the area of the answer; None if it has left the roads, or there is no area.
    """

    vehicle: str
    same: frozenset[str]
    hit_at_1: bool
    found_at_5: int
    relevant: int
    in_area: bool | None


@dataclass(frozen=True, slots=True)
class DemoAbsent:
    """The question about a vehicle that passes one camera once, and its answer.

    `nobody` is the probability that no other camera saw it, None where the search compared nothing.
    `right` says whether the likeliest story claims no other sighting.
    """

    vehicle: DemoVehicle
    query: Query
    ranking: Ranking
    nobody: float | None
    right: bool


@dataclass(frozen=True, slots=True)
class Demo:
    """The result of the demo: the city, the two questions, their answers, the truth, and the time each part took.

    `absent` is None if every vehicle that was seen passes more than once.
    """

    options: DemoOptions
    cameras: int
    vehicles: int
    sightings: int
    chosen: DemoVehicle
    query: Query
    ranking: Ranking
    truth: DemoTruth
    absent: DemoAbsent | None
    seconds: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class _MatchedCity:
    """The archive's sightings matched with the truth, the truth, and the questions about vehicles that recur."""

    matched: MatchedArchive
    truth: CityTruth
    questions: tuple[CityQuestion, ...]


def demo_city(seed: int) -> CityOptions:
    """Return the options of the demo's city: an easy one, by day, so that the answer can be checked by eye."""
    return CityOptions(seed=seed, fps=FRAMES_A_SECOND, preset="easy")


def run_demo(options: DemoOptions, note: Note) -> Demo:
    """Run the demo; what an earlier run with the same seed finished is used again."""
    clock = [time.monotonic()]
    about = have_city(options, note)
    clock.append(time.monotonic())
    with _archive(options, note) as archive:
        _ingest(archive, options, note)
        clock.append(time.monotonic())
        city = _matched_city(archive, options)
        chosen = _choose(city, options)
        note("asking one question")
        clock.append(time.monotonic())
        query, ranking = _ask(archive, chosen, _end(about))
        clock.append(time.monotonic())
        note("asking another, about a vehicle that passes once")
        absent = _ask_in_vain(archive, city, _end(about))
        clock.append(time.monotonic())
        places = current_places(archive)
        cameras = len(place_book(archive).cameras())
    return Demo(
        options=options,
        cameras=cameras,
        vehicles=about.vehicles,
        sightings=len(city.matched.sightings),
        chosen=chosen,
        query=query,
        ranking=ranking,
        truth=_truth(city, chosen, ranking, in_area=_in_area(options.city, places, chosen, query, ranking)),
        absent=absent,
        seconds=_seconds(clock),
    )


def have_city(options: DemoOptions, note: Note) -> CityRecord:
    """Return the description of the city; it is made in a folder of its own and renamed, so it is never half made.

    What a killed run left in that folder is gone on with, or finished; a folder of somebody else is left alone.
    """
    if not options.city.exists():
        note("making a city: roads, traffic, and what its cameras film")
        half_made = options.city.with_name("city.part")
        if not is_finished(half_made):
            if not (half_made / UNFINISHED).exists():
                check_free(half_made, "the city")
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
    if not places.placed:
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


def _matched_city(archive: Archive, options: DemoOptions) -> _MatchedCity:
    """Return the sightings matched with the truth, and every question that could be asked about one that recurs."""
    true = read_truth(options.city)
    matched = match_archive(archive, options.city, true)
    known = matched.known_sightings(true)
    return _MatchedCity(matched, true, tuple(draw_questions(known, true.passages, n=len(known), seed=0)))


def _choose(city: _MatchedCity, options: DemoOptions) -> DemoVehicle:
    chosen = recurring_vehicle(city.matched.sightings, city.matched.matches, city.questions)
    if chosen is None:
        raise ArchiveError(f"no vehicle of seed {options.make.seed} passes two cameras: try another --seed and --dir")
    return chosen


def _ask(archive: Archive, vehicle: DemoVehicle, at: datetime) -> tuple[Query, Ranking]:
    query = Query(sighting=vehicle.asked.id, horizon_s=HORIZON_S, at=at, reason="retrace demo")
    *_, ranking = search(archive, query, local_person())
    return query, ranking


def _ask_in_vain(archive: Archive, city: _MatchedCity, at: datetime) -> DemoAbsent | None:
    """Ask about a vehicle that no camera saw again, if there is one."""
    vehicle = single_vehicle(city.matched.sightings, city.matched.matches, city.truth.passages)
    if vehicle is None:
        return None
    query, ranking = _ask(archive, vehicle, at)
    claimed = [stop for stop in ranking.itinerary.stops if stop.sighting != query.sighting] if ranking.itinerary else []
    return DemoAbsent(vehicle, query, ranking, ranking.nobody, right=not claimed)


def _end(about: CityRecord) -> datetime:
    """Return when the cameras stop: the "now" of the question."""
    return about.start + timedelta(minutes=about.minutes)


def _truth(city: _MatchedCity, chosen: DemoVehicle, ranking: Ranking, *, in_area: bool | None) -> DemoTruth:
    matches = city.matched.matches
    question = next(one for one in city.questions if one.sighting == chosen.asked.id)
    right = judge_ranking([candidate.sighting.id for candidate in ranking.candidates], question, matches)
    return DemoTruth(
        vehicle=question.vehicle,
        same=frozenset(id_ for id_, match in matches.items() if match.vehicle == question.vehicle),
        hit_at_1=bool(right[:1].any()),
        found_at_5=int(right[:5].sum()),
        relevant=len(question.relevant),
        in_area=in_area,
    )


def _in_area(city: Path, places: Places | None, chosen: DemoVehicle, query: Query, ranking: Ranking) -> bool | None:
    path = vehicle_paths(truth.read(city, truth.TruePosition)).get(chosen.vehicle)
    place = path.at(query.at) if path is not None and query.at is not None else None
    if place is None or places is None or ranking.area_now is None:
        return None
    return is_inside(places.roads, ranking.area_now, *place)


def _seconds(clock: Sequence[float]) -> dict[str, float]:
    city_end, ingest_end, asked, answered, ended = (moment - clock[0] for moment in clock[1:])
    parts = {"city": city_end, "ingest": ingest_end - city_end, "search": answered - asked, "total": ended}
    return {name: round(seconds, 2) for name, seconds in parts.items()}
