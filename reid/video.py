"""Decode the frames of a video with the exact time at which each is shown."""

import math
from collections.abc import Callable, Iterator
from functools import cached_property

import av
import numpy as np
from av.container import InputContainer
from av.video.reformatter import Interpolation, VideoReformatter
from av.video.stream import VideoStream

from reid.errors import SeeingError
from reid.images import read_image
from reid.timeline import Timeline, open_video, read_timeline
from reid.vehicle import Image

__all__ = ["Frame", "Timeline", "frame_at", "frames", "read_timeline"]

DECODING_THREADS = 2


class Frame:
    """One decoded picture: `index` counts from 0 in presentation order, `time_s` from the start of the footage.

    It is turned into RGB only when that is asked for, and then only as large as is asked for.
    """

    def __init__(self, index: int, time_s: float, picture: av.VideoFrame, reformatter: VideoReformatter) -> None:
        self.index, self.time_s = index, time_s
        self._picture, self._reformatter = picture, reformatter

    @property
    def width(self) -> int:
        """Return how wide the upright picture is."""
        return self._picture.height if self._lies else self._picture.width

    @property
    def height(self) -> int:
        """Return how high the upright picture is."""
        return self._picture.width if self._lies else self._picture.height

    @cached_property
    def image(self) -> Image:
        """Return the whole picture, upright."""
        return self._rgb(self._picture.width, self._picture.height, "rgb24")

    def shrunk(self, width_px: int) -> Image:
        """Return the picture at most `width_px` wide; shrinking before the turn to RGB is three times faster.

        Planar RGB makes the scaler keep the colour of each pixel, where packed RGB has one for every two.
        """
        scale = width_px / self.width
        if scale >= 1:
            return self.image
        return self._rgb(
            max(1, round(self._picture.width * scale)), max(1, round(self._picture.height * scale)), "gbrp"
        )

    @property
    def _lies(self) -> bool:
        """Say whether the recorder wants the picture turned by a quarter."""
        return round(self._picture.rotation / 90) % 2 == 1

    def _rgb(self, width: int, height: int, layout: str) -> Image:
        found = self._reformatter.reformat(
            self._picture, width, height, layout, interpolation=Interpolation.AREA, threads=1
        )
        return upright(np.asarray(found.to_ndarray(), dtype=np.uint8), self._picture.rotation)


def frames(
    timeline: Timeline,
    *,
    from_s: float = 0.0,
    to_s: float = math.inf,
    every_s: float = 0.0,
    slot_s: float = 0.0,
    on_damage: Callable[[str], None] | None = None,
) -> Iterator[Frame]:
    """Yield the frames shown in [from_s, to_s), about one each `every_s` (0: all), in order; see `Timeline.select`.

    Damaged packets are skipped and told to `on_damage`, one call each.
    """
    wanted = timeline.select(from_s, to_s, every_s, slot_s)
    if not len(wanted):
        return
    if timeline.pictures:
        yield from _of_pictures(timeline, wanted.tolist(), on_damage or _ignore)
        return
    last, chosen, reformatter = int(wanted[-1]), frozenset(wanted.tolist()), VideoReformatter()
    with open_video(timeline.path) as (container, stream):
        stream.thread_type = "AUTO"
        stream.codec_context.thread_count = DECODING_THREADS
        _seek(container, stream, timeline, int(wanted[0]))
        for index, picture in _decoded(container, stream, timeline, on_damage or _ignore):
            if index > last:
                return
            if index in chosen:
                yield Frame(index, float(timeline.times_s[index]), picture, reformatter)


def frame_at(timeline: Timeline, time_s: float) -> Frame | None:
    """Return the first frame that is shown then or later, the last where none is; None if it is damaged."""
    return next(frames(timeline, from_s=min(time_s, float(timeline.times_s[-1]))), None)


def _of_pictures(timeline: Timeline, wanted: list[int], on_damage: Callable[[str], None]) -> Iterator[Frame]:
    """Yield the wanted pictures of a folder; one that cannot be read, or is of another size, is damage."""
    reformatter = VideoReformatter()
    for index in wanted:
        path = timeline.pictures[index]
        try:
            image = read_image(path)
        except SeeingError as error:
            on_damage(str(error))
            continue
        if image.shape[:2] != (timeline.height, timeline.width):
            on_damage(f"{path} is {image.shape[1]}x{image.shape[0]}, the first is {timeline.width}x{timeline.height}")
            continue
        picture = av.VideoFrame.from_ndarray(image, format="rgb24")
        yield Frame(index, float(timeline.times_s[index]), picture, reformatter)


def upright(image: Image, rotation_deg: int) -> Image:
    """Return the picture turned as the recorder says it must be shown, counter-clockwise."""
    quarter_turns = round(rotation_deg / 90) % 4
    return np.ascontiguousarray(np.rot90(image, quarter_turns)) if quarter_turns else image


def _seek(container: InputContainer, stream: VideoStream, timeline: Timeline, first: int) -> None:
    """Go to the last key frame from which the first wanted frame can be decoded; stay at the start if in doubt."""
    if timeline.stamps is None or first == 0:
        return
    before = timeline.key_stamps[timeline.key_stamps <= timeline.stamps[first]]
    if len(before) and before[-1] > timeline.key_stamps[0]:
        container.seek(int(before[-1]), stream=stream)


def _decoded(
    container: InputContainer, stream: VideoStream, timeline: Timeline, on_damage: Callable[[str], None]
) -> Iterator[tuple[int, av.VideoFrame]]:
    """Yield (index, picture) in presentation order; without time stamps the index is counted."""
    counted = -1
    for picture in _pictures(container, stream, on_damage):
        if timeline.stamps is None or picture.pts is None:
            index = counted + 1
        else:
            index = int(np.searchsorted(timeline.stamps, picture.pts))
        if index <= counted or index >= timeline.frames:
            continue
        counted = index
        if picture.is_corrupt:
            on_damage(f"frame {index} is damaged")
            continue
        yield index, picture


def _pictures(
    container: InputContainer, stream: VideoStream, on_damage: Callable[[str], None]
) -> Iterator[av.VideoFrame]:
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except (StopIteration, av.error.EOFError):
            return
        except av.error.FFmpegError as error:
            on_damage(f"reading stopped: {error.strerror}")
            return
        try:
            yield from packet.decode()
        except av.error.FFmpegError as error:
            on_damage(f"a packet cannot be decoded: {error.strerror}")


def _ignore(_: str) -> None:
    """Take note of nothing."""
