import numpy as np
import pytest
from scipy.special import ndtri

from index.simulation.synthetic.correlations import (
    MOMENT_S,
    FaultCorrelations,
    FaultDraws,
    FaultSampler,
    VarianceShares,
)

INDEPENDENT, CORRELATED = VarianceShares(0, 0, 0), VarianceShares(0.5, 0.2, 0.1)
CORRELATIONS = FaultCorrelations(
    seen=CORRELATED, type=CORRELATED, colour=INDEPENDENT, heading=INDEPENDENT, plate=CORRELATED, flawless=INDEPENDENT
)


def _drawn(
    correlations: FaultCorrelations, times_s: list[float], cameras: list[str], vehicles: list[str], seed: int = 3
) -> list[FaultDraws]:
    sampler, rng = FaultSampler(correlations, seed), np.random.default_rng(1)
    return [sampler.draw(v, c, t, rng) for v, c, t in zip(vehicles, cameras, times_s, strict=True)]


def _correlation(first: list[FaultDraws], second: list[FaultDraws], fault: str) -> float:
    rows = [ndtri([getattr(one, fault) for one in draws]) for draws in (first, second)]
    return float(np.corrcoef(rows)[0, 1])


@pytest.mark.parametrize("fault", ["seen", "colour"])
def test_draws_are_uniform_whatever_their_correlation(fault: str) -> None:
    n = 4000
    drawn = _drawn(CORRELATIONS, [20.0 * i for i in range(n)], [f"c{i}" for i in range(n)], [f"v{i}" for i in range(n)])
    shares = np.histogram([getattr(one, fault) for one in drawn], bins=10, range=(0, 1))[0] / n
    assert shares == pytest.approx(0.1, abs=0.025)


@pytest.mark.parametrize(
    ("same", "expected"),
    [(("vehicle",), 0.5), (("camera",), 0.2), (("camera", "moment"), 0.3), (("vehicle", "camera", "moment"), 0.8)],
)
def test_faults_correlate_by_what_two_passages_share(same: tuple[str, ...], expected: float) -> None:
    n = 3000
    first = _drawn(CORRELATIONS, [0.0] * n, [f"c{i}" for i in range(n)], [f"v{i}" for i in range(n)])
    later_s = 1.0 if "moment" in same else 5 * MOMENT_S
    cameras = [f"c{i}" if "camera" in same else f"other{i}" for i in range(n)]
    vehicles = [f"v{i}" if "vehicle" in same else f"other{i}" for i in range(n)]
    sampler, rng = FaultSampler(CORRELATIONS, 3), np.random.default_rng(2)
    second = [sampler.draw(v, c, later_s, rng) for v, c in zip(vehicles, cameras, strict=True)]
    assert _correlation(first, second, "seen") == pytest.approx(expected, abs=0.06)
    assert _correlation(first, second, "colour") == pytest.approx(0, abs=0.06)


def test_another_seed_gives_other_draws() -> None:
    drawn = [_drawn(CORRELATIONS, [0.0], ["c"], ["v"], seed)[0] for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_phantom_rates_vary_by_camera_with_mean_one() -> None:
    sampler = FaultSampler(CORRELATIONS, 3)
    rates = [sampler.phantom_rate(f"c{i}", 0.5) for i in range(4000)]
    assert np.mean(rates) == pytest.approx(1, abs=0.05)
    assert np.var(rates) == pytest.approx(0.5, abs=0.08)
    assert sampler.phantom_rate("c1", 0.5) == rates[1]
    assert sampler.phantom_rate("c1", 0.0) == 1
