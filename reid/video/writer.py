"""Write frames as an H.264 video whose times are exact, even or not."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.video.reformatter import Colorspace, VideoReformatter
from av.video.stream import VideoStream

from reid.errors import SeeingError
from reid.vehicle import Image
from reid.video.frames import Frame

TICKS_PER_S = 90_000
_DENOISING = "deadzone-inter=32"
"""Drops small differences to the frame before, as the encoders of cameras do with noise."""


@dataclass(frozen=True, slots=True)
class FilmOptions:
    """How a video is written; `quality` is H.264's quantiser, lower is better.

    It is constant: x264's rate control takes twice as long and spends its bits on the noise of empty scenes.
    """

    width: int
    height: int
    fps: float
    quality: int = 23


@dataclass(slots=True)
class Film:
    """An open video: frames go in, in order, at equal times from 0 or at times of their own."""

    stream: VideoStream
    container: av.container.OutputContainer
    fps: float
    frames: int = 0

    def add(self, image: Image, time_s: float | None = None) -> None:
        """Append one frame, `time_s` after the first one; times are kept to 1 / TICKS_PER_S."""
        frame = _video_frame(image, round((self.frames / self.fps if time_s is None else time_s) * TICKS_PER_S))
        frame.time_base = Fraction(1, TICKS_PER_S)
        self.frames += 1
        self.container.mux(self.stream.encode(frame))


def through_codec(pictures: Sequence[Image], quality: int = 23) -> Image:
    """Return the last of some frames of one size as `film` would write it and a reader decode it."""
    height, width = pictures[0].shape[:2]
    encoder = av.VideoCodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base, encoder.thread_count = Fraction(1, 25), 1
    encoder.colorspace = Colorspace.SMPTE170M
    encoder.options = _encoding(quality)
    decoder = av.VideoCodecContext.create("h264", "r")
    decoder.thread_count = 1
    frames = [_video_frame(picture, number) for number, picture in enumerate(pictures)]
    packets = [packet for frame in [*frames, None] for packet in encoder.encode(frame)]
    decoded = [shown for packet in [*packets, None] for shown in decoder.decode(packet)]
    return Frame(len(pictures) - 1, 0.0, decoded[-1], VideoReformatter()).image


@contextmanager
def film(path: Path, options: FilmOptions) -> Iterator[Film]:
    """Open a video for writing and finish it on exit; on one thread, so that the same frames give the same bytes."""
    if options.width % 2 or options.height % 2:
        raise SeeingError(
            f"{options.width}x{options.height} is odd: H.264 wants even sizes, as in "
            f"{options.width // 2 * 2}x{options.height // 2 * 2}"
        )
    rate = Fraction(options.fps).limit_denominator(1001)
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=rate, options=_encoding(options.quality))
        stream.width, stream.height, stream.pix_fmt = options.width, options.height, "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, TICKS_PER_S)
        stream.codec_context.thread_count = 1
        stream.codec_context.colorspace = Colorspace.SMPTE170M
        yield Film(stream, container, options.fps)
        container.mux(stream.encode(None))


def _encoding(quality: int) -> dict[str, str]:
    return {"qp": str(quality), "preset": "ultrafast", "x264-params": _DENOISING}


def _video_frame(image: Image, stamp: int) -> av.VideoFrame:
    planes = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2YUV_I420), np.uint8)
    frame = av.VideoFrame.from_numpy_buffer(planes, format="yuv420p")
    frame.pts = stamp
    return frame
