"""What alone makes nobody certain: too few sightings, a description, a time that nobody knows well."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from index.access.permissions import local_person
from index.answers import Query, Ranking
from index.map.map_changes import set_clock
from index.map.places import place_book
from index.records import NewSighting
from index.search.calibration import AppearanceScale, keep_scale
from index.search.question import SearchOptions
from index.search.search import search
from index.store.archive import Archive
from index.store.catalogue import cases, clocks
from index.store.catalogue.cases import Case, Mark
from index.store.catalogue.clocks import ClockOffset
from reid.vehicle import Attributes
from roadgraph.camera import Camera
from tests.index.search.straight_street import BLOCK_DEG, CAMERAS, LAT, LON, NOON, TARGET, make, others, seen

CERTAIN = 0.9
NOT_THERE = "ZZ999ZZ"
ELSEWHERE = {"type": "Polygon", "coordinates": [[[20, 50], [21, 50], [21, 51], [20, 50]]]}


def ask(folder: Path, sightings: Sequence[NewSighting], query: Query) -> Ranking:
    with make(folder, sightings) as archive:
        *_, last = search(archive, query, local_person())
    return last


def likeliest(ranking: Ranking) -> float:
    return max((candidate.probability or 0.0 for candidate in ranking.candidates), default=0.0)


def unseen(id_: str, camera: str, after_s: float, look: Attributes) -> NewSighting:
    """Return a sighting of which only type and colour are known."""
    return replace(seen(id_, camera, after_s, 1), attributes=look, vectors={})


@pytest.mark.parametrize("hours", [0.5, 12, 7 * 24])
@pytest.mark.parametrize("count", [1, 2, 10])
def test_that_there_is_hardly_anything_else_makes_nobody_certain(tmp_path: Path, count: int, hours: float) -> None:
    """Of few sightings in a long time each was taken for the one expected: 99 %, with nothing to compare."""
    times = np.linspace(300, 3600 * hours - 300, count)
    few = [unseen(f"o{n}", "c3", float(time), Attributes({}, {})) for n, time in enumerate(times)]
    asked = Query(plate=NOT_THERE, camera="c1", time=NOON, horizon_s=3600 * hours)
    ranking = ask(tmp_path, few, asked)
    assert len(ranking.candidates) == count
    assert likeliest(ranking) < CERTAIN


@pytest.mark.parametrize("buses", [1, 3, 8, 20])
@pytest.mark.parametrize("cars", [12, 400])
def test_a_description_alone_makes_nobody_certain(tmp_path: Path, buses: int, cars: int) -> None:
    """Yellow vehicles are buses, and buses yellow: each was counted as if the other said nothing of it."""
    rng = np.random.default_rng(3)
    bus, car = Attributes({"bus": 0.97}, {"yellow": 0.97}), Attributes({"car": 0.97}, {"white": 0.97})
    drawn = [(f"b{n}", bus) for n in range(buses)] + [(f"o{n}", car) for n in range(cars)]
    gallery = [unseen(id_, CAMERAS[n % 5], float(rng.uniform(100, 1500)), look) for n, (id_, look) in enumerate(drawn)]
    asked = Query(plate=NOT_THERE, type="bus", colour="yellow", camera="c1", time=NOON)
    ranking = ask(tmp_path, gallery, asked)
    assert ranking.candidates[0].sighting.id.startswith("b")
    assert likeliest(ranking) < CERTAIN
    assert "looks" not in ranking.candidates[0].why
    assert cars < 100 or "fits the description" in ranking.candidates[0].why


def test_a_camera_that_was_moved_meanwhile_rules_out_nothing(tmp_path: Path) -> None:
    """Ten seconds after the question it was put beside the next camera, and saw the vehicle there."""
    asked = Query(sighting="q")
    with make(tmp_path, [TARGET[0], seen("w", "c5", 75, 0, text="AB123C"), *others()]) as archive:
        *_, before = search(archive, asked, local_person())
        beside_c2 = Camera("c5", LAT, LON + 2.5 * BLOCK_DEG, 90.0)
        place_book(archive).move_camera(beside_c2, NOON + timedelta(seconds=10))
        *_, ranking = search(archive, asked, local_person())
    assert "w" not in {candidate.sighting.id for candidate in before.candidates}
    assert ranking.candidates[0].sighting.id == "w"
    assert likeliest(ranking) > 0.5
    assert ranking.rests_on is not None
    assert ranking.rests_on.words.endswith("moved in this time, so that their times are not known: c5")


def test_without_a_time_a_camera_that_was_ever_moved_rules_nothing_in_or_out(tmp_path: Path) -> None:
    """By where it stands today, a drive of before that was possible was none: 50 % each, of one vehicle."""
    drive = [seen("one", "c1", 0, 0, text="AB123C"), seen("two", "c5", 60, 0, text="AB123C")]
    with make(tmp_path, [*drive, *others()]) as archive:
        book, asked = place_book(archive), Query(plate="AB123C")
        book.import_cameras([Camera("c5", LAT, LON + 2.5 * BLOCK_DEG, 90.0)])
        *_, before = search(archive, asked, local_person())
        book.move_camera(Camera("c5", LAT, LON + 7 * BLOCK_DEG, 90.0), NOON + timedelta(days=30))
        *_, ranking = search(archive, asked, local_person())
    for found in (before, ranking):
        assert min(one.probability or 0.0 for one in found.candidates[:2]) > 0.9
    assert ranking.rests_on is not None
    assert ranking.rests_on.moved == ("c5",)


def _listed_around(archive: Archive, lon: float) -> list[str]:
    """Return the cars that a narrow area lists, asked without a time."""
    west, east, south, north = lon - 0.001, lon + 0.001, LAT - 1, LAT + 1
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    *_, ranking = search(archive, Query(type="car", area={"type": "Polygon", "coordinates": [ring]}), local_person())
    return [one.sighting.id for one in ranking.candidates]


def test_in_an_area_a_camera_is_searched_while_it_stood_there(tmp_path: Path) -> None:
    """What it had seen before it was moved into the area was listed as seen there, and what it saw in the other not."""
    month = timedelta(days=30)
    with make(tmp_path, [seen("before", "c5", 60, 0), seen("after", "c5", 2 * month.total_seconds(), 0)]) as archive:
        book = place_book(archive)
        old = next(one for one in book.cameras() if one.id == "c5")
        book.move_camera(Camera("c5", LAT, LON, 90.0), NOON + month)
        found = [_listed_around(archive, lon) for lon in (old.lon, LON)]
    assert found == [["before"], ["after"]]


def test_in_an_area_what_a_clock_shows_is_put_right_before_it_is_asked_where_its_camera_stood(tmp_path: Path) -> None:
    """By a clock an hour ahead what it saw just before it was moved was listed as seen where it stood after."""
    month = timedelta(days=30)
    at_s = month.total_seconds()
    early = seen("early", "c5", -NOON.timestamp() - 1800, 0)
    shown = [seen("before", "c5", at_s + 1800, 0), seen("after", "c5", at_s + 5400, 0)]
    with make(tmp_path, [early, *shown]) as archive:
        set_clock(archive, local_person(), ClockOffset("c5", 3600.0, 3599.0, 3601.0))
        old = next(one for one in place_book(archive).cameras() if one.id == "c5")
        place_book(archive).move_camera(Camera("c5", LAT, LON, 90.0), NOON + month)
        found = [_listed_around(archive, lon) for lon in (old.lon, LON)]
    assert found == [["early", "before"], ["after"]]


def test_what_a_person_confirmed_is_shown_with_what_speaks_against_it(tmp_path: Path) -> None:
    """A mark that was meant for another vehicle of the case hid that plate and looks are another's."""
    other = seen("other", "c2", 70, 9, text="KX77ZZ")
    with make(tmp_path, [TARGET[0], other, *others()]) as archive:
        with archive.catalogue.writing() as connection:
            cases.add(connection, Case("7", "two vehicles", "local", NOON))
            cases.mark(connection, Mark("7", "other", "yes", "local", NOON))
        *_, ranking = search(archive, Query(sighting="q", case="7"), local_person())
    (found,) = [candidate for candidate in ranking.candidates if candidate.sighting.id == "other"]
    assert found.why.startswith("confirmed by a person; plate read as KX77ZZ, another one (6 characters differ)")


def test_where_nobody_looked_nobody_is_said_to_be_absent(tmp_path: Path) -> None:
    """Three days later there is no footage: that nobody was seen is no finding."""
    asked = Query(plate=NOT_THERE, camera="c1", time=NOON + timedelta(days=3))
    ranking = ask(tmp_path, others(), asked)
    assert (ranking.nobody, ranking.itinerary) == (None, None)
    assert ranking.searched.unwatched == 1.0


def test_the_sighting_asked_about_does_not_stand_for_somebody_who_looked(tmp_path: Path) -> None:
    """Imported without footage around it, it was all that lay inside: "in the rest it was probably not seen: >99 %"."""
    late = seen("late", "c1", 3 * 86400, 0, text="AB123C")
    ranking = ask(tmp_path, [late, *others()], Query(sighting="late"))
    assert (ranking.searched.inside, ranking.searched.own) == (1, 1)
    assert ranking.searched.nobody_looked
    assert (ranking.nobody, ranking.itinerary) == (None, None)


@pytest.mark.parametrize("query", [Query(plate=NOT_THERE), Query(plate=NOT_THERE, camera="c1", time=NOON)])
def test_that_a_plate_is_nowhere_is_not_said_of_plates_that_nobody_read(tmp_path: Path, query: Query) -> None:
    """Without a time only plates that fit are fetched: 44 that were not read were said to be others, for certain."""
    ranking = ask(tmp_path, [*TARGET, *others()], query)
    assert ranking.nobody is None or ranking.nobody < 0.5
    assert ranking.itinerary is None or ranking.itinerary.probability < 0.5


def test_an_archive_without_sightings_has_not_looked(tmp_path: Path) -> None:
    assert ask(tmp_path, [], Query(plate=NOT_THERE)).nobody is None


@pytest.mark.parametrize(
    "query", [Query(sighting="q", horizon_s=1, cameras=("c5",)), Query(sighting="q", area=ELSEWHERE)]
)
def test_where_no_camera_is_searched_nobody_is_said_to_be_absent(tmp_path: Path, query: Query) -> None:
    """No camera can be reached, or none lies in the area: "probably not seen by these cameras: >99 %"."""
    ranking = ask(tmp_path, [*TARGET, *others()], query)
    assert ranking.searched.cameras == 0
    assert (ranking.nobody, ranking.itinerary) == (None, None)


def test_that_nobody_was_seen_counts_those_that_are_too_many_for_a_story(tmp_path: Path) -> None:
    """Of 2,000 sightings with nothing to compare 120 counted: the more there were, the surer "not seen" was."""
    rng = np.random.default_rng(1)
    many = [unseen(f"o{n}", "c2", float(rng.uniform(-1500, 1500)), Attributes({}, {})) for n in range(2000)]
    asked = Query(plate=NOT_THERE, camera="c1", time=NOON)
    nobody = ask(tmp_path, many, asked).nobody
    assert nobody is not None
    assert nobody < 0.2


def test_what_has_no_picture_is_not_said_to_be_less_similar(tmp_path: Path) -> None:
    """265 of 304 sightings, imported without pictures, were left out of the shortlist: "not seen: 96 %"."""
    bare = [unseen(f"b{n}", CAMERAS[n % 4], 10.0 * n, Attributes({}, {})) for n in range(100)]
    with make(tmp_path, [*others(), *bare]) as archive:
        *_, few = search(archive, Query(sighting="o11"), local_person(), SearchOptions(shortlist=20))
    assert few.searched.compared < few.searched.inside
    assert few.nobody is None


def test_forgotten_sightings_do_not_stand_for_those_without_pictures(tmp_path: Path) -> None:
    """Ten were forgotten, and ten others have no picture: the numbers agreed, and it was "not seen: 97 %"."""
    bare = [unseen(f"b{n}", CAMERAS[n % 4], 10.0 * n, Attributes({}, {})) for n in range(10)]
    old = [seen(f"e{n}", CAMERAS[n % 4], 20.0 * n - 900, 1) for n in range(10)]
    with make(tmp_path, [*others(), *old, *bare]) as archive:
        archive.forget([one.id for one in old])
        *_, few = search(archive, Query(sighting="o11"), local_person(), SearchOptions(shortlist=5))
    assert few.searched.compared < few.searched.inside
    assert few.nobody is None


def test_a_clock_that_is_known_to_be_badly_kept_rules_out_nothing_within_its_interval(tmp_path: Path) -> None:
    """Off by 280 s of the 300 that were known, an arrival "hardly allowed the drive": none was believed beyond 120."""
    early = seen("w5", "c5", 0, 0, text="AB123C")
    with make(tmp_path, [TARGET[0], early, *others()]) as archive:
        with archive.catalogue.writing() as connection:
            clocks.set_offset(connection, ClockOffset("c5", 0.0, -300.0, 300.0))
        *_, ranking = search(archive, Query(sighting="q"), local_person())
    assert ranking.candidates[0].sighting.id == "w5"
    assert likeliest(ranking) > 0.8


def test_a_camera_whose_clock_began_before_1970_is_searched(tmp_path: Path) -> None:
    """A clock that was reset at home shows the last hours of 1969 in UTC: with --cameras it was never found."""
    reset = seen("reset", "c2", (datetime(1969, 12, 31, 23, tzinfo=UTC) - NOON).total_seconds(), 0, text="AB123C")
    ranking = ask(tmp_path, [reset, *others()], Query(plate="AB123C", cameras=("c2", "c3")))
    assert ranking.candidates[0].sighting.id == "reset"


def test_a_calibration_that_came_with_an_archive_is_said(tmp_path: Path) -> None:
    own = AppearanceScale(usual=0.1, spread=0.2, bias=-1.0, per_similarity=9.0, per_z_score=1.0, limit=30.0)
    with make(tmp_path, [*TARGET, *others()]) as archive:
        *_, usual = search(archive, Query(sighting="q"), local_person())
        with archive.catalogue.writing() as connection:
            keep_scale(connection, "looks-1", own, fitted_on="nobody knows", at=NOON)
        *_, ranking = search(archive, Query(sighting="q"), local_person())
    assert usual.settings == ()
    assert ranking.settings == ("looks weighed by this archive's own calibration",)


def test_the_less_similar_of_many_pictures_are_less_likely(tmp_path: Path) -> None:
    with make(tmp_path, others()) as archive:
        *_, few = search(archive, Query(sighting="o11"), local_person(), SearchOptions(shortlist=5))
    assert few.searched.compared < few.searched.inside
    assert few.nobody is not None


def test_a_time_that_may_be_off_rules_out_nothing_within_its_doubt(tmp_path: Path) -> None:
    """The time is five minutes late, and was said to be that uncertain: the drive began before it."""
    asked = Query(sighting="q", camera="c1", time=NOON + timedelta(seconds=300), slack_s=900)
    ranking = ask(tmp_path, [*TARGET, *others()], asked)
    assert {candidate.sighting.id for candidate in ranking.candidates[:3]} == {"w2", "w3", "w5"}
    assert all((candidate.probability or 0.0) > 0.5 for candidate in ranking.candidates[:3])
