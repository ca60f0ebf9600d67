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
from reid.vehicle import Image
from reid.video.timeline import Timeline, open_video, read_timeline

__all__ = ["Frame", "Timeline", "frame_at", "frames", "read_timeline"]

DECODING_THREADS = 2


class Frame:
    """One decoded picture: `index` counts from 0 in presentation order, `time_s` from the start of the footage.

    `width` and `height` are those of the upright picture. It is converted to RGB on demand, at the size asked for.
    """

    def __init__(self, index: int, time_s: float, picture: av.VideoFrame, reformatter: VideoReformatter) -> None:
        self.index, self.time_s = index, time_s
        self._picture, self._reformatter = picture, reformatter
        self.width, self.height = picture.width, picture.height
        if round(picture.rotation / 90) % 2 == 1:
            self.width, self.height = self.height, self.width

    @cached_property
    def image(self) -> Image:
        """Return the whole picture, upright."""
        return self._rgb(self._picture.width, self._picture.height, "rgb24")

    def shrunk(self, width_px: int) -> Image:
        """Return the picture at most `width_px` wide; shrinking before the conversion to RGB is three times faster.

        Planar RGB makes the scaler keep the colour of each pixel, where packed RGB has one for every two.
        """
        scale = width_px / self.width
        if scale >= 1:
            return self.image
        return self._rgb(
            max(1, round(self._picture.width * scale)), max(1, round(self._picture.height * scale)), "gbrp"
        )

    def _rgb(self, width: int, height: int, layout: str) -> Image:
        converted = self._reformatter.reformat(
            self._picture, width, height, layout, interpolation=Interpolation.AREA, threads=1
        )
        return upright(np.asarray(converted.to_ndarray(), dtype=np.uint8), self._picture.rotation)


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

    Damaged packets, and frames of another size than the first, are skipped and reported to `on_damage`, one call each.
    """
    selected = timeline.select(from_s, to_s, every_s, slot_s).tolist()
    if not selected:
        return
    if timeline.pictures:
        yield from _of_pictures(timeline, selected, on_damage or _ignore)
        return
    first, last, chosen, reformatter = selected[0], selected[-1], frozenset(selected), VideoReformatter()
    with open_video(timeline.path) as (container, stream):
        stream.thread_type = "AUTO"
        stream.codec_context.thread_count = DECODING_THREADS
        _seek(container, stream, timeline, first)
        size: tuple[int, int] | None = None
        for index, picture in _decoded(container, stream, timeline, on_damage or _ignore):
            if index > last:
                return
            if index not in chosen:
                continue
            size = size or (picture.width, picture.height)
            if (picture.width, picture.height) == size:
                yield Frame(index, float(timeline.times_s[index]), picture, reformatter)
            elif on_damage is not None:
                on_damage(f"frame {index} is {picture.width}x{picture.height}, the first is {size[0]}x{size[1]}")


def frame_at(timeline: Timeline, time_s: float) -> Frame | None:
    """Return the first frame shown at that time or later, the last where there is none; None if it is damaged."""
    return next(frames(timeline, from_s=min(time_s, float(timeline.times_s[-1]))), None)


def _of_pictures(timeline: Timeline, selected: list[int], on_damage: Callable[[str], None]) -> Iterator[Frame]:
    """Yield the selected pictures of a folder; one that cannot be read, or has another size, counts as damage."""
    reformatter = VideoReformatter()
    for index in selected:
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
    """Return the picture turned counter-clockwise, as the recorder says it must be shown."""
    quarter_turns = round(rotation_deg / 90) % 4
    return np.ascontiguousarray(np.rot90(image, quarter_turns)) if quarter_turns else image


def _seek(container: InputContainer, stream: VideoStream, timeline: Timeline, first: int) -> None:
    """Go to the last key frame from which the first selected frame can be decoded; stay at the start if in doubt."""
    if timeline.stamps is None or first == 0:
        return
    before = timeline.key_stamps[timeline.key_stamps <= timeline.stamps[first]]
    if len(before) and before[-1] > timeline.key_stamps[0]:
        container.seek(int(before[-1]), stream=stream)


def _decoded(
    container: InputContainer, stream: VideoStream, timeline: Timeline, on_damage: Callable[[str], None]
) -> Iterator[tuple[int, av.VideoFrame]]:
    """Yield (index, picture) in presentation order; without time stamps the index is counted."""
    count, latest = timeline.frames, -1
    for picture in _pictures(container, stream, on_damage):
        if timeline.stamps is None or picture.pts is None:
            index = latest + 1
        else:
            index = int(np.searchsorted(timeline.stamps, picture.pts))
        if index <= latest or index >= count:
            continue
        latest = index
        if picture.is_corrupt:
            on_damage(f"frame {index} is damaged")
            continue
        yield index, picture


def _pictures(
    container: InputContainer, stream: VideoStream, on_damage: Callable[[str], None]
) -> Iterator[av.VideoFrame]:
    """Yield the pictures that can be decoded, in presentation order."""
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
    """Report no damage."""
