import numpy as np
import pytest

from reid.errors import SeeingError
from reid.training.appearance.batches import SamplingOptions, TwinSampler
from reid.training.appearance.datasets import Crops, join


def _crops(vehicles: int = 24, cameras: int = 3, of_camera: int = 2) -> Crops:
    """Vehicles in models of four, the first two of each of one colour."""
    each = cameras * of_camera
    vehicle = np.repeat(np.arange(vehicles), each)
    count = len(vehicle)
    colour = np.where(np.arange(vehicles) % 4 < 2, 0, np.arange(vehicles) % 4)
    return Crops(
        pictures=np.zeros((count, 4, 4, 3), np.uint8),
        vehicle=vehicle,
        model=vehicle // 4,
        camera=np.tile(np.repeat(np.arange(cameras), of_camera), vehicles),
        type=np.zeros(count, np.int64),
        colour=colour[vehicle],
        heading_deg=np.zeros(count, np.float32),
        source=np.zeros(count, np.int64),
    )


def test_the_same_step_gives_the_same_batch_and_another_step_another() -> None:
    crops = _crops()
    options = SamplingOptions(vehicles=6, seed=3)
    assert np.array_equal(TwinSampler(crops, options).batch(5), TwinSampler(crops, options).batch(5))
    assert not np.array_equal(TwinSampler(crops, options).batch(5), TwinSampler(crops, options).batch(6))


def test_a_batch_holds_each_vehicle_equally_often() -> None:
    crops = _crops()
    rows = TwinSampler(crops, SamplingOptions(vehicles=6, crops_of_vehicle=4)).batch(0)
    _, counts = np.unique(crops.vehicle[rows], return_counts=True)
    assert counts.tolist() == [4] * 6


def test_a_vehicle_is_shown_on_every_camera_before_one_is_shown_twice() -> None:
    crops = _crops(cameras=3)
    rows = TwinSampler(crops, SamplingOptions(vehicles=6, crops_of_vehicle=3)).batch(0)
    for vehicle in np.unique(crops.vehicle[rows]):
        assert sorted(crops.camera[rows][crops.vehicle[rows] == vehicle].tolist()) == [0, 1, 2]


def test_a_vehicle_with_too_few_pictures_is_shown_again() -> None:
    crops = _crops(cameras=1, of_camera=2)
    rows = TwinSampler(crops, SamplingOptions(vehicles=3, crops_of_vehicle=4)).batch(0)
    assert len(rows) == 12


def test_twins_share_a_batch_more_often_than_by_chance() -> None:
    crops = _crops(vehicles=200)

    def share(twin_share: float) -> float:
        sampler = TwinSampler(crops, SamplingOptions(vehicles=8, twin_share=twin_share))
        meetings = 0
        for step in range(50):
            vehicles = set(np.unique(crops.vehicle[sampler.batch(step)]).tolist())
            meetings += any(v % 4 == 0 and v + 1 in vehicles for v in vehicles)
        return meetings / 50

    assert share(1.0) > 0.8
    assert share(0.0) < 0.4


def test_each_source_gets_its_share() -> None:
    crops = join([_crops(40), _crops(12)])
    sampler = TwinSampler(crops, SamplingOptions(vehicles=10, source_shares=(0.8, 0.2)))
    sources = crops.source[sampler.batch(1)].reshape(10, -1)[:, 0]
    assert np.bincount(sources).tolist() == [8, 2]


def test_a_source_without_vehicles_is_refused() -> None:
    with pytest.raises(SeeingError, match="2 sources"):
        TwinSampler(_crops(), SamplingOptions(source_shares=(0.5, 0.5)))


def test_joined_sets_share_no_vehicle_model_or_camera() -> None:
    first, second = _crops(8), _crops(12)
    both = join([first, second])
    for name in ("vehicle", "model", "camera"):
        numbers = getattr(both, name)
        assert not set(numbers[: len(first)].tolist()) & set(numbers[len(first) :].tolist())
    assert both.vehicles == 20
