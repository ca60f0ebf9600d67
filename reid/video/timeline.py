"""Read when each frame of a video is shown, from its packets alone, without decoding."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.video.stream import VideoStream

from reid.arrays import Floats, Ints
from reid.clock.iso_time import iso_time
from reid.errors import SeeingError
from reid.images import MAX_PIXELS
from reid.video.picture_folder import PictureFolder, read_picture_folder

log = logging.getLogger(__name__)

ASSUMED_FPS = 25.0
"""Used, with a warning, where a video has neither times nor a rate."""

STEADY_SHARE = 0.1
"""A frame rate is steady if no step differs from the median by more than this share."""


_CONTAINERS = (
    *("mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "avi", "mpegts", "mpeg", "mpegvideo", "asf", "flv", "ogg", "mxf"),
    *("h264", "hevc", "vvc", "av1", "obu", "ivf", "m4v", "mjpeg", "mpjpeg", "vc1", "h263", "dhav", "wtv", "nut", "gif"),
    *("wav", "mp3", "aac", "flac"),
)
_ONLY_THIS_FILE = {"protocol_whitelist": "file", "format_whitelist": ",".join(_CONTAINERS)}
"""FFmpeg would also open lists of files and addresses (concat, HLS), and what they name, under any name of a file."""

NO_LARGER = {"max_pixels": str(MAX_PIXELS)}
"""FFmpeg decodes pictures of up to 270 million pixels, wherever in a file they come: a few kilobytes fill gigabytes."""

FILMED, WRITTEN = "com.apple.quicktime.creationdate", "creation_time"
"""Where a file says when it was filmed, and when it was written."""

_YEARS = range(1990, 2200)
"""A recorder whose clock was unset writes an earlier year; a later one may have no time in other zones."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """When frames are shown: (n,) seconds from the start of the footage, in presentation order.

    `stamps` are the stream's own (n,) time stamps; None where the video has none and times are counted by the rate.
    `key_stamps` are those of the frames at which decoding can start. `problem` says how the file is damaged.
    `created` has no zone where the recorder wrote none, as into AVI. `saved` is when a film of a phone was
    written, which may be long after it was filmed. `pictures` are the files of the frames if the footage is a folder of
    pictures.
    """

    path: Path
    width: int
    height: int
    codec: str
    times_s: Floats
    stamps: Ints | None
    key_stamps: Ints
    created: datetime | None = None
    problem: str | None = None
    pictures: tuple[Path, ...] = ()
    saved: datetime | None = None

    @property
    def frames(self) -> int:
        """Return how many frames the file holds."""
        return len(self.times_s)

    @property
    def frame_s(self) -> float:
        """Return the median time from one frame to the next."""
        return float(np.median(np.diff(self.times_s))) if self.frames > 1 else 1.0 / ASSUMED_FPS

    @property
    def fps(self) -> float:
        """Return frames per second over the whole file."""
        return self.frames / self.duration_s

    @property
    def duration_s(self) -> float:
        """Return the time from the start of the footage to the end of its last frame."""
        return float(self.times_s[-1]) + self.frame_s

    def select(self, from_s: float, to_s: float, every_s: float, slot_s: float = 0.0) -> Ints:
        """Return the frames shown in [from_s, to_s), about one each `every_s`; all where that is 0.

        At a steady rate these are every nth frame, else the first of each slot of `every_s`; of them, the first of each
        `slot_s` if that is given. Whether a frame is selected does not depend on `from_s` and `to_s`.
        """
        chosen = self._thinned(every_s)
        if slot_s > 0:
            slot = np.floor(self.times_s[chosen] / slot_s + 1e-6)
            chosen = chosen[np.diff(slot, prepend=slot[0] - 1) > 0]
        times_s = self.times_s[chosen]
        return chosen[(times_s >= from_s) & (times_s < to_s)]

    def _thinned(self, every_s: float) -> Ints:
        steps = np.diff(self.times_s)
        if len(steps) == 0 or np.abs(steps - self.frame_s).max() < STEADY_SHARE * self.frame_s:
            return np.arange(0, self.frames, max(1, round(every_s / self.frame_s)))
        slot = np.floor(self.times_s / every_s + 1e-6) if every_s > 0 else np.arange(self.frames)
        return np.flatnonzero(np.diff(slot, prepend=slot[0] - 1) > 0)


def read_timeline(path: Path) -> Timeline:
    """Read the packets of a video, or the file names of a folder of pictures; refuse anything else."""
    if path.is_dir():
        return _of_pictures(path, read_picture_folder(path))
    with open_video(path) as (container, stream):
        stamps, keys, counted, problem = _packets(container, stream)
        if counted == 0:
            raise SeeingError(f"{path} holds no frame of video: it was cut off or never recorded")
        announced = stream.frames
        if announced > counted + 1 and problem is None:
            problem = f"cut off: {counted} of {announced} frames are there"
        times_s = _times_s(container, stream, stamps, counted)
        return Timeline(
            path=path,
            width=stream.codec_context.width,
            height=stream.codec_context.height,
            codec=stream.codec_context.name,
            times_s=times_s,
            stamps=None if stamps is None else np.array(stamps, dtype=np.int64),
            key_stamps=np.array(keys, dtype=np.int64),
            created=_created(container),
            problem=problem,
            saved=_saved(container),
        )


def _of_pictures(path: Path, folder: PictureFolder) -> Timeline:
    return Timeline(
        path=path,
        width=folder.width,
        height=folder.height,
        codec="pictures",
        times_s=folder.times_s,
        stamps=None,
        key_stamps=np.zeros(0, dtype=np.int64),
        created=folder.began,
        pictures=folder.pictures,
    )


@contextmanager
def open_video(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    """Open the first video stream of a file."""
    if path.is_dir():
        raise SeeingError(f"{path} is a folder: give a video file")
    if not path.is_file() and path.exists():
        raise SeeingError(f"{path} is a pipe or a device: give a video file")
    if path.stat().st_size == 0:
        raise SeeingError(f"{path} has zero bytes: the recording or the copy failed, copy it again")
    try:
        container = av.open(str(path), options=NO_LARGER, container_options=_ONLY_THIS_FILE)
    except (av.error.FFmpegError, ValueError) as error:
        raise SeeingError(_why_not_a_video(path, error)) from None
    with container:
        if not container.streams.video:
            raise SeeingError(f"{path} holds no pictures (sound only?): give a video file")
        stream = container.streams.video[0]
        if stream.codec_context is None or stream.codec_context.width == 0:
            raise SeeingError(
                f"{path} is in a picture format that cannot be decoded here, or has pictures of more than "
                f"{MAX_PIXELS // 1_000_000} million pixels: convert it to smaller ones in H.264"
            )
        _refuse_huge(path, stream.codec_context.width, stream.codec_context.height)
        stream.codec_context.options = NO_LARGER
        yield container, stream


def _refuse_huge(path: Path, width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise SeeingError(
            f"{path} has pictures of {width}x{height} pixels, more than {MAX_PIXELS // 1_000_000} million: "
            "convert it to smaller ones"
        )


def _why_not_a_video(path: Path, error: Exception) -> str:
    with path.open("rb") as file:
        head = file.read(12)
    if head[4:8] == b"ftyp":
        return (
            f"{path} is an MP4 that was cut off before its index (moov) was written: copy it again, "
            "or recover it with a tool such as untrunc"
        )
    return f"{path} is not a video ({error.__class__.__name__}): give MP4, MKV, AVI, MOV or MPEG-TS"


def _packets(container: InputContainer, stream: VideoStream) -> tuple[list[int] | None, list[int], int, str | None]:
    """Return the sorted stamps (None if any is missing), those of key frames, the count, and why reading stopped."""
    stamps: list[int | None] = []
    keys: list[int] = []
    problem = None
    try:
        for packet in container.demux(stream):
            if packet.size == 0 or packet.is_discard:
                continue
            stamps.append(packet.pts)
            if packet.is_keyframe and packet.pts is not None:
                keys.append(packet.pts)
    except av.error.FFmpegError as error:
        problem = f"unreadable after {len(stamps)} frames ({error.__class__.__name__})"
    known = sorted({stamp for stamp in stamps if stamp is not None})
    complete = len(known) == len(stamps)
    return (known if complete else None), sorted(keys), len(stamps), problem


def _times_s(container: InputContainer, stream: VideoStream, stamps: list[int] | None, counted: int) -> Floats:
    rate = stream.average_rate or stream.guessed_rate
    if stamps is None or stream.time_base is None:
        fps = float(rate) if rate else ASSUMED_FPS
        log.warning("%s has no time stamps: its times are counted at %.3f frames/s", container.name, fps)
        return np.arange(counted) / fps
    seconds = np.array(stamps, dtype=np.float64) * float(stream.time_base)
    origin_s = container.start_time / av.time_base if container.start_time is not None else seconds[0]
    return seconds - min(origin_s, float(seconds[0]))


def _created(container: InputContainer) -> datetime | None:
    """Return the start that the recorder wrote into the file; None if it wrote none, or its clock was unset."""
    # A phone writes there when it filmed, whoever cuts or sends the film; creation_time is then that of the new file.
    times = (_time(container, name) for name in (FILMED, WRITTEN))
    time = next((time for time in times if time is not None), None)
    return time if time is None or time.year in _YEARS else None


def _saved(container: InputContainer) -> datetime | None:
    """Return when a file was written that says when it was filmed."""
    return None if _time(container, FILMED) is None else _time(container, WRITTEN)


def _time(container: InputContainer, name: str) -> datetime | None:
    time = _iso_time(container.metadata.get(name))
    return time if time is None or time.tzinfo is None or time.year not in _YEARS else time.astimezone(UTC)


def _iso_time(text: str | None) -> datetime | None:
    try:
        return iso_time(text) if text else None
    except ValueError:
        return None
