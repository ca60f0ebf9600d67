import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import multivariate_normal

from index.simulation.synthetic.correlations import FaultCorrelations, FaultSampler, VarianceShares
from index.simulation.synthetic.fit_correlations import PRIOR_SHARES, FaultOutcome, fit_odds, fit_variance_shares


@pytest.mark.parametrize("odds", [0.4, 1.0, 2.5])
def test_the_odds_of_a_weather_are_recovered(odds: float) -> None:
    rng = np.random.default_rng(2)
    expected = rng.uniform(0.2, 0.9, 1500)
    changed = expected * odds / (1 - expected + expected * odds)
    trials = list(zip(expected.tolist(), (rng.random(1500) < changed).tolist(), strict=True))
    assert fit_odds(trials) == pytest.approx(odds, rel=0.2)


def test_a_rare_weather_keeps_neutral_odds() -> None:
    assert fit_odds([]) == pytest.approx(1, abs=1e-3)
    assert 0.6 < fit_odds([(0.9, False)]) < 1


@pytest.mark.parametrize(
    "true",
    [VarianceShares(0, 0, 0), VarianceShares(0.4, 0, 0), VarianceShares(0, 0.4, 0), VarianceShares(0.2, 0.1, 0.2)],
    ids=str,
)
def test_variance_shares_are_recovered(true: VarianceShares) -> None:
    rng = np.random.default_rng(6)
    places = [(f"v{rng.integers(600)}", f"c{rng.integers(60)}", float(rng.uniform(0, 300))) for _ in range(3000)]
    sampler = FaultSampler(FaultCorrelations(*[true] * 6), 8)
    draws = [sampler.draw(*place, rng).seen for place in places]
    expected = rng.uniform(0.4, 0.9, len(places))
    outcomes = [FaultOutcome(*place, p, u < p) for place, p, u in zip(places, expected.tolist(), draws, strict=True)]
    found = fit_variance_shares(outcomes)
    assert found.vehicle == pytest.approx(true.vehicle, abs=0.1)
    assert found.camera == pytest.approx(true.camera, abs=0.1)
    assert found.moment == pytest.approx(true.moment, abs=0.12)


def test_without_outcomes_the_prior_stands() -> None:
    assert fit_variance_shares([]) == PRIOR_SHARES
    single = [FaultOutcome("v", "c", 0.0, 0.9, True)]
    found = fit_variance_shares(single)
    assert (found.vehicle, found.camera) == pytest.approx((PRIOR_SHARES.vehicle, PRIOR_SHARES.camera))


def test_the_first_order_of_the_fit_is_near_the_true_probability_of_both() -> None:
    threshold, correlation = ndtri(0.8), 0.3
    both = multivariate_normal([0, 0], [[1, correlation], [correlation, 1]]).cdf([threshold, threshold])
    density = np.exp(-(threshold**2) / 2) / np.sqrt(2 * np.pi)
    assert 0.8**2 + density**2 * correlation == pytest.approx(float(both), abs=0.006)
