import pytest

from index.simulation.afterwards import LONGEST_STEP_S, MOST_ROWS, Telling


def test_of_few_vehicles_every_second_is_told() -> None:
    telling = Telling.of(110, 780.0)
    assert telling.nth == 1
    assert telling.seconds[1] - telling.seconds[0] == 1
    assert telling.seconds[-1] >= 780


@pytest.mark.parametrize("vehicles", [8_000, 100_000, 1_000_000])
def test_of_many_it_is_told_more_seldom_and_then_of_fewer(vehicles: int) -> None:
    telling = Telling.of(vehicles, 1800.0)
    assert telling.seconds[1] - telling.seconds[0] <= LONGEST_STEP_S
    assert len(telling.seconds) * (vehicles // telling.nth) <= 1.02 * MOST_ROWS
    assert (telling.nth == 1) == (vehicles < 10_000)
