"""Cut a live stream into separate video files, without decoding it."""

import errno
import logging
import os
import re
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from reid.errors import SeeingError
from reid.images import MAX_PIXELS
from reid.video.timeline import NO_LARGER

log = logging.getLogger(__name__)

SUFFIX = ".mkv"
"""A Matroska file can be read even if its writer was killed."""

UNFINISHED = ".part"
_FILE_MODE = 0o600
_SECRET_PATH = re.compile(
    r"[=:]|pass|pwd|token|auth|key|(?<![\w.-])(?=[a-z-]*\d)(?=[\d-]*[a-z])[a-z\d-]{12,}(?![\w.-])", re.IGNORECASE
)
"""What a path with a password may have in it; some recorders have long random words there, as UniFi has."""

_HOST = re.compile(r"(\[[\da-fA-F:.]*\]|[^:\[\]]*)(:\d*)?")

JUMP_S, FILE_JUMP_S = 10.0, 86_400.0
"""Time stamps that run on by so much more than this machine's clock, from one packet to the next, have jumped.

A file of known length comes faster than its time.
"""

APART_S = 60.0
"""The time of a live stream and this machine's clock may come apart by so much: then the next connection is dated anew.

Faster streams than that may be files that are sent at once, but not after so long.
"""

LEAST_HELD_S = 0.5
"""Less is how far pictures are ahead of their turn, as some are sent before those that are shown earlier."""

MOST_PIECES = 5
"""A piece that is so many times longer than it should be waits for a key frame that does not come."""

SCHEMES = ("rtsp", "rtsps", "rtmp", "http", "https", "tcp", "udp", "srt")


@dataclass(frozen=True, slots=True)
class StreamOptions:
    """A piece ends at the first key frame after `piece_s`; a stream silent for `patience_s` has ended.

    Where no key frame comes for MOST_PIECES as long, the connection is ended: the next one begins with one.
    """

    piece_s: float = 60.0
    patience_s: float = 10.0


class _StreamPiece:
    """A file that packets are written to; it gets its final name when it is complete."""

    def __init__(self, path: Path, stream: VideoStream, first: "Packet[VideoStream]", begins_s: float) -> None:
        self.begins_s = begins_s
        self._path, self._unfinished = path, path.with_name(path.name + UNFINISHED)
        # FFmpeg would make it readable for everybody, in a folder that may be.
        self._unfinished.unlink(missing_ok=True)
        os.close(os.open(self._unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE_MODE))
        self._container: OutputContainer = av.open(str(self._unfinished), "w", format="matroska")
        self._stream = self._container.add_stream_from_template(stream)
        self._origin = first.pts or 0

    def write(self, packet: "Packet[VideoStream]") -> None:
        """Append a packet, its time counted from the beginning of the piece."""
        packet.pts = None if packet.pts is None else packet.pts - self._origin
        packet.dts = None if packet.dts is None else packet.dts - self._origin
        packet.stream = self._stream
        try:
            self._container.mux(packet)
        except av.error.FFmpegError as error:
            if error.errno == errno.ENOSPC:
                raise OSError(errno.ENOSPC, "no space left for the stream", str(self._unfinished)) from None
            raise SeeingError(f"the times of the stream jump ({_reason(error)})") from None

    def close(self, path: Path | None = None) -> Path:
        """Finish the file, force it to the disk, and return it; give it another name where that is known by now."""
        self._container.close()
        with self._unfinished.open("rb") as written:
            os.fsync(written.fileno())
        self._unfinished.replace(path or self._path)
        return path or self._path


def is_stream(name: str) -> bool:
    """Say whether a name is the address of a stream, not a file."""
    return name.partition("://")[0].lower() in SCHEMES


def shown_address(url: str) -> str:
    """Return the scheme, host, port and path of an address: the rest may hold a password, so it is never shown.

    Some cameras take the password in the path, as `/user=admin_password=x`: such a path is left out, too. In an address
    with an @ behind its host, what looks like the host may be the beginning of a password with / ? or # in it.
    """
    scheme, _, rest = url.partition("://")
    authority = re.split(r"[/?#\\]", rest, maxsplit=1)[0]
    behind = rest[len(authority) :]
    host = authority.rpartition("@")[2]
    if "@" in behind or not _HOST.fullmatch(host):
        return f"{scheme}://..."
    path = re.split(r"[?#]", behind, maxsplit=1)[0]
    return f"{scheme}://{host}{'' if _SECRET_PATH.search(path) else path}"


def pieces(
    url: str, begin: Callable[[float], Path], goes_on: Callable[[], bool], options: StreamOptions | None = None
) -> Generator[Path, None, bool]:
    """Yield the files of a stream until it ends, breaks off, or `goes_on` says no.

    `begin` names the file that begins so many seconds into this connection; it is first called, with 0, when the first
    picture arrives. That had come earlier if FFmpeg held it back while it looked at the stream: as the pictures behind
    it then come faster than their time, the first file gets another name. Return whether the stream was a file of known
    length, and not live.
    """
    options = options or StreamOptions()
    asked = time.monotonic()
    with _connected(url, options) as (container, stream):
        opening_s = time.monotonic() - asked
        finite = container.duration is not None and container.duration > 0
        piece: _StreamPiece | None = None
        held_s, is_first, came = 0.0, not finite, 0.0
        for packet, second in _packets(container, stream, goes_on, FILE_JUMP_S if finite else JUMP_S):
            if packet.is_keyframe and (piece is None or second - piece.begins_s >= options.piece_s):
                if piece is not None:
                    held_s = held_s if held_s >= LEAST_HELD_S else 0.0
                    yield piece.close(begin(-held_s) if is_first and held_s else None)
                    is_first = False
                came = came or time.monotonic()
                piece = _StreamPiece(begin(second - held_s), stream, packet, second)
            elif piece is not None and not finite and second - piece.begins_s >= options.piece_s * MOST_PIECES:
                log.warning("%s: no key frame for %.0f s", shown_address(url), second - piece.begins_s)
                break
            if is_first:
                held_s = max(held_s, min(second - (time.monotonic() - came), opening_s))
            if piece is not None and not _written(piece, packet):
                break
        if piece is not None:
            yield piece.close(begin(-held_s) if is_first and held_s >= LEAST_HELD_S else None)
    return finite


def _written(piece: _StreamPiece, packet: "Packet[VideoStream]") -> bool:
    """Write a packet; say whether the stream can go on after it."""
    try:
        piece.write(packet)
    except SeeingError as error:
        log.warning("%s: connecting again", error)
        return False
    return True


def rescue(folder: Path) -> None:
    """Give the unfinished files of a killed program their final names: they can be read as far as they go."""
    for path in sorted(folder.glob(f"*{SUFFIX}{UNFINISHED}")):
        if path.stat().st_size > 0:
            path.replace(path.with_suffix(""))


@contextmanager
def _connected(url: str, options: StreamOptions) -> Iterator[tuple[InputContainer, VideoStream]]:
    address = shown_address(url)
    over_tcp = {"rtsp_transport": "tcp"} if url.lower().startswith("rtsp") else {}
    try:
        container = av.open(url, timeout=options.patience_s, options=NO_LARGER, container_options=over_tcp)
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise SeeingError(
            f"{address} does not answer ({_reason(error)}): check address, password and network"
        ) from None
    with container:
        if not container.streams.video:
            raise SeeingError(f"{address} has no pictures (sound only?): give the address of the camera's video")
        stream = container.streams.video[0]
        if not 0 < stream.width * stream.height <= MAX_PIXELS:
            # Its pieces would be files that nobody can read, one at each connection.
            raise SeeingError(
                f"{address} has pictures of {stream.width} x {stream.height}: they must have at most "
                f"{MAX_PIXELS / 1e6:.0f} million pixels"
            )
        yield container, stream


def _packets(
    container: InputContainer, stream: VideoStream, goes_on: Callable[[], bool], most_jump_s: float
) -> "Iterator[tuple[Packet[VideoStream], float]]":
    """Yield each packet from the first key frame on, and its seconds into this connection, until they jump."""
    first: int | None = None
    connected = time.monotonic()
    # How far the stamps are ahead of this machine's clock.
    ahead_s = 0.0
    packets = container.demux(stream)
    while goes_on():
        try:
            packet = next(packets)
        except StopIteration:
            return
        except av.error.FFmpegError as error:
            log.warning("%s broke off: %s", shown_address(str(container.name)), _reason(error))
            return
        if packet.size == 0 or (first is None and not packet.is_keyframe):
            continue
        if packet.pts is None:
            # packets without a time get the time at which they arrive
            unit = packet.time_base or stream.time_base or Fraction(1, 90_000)
            packet.pts = packet.dts = int((time.monotonic() - connected) / unit)
        first = packet.pts if first is None else first
        second = float((packet.pts - first) * (packet.time_base or Fraction(1, 90_000)))
        elapsed_s = time.monotonic() - connected
        before_s, ahead_s = ahead_s, second - elapsed_s
        if ahead_s - before_s > most_jump_s:
            # The rest of the connection would be dated by as much too late.
            log.warning("%s: its time stamps jump by %.0f s", shown_address(str(container.name)), ahead_s - before_s)
            return
        if most_jump_s == JUMP_S and elapsed_s > APART_S and abs(ahead_s) > APART_S:
            log.warning("%s: its time stamps run %+.0f s ahead", shown_address(str(container.name)), ahead_s)
            return
        yield packet, second


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)
