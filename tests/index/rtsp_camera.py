"""Pretend to be a camera that is asked for its pictures by RTSP: one film a connection, H.264 in RTP over TCP."""

import socket
import struct
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import av

CLOCK_HZ = 90_000
MOST_BYTES = 1300
FRAGMENT, LAST_OF_FRAME = 28, 0x80


class RtspCamera:
    """A server whose every connection plays the next of some films, then cuts the line; afterwards it refuses."""

    def __init__(self, *films: Path) -> None:
        self._films = list(films)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"rtsp://user:secret@127.0.0.1:{self._socket.getsockname()[1]}/stream1"
        self.asked: list[str] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """Stop to listen."""
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._socket.accept()
            except OSError:
                return
            with line:
                if self._films:
                    self._answer(line, self._films.pop(0))

    def _answer(self, line: socket.socket, film: Path) -> None:
        """Answer one request after the other; PLAY is followed by the film and by nothing more."""
        asked = line.makefile("rb")
        while request := asked.readline().decode().split():
            headers = {}
            while header := asked.readline().decode().strip():
                name, _, value = header.partition(":")
                headers[name.lower()] = value.strip()
            self.asked.append(request[0])
            line.sendall(_response(request[0], headers["cseq"]))
            if request[0] == "PLAY":
                _play(line, film)
                return


def _response(request: str, number: str) -> bytes:
    body, more = "", ""
    if request == "OPTIONS":
        more = "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n"
    if request == "DESCRIBE":
        body = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=camera\r\nt=0 0\r\na=control:*\r\nm=video 0 RTP/AVP 96\r\n"
        body += "a=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\na=control:track0\r\n"
        more = "Content-Type: application/sdp\r\n"
    if request == "SETUP":
        more = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"
    return (
        f"RTSP/1.0 200 OK\r\nCSeq: {number}\r\nSession: 1\r\n{more}Content-Length: {len(body)}\r\n\r\n{body}".encode()
    )


def _play(line: socket.socket, film: Path) -> None:
    """Send the packets of a film as fast as they are taken."""
    number = 0
    with av.open(str(film)) as container:
        stream = container.streams.video[0]
        for packet in container.demux(stream):
            if packet.pts is None or packet.time_base is None:
                continue
            units = _units(bytes(packet))
            for place, unit in enumerate(units):
                for part, ends in _fragments(unit):
                    marker = LAST_OF_FRAME if ends and place == len(units) - 1 else 0
                    stamp = int(packet.pts * packet.time_base * CLOCK_HZ)
                    head = struct.pack("!BBHII", 0x80, marker | 96, number & 0xFFFF, stamp, 1)
                    line.sendall(struct.pack("!cBH", b"$", 0, len(head) + len(part)) + head + part)
                    number += 1
    # Let the last of it be read before the line is cut.
    time.sleep(0.3)


def _units(annex_b: bytes) -> Sequence[bytes]:
    """Return the NAL units between start codes."""
    return [unit for unit in annex_b.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1") if unit]


def _fragments(unit: bytes) -> Sequence[tuple[bytes, bool]]:
    """Return a unit in pieces that fit into packets (RFC 6184, section 5.8), and which is its last."""
    if len(unit) <= MOST_BYTES:
        return [(unit, True)]
    kind, body = unit[0], unit[1:]
    starts = range(0, len(body), MOST_BYTES)
    return [
        (
            bytes([kind & 0xE0 | FRAGMENT, (0x80 * (at == 0)) | (0x40 * (at == starts[-1])) | kind & 0x1F])
            + body[at : at + MOST_BYTES],
            at == starts[-1],
        )
        for at in starts
    ]
