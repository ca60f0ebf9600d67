import numpy as np
import pytest

from roadgraph.arrays import Floats
from roadgraph.clock_pairs import (
    DIFFERENCES_S,
    PACE_SPREADS,
    PACES,
    ClockDifference,
    LikelyPairs,
    clock_difference,
)
from roadgraph.clocks import ERRORS_S, OffsetEstimate, solve_clocks
from roadgraph.pair_delays import PairScale

SCALE = PairScale.of(45.0, 60.0)


def likely(elapsed_s: Floats, *, odds: float = 8.0, back: bool = True) -> LikelyPairs:
    """Pairs that are all alike, none a rival of another; the roads may lead one way only."""
    every = np.ones(len(elapsed_s))
    return LikelyPairs(
        elapsed_s=elapsed_s,
        middle_s=0.0 * every,
        odds=odds * every,
        rival_odds=odds * every,
        known=every < 0,
        other_density=every / 1200.0,
        there_earliest_s=every * SCALE.earliest_s,
        there_unit_s=every * SCALE.unit_s,
        back_earliest_s=every * (SCALE.earliest_s if back else np.inf),
        back_unit_s=every * (SCALE.unit_s if back else np.inf),
    )


def drives(rng: np.random.Generator, count: int, *, wrong: float = 0.2, pace: float = 1.05) -> Floats:
    own = 60.0 * pace * rng.lognormal(0.0, 0.08, size=count)
    return np.asarray(np.where(rng.random(count) < wrong, rng.uniform(-300, 900, size=count), own))


def found(pairs: LikelyPairs) -> OffsetEstimate:
    return solve_clocks([clock_difference("a", "b", pairs)], {"a"})["b"]


def test_forty_passages_both_ways_find_the_offset_within_two_seconds() -> None:
    rng = np.random.default_rng(5)
    errors, held = [], []
    for _ in range(8):
        offset_s = rng.uniform(-60, 60)
        elapsed_s = np.concatenate([drives(rng, 20) + offset_s, -drives(rng, 20) + offset_s])
        estimate = found(likely(elapsed_s))
        errors.append(abs(estimate.offset_s - offset_s))
        held.append(estimate.low_s <= offset_s <= estimate.high_s)
    assert np.quantile(errors, 0.9) < 2.0
    assert np.mean(held) >= 0.75


def test_one_way_traffic_leaves_a_wider_interval_that_holds() -> None:
    rng = np.random.default_rng(6)
    both = found(likely(np.concatenate([drives(rng, 20) + 30, -drives(rng, 20) + 30])))
    one = found(likely(drives(rng, 40) + 30, back=False))
    assert one.high_s - one.low_s > 2 * (both.high_s - both.low_s)
    assert one.low_s <= 30 <= one.high_s


def test_pairs_that_are_hardly_likely_tell_nothing() -> None:
    rng = np.random.default_rng(7)
    estimate = found(likely(rng.uniform(-300, 900, size=60), odds=0.02))
    assert estimate.high_s - estimate.low_s > 10.0
    assert estimate.low_s <= 0.0 <= estimate.high_s


def peak(first: str, second: str, difference_s: float, width_s: float = 1.0) -> ClockDifference:
    return ClockDifference(first, second, -0.5 * ((DIFFERENCES_S - difference_s) / width_s) ** 2)


def test_two_cameras_are_joined_through_others() -> None:
    chain = [peak("a", "b", 10.0), peak("b", "c", -4.0), peak("c", "d", 20.0)]
    solved = solve_clocks(chain, {"a"})
    assert solved["d"].offset_s == pytest.approx(26.0, abs=2.0)
    assert solved["d"].high_s - solved["d"].low_s > solved["b"].high_s - solved["b"].low_s


def test_the_first_camera_is_compared_the_right_way_round() -> None:
    assert solve_clocks([peak("a", "b", 30.0)], {"b"})["a"].offset_s == pytest.approx(-30.0, abs=1.5)


def test_without_a_known_clock_most_clocks_are_right() -> None:
    names = "abcdef"
    true_s = dict.fromkeys(names, 0.0) | {"c": 35.0}
    pairs = [peak(x, y, true_s[y] - true_s[x]) for x in names for y in names if x < y]
    solved = solve_clocks(pairs, ())
    assert solved["c"].offset_s == pytest.approx(35.0, abs=2.0)
    assert all(abs(solved[name].offset_s) < 2.0 for name in "abdef")


def test_the_doubt_of_the_common_constant_widens_no_interval() -> None:
    true_s = {"a": -40.0, "b": 20.0, "c": 55.0}
    pairs = [peak(x, y, true_s[y] - true_s[x]) for x in true_s for y in true_s if x < y]
    solved = solve_clocks(pairs, ())
    assert all(one.high_s - one.low_s < 6.0 for one in solved.values())
    assert solved["c"].offset_s - solved["a"].offset_s == pytest.approx(95.0, abs=3.0)


def test_groups_that_nothing_joins_are_solved_apart() -> None:
    solved = solve_clocks([peak("a", "b", 5.0), peak("x", "y", 50.0)], {"a"})
    assert solved["b"].offset_s == pytest.approx(5.0, abs=1.5)
    assert solved["y"].offset_s - solved["x"].offset_s == pytest.approx(50.0, abs=2.0)


def test_two_peaks_make_an_interval_over_both() -> None:
    either = np.logaddexp(peak("a", "b", -30.0).log_likelihood, peak("a", "b", 40.0).log_likelihood)
    solved = solve_clocks([ClockDifference("a", "b", either)], {"a"})["b"]
    assert solved.low_s < -25.0
    assert solved.high_s > 35.0


def test_the_same_pairs_give_the_same_clocks() -> None:
    pairs = [peak("a", "b", 12.0), peak("b", "c", 3.0)]
    assert solve_clocks(pairs, ()) == solve_clocks(pairs, ())


def test_differences_span_every_two_errors() -> None:
    assert DIFFERENCES_S[0] == ERRORS_S[0] - ERRORS_S[-1]
    assert len(DIFFERENCES_S) == 2 * len(ERRORS_S) - 1


@pytest.mark.parametrize(("pace", "spread"), [pytest.param(1.05, 0, id="usual"), pytest.param(2.2, -1, id="slow")])
def test_a_pair_tells_how_much_the_paces_of_its_town_differ(pace: float, spread: int) -> None:
    """Seen from a town of the usual pace, a usual pair speaks for alike paces, a slow one for different ones."""
    rng = np.random.default_rng(8)
    told = clock_difference("a", "b", likely(np.concatenate([drives(rng, 20, pace=pace), -drives(rng, 20, pace=pace)])))
    by_spread = told.log_likelihood.reshape(len(PACE_SPREADS), len(PACES), -1)
    usual = by_spread[:, int(np.abs(PACES).argmin()), :].max(axis=1)
    assert usual.argmax() == np.arange(len(PACE_SPREADS))[spread]
