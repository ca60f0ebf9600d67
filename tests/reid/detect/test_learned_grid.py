import numpy as np
import pytest

from reid.detect.learned import OUTPUTS, STRIDES, decode_grid, grid_places
from reid.vehicle import VEHICLE_TYPES


def test_places_are_the_middles_of_their_cells_finest_first() -> None:
    grid = grid_places(64, 96)
    assert len(grid) == sum((64 // s) * (96 // s) for s in STRIDES)
    assert grid[0].tolist() == [4, 4, 8]
    assert grid[1].tolist() == [12, 4, 8]
    assert grid[-1].tolist() == [80, 48, 32]


def test_a_row_is_read_as_the_box_the_score_and_the_types_it_tells_of() -> None:
    told = np.full((len(grid_places(64, 96)), OUTPUTS), -9.0, np.float32)
    told[13, 0] = 0.0
    told[13, 1:5] = np.log([1.0, 0.5, 2.0, 1.5])
    told[13, 5:] = 0.0
    told[13, 5 + VEHICLE_TYPES.index("bus")] = np.log(4.0)
    found, scores, types = decode_grid(told, 64, 96, 0.1)
    x, y, stride = grid_places(64, 96)[13]
    assert found.tolist() == [pytest.approx([x - stride, y - stride / 2, x + 2 * stride, y + 1.5 * stride])]
    assert scores.tolist() == [0.5]
    assert types[0, VEHICLE_TYPES.index("bus")] == pytest.approx(0.5)
    assert types.sum() == pytest.approx(1.0)
