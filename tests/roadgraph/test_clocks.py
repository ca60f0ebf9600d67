import numpy as np
import pytest

from roadgraph.clocks import OffsetEstimate, PairOffset, camera_offsets, drift, pair_offset
from roadgraph.errors import RoadError
from roadgraph.travel_time import PairScale

SCALE = PairScale.of(45.0, 60.0)


def elapsed(
    rng: np.random.Generator, count: int, offset_s: float, *, wrong: float = 0.2, pace: float = 1.05
) -> np.ndarray:
    own = 60.0 * pace * rng.lognormal(0.0, 0.08, size=count) + offset_s
    return np.where(rng.random(count) < wrong, rng.uniform(-300, 900, size=count), own)


def test_forty_passages_both_ways_find_the_offset_within_two_seconds() -> None:
    rng = np.random.default_rng(5)
    errors, held = [], []
    for _ in range(6):
        offset_s = rng.uniform(-60, 60)
        found = pair_offset(elapsed(rng, 20, offset_s), elapsed(rng, 20, -offset_s), SCALE, SCALE)
        errors.append(abs(found.offset_s - offset_s))
        held.append(found.low_s <= offset_s <= found.high_s)
    assert np.quantile(errors, 0.9) < 2.0
    assert np.mean(held) >= 0.8


def test_one_way_traffic_leaves_a_wide_interval_that_holds() -> None:
    rng = np.random.default_rng(6)
    both = pair_offset(elapsed(rng, 20, 30), elapsed(rng, 20, -30), SCALE, SCALE)
    one = pair_offset(elapsed(rng, 40, 30), np.zeros(0), SCALE, SCALE)
    assert one.high_s - one.low_s > 2 * (both.high_s - both.low_s)
    assert one.low_s <= 30 <= one.high_s


@pytest.mark.parametrize("pace", [0.88, 1.0, 1.2])
def test_the_interval_allows_for_another_pace_of_one_way_traffic(pace: float) -> None:
    rng = np.random.default_rng(7)
    held = []
    for offset_s in (-40.0, 0.0, 25.0):
        found = pair_offset(elapsed(rng, 40, offset_s, pace=pace), np.zeros(0), SCALE, SCALE)
        held.append(found.low_s <= offset_s <= found.high_s)
    assert all(held)


def test_a_long_tail_in_one_direction_is_not_taken_for_an_offset() -> None:
    rng = np.random.default_rng(8)
    skewed = 50.0 + rng.exponential(15.0, size=40)
    found = pair_offset(skewed, np.zeros(0), SCALE, SCALE)
    assert found.high_s - found.low_s > 0.8 * SCALE.unit_s
    assert found.low_s <= 0.0 <= found.high_s


def test_no_passage_is_refused() -> None:
    with pytest.raises(RoadError, match="no passage"):
        pair_offset(np.zeros(0), np.zeros(0), SCALE, SCALE)


def estimate(offset_s: float, margin_s: float = 1.0) -> OffsetEstimate:
    return OffsetEstimate(offset_s, offset_s - margin_s, offset_s + margin_s)


def test_offsets_add_up_over_cameras_and_a_contradiction_counts_less() -> None:
    pairs = [PairOffset("a", "b", estimate(10)), PairOffset("b", "c", estimate(-4)), PairOffset("a", "c", estimate(6))]
    found = camera_offsets(pairs, "a")
    assert found["b"].offset_s == pytest.approx(10, abs=1e-6)
    assert found["c"].offset_s == pytest.approx(6, abs=1e-6)
    lie = [*pairs, PairOffset("a", "b", estimate(100))]
    assert camera_offsets(lie, "a")["b"].offset_s == pytest.approx(10, abs=3)


def test_cameras_that_no_pair_joins_are_left_out() -> None:
    found = camera_offsets([PairOffset("a", "b", estimate(1)), PairOffset("x", "y", estimate(2))], "a")
    assert set(found) == {"b"}


def test_drift_is_what_a_clock_gains_in_a_day() -> None:
    found = drift(estimate(10), estimate(16), days_between=3)
    assert found.s_per_day == pytest.approx(2)
    assert found.low < 2 < found.high
    with pytest.raises(RoadError, match="later"):
        drift(estimate(10), estimate(16), days_between=0)
