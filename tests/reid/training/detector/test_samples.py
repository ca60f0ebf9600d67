from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from reid.detect.learned import CHANNELS, NO_DIFFERENCE
from reid.training.detector.augmentation import MomentAugmentOptions
from reid.training.detector.losses import IGNORED, LABELLED, NO_ROW
from reid.training.detector.samples import (
    DetectorBatches,
    DetectorBatchOptions,
    SampleOptions,
    StreetKind,
    collate,
    draw_sample,
    whole_sample,
)
from reid.training.detector.streets import StoredStreet, StreetOptions, render_street, rendered_streets
from reid.vehicle import VEHICLE_TYPES

TWO = StreetOptions(seed=9, streets=2, moments=3)
PLAIN = SampleOptions(
    zoom=(1.0, 1.0),
    aspect=0.0,
    still_share=0.0,
    no_scene_share=0.0,
    no_before_share=0.0,
    cluttered_share=0.0,
    disturbed_share=0.0,
    camera=MomentAugmentOptions(grey_share=0.0, blur_share=0.0, noise_share=0.0, jpeg_share=0.0),
)


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    return tuple(rendered_streets(TWO, tmp_path_factory.mktemp("streets"), lambda done, count: None))


@pytest.fixture(scope="module")
def rendered(stored: tuple[Path, ...]) -> StoredStreet:
    return StoredStreet.load(stored[0])


def marked() -> StoredStreet:
    """A street of 360 x 640 where a bright box is all there is."""
    pictures = np.full((2, 360, 640, 4), 90, np.uint8)
    pictures[0, 100:180, 200:300] = 240
    pictures[1, ..., 3] = 0
    row = [0, 200, 100, 300, 180, VEHICLE_TYPES.index("van"), 1.0]
    return StoredStreet(pictures, np.array([row], np.float32))


def test_a_street_has_its_moments_the_empty_scene_and_boxes_inside_the_picture(rendered: StoredStreet) -> None:
    assert rendered.pictures.shape[0] == TWO.moments + 1
    assert rendered.pictures.shape[1] == 360
    assert len(rendered.boxes) > 0
    assert (rendered.boxes[:, 3:5] > rendered.boxes[:, 1:3]).all()
    assert rendered.boxes[:, 3].max() <= rendered.pictures.shape[2]
    assert set(rendered.boxes[:, 0].astype(int)) <= set(range(TWO.moments))


def test_a_street_is_the_same_each_time_and_rendered_once(stored: tuple[Path, ...], rendered: StoredStreet) -> None:
    again = render_street(TWO, 0)
    assert (again.pictures == np.asarray(rendered.pictures)).all()
    assert (again.boxes == rendered.boxes).all()
    written = stored[0].stat().st_mtime_ns
    assert rendered_streets(TWO, stored[0].parent.parent, lambda done, count: None) == list(stored)
    assert stored[0].stat().st_mtime_ns == written


@pytest.mark.parametrize("number", range(12))
def test_boxes_follow_the_augmented_picture(number: int) -> None:
    sample = draw_sample(marked(), 192, 320, PLAIN, np.random.default_rng(number))
    bright = sample.channels[..., 1].astype(int) > sample.channels[..., 1].min() + 40
    if not len(sample.boxes):
        assert bright.mean() < 0.02
        return
    left, top, right, bottom = sample.boxes[0].round().astype(int)
    inside = np.zeros_like(bright)
    inside[top:bottom, left:right] = True
    shown = sample.channels[..., 6] > 0
    assert (bright & inside).sum() / max(1, (bright | inside)[shown].sum()) > 0.85


def test_a_still_sample_has_no_motion(rendered: StoredStreet) -> None:
    still = replace(PLAIN, still_share=1.0)
    sample = draw_sample(rendered, 192, 320, still, np.random.default_rng(1))
    assert (sample.channels[..., 3:6] == NO_DIFFERENCE).all()
    assert (sample.channels[..., 6] == 0).all()
    assert (sample.channels[..., 7] == NO_DIFFERENCE).all()


def test_a_whole_sample_is_the_input_of_inference(rendered: StoredStreet) -> None:
    sample = whole_sample(rendered, 0, moving=True)
    assert sample.channels.shape[0] == 288
    assert sample.channels.shape[2] == CHANNELS
    assert (sample.channels[..., 6] > 0).all()
    assert not (whole_sample(rendered, 0, moving=False).channels[..., 6]).any()


def test_disturbed_samples_keep_their_size_and_boxes(rendered: StoredStreet) -> None:
    options = replace(SampleOptions(), cluttered_share=1.0, disturbed_share=1.0)
    for number in range(12):
        sample = draw_sample(rendered, 192, 320, options, np.random.default_rng(number))
        assert sample.channels.shape == (192, 320, CHANNELS)
        assert len(sample.boxes) == len(sample.types) == len(sample.labelled)
        assert (sample.boxes[:, 2:] > sample.boxes[:, :2]).all()


def test_a_batch_depends_on_its_number_alone_and_marks_ignored_vehicles(stored: tuple[Path, ...]) -> None:
    draw = DetectorBatches(
        (StreetKind(stored),),
        0,
        DetectorBatchOptions(count=3, part=(96, 160), whole_every=2, whole_count=2, whole=(160, 288)),
    )
    first, again, whole = draw(0), draw(0), draw(1)
    assert all(bool((a == b).all()) for a, b in zip(first, again, strict=True))
    assert tuple(first.pictures.shape) == (3, 96, 160, CHANNELS)
    assert tuple(whole.pictures.shape) == (2, 160, 288, CHANNELS)
    assert set(first.kinds.unique().tolist()) <= {LABELLED, IGNORED, NO_ROW}


def test_pictures_without_vehicles_are_batched_with_others(rendered: StoredStreet) -> None:
    none = StoredStreet(rendered.pictures, np.zeros((0, 7), np.float32))
    samples = [draw_sample(of, 96, 160, PLAIN, np.random.default_rng(0)) for of in (none, rendered)]
    batch = collate(samples)
    assert (batch.kinds[0] == NO_ROW).all()
