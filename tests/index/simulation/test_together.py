import numpy as np
import pytest

from index.simulation.unfilmed.together import fit_odds


@pytest.mark.parametrize("odds", [0.4, 1.0, 2.5])
def test_what_a_weather_does_is_found_again(odds: float) -> None:
    rng = np.random.default_rng(2)
    expected = rng.uniform(0.2, 0.9, 1500)
    chance = expected * odds / (1 - expected + expected * odds)
    trials = list(zip(expected.tolist(), (rng.random(1500) < chance).tolist(), strict=True))
    assert fit_odds(trials) == pytest.approx(odds, rel=0.2)


def test_of_a_weather_that_was_hardly_seen_nothing_is_believed() -> None:
    assert fit_odds([]) == pytest.approx(1, abs=1e-3)
    assert 0.6 < fit_odds([(0.9, False)]) < 1
