from pathlib import Path

import numpy as np
import pytest

from reid.evaluation.pairs import PairFiles
from reid.images import encode_jpeg
from reid.training.appearance import rendered
from reid.training.appearance.datasets import BOX_SIDE_PX, MARGIN_PX, Crops
from reid.training.appearance.real_pairs import HUE_TURNS, read_real_crops
from reid.training.appearance.rendered import RenderOptions, cut_crop, make_siblings, rendered_crops
from reid.vehicle import Box

_SIDE = BOX_SIDE_PX + 2 * MARGIN_PX
_FEW = RenderOptions(seed=7, vehicles=2, of_model=2, cameras=2, cameras_of_vehicle=2, frames_of_camera=3)


def _quiet(done: int, count: int) -> None:
    assert done <= count


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rendered")


@pytest.fixture(scope="module")
def crops(cache: Path) -> Crops:
    return rendered_crops(_FEW, cache, _quiet)


def test_rendered_pictures_are_labelled(crops: Crops) -> None:
    assert crops.pictures.shape[1:] == (_SIDE, _SIDE, 3)
    assert crops.boxes.shape[1:] == (BOX_SIDE_PX, BOX_SIDE_PX, 3)
    assert set(crops.vehicle.tolist()) == {0, 1}
    assert set(crops.camera.tolist()) <= {0, 1}
    assert ((crops.heading_deg >= 0) & (crops.heading_deg < 360)).all()


def test_rendered_models_are_read_from_the_cache(crops: Crops, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendered, "render_model", lambda *_: pytest.fail("rendered again"))
    again = rendered_crops(_FEW, cache, _quiet)
    assert np.array_equal(again.pictures, crops.pictures)


@pytest.mark.slow
def test_the_same_seed_renders_the_same_pictures(crops: Crops, tmp_path: Path) -> None:
    assert np.array_equal(rendered_crops(_FEW, tmp_path, _quiet).pictures, crops.pictures)


def test_each_model_has_twins_of_one_colour() -> None:
    for model in range(6):
        first, second, *_ = make_siblings(RenderOptions(), model)
        assert first.model == second.model
        assert first.colour == second.colour
        assert first.plate != second.plate


def test_a_crop_holds_the_box_in_its_middle_and_its_margin_around_it() -> None:
    image = np.zeros((300, 400, 3), np.uint8)
    image[100:164, 50:178] = 255
    cut = cut_crop(image, Box(50, 100, 128, 64))
    inner = cut[MARGIN_PX + 2 : -MARGIN_PX - 2, MARGIN_PX + 2 : -MARGIN_PX - 2]
    assert inner.min() == 255
    assert cut[:, : MARGIN_PX - 2].max() == 0
    assert cut_crop(image, Box(0, 0, 20, 10)).shape == (_SIDE, _SIDE, 3)


def test_a_painted_vehicle_gets_twins_in_other_colours_and_a_grey_one_none(tmp_path: Path) -> None:
    pairs = []
    for name, paint in (("car_red", (200, 20, 20)), ("motorcycle_grey", (120, 122, 121))):
        paths = [tmp_path / f"{name}_cam{camera}.jpg" for camera in (1, 2)]
        for path in paths:
            path.write_bytes(encode_jpeg(np.full((50, 70, 3), paint, np.uint8)))
        pairs.append(PairFiles(name, *paths))
    plain, painted = read_real_crops(pairs, more=False), read_real_crops(pairs, more=True)
    assert (plain.vehicles, painted.vehicles) == (2, len(HUE_TURNS) + 2)
    assert np.bincount(painted.model).tolist() == [2 * (1 + len(HUE_TURNS)), 2]
    assert painted.camera.tolist() == [0, 1] * painted.vehicles
    middles = painted.pictures[:, _SIDE // 2, _SIDE // 2].astype(int)
    assert len({tuple(middle) for middle in middles[::2].tolist()}) == painted.vehicles


def test_vehicles_of_one_type_are_recombined(tmp_path: Path) -> None:
    pairs = []
    for name, light in (("car_dark", 40), ("car_middle", 120), ("car_light", 220)):
        paths = [tmp_path / f"{name}_cam{camera}.jpg" for camera in (1, 2)]
        for path in paths:
            path.write_bytes(encode_jpeg(np.full((90, 70, 3), light, np.uint8)))
        pairs.append(PairFiles(name, *paths))
    more = read_real_crops(pairs, more=True)
    halves = [(int(one[_SIDE // 8].mean()), int(one[-_SIDE // 8].mean())) for one in more.pictures[6::2]]
    assert {(round(top, -1), round(bottom, -1)) for top, bottom in halves} == {
        (40, 120), (120, 220), (220, 40), (40, 220), (120, 40), (220, 120),
    }  # fmt: skip
    assert np.abs(more.pictures[::2].astype(int) - more.pictures[1::2]).max() < 4  # both cameras see the same one
