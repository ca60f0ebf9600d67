"""Training crops are the same stream for any number of workers, and carry true labels."""

from itertools import islice

from reid.render.crops import RenderedCropOptions, draw_crop, draw_crops, vehicle_of
from reid.vehicle import COLOURS, VEHICLE_TYPES

OPTIONS = RenderedCropOptions(seed=5, size_px=64, vehicles=50, models=20, cameras=12, shots=3)


def test_any_number_of_workers_gives_one_stream() -> None:
    whole = [draw_crop(OPTIONS, number) for number in range(6)]
    shared = [list(islice(draw_crops(OPTIONS, start=worker, step=2), 3)) for worker in range(2)]
    for number, crop in enumerate(whole):
        other = shared[number % 2][number // 2]
        assert (crop.image == other.image).all()
        assert (crop.vehicle, crop.camera, crop.plate) == (other.vehicle, other.camera, other.plate)


def test_crops_of_a_vehicle_follow_each_other() -> None:
    crops = list(islice(draw_crops(OPTIONS), 6))
    assert [crop.vehicle for crop in crops] == [0, 0, 0, 1, 1, 1]
    assert len({crop.camera for crop in crops[:3]}) > 1


def test_labels_are_the_vehicles() -> None:
    crop = draw_crop(OPTIONS, 4)
    model, vehicle = vehicle_of(OPTIONS, 1)
    assert crop.image.shape == (64, 64, 3)
    assert (crop.model, crop.type, crop.colour) == (model, vehicle.type, vehicle.colour)
    assert crop.type in VEHICLE_TYPES
    assert crop.colour in COLOURS
    assert 0 <= crop.heading_deg < 360


def test_models_are_shared_by_vehicles() -> None:
    models = [vehicle_of(OPTIONS, number)[0] for number in range(50)]
    assert len(set(models)) < 20 <= len(models)


def test_pictures_differ() -> None:
    one, other = draw_crop(OPTIONS, 0), draw_crop(OPTIONS, 1)
    assert (one.image != other.image).mean() > 0.5
    assert one.image.std() > 8
