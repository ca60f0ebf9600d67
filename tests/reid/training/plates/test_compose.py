from pathlib import Path

import numpy as np
import pytest

from reid.plates.locate import corner_error, peaks
from reid.plates.rectify import from_cut, to_cut
from reid.training.plates.compose import ComposeOptions, compose
from reid.training.plates.corners import CornerBatches, perturbed_corners
from reid.training.plates.distractors import draw_distractor, draw_page
from reid.training.plates.heatmap import LocatorBatches, locator_batch
from reid.training.plates.scenes import NO_PLATE, VISIBLE, PlateScene, PlateSceneOptions, draw_scene, rendered_scenes

OPTIONS = PlateSceneOptions(seed=7, scenes=8, cameras=3, sides_px=(150, 200))


@pytest.fixture(scope="module")
def scenes() -> list[PlateScene]:
    return [draw_scene(OPTIONS, number) for number in range(8)]


def test_a_scene_shows_its_whole_vehicle_and_has_its_plate_corners(scenes: list[PlateScene]) -> None:
    assert {VISIBLE, NO_PLATE} <= {scene.plate for scene in scenes}
    for scene in scenes:
        height, width = scene.image.shape[:2]
        assert (scene.vehicle >= 0).all()
        assert (scene.vehicle <= [width, height, width, height]).all()
        if scene.plate == VISIBLE:
            middle = scene.corners.mean(axis=0)
            assert (middle > scene.vehicle[:2]).all()
            assert (middle < scene.vehicle[2:]).all()


def test_scenes_are_rendered_once_and_then_read_from_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reid.training.plates.scenes.BLOCK", 2)
    options = PlateSceneOptions(seed=7, scenes=2, cameras=2, sides_px=(40, 50))
    told: list[tuple[int, int]] = []
    first = rendered_scenes(options, tmp_path, lambda done, count: told.append((done, count)))
    (kept,) = tmp_path.glob("*/*.npz")
    before = kept.stat().st_mtime_ns
    again = rendered_scenes(options, tmp_path, lambda done, count: None)
    assert kept.stat().st_mtime_ns == before
    assert len(first) == len(again) == 2
    assert [one.jpeg for one in first] == [one.jpeg for one in again]
    assert told[-1][1] == 2


def test_the_same_number_makes_the_same_batch_and_another_number_another(scenes: list[PlateScene]) -> None:
    make = LocatorBatches(tuple(scenes), ComposeOptions(side_px=96), 3, 4)
    assert np.array_equal(make(5).pictures, make(5).pictures)
    assert not np.array_equal(make(5).pictures, make(6).pictures)
    assert make(5).pictures.shape == (4, 96, 96, 3)


def test_targets_decode_to_the_plate_corners(scenes: list[PlateScene]) -> None:
    composed = [compose(scenes, ComposeOptions(), np.random.default_rng([1, k])) for k in range(24)]
    assert 0 < sum(len(one.plates) > 0 for one in composed) < 24
    batch = locator_batch(composed)
    for one, heat, corners in zip(composed, batch.heat, batch.corners, strict=True):
        found = peaks(heat, corners, least=0.999, most=9)
        assert len(found) == len(one.plates)
        for plate in one.plates:
            assert min(corner_error(peak.corners, plate) for peak in found) < 0.01


def test_unclear_plates_do_not_count(scenes: list[PlateScene]) -> None:
    composed = [compose(scenes, ComposeOptions(), np.random.default_rng([2, k])) for k in range(40)]
    unsure = [one for one in composed if len(one.unclear) and not len(one.plates)]
    assert unsure
    counts = locator_batch(unsure).counts
    assert (counts.min(axis=(1, 2)) == 0).any()
    assert counts.mean() > 0.5


def test_distractors_have_opacity_and_vary() -> None:
    drawn = [draw_distractor(np.random.default_rng(k)) for k in range(40)]
    assert all(one.picture.shape[:2] == one.cover.shape[:2] for one in drawn)
    assert all(one.cover.shape[2] == 1 and one.cover.max() > 0 for one in drawn)
    assert len({one.picture.shape for one in drawn}) > 10


def test_a_page_is_full_of_text() -> None:
    page = draw_page(np.random.default_rng(3), 160, 120)
    assert page.shape == (120, 160, 3)
    assert page.std() > 10


def test_corner_offsets_lead_back_to_the_true_corners(scenes: list[PlateScene]) -> None:
    rng = np.random.default_rng(4)
    plate = np.array([[40, 30], [120, 36], [116, 62], [38, 55]], np.float32)
    for _ in range(50):
        rough = perturbed_corners(plate, rng)
        off = to_cut(plate, rough) - to_cut(rough, rough)
        assert np.abs(off).max() < 0.6
        assert from_cut(to_cut(rough, rough) + off, rough) == pytest.approx(plate, abs=1e-2)


def test_cuts_show_plates_and_other_things(scenes: list[PlateScene]) -> None:
    make = CornerBatches(tuple(scenes), ComposeOptions(), 3, 48)
    batch = make(2)
    assert 0.2 < batch.plates.mean() < 0.8
    assert (np.abs(batch.offsets[batch.plates > 0]).max(axis=1) > 0).all()
    assert not batch.offsets[batch.plates == 0].any()
    assert np.array_equal(batch.cuts, make(2).cuts)
