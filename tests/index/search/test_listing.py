"""A description alone lists what fits it: counted inside its windows, in the order of time, without a probability."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from index.access.permissions import local_person
from index.answers import Query, Ranking
from index.search.question import SearchOptions
from index.search.search import search
from index.store.archive import Archive
from index.store.catalogue import cases
from index.store.catalogue.cases import Case, Mark
from reid.vehicle import Attributes
from tests.index.search.straight_street import CAMERAS, NOON, TARGET, make, others, seen

LATE_S = 86_400.0


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """Forty-four sightings around noon, and a day later eight more, one of them red."""
    late = [
        seen(f"z{n}", CAMERAS[n % 5], LATE_S + 10 * n, 50 + n, colour="red" if n == 6 else "blue") for n in range(8)
    ]
    with make(tmp_path, [*TARGET, *others(), *late]) as made:
        yield made


def ask(archive: Archive, query: Query, options: SearchOptions | None = None) -> Ranking:
    *_, last = search(archive, query, local_person(), options)
    return last


def ids(ranking: Ranking) -> list[str]:
    return [candidate.sighting.id for candidate in ranking.candidates]


def test_what_fits_is_found_in_the_windows_however_many_fit_elsewhere(archive: Archive) -> None:
    day_later = Query(colour="red", camera="c1", time=NOON + timedelta(seconds=LATE_S), direction="both")
    ranking = ask(archive, day_later, SearchOptions(shortlist=1))
    assert ids(ranking) == ["z6"]
    assert (ranking.fitting, ranking.searched.inside, ranking.searched.compared, ranking.searched.of) == (1, 5, 5, 52)


def test_a_listing_is_in_the_order_of_time_and_says_how_many_fit(archive: Archive) -> None:
    ranking = ask(archive, Query(colour="blue", top=5))
    times = [candidate.time for candidate in ranking.candidates]
    assert times == sorted(times)
    assert len(times) == 5
    assert ranking.fitting == 47
    assert [stage.name for stage in ranking.stages] == ["hypothesis", "listing"]
    assert ranking.stages[-1].sightings == 47


def test_nothing_that_was_not_compared_has_a_probability(archive: Archive) -> None:
    for query in (Query(type="car"), Query(plate="AB1*"), Query(plate="AB12#C", camera="c1", time=NOON)):
        ranking = ask(archive, query)
        assert ranking.candidates
        assert {candidate.probability for candidate in ranking.candidates} == {None}
        assert ranking.itinerary is None


@pytest.mark.parametrize("plate", ["AB1*", "AB1?3C", "*23*", "AB12#C"])
def test_a_part_of_a_plate_lists_those_it_fits(archive: Archive, plate: str) -> None:
    assert ids(ask(archive, Query(plate=plate))) == ["q", "w3"]
    assert ids(ask(archive, Query(plate=plate, cameras=("c3", "c4")))) == ["w3"]
    assert ids(ask(archive, Query(plate=plate, colour="blue"))) == []


def test_what_a_person_ruled_out_is_not_listed(archive: Archive) -> None:
    with archive.catalogue.writing() as connection:
        cases.add(connection, Case("17", "a case", "ann", NOON))
        cases.mark(connection, Mark("17", "z6", "no", "ann", NOON))
    assert ids(ask(archive, Query(colour="red", case="17"))) == ["q", "w2", "w3", "w5"]


@pytest.mark.parametrize("query", [Query(colour="blue"), Query(type="car", colour="red"), Query(type="bus")])
def test_few_are_read_once_and_many_are_left_to_the_catalogue_with_the_same_answer(
    archive: Archive, query: Query
) -> None:
    around = replace(query, camera="c1", time=NOON, direction="both", top=3)
    few, many = (ask(archive, around, SearchOptions(shortlist=shortlist)) for shortlist in (100, 1))
    assert (few.candidates, few.fitting, few.stages[-1].cameras) == (
        many.candidates,
        many.fitting,
        many.stages[-1].cameras,
    )


@pytest.mark.parametrize("roads", [True, False])
def test_what_nobody_knows_is_counted_and_not_said_to_fit_or_not(tmp_path: Path, roads: bool) -> None:
    """Of 35 sightings 30 had no plate that was read: "No sighting fits", of 35 searched."""
    bare = [replace(seen(f"u{n}", "c2", 50 + n, 1), attributes=Attributes({}, {}), vectors={}) for n in range(5)]
    with make(tmp_path, [*TARGET, *bare], roads=roads) as archive:
        found = {
            plate or type_: ask(archive, Query(plate=plate, type=type_, camera="c1", time=NOON)).unknown
            for plate, type_ in (("XX?99", None), ("AB?23C", None), (None, "van"))
        }
        everywhere = ask(archive, Query(plate="XX?99"))
        vans = ask(archive, Query(plate="XX?99", type="van"))
    assert found == {"XX?99": 7, "AB?23C": 7, "van": 5}
    assert (everywhere.fitting, everywhere.unknown) == (0, 7)
    # Cars whose plates nobody read are no vans.
    assert vans.unknown == 5


def test_a_type_that_may_as_well_be_the_one_asked_for_is_not_said_to_be_another(tmp_path: Path) -> None:
    """A van of 49 % was listed as a car alone, and no question about vans said anything of it."""
    torn = replace(seen("torn", "c2", 50, 1), attributes=Attributes({"car": 0.51, "van": 0.49}, {"red": 1.0}))
    with make(tmp_path, [*TARGET, torn]) as archive:
        for query in (Query(type="van"), Query(type="van", camera="c1", time=NOON), Query(type="van", colour="red")):
            assert (ask(archive, query).fitting, ask(archive, query).unknown) == (0, 1)
        assert ask(archive, Query(type="van", colour="blue")).unknown == 0
        assert ask(archive, Query(type="bus")).unknown == 0
