import numpy as np
import pytest

from roadgraph.clock_pairs import DIFFERENCES_S, LikelyPairs, clock_difference

TRUE_S, EARLIEST_S, UNIT_S = 20.0, 20.0, 30.0


def drives(there_s: list[float], back_s: list[float]) -> LikelyPairs:
    """Return certain pairs of vehicles that drive there and back in so many seconds, by clocks TRUE_S apart."""
    elapsed_s = np.array([*(s + TRUE_S for s in there_s), *(TRUE_S - s for s in back_s)])
    many = np.ones(len(elapsed_s))
    return LikelyPairs(
        elapsed_s, 0 * many, 0 * many, 0 * many, many > 0, many / 600, EARLIEST_S * many, UNIT_S * many,
        EARLIEST_S * many, UNIT_S * many,
    )  # fmt: skip


@pytest.mark.parametrize("usual_s", [26.0, 50.0, 110.0], ids=["empty roads", "usual", "jam"])
def test_the_difference_is_found_whatever_the_pace(usual_s: float) -> None:
    spread = np.exp(0.3 * np.linspace(-1.5, 1.5, 12))
    there, back = ((EARLIEST_S + (usual_s - EARLIEST_S) * spread * more).tolist() for more in (1.0, 1.05))
    found = clock_difference("a", "b", drives(there, back))
    by_difference = np.logaddexp.reduce(found.log_likelihood, axis=0)
    assert DIFFERENCES_S[by_difference.argmax()] == pytest.approx(TRUE_S, abs=max(1.5, 0.06 * usual_s))


def test_a_vehicle_that_is_a_second_too_early_does_not_rule_the_truth_out() -> None:
    in_time = [30.0, 34.0, 38.0, 50.0] * 3
    log_likelihood = np.logaddexp.reduce(
        clock_difference("a", "b", drives([*in_time, EARLIEST_S - 1], in_time)).log_likelihood, axis=0
    )
    at_truth = int(np.argmin(np.abs(DIFFERENCES_S - TRUE_S)))
    assert log_likelihood.max() - log_likelihood[at_truth] < 3.0
