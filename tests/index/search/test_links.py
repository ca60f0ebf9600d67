"""Links from sighting to sighting: what they believe, what they reach, and what they change in an answer."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.access.permissions import local_person
from index.answers import Candidate, Query, Ranking
from index.records import NewSighting
from index.search.links import believed, reached_from
from index.search.question import SearchOptions
from index.search.search import search
from index.store.catalogue import cases
from index.store.catalogue.cases import Case, Mark
from tests.index.search.straight_street import NOON, make, others, seen


@given(st.integers(0, 2**32 - 1), st.integers(2, 12))
def test_each_is_the_next_of_one_at_most_and_has_one_next_at_most(seed: int, count: int) -> None:
    odds = np.triu(np.exp(np.random.default_rng(seed).normal(0, 4, (count, count))), k=1)
    chances = believed(odds)
    assert ((chances >= 0) & (chances <= 1)).all()
    assert (chances.sum(axis=1) <= 1 + 1e-9).all()
    assert (chances[odds == 0] == 0).all()
    assert (chances.sum(axis=0) <= 1.1).all(), "beliefs after some rounds are nearly those of an assignment"


def test_beliefs_are_those_of_all_assignments() -> None:
    """On a tree belief propagation is exact: two want the third, one of them may have the fourth instead."""
    odds = np.zeros((4, 4))
    odds[0, 2], odds[1, 2], odds[1, 3] = 3.0, 2.0, 5.0
    weights = {(): 1.0, (0,): 3.0, (1,): 2.0, (2,): 5.0, (0, 2): 15.0}
    total = sum(weights.values())
    chances = believed(odds)
    assert chances[0, 2] == pytest.approx((3 + 15) / total)
    assert chances[1, 2] == pytest.approx(2 / total)
    assert chances[1, 3] == pytest.approx((5 + 15) / total)


def test_what_is_reached_is_reached_over_any_number_of_links_and_both_ways() -> None:
    chances = np.zeros((4, 4))
    chances[0, 1], chances[1, 2], chances[0, 2], chances[2, 3] = 0.5, 0.4, 0.3, 0.9
    np.testing.assert_allclose(reached_from(chances, np.array([0])), [1.0, 0.5, 0.5, 0.45])
    np.testing.assert_allclose(reached_from(chances, np.array([3])), [0.3 * 0.9 + 0.5 * 0.4 * 0.9, 0.36, 0.9, 1.0])


def test_a_way_ends_at_what_was_confirmed_and_begins_there_anew() -> None:
    chances = np.zeros((3, 3))
    chances[0, 1], chances[1, 2], chances[0, 2] = 0.5, 0.8, 0.1
    np.testing.assert_allclose(reached_from(chances, np.array([0, 1])), [1.0, 1.0, 0.9])


def ask(folder: Path, sightings: Sequence[NewSighting], query: Query, options: SearchOptions | None = None) -> Ranking:
    with make(folder, [*sightings, *others()]) as archive:
        *_, last = search(archive, query, local_person(), options)
    return last


def found(ranking: Ranking, sighting: str) -> Candidate:
    return next(one for one in ranking.candidates if one.sighting.id == sighting)


ASKED = Query(sighting="q", top=100)


def test_a_sighting_on_the_way_makes_the_next_one_likelier_than_one_from_which_nobody_comes(tmp_path: Path) -> None:
    """Past c2 it comes just right for a drive back from c4, where it was seen; or it was seen there a moment before."""
    back, links = seen("w", "c2", 345, 0), []
    for number, at_s in enumerate((210, 330)):
        street = [seen("q", "c1", 0, 0), seen("c4", "c4", at_s, 0), back]
        links.append(found(ask(tmp_path / str(number), street, ASKED), "w").evidence.links or 0)
    assert links[0] > links[1] + 0.01


def test_a_sighting_that_fits_another_vehicle_better_is_less_likely(tmp_path: Path) -> None:
    """One that looks the same passed c1 just a drive earlier."""
    passed, rival = seen("w", "c3", 700, 0), seen("rival", "c1", 560, 0)
    free = found(ask(tmp_path / "free", [seen("q", "c1", 0, 0), passed, seen("rival", "c1", 560, 50)], ASKED), "w")
    taken = found(ask(tmp_path / "taken", [seen("q", "c1", 0, 0), passed, rival], ASKED), "w")
    assert (taken.evidence.links or 0) < (free.evidence.links or 0)
    assert (taken.probability or 0) < (free.probability or 0)


def test_what_was_confirmed_reaches_on_and_keeps_its_own_evidence(tmp_path: Path) -> None:
    street = [seen("q", "c1", 0, 0), seen("c4", "c4", 530, 30), seen("c5", "c5", 600, 30), *others()]
    asked = Query(sighting="q", top=100, case="one")
    with make(tmp_path, street) as archive:
        with archive.catalogue.writing() as connection:
            cases.add(connection, Case("one", "a van", "local", NOON))
        *_, before = search(archive, asked, local_person())
        with archive.catalogue.writing() as connection:
            cases.mark(connection, Mark("one", "c4", "yes", "local", NOON))
        *_, after = search(archive, asked, local_person())
    assert found(after, "c4").evidence.links == 0.0
    assert (found(after, "c5").evidence.links or 0) > (found(before, "c5").evidence.links or 0)


def test_links_tell_nothing_without_a_picture_a_place_or_where_they_are_left_out(tmp_path: Path) -> None:
    street = [seen("q", "c1", 0, 0, text="AB123C"), seen("w", "c2", 70, 0, text="AB123C")]
    no_links = SearchOptions(without=frozenset({"links"}))
    left_out = ask(tmp_path / "left", street, ASKED, no_links)
    by_plate = ask(tmp_path / "plate", street, Query(plate="AB123C", top=100))
    for ranking in (left_out, by_plate):
        assert all(one.evidence.links is None for one in ranking.candidates)
