from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch")

from reid.detect.channels import CHANNELS, EVEN
from reid.training.detector.camera import CameraOptions
from reid.training.detector.drawing import BatchOptions, DrawBatch, collated
from reid.training.detector.lessons import IGNORED, KNOWN, NOTHING
from reid.training.detector.pictures import PictureOptions, draw_lesson, whole_lesson
from reid.training.detector.scenes import SceneOptions, Street, render_street, rendered_streets
from reid.vehicle import VEHICLE_TYPES

TWO = SceneOptions(seed=9, streets=2, moments=3)
PLAIN = PictureOptions(
    zoom=(1.0, 1.0),
    aspect=0.0,
    still_share=0.0,
    no_scene_share=0.0,
    no_before_share=0.0,
    cluttered_share=0.0,
    disturbed_share=0.0,
    camera=CameraOptions(grey_share=0.0, blur_share=0.0, noise_share=0.0, jpeg_share=0.0),
)


@pytest.fixture(scope="module")
def rendered() -> Street:
    return render_street(TWO, 0)


def marked() -> Street:
    """A street of 360 x 640 where a bright box is all there is."""
    pictures = np.full((2, 360, 640, 4), 90, np.uint8)
    pictures[0, 100:180, 200:300] = 240
    pictures[1, ..., 3] = 0
    row = [0, 200, 100, 300, 180, VEHICLE_TYPES.index("van"), 1.0]
    return Street(pictures, np.array([row], np.float32))


def test_a_street_has_its_moments_the_empty_scene_and_boxes_inside_the_picture(rendered: Street) -> None:
    assert rendered.pictures.shape[0] == TWO.moments + 1
    assert rendered.pictures.shape[1] == 360
    assert len(rendered.boxes) > 0
    assert (rendered.boxes[:, 3:5] > rendered.boxes[:, 1:3]).all()
    assert rendered.boxes[:, 3].max() <= rendered.pictures.shape[2]
    assert set(rendered.boxes[:, 0].astype(int)) <= set(range(TWO.moments))


def test_a_street_is_the_same_each_time_and_rendered_once(rendered: Street, tmp_path) -> None:
    paths = rendered_streets(TWO, tmp_path, lambda done, count: None)
    again = Street.load(paths[0])
    assert (np.asarray(again.pictures) == rendered.pictures).all()
    assert (again.boxes == rendered.boxes).all()
    written = paths[0].stat().st_mtime_ns
    rendered_streets(TWO, tmp_path, lambda done, count: None)
    assert paths[0].stat().st_mtime_ns == written


@pytest.mark.parametrize("number", range(12))
def test_boxes_go_where_the_picture_goes(number: int) -> None:
    lesson = draw_lesson(marked(), 192, 320, PLAIN, np.random.default_rng(number))
    bright = lesson.channels[..., 1].astype(int) > lesson.channels[..., 1].min() + 40
    if not len(lesson.boxes):
        assert bright.mean() < 0.02
        return
    left, top, right, bottom = lesson.boxes[0].round().astype(int)
    inside = np.zeros_like(bright)
    inside[top:bottom, left:right] = True
    shown = lesson.channels[..., 6] > 0
    assert (bright & inside).sum() / max(1, (bright | inside)[shown].sum()) > 0.85


def test_a_still_lesson_has_nothing_that_moves(rendered: Street) -> None:
    still = replace(PLAIN, still_share=1.0)
    lesson = draw_lesson(rendered, 192, 320, still, np.random.default_rng(1))
    assert (lesson.channels[..., 3:6] == EVEN).all()
    assert (lesson.channels[..., 6] == 0).all()
    assert (lesson.channels[..., 7] == EVEN).all()


def test_a_whole_lesson_is_as_the_network_sees_it_at_work(rendered: Street) -> None:
    lesson = whole_lesson(rendered, 0, moving=True)
    assert lesson.channels.shape[0] == 288
    assert lesson.channels.shape[2] == CHANNELS
    assert (lesson.channels[..., 6] > 0).all()
    assert not (whole_lesson(rendered, 0, moving=False).channels[..., 6]).any()


def test_disturbed_lessons_keep_their_size_and_boxes(rendered: Street) -> None:
    options = replace(PictureOptions(), cluttered_share=1.0, disturbed_share=1.0)
    for number in range(12):
        lesson = draw_lesson(rendered, 192, 320, options, np.random.default_rng(number))
        assert lesson.channels.shape == (192, 320, CHANNELS)
        assert len(lesson.boxes) == len(lesson.types) == len(lesson.asked)
        assert (lesson.boxes[:, 2:] > lesson.boxes[:, :2]).all()


def test_a_batch_depends_on_its_number_alone_and_says_what_is_asked(tmp_path) -> None:
    paths = tuple(rendered_streets(TWO, tmp_path, lambda done, count: None))
    draw = DrawBatch(paths, 0, BatchOptions(count=3, part=(96, 160), whole_every=2, whole_count=2, whole=(160, 288)))
    first, again, whole = draw(0), draw(0), draw(1)
    assert all(bool((a == b).all()) for a, b in zip(first, again, strict=True))
    assert tuple(first.pictures.shape) == (3, 96, 160, CHANNELS)
    assert tuple(whole.pictures.shape) == (2, 160, 288, CHANNELS)
    assert set(first.kinds.unique().tolist()) <= {KNOWN, IGNORED, NOTHING}


def test_pictures_without_vehicles_are_batched_with_others(rendered: Street) -> None:
    none = Street(rendered.pictures, np.zeros((0, 7), np.float32))
    lessons = [draw_lesson(of, 96, 160, PLAIN, np.random.default_rng(0)) for of in (none, rendered)]
    batch = collated(lessons)
    assert (batch.kinds[0] == NOTHING).all()
