from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from reid.errors import SeeingError
from reid.images import encode_jpeg
from reid.video.frames import frames
from reid.video.timeline import read_timeline

EIGHT = datetime(2026, 5, 4, 8, tzinfo=UTC)


def shoot(folder: Path, *names: str, size: tuple[int, int] = (48, 64)) -> Path:
    """Write one flat grey picture a name, the next always brighter."""
    folder.mkdir(exist_ok=True)
    for number, name in enumerate(names):
        (folder / name).write_bytes(encode_jpeg(np.full((*size, 3), 20 + 20 * number, np.uint8)))
    return folder


@pytest.mark.parametrize(
    ("names", "began"),
    [
        (["20260504_080000.000Z.jpg", "20260504_080000.500Z.jpg", "20260504_080002Z.jpg"], EIGHT),
        (["n_20260504_100000.0+0200.jpg", "n_20260504_100000.5+0200.jpg", "n_20260504_100002+0200.jpg"], EIGHT),
        (["20260504_080000.000.jpg", "20260504_080000.500.jpg", "20260504_080002.jpg"], None),
        (["20260504080000000.jpg", "20260504080000500.jpg", "20260504080002000.jpg"], None),
        (["1777881600000.jpg", "1777881600500.jpg", "1777881602000.jpg"], EIGHT),
        (["1777881600.jpg", "1777881600.500000.jpg", "1777881602.jpg"], EIGHT),
    ],
)
def test_names_say_when_each_picture_was_taken(tmp_path: Path, names: list[str], began: datetime | None) -> None:
    timeline = read_timeline(shoot(tmp_path / "in", *names))
    assert timeline.times_s.tolist() == pytest.approx([0.0, 0.5, 2.0], abs=1e-6)
    assert timeline.created == began
    assert (timeline.width, timeline.height, timeline.frames) == (64, 48, 3)
    seen = list(frames(timeline))
    assert [round(float(frame.image.mean()) / 20) - 1 for frame in seen] == [0, 1, 2]


def test_pictures_of_the_same_second_are_spread_over_it(tmp_path: Path) -> None:
    names = [f"20260504_08000{second}Z-{number}.jpg" for second in (0, 1) for number in (1, 2, 3, 4)]
    timeline = read_timeline(shoot(tmp_path / "in", *names))
    assert timeline.times_s.tolist() == pytest.approx([0.25 * number for number in range(8)])


def test_numbers_are_counted_at_an_assumed_rate_and_that_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    timeline = read_timeline(shoot(tmp_path / "in", "frame_8.jpg", "frame_9.jpg", "frame_11.jpg", "frame_10.jpg"))
    assert timeline.times_s.tolist() == pytest.approx([0.0, 0.04, 0.08, 0.12])
    assert [path.name for path in timeline.pictures][-1] == "frame_11.jpg"
    assert "25 a second" in caplog.text


def test_numbers_of_ten_digits_are_no_seconds(tmp_path: Path) -> None:
    """Frames 0000000000.jpg, 0000000001.jpg, as many tools write them, were one a second, of 1970."""
    timeline = read_timeline(shoot(tmp_path / "in", "0000000000.jpg", "0000000001.jpg", "0000000005.jpg"))
    assert timeline.times_s.tolist() == pytest.approx([0.0, 0.04, 0.2])
    assert timeline.created is None


def test_a_picture_that_is_broken_or_of_another_size_is_damage(tmp_path: Path) -> None:
    folder = shoot(tmp_path / "in", "1.jpg", "2.jpg", "4.jpg")
    (folder / "2.jpg").write_bytes(b"broken")
    shoot(folder, "3.jpg", size=(40, 40))
    told: list[str] = []
    assert [frame.index for frame in frames(read_timeline(folder), on_damage=told.append)] == [0, 3]
    assert len(told) == 2
    assert "2.jpg" in told[0]
    assert "40x40" in told[1]


@pytest.mark.parametrize(
    ("names", "says"),
    [
        ([], "without pictures"),
        (["first.jpg", "second.jpg"], "say no time"),
        (["20260504_080000Z.jpg", "20260504_080001.jpg"], "name them alike"),
        (["20261304_080000Z.jpg"], "is not a time"),
        (["2605040830.jpg", "2605040831.jpg"], "may be dates or numbers"),
    ],
)
def test_a_folder_that_does_not_say_its_times_is_refused(tmp_path: Path, names: list[str], says: str) -> None:
    with pytest.raises(SeeingError, match=says):
        read_timeline(shoot(tmp_path / "in", *names))
