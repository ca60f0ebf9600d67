import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from reid.errors import SeeingError
from reid.video.frames import frames
from reid.video.timeline import read_timeline

LEVELS = np.linspace(20, 230, 60).astype(int)


def write(path: Path, stamps: Sequence[int], *, time_base: Fraction = Fraction(1, 1000), key_every: int = 12) -> Path:
    """Film flat frames whose grey level says which they are, shown at stamps x time_base."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"crf": "10", "g": str(key_every), "bf": "2"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.codec_context.time_base = time_base
        for stamp, level in zip(stamps, LEVELS, strict=False):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), level, np.uint8), format="rgb24")
            frame.pts, frame.time_base = stamp, time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def which(image: np.ndarray) -> int:
    return int(np.abs(LEVELS - image.mean()).argmin())


STEADY = [40 * number for number in range(60)]


def test_frames_come_in_order_with_exact_times(tmp_path: Path) -> None:
    timeline = read_timeline(write(tmp_path / "a.mp4", STEADY))
    seen = list(frames(timeline))
    assert [frame.index for frame in seen] == list(range(60))
    assert [which(frame.image) for frame in seen] == list(range(60))
    assert [frame.time_s for frame in seen] == pytest.approx([0.04 * number for number in range(60)], abs=1e-6)
    assert (timeline.frames, timeline.width, timeline.height) == (60, 64, 48)
    assert timeline.duration_s == pytest.approx(2.4)
    assert timeline.problem is None


def test_a_variable_rate_keeps_each_frames_own_time(tmp_path: Path) -> None:
    stamps = np.cumsum([0, *np.random.default_rng(3).integers(10, 300, 59)]).tolist()
    timeline = read_timeline(write(tmp_path / "a.mkv", stamps))
    assert [frame.time_s for frame in frames(timeline)] == pytest.approx([stamp / 1000 for stamp in stamps], abs=1e-3)


def test_footage_that_starts_late_counts_from_its_first_frame(tmp_path: Path) -> None:
    timeline = read_timeline(write(tmp_path / "a.mkv", [stamp + 5000 for stamp in STEADY]))
    assert next(frames(timeline)).time_s == pytest.approx(0.0, abs=1e-6)
    assert timeline.duration_s == pytest.approx(2.4, abs=0.01)


@pytest.mark.parametrize("from_s", [0.0, 0.3, 0.5, 1.99])
def test_a_part_is_the_same_as_that_part_of_the_whole(tmp_path: Path, from_s: float) -> None:
    timeline = read_timeline(write(tmp_path / "a.mp4", STEADY))
    part = list(frames(timeline, from_s=from_s, to_s=from_s + 0.4))
    whole = [frame for frame in frames(timeline) if from_s <= frame.time_s < from_s + 0.4]
    assert [frame.index for frame in part] == [frame.index for frame in whole]
    assert all(np.array_equal(a.image, b.image) for a, b in zip(part, whole, strict=True))


def test_the_choice_of_frames_does_not_depend_on_where_reading_begins(tmp_path: Path) -> None:
    timeline = read_timeline(write(tmp_path / "a.mp4", STEADY))
    whole = [frame.index for frame in frames(timeline, every_s=0.1)]
    late = [frame.index for frame in frames(timeline, every_s=0.1, from_s=1.03)]
    assert whole == list(range(0, 60, 2))
    assert late == [index for index in whole if index * 0.04 >= 1.03]


def test_at_a_variable_rate_each_slot_gives_its_first_frame(tmp_path: Path) -> None:
    stamps = [0, 30, 90, 110, 150, 290, 295, 300, 420]
    timeline = read_timeline(write(tmp_path / "a.mkv", stamps))
    assert [frame.index for frame in frames(timeline, every_s=0.1)] == [0, 3, 5, 7, 8]


def test_frames_to_learn_from_are_among_those_that_are_analysed(tmp_path: Path) -> None:
    timeline = read_timeline(write(tmp_path / "a.mp4", STEADY))
    analysed = [frame.index for frame in frames(timeline, every_s=0.13)]
    learned = [frame.index for frame in frames(timeline, every_s=0.13, slot_s=0.5, from_s=0.7)]
    assert set(learned) <= set(analysed)
    assert learned == [27, 39, 51]


def test_a_video_without_time_stamps_is_counted_at_its_rate(tmp_path: Path) -> None:
    timeline = read_timeline(write(tmp_path / "a.h264", STEADY, time_base=Fraction(1, 25)))
    assert timeline.frames == 60
    assert timeline.stamps is None
    assert [frame.index for frame in frames(timeline, from_s=1.0, to_s=1.2)] == [25, 26, 27, 28, 29]
    assert [which(frame.image) for frame in frames(timeline, from_s=1.0, to_s=1.1)] == [25, 26, 27]


def test_a_turned_recording_is_shown_upright() -> None:
    from reid.video.frames import upright

    wide = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    assert np.array_equal(upright(wide, 90), np.rot90(wide, 1))
    assert np.array_equal(upright(wide, -90), np.rot90(wide, 3))
    assert upright(wide, 0) is wide


def test_an_mp4_cut_off_before_its_index_is_named_as_that(tmp_path: Path) -> None:
    whole = write(tmp_path / "a.mp4", STEADY).read_bytes()
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SeeingError, match="before its index"):
        read_timeline(cut)


def test_an_mp4_with_its_index_but_half_of_its_pictures_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=25, options={"crf": "10", "g": "5"})
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        rng = np.random.default_rng(0)
        for _ in range(40):
            noise = rng.integers(0, 255, (240, 320, 3)).astype(np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(noise, format="rgb24")))
        container.mux(stream.encode(None))
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    timeline = read_timeline(path)
    assert timeline.problem is not None
    assert 10 < timeline.frames < 40
    assert 10 < len(list(frames(timeline))) <= timeline.frames


def test_damaged_packets_are_skipped_and_told(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mkv", STEADY, key_every=5)
    with av.open(str(path)) as container:
        packet = [packet for packet in container.demux(video=0) if packet.size and packet.is_keyframe][4]
        where, size = packet.pos, packet.size
    data = bytearray(path.read_bytes())
    data[where + 12 : where + size - 4] = np.random.default_rng(1).bytes(size - 16)
    path.write_bytes(bytes(data))
    told: list[str] = []
    seen = [frame.index for frame in frames(read_timeline(path), on_damage=told.append)]
    assert told
    assert 50 <= len(seen) < 60
    assert {0, 10, 40, 59} <= set(seen)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"", "zero bytes", id="empty"),
        pytest.param(b"id,lat,lon\n" * 50, "is not a video", id="a table"),
    ],
)
def test_what_is_no_video_is_refused_by_name(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(content)
    with pytest.raises(SeeingError, match=says) as caught:
        read_timeline(path)
    assert "film.mp4" in str(caught.value)


def test_a_folder_and_a_sound_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SeeingError, match="folder without pictures"):
        read_timeline(tmp_path)
    sound = tmp_path / "a.wav"
    with av.open(str(sound), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        frame.rate = 8000
        container.mux(stream.encode(frame))
    with pytest.raises(SeeingError, match="no pictures"):
        read_timeline(sound)


def test_one_frame_is_a_video_too(tmp_path: Path, film_street: Callable[..., Path]) -> None:
    timeline = read_timeline(film_street(tmp_path / "one.mp4", [], 0.1))
    assert timeline.frames == 1
    assert timeline.duration_s > 0
    assert len(list(frames(timeline))) == 1


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("ffconcat version 1.0\nfile secret.mp4\n", id="a list of files"),
        pytest.param("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nsecret.mp4\n#EXT-X-ENDLIST\n", id="a playlist"),
    ],
)
def test_a_file_that_names_other_files_opens_none_of_them(
    tmp_path: Path, film_street: Callable[..., Path], content: str
) -> None:
    film_street(tmp_path / "secret.mp4", [], 1.0)
    (tmp_path / "list.mp4").write_text(content)
    with pytest.raises(SeeingError, match=r"list\.mp4 is not a video"):
        read_timeline(tmp_path / "list.mp4")


def test_a_pipe_is_no_video(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    for path in (tmp_path / "pipe.mp4", Path("/dev/zero")):
        with pytest.raises(SeeingError, match="is a pipe or a device"):
            read_timeline(path)


@pytest.mark.parametrize("written", [True, False])
def test_a_film_of_a_phone_starts_when_it_was_filmed(tmp_path: Path, written: bool) -> None:
    """Who cut it or sent it wrote a new file: its creation time is days later."""
    path = tmp_path / "IMG_0001.mov"
    with av.open(str(path), "w", options={"movflags": "use_metadata_tags"}) as container:
        container.metadata["creation_time"] = "2026-05-07T12:00:00Z"
        if written:
            container.metadata["com.apple.quicktime.creationdate"] = "2026-05-04T08:30:00+0200"
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        container.mux(stream.encode(av.VideoFrame(64, 48, "yuv420p")))
        container.mux(stream.encode(None))
    start = datetime(2026, 5, 4, 6, 30, tzinfo=UTC) if written else datetime(2026, 5, 7, 12, tzinfo=UTC)
    timeline, saved = read_timeline(path), datetime(2026, 5, 7, 12, tzinfo=UTC)
    assert (timeline.created, timeline.saved) == (start, saved if written else None)
