from pathlib import Path

import numpy as np
import pytest

from reid.errors import SeeingError
from reid.privacy.clip import ClipOptions, cut_clip, frame_of, moving, subject_at
from reid.vehicle import Box, Image
from reid.video.frames import frames, read_timeline
from tests.reid.privacy.film import APPEARS_S, FPS, LEAVES_S, SUBJECT, other_box, subject_box, track, write_film

SPAN = ClipOptions(APPEARS_S - 3, LEAVES_S + 3)


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_film(tmp_path_factory.mktemp("film") / "street.mp4")


def pictures(path: Path) -> list[tuple[float, Image]]:
    return [(frame.time_s, frame.image) for frame in frames(read_timeline(path))]


def fineness(picture: Image, box: Box) -> float:
    """Return how much neighbouring pixels differ within a box, a few pixels from its edge."""
    part = picture[round(box.y) + 8 : round(box.y + box.height) - 8, round(box.x) + 8 : round(box.x + box.width) - 8]
    return float(np.abs(np.diff(part.astype(int), axis=1)).mean())


def test_a_clip_shows_its_seconds_and_others_are_covered_in_every_frame(footage: Path, tmp_path: Path) -> None:
    count = cut_clip(footage, tmp_path / "clip.mp4", track(), SPAN)
    shown = pictures(tmp_path / "clip.mp4")
    assert count == len(shown) == round((SPAN.to_s - SPAN.from_s) * FPS)
    assert shown[-1][0] == pytest.approx(SPAN.to_s - SPAN.from_s - 1 / FPS, abs=0.01)
    for time_s, picture in shown:
        assert fineness(picture, other_box(time_s + SPAN.from_s)) < 12, time_s
    seen = [(time_s + SPAN.from_s, picture) for time_s, picture in shown]
    for time_s, picture in seen:
        if APPEARS_S + 0.3 < time_s < LEAVES_S - 0.3:
            box = subject_box(time_s)
            pixel = picture[round(box.y) + 30, round(box.x) + 40].astype(int)
            assert np.abs(pixel - SUBJECT).max() < 40, time_s


def test_uncovered_clips_show_what_was_filmed(footage: Path, tmp_path: Path) -> None:
    cut_clip(footage, tmp_path / "clip.mp4", track(), ClipOptions(4.0, 6.0, covered=False))
    for time_s, picture in pictures(tmp_path / "clip.mp4"):
        assert fineness(picture, other_box(time_s + 4.0)) > 30


def test_before_and_after_the_track_nobody_is_the_vehicle() -> None:
    assert subject_at(track(), APPEARS_S - 1) is None
    assert subject_at(track(), LEAVES_S + 1) is None
    assert subject_at((), 5.0) is None
    between = subject_at(track(), 5.03)
    assert between is not None
    assert between.x == pytest.approx(subject_box(5.03).x)


def test_the_same_clip_has_the_same_bytes(footage: Path, tmp_path: Path) -> None:
    for name in ("one.mp4", "two.mp4"):
        cut_clip(footage, tmp_path / name, track(), ClipOptions(5.0, 6.0))
    assert (tmp_path / "one.mp4").read_bytes() == (tmp_path / "two.mp4").read_bytes()


def test_a_frame_is_covered_as_in_the_clip(footage: Path) -> None:
    picture = frame_of(footage, track(), ClipOptions(6.0, 6.0))
    assert fineness(picture, other_box(6.0)) < 12
    box = subject_box(6.0)
    assert np.abs(picture[round(box.y) + 30, round(box.x) + 40].astype(int) - SUBJECT).max() < 40


def test_a_plate_that_is_known_is_covered_even_where_none_is_found(footage: Path) -> None:
    box = subject_box(6.0)
    plate = Box(box.x + 8, box.y + 8, 16, 8)
    part = np.s_[round(plate.y) + 2 : round(plate.y) + 6, round(plate.x) + 2 : round(plate.x) + 14]
    shown = frame_of(footage, track(), ClipOptions(6.0, 6.0, own_plate=plate))
    hidden = frame_of(footage, track(), ClipOptions(6.0, 6.0, shows_plate=False, own_plate=plate))
    assert shown[part].mean() > 200
    assert hidden[part].mean() < 190
    assert hidden[part].std(axis=(0, 1)).max() < 2


def test_what_was_not_filmed_cannot_be_cut(footage: Path, tmp_path: Path) -> None:
    with pytest.raises(SeeingError, match="shows no picture from 600"):
        cut_clip(footage, tmp_path / "clip.mp4", track(), ClipOptions(600.0, 606.0))
    with pytest.raises(SeeingError):
        cut_clip(footage, tmp_path / "clip.mp4", track(), ClipOptions(600.0, 606.0, covered=False))


def test_light_that_changes_everywhere_is_no_motion() -> None:
    still = np.full((90, 160, 3), 100, np.uint8)
    usual = np.full((90, 160), 100.0)
    assert not moving(still + 40, usual).any()
    still[40:60, 40:60] = 220
    assert moving(still, usual)[45:55, 45:55].all()
