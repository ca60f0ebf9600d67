"""The counts are read as the city has them, and the fit finds again what was put in."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.bath import halves_of, say_returns, simulated_mean_s
from benchmarks.bath_counts import COUNTED_S, Bath, read_bath
from benchmarks.bath_fit import GUESS, counted_log_density, counted_mean_s, counted_quantile, times_by, ways_of
from roadgraph.pair_delays import SLACK
from roadgraph.usual_driving import usual_driving


@pytest.fixture(scope="module")
def bath(material: Path) -> Bath:
    if not (material / "bath").is_dir():
        pytest.skip("the material has no counts of Bath")
    return read_bath(material / "bath")


def test_no_source_is_in_both_halves() -> None:
    first, second = halves_of(np.arange(41))
    assert sorted([*first.tolist(), *second.tolist()]) == list(range(41))


def test_errands_and_delays_make_counted_means_longer_up_to_the_end_of_the_count() -> None:
    earliest_s, usual_s = np.array([20.0, 300.0, 880.0]), np.array([40.0, 600.0, 1600.0])
    plain, with_errands = (
        counted_mean_s(earliest_s, usual_s, replace(GUESS, errand_odds=odds)) for odds in (1e-6, 1.0)
    )
    assert (with_errands > plain)[:2].all()
    assert (with_errands <= COUNTED_S).all()
    assert (counted_mean_s(earliest_s, usual_s, GUESS, 0.5) < counted_mean_s(earliest_s, usual_s, GUESS))[:2].all()


def test_the_density_of_counted_times_is_one_and_agrees_with_its_quantiles() -> None:
    earliest_s, unit_s = np.array([60.0, 200.0]), np.array([50.0, 180.0])
    seconds = np.arange(0.5, COUNTED_S, 1.0)
    density = np.exp([counted_log_density(float(s), earliest_s, unit_s, GUESS) for s in seconds])
    assert density.sum(axis=0) == pytest.approx(1, abs=0.03)
    median_s = counted_quantile(earliest_s, unit_s, GUESS, 0.5)
    below = [density[seconds < s, i].sum() for i, s in enumerate(median_s.tolist())]
    assert below == pytest.approx([0.5, 0.5], abs=0.03)


def test_sites_stand_on_streets_in_their_direction_and_the_bridge_is_open(bath: Bath) -> None:
    assert len(bath.placed) == 66
    assert max(site.snap_m for site in bath.placed) < 10
    site = {placed.id: placed for placed in bath.placed}
    assert bath.graph.name(site["27"].views[0].edge) == "London Road"
    times = times_by(bath, usual_driving())
    rows = bath.by_pair.only(bath.compared(bath.by_pair))
    earliest_s = times.of_pairs(times.free_s, rows.first, rows.second) / SLACK
    early = {
        (bath.placed[a].id, bath.placed[b].id)
        for a, b in zip(rows.first[rows.mean_s < earliest_s], rows.second[rows.mean_s < earliest_s], strict=True)
    }
    # Both lead over the toll bridge at Bathampton, which this map lacks.
    assert early == {("3", "9"), ("10", "4")}


def test_simulated_traffic_takes_as_long_beyond_the_least_time_as_counted_traffic(bath: Bath) -> None:
    rows = bath.by_pair.only(bath.compared(bath.by_pair))
    ways = ways_of(bath, rows, usual_driving())
    simulated, counted = simulated_mean_s(bath, ways) / ways.free_s, rows.mean_s / ways.free_s
    for pairs in (ways.free_s < 300, ways.free_s >= 300):
        # The fastest tenth is not: docs/roads.md tells by how much.
        for share in (0.25, 0.5, 0.75, 0.9):
            assert np.quantile(simulated[pairs], share) == pytest.approx(np.quantile(counted[pairs], share), rel=0.2)


def test_who_comes_back_to_a_place_comes_the_other_way(bath: Bath, capsys: pytest.CaptureFixture[str]) -> None:
    say_returns(bath)
    claim = json.loads(capsys.readouterr().out)
    assert claim["correct"] is True
    assert claim["value"] == pytest.approx(0.968, abs=0.001)
