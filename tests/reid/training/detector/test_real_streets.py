from pathlib import Path
from typing import cast

import numpy as np
import pytest

pytest.importorskip("torch")

from reid.detect.detectors import Detector
from reid.detect.learned import LearnedDetector
from reid.errors import SeeingError
from reid.images import encode_jpeg
from reid.training.detector.real_streets import HELD, RealFolders, RealStreets, is_held, real_streets
from reid.training.detector.recipe import DetectorRecipe, street_kinds, train_detector
from reid.training.detector.samples import DetectorBatches, DetectorBatchOptions
from reid.training.detector.streets import UNKNOWN, StoredStreet
from reid.training.loop import TrainingProgress
from tests.reid.training.detector.test_teachers import Fixed

TAUGHT, ASIDE = "berlin", "london"


def teachers_of(model_id: str = "fixed"):
    from reid.training.detector.teachers import Teachers

    seen = Fixed(0.6, model_id)
    return Teachers(cast("Detector", seen), cast("Detector", Fixed(0.5)), cast("LearnedDetector", Fixed(0.3)))


def picture(path: Path, at: int | None) -> None:
    """Write a grey picture with a bright vehicle, if any."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = np.full((96, 160, 3), 90, np.uint8)
    if at is not None:
        image[40:60, at : at + 30] = 250
    path.write_bytes(encode_jpeg(image, 95))


@pytest.fixture
def folders(tmp_path: Path) -> RealFolders:
    for number in range(40):
        picture(tmp_path / "clip" / f"{number:03d}.jpg", 3 * number)
    for view in (TAUGHT, ASIDE):
        picture(tmp_path / "scenes" / f"{view}-day_frame_1.jpg", 50)
        picture(tmp_path / "scenes" / f"{view}-day_empty_1.jpg", None)
    picture(tmp_path / "scenes" / f"{TAUGHT}-night_empty_1.jpg", 10)
    picture(tmp_path / "stills" / "one.jpg", 80)
    return RealFolders((tmp_path / "clip",), (tmp_path / "scenes",), (tmp_path / "stills",))


@pytest.fixture
def streets(folders: RealFolders, tmp_path: Path) -> RealStreets:
    return real_streets(folders, teachers_of(), tmp_path / "cache", lambda done, count: None)


def test_clips_scenes_and_stills_are_labelled(streets: RealStreets) -> None:
    clip, scene, still = (StoredStreet.load(paths[0]) for paths in (streets.clips, streets.scenes, streets.stills))
    assert clip.moments == 2
    assert clip.boxes[:, 0].tolist() == [0, 1]
    assert (clip.pictures[-1][..., 0] < 120).all(), "of the scene, the vehicle that drives is no part"
    assert not (clip.pictures[0][..., 3] == clip.pictures[1][..., 3]).all()
    assert scene.moments == 2
    assert scene.boxes[:, 0].tolist() == [0], "nothing is in the picture without traffic"
    assert still.boxes[0, 5:].tolist() == [UNKNOWN, 1.0]
    assert np.abs(still.boxes[0, 1:5] - [80, 40, 110, 60]).max() <= 2


def test_places_are_kept_aside_whole_and_backgrounds_are_empty(streets: RealStreets) -> None:
    assert is_held(f"{ASIDE}-day")
    assert is_held(f"{ASIDE}2-level_3")
    assert not is_held(TAUGHT)
    assert 0.1 < np.mean([is_held(f"place{'abcdefgh'[n % 8]}{chr(97 + n % 26)}") for n in range(104)]) < 3 / HELD
    assert [ASIDE in path.name for path in streets.held] == [True]
    assert len(streets.scenes) == 2
    assert streets.backgrounds is not None
    assert len(np.load(streets.backgrounds)) == 1, "one has a vehicle, one is kept aside"


def test_labels_are_made_once_and_again_for_another_teacher(folders: RealFolders, streets: RealStreets) -> None:
    cache = streets.clips[0].parent.parent
    made = streets.clips[0].stat().st_mtime_ns
    assert real_streets(folders, teachers_of(), cache, lambda done, count: None) == streets
    assert streets.clips[0].stat().st_mtime_ns == made
    other = real_streets(folders, teachers_of("other"), cache, lambda done, count: None)
    assert other.clips[0].parent != streets.clips[0].parent


def test_real_streets_are_drawn_beside_rendered_ones(streets: RealStreets) -> None:
    kinds = street_kinds(streets.stills, streets)
    assert sum(kind.share for kind in kinds) == pytest.approx(1.0)
    assert kinds[0].pictures.backgrounds == streets.backgrounds
    drawn = DetectorBatches(kinds, 0, DetectorBatchOptions(count=8, part=(96, 160)))(0)
    assert tuple(drawn.pictures.shape[:3]) == (8, 96, 160)


def test_a_scene_with_another_name_and_one_teacher_alone_are_refused(folders: RealFolders, tmp_path: Path) -> None:
    progress = TrainingProgress(lambda done, count: None, lambda row: None)
    with pytest.raises(SeeingError, match="--teacher twice"):
        train_detector(DetectorRecipe(real=folders), tmp_path / "out", tmp_path / "cache", progress)
    picture(tmp_path / "scenes" / "holiday.jpg", None)
    with pytest.raises(SeeingError, match="VIEW_frame_1"):
        real_streets(folders, teachers_of(), tmp_path / "cache", lambda done, count: None)
    twice = RealFolders(stills=(tmp_path / "stills", tmp_path / "stills"))
    with pytest.raises(SeeingError, match="two real streets are called still-stills-one"):
        real_streets(twice, teachers_of(), tmp_path / "cache", lambda done, count: None)
    with pytest.raises(SeeingError, match="no video and no picture"):
        real_streets(RealFolders(), teachers_of(), tmp_path / "cache", lambda done, count: None)
