"""A type and a colour that the investigator states."""

from pathlib import Path

import numpy as np
import pytest

from index.access.permissions import local_person
from index.answers import Query
from index.search.search import search
from index.search.stated import LEAST_USUAL, add, stated_llrs
from index.store.archive import Archive
from reid.vehicle import Attributes
from tests.index.search.straight_street import CAMERAS, make, others, seen


def test_a_rare_type_counts_more_than_a_common_one() -> None:
    car, bus = Attributes({"car": 1.0}, {}), Attributes({"bus": 1.0}, {})
    gallery = [car] * 9 + [bus]
    assert stated_llrs(gallery, type_="bus", colour=None)[-1] > 2
    assert 0 < stated_llrs(gallery, type_="car", colour=None)[0] < 0.5


def test_type_and_colour_add_up_and_a_sighting_that_tells_neither_is_missing() -> None:
    gallery = [Attributes({"car": 1.0}, {"red": 1.0}), Attributes({"car": 1.0}, {"blue": 1.0}), Attributes({}, {})]
    both = stated_llrs(gallery, type_="car", colour="red")
    assert both[0] > both[1]
    assert np.isnan(both[2])


def test_type_and_colour_that_go_together_count_once() -> None:
    car, bus = Attributes({"car": 1.0}, {"white": 1.0}), Attributes({"bus": 1.0}, {"yellow": 1.0})
    gallery = [car] * 6 + [bus] * 4
    both, alone = (stated_llrs(gallery, type_="bus", colour=colour)[-1] for colour in ("yellow", None))
    assert both == pytest.approx(alone, abs=0.05)


def test_what_is_usual_is_counted_among_those_that_tell() -> None:
    gallery = [Attributes({}, {"red": 1.0}), Attributes({}, {"red": 0.5, "blue": 0.5}), Attributes({"car": 1.0}, {})]
    assert stated_llrs(gallery, type_=None, colour="red")[0] == pytest.approx(np.log(1 / 0.75))


def test_however_rare_a_description_is_it_counts_at_most_ten_times() -> None:
    gallery = [Attributes({"car": 1.0}, {})] * 999 + [Attributes({"bus": 1.0}, {})]
    assert stated_llrs(gallery, type_="bus", colour=None)[-1] == pytest.approx(-np.log(LEAST_USUAL))


def test_a_sum_is_missing_only_where_both_are() -> None:
    total = add(np.array([np.nan, 1.0, 1.0]), np.array([np.nan, np.nan, 2.0]))
    assert np.isnan(total[0])
    assert total[1:].tolist() == [1.0, 3.0]


def test_beside_a_picture_words_that_all_look_alikes_fit_say_nothing_more(tmp_path: Path) -> None:
    """Twelve of one look are red: the word beside a picture made each of them about twice as likely."""
    alike = [seen(f"s{n:02}", CAMERAS[1 + n % 4], 100 + 40 * n, 0, colour="red") for n in range(12)]
    with make(tmp_path, [seen("q", "c1", 0, 0, colour="red"), *alike, *others()]) as archive:
        by_picture, with_word = (summed(archive, Query(sighting="q", colour=colour)) for colour in (None, "red"))
    assert with_word == pytest.approx(by_picture, rel=0.02)


def test_beside_a_picture_words_tell_look_alikes_apart(tmp_path: Path) -> None:
    alike = [seen(f"s{n:02}", CAMERAS[1 + n % 4], 100 + 40 * n, 0, colour="blue") for n in range(11)]
    red = seen("red", "c2", 70, 0, colour="red")
    with make(tmp_path, [seen("q", "c1", 0, 0, colour="red"), red, *alike, *others()]) as archive:
        found = [probability_of(archive, Query(sighting="q", colour=colour), "red") for colour in (None, "red")]
        word_alone = probability_of(archive, Query(sighting="q", colour="blue"), "red")
    assert word_alone < found[0] < found[1]


def summed(archive: Archive, query: Query) -> float:
    """Return how many sightings are the vehicle by the probabilities of each judged alone, looks and words counted."""
    ranking = next(one for one in search(archive, query, local_person()) if one.stages[-1].name == "appearance")
    return sum(one.probability or 0.0 for one in ranking.candidates)


def probability_of(archive: Archive, query: Query, sighting: str) -> float:
    ranking = next(one for one in search(archive, query, local_person()) if one.stages[-1].name == "appearance")
    return {one.sighting.id: one.probability or 0.0 for one in ranking.candidates}[sighting]


def test_each_sighting_counts_as_much_as_it_looks_alike() -> None:
    red, blue = Attributes({}, {"red": 1.0}), Attributes({}, {"blue": 1.0})
    counted = stated_llrs([red, red, blue, blue], type_=None, colour="red", counts=np.array([0.9, 0.9, 0.1, 0.1]))
    alike = stated_llrs([red, red, blue, blue], type_=None, colour="red")
    assert 0 < counted[0] < alike[0]
