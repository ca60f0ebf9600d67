import pytest

from index.simulation.truth_writer import LONGEST_STEP_S, MOST_ROWS, PositionSampling


def test_few_vehicles_are_sampled_every_second() -> None:
    sampling = PositionSampling.of(110, 780.0)
    assert sampling.nth == 1
    assert sampling.seconds[1] - sampling.seconds[0] == 1
    assert sampling.seconds[-1] >= 780


@pytest.mark.parametrize("vehicles", [8_000, 100_000, 1_000_000])
def test_large_fleets_are_sampled_less_often_and_then_in_part(vehicles: int) -> None:
    sampling = PositionSampling.of(vehicles, 1800.0)
    assert sampling.seconds[1] - sampling.seconds[0] <= LONGEST_STEP_S
    assert len(sampling.seconds) * (vehicles // sampling.nth) <= 1.02 * MOST_ROWS
    assert (sampling.nth == 1) == (vehicles < 10_000)
