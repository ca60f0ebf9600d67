"""The joint story: one vehicle, one place at a time."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.search.story import weigh_stories
from reid.arrays import Floats

NO = -np.inf


def every_story(gains: Floats, travel: Floats, origin: int | None) -> dict[tuple[int, ...], float]:
    """The slow obvious version: each subset of the rows in order of time, with its log weight."""
    stories: dict[tuple[int, ...], float] = {}
    for size in range(len(gains) + 1):
        for rows in itertools.combinations(range(len(gains)), size):
            if origin is not None and origin not in rows:
                continue
            claims = sum(gains[row] for row in rows if row != origin)
            weight = claims + sum(travel[a, b] for a, b in itertools.pairwise(rows))
            if weight > NO:
                stories[rows] = float(weight)
    return stories


@st.composite
def lattices(draw: st.DrawFn) -> tuple[Floats, Floats, int | None]:
    count = draw(st.integers(1, 6))
    number = st.floats(-6, 6)
    gains = np.array(draw(st.lists(number, min_size=count, max_size=count)))
    move = st.one_of(st.just(NO), number)
    travel = np.array(draw(st.lists(move, min_size=count * count, max_size=count * count))).reshape(count, count)
    origin = draw(st.one_of(st.none(), st.integers(0, count - 1)))
    return gains, travel, origin


@given(lattices())
def test_sums_and_best_are_those_of_every_story_written_out(lattice: tuple[Floats, Floats, int | None]) -> None:
    gains, travel, origin = lattice
    stories = every_story(gains, travel, origin)
    total = sum(np.exp(weight) for weight in stories.values())
    told = weigh_stories(gains, travel, origin=origin)
    for row in range(len(gains)):
        passing = sum(np.exp(weight) for rows, weight in stories.items() if row in rows)
        assert told.marginals[row] == pytest.approx(passing / total, rel=1e-6, abs=1e-12)
    assert stories[told.best.rows] == pytest.approx(max(stories.values()), abs=1e-9)
    assert told.best.probability == pytest.approx(np.exp(stories[told.best.rows]) / total, rel=1e-6)
    nothing = () if origin is None else (origin,)
    assert told.nobody == pytest.approx(np.exp(stories[nothing]) / total, rel=1e-6)


@given(lattices())
def test_never_in_two_places_at_once(lattice: tuple[Floats, Floats, int | None]) -> None:
    gains, travel, origin = lattice
    told = weigh_stories(gains, travel, origin=origin)
    for story in (told.best, *told.alternatives):
        assert list(story.rows) == sorted(set(story.rows))
        assert all(travel[a, b] > NO for a, b in itertools.pairwise(story.rows))
        assert origin is None or origin in story.rows


def test_a_better_rival_at_the_same_moment_takes_the_place() -> None:
    gains = np.array([0.0, 2.0, 3.0])
    travel = np.array([[NO, 0.0, 0.0], [NO, NO, NO], [NO, NO, NO]])
    told = weigh_stories(gains, travel, origin=0)
    assert told.best.rows == (0, 2)
    assert told.alternatives[0].rows == (0, 1)
    assert told.marginals[1] + told.marginals[2] < 1


def test_a_camera_may_have_missed_it() -> None:
    gains = np.array([0.0, -4.0, 3.0])
    travel = np.zeros((3, 3))
    assert weigh_stories(gains, travel, origin=0).best.rows == (0, 2)


def test_without_a_start_nothing_is_claimed_on_weak_evidence() -> None:
    told = weigh_stories(np.array([-2.0, -3.0]), np.zeros((2, 2)))
    assert told.best.rows == ()
    assert told.best.probability > 0.5


def test_nothing_to_tell_of_is_no_story() -> None:
    told = weigh_stories(np.zeros(0), np.zeros((0, 0)))
    assert told.best.rows == ()
    assert told.marginals.shape == (0,)


def test_the_same_input_tells_the_same_story() -> None:
    gains, travel = np.array([0.0, 1.0, 1.0]), np.zeros((3, 3))
    travel[1, 2] = NO
    first, second = weigh_stories(gains, travel, origin=0), weigh_stories(gains, travel, origin=0)
    assert first.best == second.best
    assert first.best.rows == (0, 1)
