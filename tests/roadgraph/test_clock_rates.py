import numpy as np
import pytest

from roadgraph.arrays import Floats
from roadgraph.clock_pairs import LikelyPairs
from roadgraph.clock_rates import COARSE, FINE, RIGHT, RateDifference, RateEstimate, rate_difference, solve_rates
from roadgraph.pair_delays import PairScale

SCALE = PairScale.of(45.0, 60.0)


def pairs_of(middle_s: Floats, elapsed_s: Floats, *, odds: float = 8.0) -> LikelyPairs:
    """Pairs that are all alike, none a rival of another."""
    every = np.ones(len(elapsed_s))
    return LikelyPairs(
        elapsed_s=elapsed_s,
        middle_s=middle_s,
        odds=odds * every,
        rival_odds=odds * every,
        known=every < 0,
        other_density=every / 1200.0,
        there_earliest_s=every * SCALE.earliest_s,
        there_unit_s=every * SCALE.unit_s,
        back_earliest_s=every * SCALE.earliest_s,
        back_unit_s=every * SCALE.unit_s,
    )


def passages(rng: np.random.Generator, slope: float, offset_s: float, count: int = 60) -> LikelyPairs:
    """Drives either way over half an hour, a third of them of two vehicles; the clocks differ by a line."""
    middle_s = rng.uniform(0, 1800, size=count)
    drive_s = 60.0 * rng.lognormal(0.05, 0.1, size=count) * rng.choice([-1, 1], size=count)
    drive_s = np.where(rng.random(count) < 0.3, rng.uniform(-600, 600, size=count), drive_s)
    return pairs_of(middle_s, drive_s + offset_s + slope * middle_s)


@pytest.mark.parametrize("rate", [-0.17, 0.0, 0.05])
def test_the_ratio_of_two_rates_is_found_whatever_the_offset(rate: float) -> None:
    rng = np.random.default_rng(3)
    found = rate_difference("a", "b", passages(rng, 2 * np.tanh(rate / 2), 35.0), COARSE)
    assert COARSE.differences[found.log_likelihood.argmax()] == pytest.approx(rate, abs=COARSE.step)


def test_the_rest_is_found_closely() -> None:
    found = rate_difference("a", "b", passages(np.random.default_rng(4), 0.011, -20.0, count=150), FINE)
    assert FINE.differences[found.log_likelihood.argmax()] == pytest.approx(0.011, abs=0.003)


def peak(first: str, second: str, difference: float) -> RateDifference:
    return RateDifference(first, second, -0.5 * ((COARSE.differences - difference) / 0.004) ** 2)


def test_most_clocks_keep_their_rate_and_two_cameras_are_joined_through_others() -> None:
    true = {"a": 0.0, "b": 0.0, "c": -0.15, "d": 0.0, "e": 0.09}
    chain = [peak(x, y, true[y] - true[x]) for x, y in ("ab", "bc", "cd", "de")]
    found = solve_rates(chain, COARSE, ())
    assert {camera for camera, one in found.items() if one.is_wrong} == {"c", "e"}
    assert found["c"].rate == pytest.approx(-0.15, abs=0.01)
    assert found["e"].rate == pytest.approx(0.09, abs=0.01)


def test_a_clock_that_nothing_tells_of_is_not_called_wrong() -> None:
    flat = RateDifference("a", "b", np.zeros(len(COARSE.differences)))
    assert not solve_rates([flat], COARSE, {"a"})["b"].is_wrong


def test_clocks_that_are_known_are_left_out() -> None:
    assert set(solve_rates([peak("a", "b", 0.06)], COARSE, {"a"})) == {"b"}


def test_a_rate_is_a_drift_of_what_the_clock_shows() -> None:
    """Footage of 21 frames a second that is stored as 25 shows 0.84 s each true second."""
    rate = RateEstimate(float(np.log(0.84)), float(np.log(0.83)), float(np.log(0.85)))
    assert rate.drift == pytest.approx(1 - 25 / 21)
    assert rate.drift_bounds[0] < rate.drift < rate.drift_bounds[1]
    assert (RIGHT.drift, RIGHT.is_wrong) == (0.0, False)
    assert rate.plus(RateEstimate(0.001, 0.0, 0.002)).low == pytest.approx(rate.rate)
