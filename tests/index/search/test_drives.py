"""Drives between cameras whose clocks may be wrong, over the made map of three cameras in a row."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import numpy as np
import pytest

from index.search.drives import STEP_S, ClockDoubt, Drives
from index.search.question import Moment
from index.search.travel import fit_of_each
from roadgraph.camera_times import CameraTimes
from roadgraph.delay_shape import DelayShape, ShapeTable
from roadgraph.travel_time import PairPassage, TravelTimes
from tests.index.search.test_travel import NAMES, matrix

DOUBT = ClockDoubt(usual_s=1.5, farthest_s=90.0)
"""The errors of two such clocks add up to one of 3 s."""
SIXTY_AWAY_S = 46.0
"""From one camera to the next at 1.3 times the limits."""


@pytest.fixture
def certain() -> Drives:
    return Drives(TravelTimes(matrix()))


@pytest.fixture
def doubted() -> Drives:
    return Drives(TravelTimes(matrix()), doubt=DOUBT)


def test_the_density_is_the_sum_over_all_errors_of_the_clocks(certain: Drives, doubted: Drives) -> None:
    west, east = doubted.codes(["west"]), doubted.codes(["east"])
    for elapsed_s in (-20.0, 100.0, 150.0, 400.0):
        slow, shares = 0.0, 0.0
        for error_s in np.arange(-90.0, 90.0 + STEP_S, STEP_S):
            share = 1 / (1 + (error_s / 3.0) ** 2)
            slow += share * np.exp(certain.log_density(west, east, np.array([elapsed_s - error_s]))[0])
            shares += share
        found = np.exp(doubted.log_density(west, east, np.array([elapsed_s]))[0])
        assert found == pytest.approx(slow / shares, rel=1e-9)


def test_an_arrival_too_early_speaks_the_more_against_the_earlier_it_is(doubted: Drives) -> None:
    found = fit_of_each(doubted, [Moment("west", 0.0)], ["middle"] * 4, np.array([75.0, 30.0, 5.0, -70.0]))
    assert np.all(np.diff(found.log_density[:3]) < 0)
    assert found.log_possible[0] > found.log_possible[1] > found.log_possible[2]
    assert np.isfinite(found.log_density).all()


def test_no_clock_is_off_by_more_than_the_farthest(doubted: Drives) -> None:
    west, middle = doubted.codes(["west"]), doubted.codes(["middle"])
    possible = doubted.log_possible(west, middle, np.array([SIXTY_AWAY_S - 89.0, SIXTY_AWAY_S - 91.0]))
    assert np.isfinite(possible[0])
    assert np.isneginf(possible[1])


def test_clocks_that_are_surely_right_are_believed() -> None:
    both = Drives(TravelTimes(matrix()), doubt=DOUBT, error_s={"west": 0.0, "middle": 0.0, "nowhere": 0.0})
    one = Drives(TravelTimes(matrix()), doubt=DOUBT, error_s={"west": 0.0})
    west, middle, too_soon = both.codes(["west"]), both.codes(["middle"]), np.array([20.0])
    assert np.isneginf(both.log_density(west, middle, too_soon)[0])
    assert np.isneginf(both.log_possible(west, middle, too_soon)[0])
    assert np.isfinite(one.log_density(west, middle, too_soon)[0])


def test_the_more_is_known_of_a_clock_the_less_an_early_arrival_is_forgiven() -> None:
    found = []
    for error_s in (0.1, 0.5, 1.5, 6.0):
        drives = Drives(TravelTimes(matrix()), doubt=DOUBT, error_s={"west": error_s, "middle": error_s})
        west, middle = drives.codes(["west"]), drives.codes(["middle"])
        found.append(drives.log_possible(west, middle, np.array([SIXTY_AWAY_S - 20.0]))[0])
    assert np.isfinite(found).all()
    assert np.all(np.diff(found) > 0)


def test_a_camera_agrees_with_its_own_clock(certain: Drives, doubted: Drives) -> None:
    west, elapsed_s = doubted.codes(["west"]), np.array([30.0, 200.0])
    np.testing.assert_array_equal(
        doubted.log_density(west, west, elapsed_s), certain.log_density(west, west, elapsed_s)
    )


def test_a_camera_off_the_map_stays_unknown(doubted: Drives) -> None:
    nowhere, west, elapsed_s = doubted.codes(["nowhere"]), doubted.codes(["west"]), np.array([30.0])
    assert np.isnan(doubted.log_density(nowhere, west, elapsed_s)).all()
    assert np.isnan(doubted.log_possible(nowhere, west, elapsed_s)).all()


def test_where_an_error_may_have_turned_the_order_both_are_weighed(doubted: Drives) -> None:
    """A sighting 10 s before the anchor by the clocks may be one 60 s after it, or before it, by a true one."""
    before, after = (
        fit_of_each(doubted, [Moment("middle", 0.0)], ["west"], np.array([s])).log_density for s in (-10.0, 10.0)
    )
    assert before[0] == pytest.approx(after[0], abs=0.5)


@pytest.mark.parametrize("camera", NAMES)
def test_far_in_time_nothing_changes(certain: Drives, doubted: Drives, camera: str) -> None:
    anchor, later_s = [Moment("west", 0.0)], np.array([1200.0])
    np.testing.assert_allclose(
        fit_of_each(doubted, anchor, [camera], later_s).log_density,
        fit_of_each(certain, anchor, [camera], later_s).log_density,
        rtol=1e-6,
    )


def test_drives_of_another_question_cost_nothing_for_the_pairs_that_it_does_not_ask_about(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """At a thousand cameras a table of all pairs took a third of the first step of every question."""
    looked: list[int] = []
    whole = CameraTimes.of_pairs

    def counted(self: CameraTimes, table: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
        looked.append(np.broadcast(starts, ends).size)
        return whole(self, table, starts, ends)

    monkeypatch.setattr(CameraTimes, "of_pairs", counted)
    monkeypatch.setattr(CameraTimes, "per_camera", None)
    drives = Drives(TravelTimes(matrix()), doubt=DOUBT)
    assert looked == []
    drives.log_density(drives.codes(["west"]), drives.codes(["east", "middle"]), np.array([130.0, 70.0]))
    assert looked == [2, 2]


def test_learned_pairs_are_looked_up_only_for_the_pairs_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    passages = [PairPassage(first, second, 75.0) for first in NAMES for second in NAMES if first < second] * 9
    learned = TravelTimes(matrix()).learn(passages)
    made: list[int] = []
    monkeypatch.setattr(ShapeTable, "of", _counting(made))
    drives = Drives(learned)
    drives.log_density(drives.codes(["middle"] * 50), drives.codes(["west"] * 50), np.full(50, 75.0))
    assert made == [1]


def test_hours_and_weather_choose_what_passages_of_them_taught() -> None:
    night, noon = datetime(2026, 5, 4, 1, tzinfo=UTC), datetime(2026, 5, 4, 12, tzinfo=UTC)
    took = ((night, "dry", 60.0), (noon, "dry", 80.0), (noon, "snow", 130.0))
    passages = [PairPassage("west", "middle", s + n % 5, at, weather) for at, weather, s in took for n in range(40)]
    learned = TravelTimes(matrix()).learn(passages)
    seconds = np.array([62.0, 82.0, 132.0])
    for at, weather, fits in ((night, None, 0), (noon, "dry", 1), (noon, "snow", 2)):
        drives = Drives(learned, at, weather=weather)
        west, middle = drives.codes(["west"]), drives.codes(["middle"])
        assert int(np.argmax(drives.log_density(west, middle, seconds))) == fits
        (by_road,) = drives.log_density_by_road("west", "middle", seconds, [(None, None)])
        assert int(np.argmax(by_road)) == fits


def _counting(made: list[int]) -> Callable[[Sequence[DelayShape]], ShapeTable]:
    def of(shapes: Sequence[DelayShape]) -> ShapeTable:
        made.append(len(shapes))
        return ShapeTable(np.stack([shape.log_grid for shape in shapes]))

    return of


@pytest.mark.parametrize("error_s", [{}, {"west": 0.0, "middle": 0.0}])
def test_drives_of_several_pairs_by_their_roads_are_weighed_as_each_alone(error_s: dict[str, float]) -> None:
    drives = Drives(TravelTimes(matrix()), doubt=DOUBT, error_s=error_s)
    pairs = [("west", "middle"), ("middle", "east"), ("west", "east"), ("west", "middle")]
    roads = [(None, road) for _, end in pairs for road in drives.roads_past(end)[:1]]
    elapsed_s = np.array([70.0, 80.0, 160.0, -20.0])
    found = drives.log_density_by_roads(pairs, roads, elapsed_s)
    for row, (start, end) in enumerate(pairs):
        alone = drives.log_density_by_road(start, end, elapsed_s[[row]], [roads[row]])
        assert found[row] == pytest.approx(alone[0, 0], rel=1e-12)
