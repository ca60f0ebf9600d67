from dataclasses import replace

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import multivariate_normal

from index.simulation.unfilmed.ties import BEFOREHAND, MOMENT_S, Chances, Luck, Outcome, Tie, Ties, fit_tie

LOOSE, TIED = Tie(0, 0, 0), Tie(0.5, 0.2, 0.1)
TIES = Ties(seen=TIED, type=TIED, colour=LOOSE, heading=LOOSE, plate=TIED, flawless=LOOSE)


def _drawn(ties: Ties, times_s: list[float], cameras: list[str], vehicles: list[str], seed: int = 3) -> list[Chances]:
    luck, rng = Luck(ties, seed), np.random.default_rng(1)
    return [luck.draw(v, c, t, rng) for v, c, t in zip(vehicles, cameras, times_s, strict=True)]


def _correlation(first: list[Chances], second: list[Chances], fault: str) -> float:
    rows = [ndtri([getattr(one, fault) for one in some]) for some in (first, second)]
    return float(np.corrcoef(rows)[0, 1])


@pytest.mark.parametrize("fault", ["seen", "colour"])
def test_chances_are_even_however_they_are_tied(fault: str) -> None:
    n = 4000
    drawn = _drawn(TIES, [20.0 * i for i in range(n)], [f"c{i}" for i in range(n)], [f"v{i}" for i in range(n)])
    shares = np.histogram([getattr(one, fault) for one in drawn], bins=10, range=(0, 1))[0] / n
    assert shares == pytest.approx(0.1, abs=0.025)


@pytest.mark.parametrize(
    ("same", "expected"),
    [(("vehicle",), 0.5), (("camera",), 0.2), (("camera", "moment"), 0.3), (("vehicle", "camera", "moment"), 0.8)],
)
def test_what_two_passages_share_ties_their_faults(same: tuple[str, ...], expected: float) -> None:
    n = 3000
    first = _drawn(TIES, [0.0] * n, [f"c{i}" for i in range(n)], [f"v{i}" for i in range(n)])
    later_s = 1.0 if "moment" in same else 5 * MOMENT_S
    cameras = [f"c{i}" if "camera" in same else f"other{i}" for i in range(n)]
    vehicles = [f"v{i}" if "vehicle" in same else f"other{i}" for i in range(n)]
    luck, rng = Luck(TIES, 3), np.random.default_rng(2)
    second = [luck.draw(v, c, later_s, rng) for v, c in zip(vehicles, cameras, strict=True)]
    assert _correlation(first, second, "seen") == pytest.approx(expected, abs=0.06)
    assert _correlation(first, second, "colour") == pytest.approx(0, abs=0.06)


def test_another_seed_has_other_luck() -> None:
    drawn = [_drawn(TIES, [0.0], ["c"], ["v"], seed)[0] for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_rates_of_phantoms_differ_by_camera_about_their_mean() -> None:
    luck = Luck(TIES, 3)
    rates = [luck.rate(f"c{i}", 0.5) for i in range(4000)]
    assert np.mean(rates) == pytest.approx(1, abs=0.05)
    assert np.var(rates) == pytest.approx(0.5, abs=0.08)
    assert luck.rate("c1", 0.5) == rates[1]
    assert luck.rate("c1", 0.0) == 1


@pytest.mark.parametrize("true", [LOOSE, Tie(0.4, 0, 0), Tie(0, 0.4, 0), Tie(0.2, 0.1, 0.2)], ids=str)
def test_a_tie_is_found_again(true: Tie) -> None:
    rng = np.random.default_rng(6)
    places = [(f"v{rng.integers(600)}", f"c{rng.integers(60)}", float(rng.uniform(0, 300))) for _ in range(3000)]
    luck = Luck(replace(TIES, seen=true), 8)
    chances = [luck.draw(*place, rng).seen for place in places]
    expected = rng.uniform(0.4, 0.9, len(places))
    outcomes = [Outcome(*place, p, u < p) for place, p, u in zip(places, expected.tolist(), chances, strict=True)]
    found = fit_tie(outcomes)
    assert found.vehicle == pytest.approx(true.vehicle, abs=0.1)
    assert found.camera == pytest.approx(true.camera, abs=0.1)
    assert found.moment == pytest.approx(true.moment, abs=0.12)


def test_with_nothing_to_count_the_tie_is_what_was_believed() -> None:
    assert fit_tie([]) == BEFOREHAND
    lonely = [Outcome("v", "c", 0.0, 0.9, True)]
    found = fit_tie(lonely)
    assert (found.vehicle, found.camera) == pytest.approx((BEFOREHAND.vehicle, BEFOREHAND.camera))


def test_the_first_order_of_the_fit_is_near_the_true_chance_of_both() -> None:
    threshold, tie = ndtri(0.8), 0.3
    both = multivariate_normal([0, 0], [[1, tie], [tie, 1]]).cdf([threshold, threshold])
    density = np.exp(-(threshold**2) / 2) / np.sqrt(2 * np.pi)
    assert 0.8**2 + density**2 * tie == pytest.approx(float(both), abs=0.006)
