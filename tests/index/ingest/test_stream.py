import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import av
import pytest

from index.access import audit
from index.access.permissions import local_person
from index.errors import ArchiveError
from index.ingest import stream
from index.ingest.ingest_options import IngestOptions
from index.ingest.stream import StreamSource, ingest_stream
from index.store.archive import Archive
from index.store.catalogue import cameras, footage, sightings
from index.store.catalogue.cameras import StoredCamera
from index.store.catalogue.footage import Footage
from reid.video.frames import frames
from reid.video.stream import StreamOptions, is_stream, shown_address
from reid.video.timeline import read_timeline
from tests.index.rtsp_camera import RtspCamera

OPTIONS = IngestOptions(detector="motion", plates=False, weights="histogram")


class Broadcast:
    """A server whose every connection gives the next of some contents; then it refuses."""

    def __init__(self, *contents: bytes, says_length: bool = False) -> None:
        left = list(contents)

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if not left:
                    self.send_error(503)
                    return
                content = left.pop(0)
                self.send_response(200)
                if says_length:
                    self.send_header("Content-Length", str(len(content)))
                    left.insert(0, content)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *args: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        self.url = f"http://user:secret@127.0.0.1:{self.http.server_address[1]}/live.ts"


@pytest.fixture
def broadcast() -> Iterator[Callable[..., Broadcast]]:
    made: list[Broadcast] = []

    def make(*contents: bytes, says_length: bool = False) -> Broadcast:
        made.append(Broadcast(*contents, says_length=says_length))
        return made[-1]

    yield make
    for one in made:
        one.http.shutdown()
        one.http.server_close()


@pytest.fixture(scope="module")
def video(film_street: Callable[..., Path], car: type, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film_street(tmp_path_factory.mktemp("film") / "street.mp4", [car(1.0, 60)], 8.0)


@pytest.fixture(scope="module")
def transport_stream(video: Path) -> bytes:
    """The same film as cameras send it: MPEG-TS without a length, a key frame each second."""
    path = video.with_suffix(".ts")
    with av.open(str(path), "w", format="mpegts") as target:
        stream = target.add_stream("libx264", rate=10, options={"crf": "20", "g": "10", "bf": "2"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for frame in frames(read_timeline(video)):
            target.mux(stream.encode(av.VideoFrame.from_ndarray(frame.image, format="rgb24")))
        target.mux(stream.encode(None))
    return path.read_bytes()


@pytest.fixture
def rtsp(transport_stream: bytes, video: Path) -> Iterator[RtspCamera]:
    """A camera that plays the film twice, and cuts the line after each time."""
    film = video.with_suffix(".ts")
    camera = RtspCamera(film, film)
    yield camera
    camera.close()


def stored(archive: Archive) -> list[Footage]:
    with archive.catalogue.reading() as connection:
        return footage.listing(connection)


def count(archive: Archive) -> int:
    with archive.catalogue.reading() as connection:
        return sightings.count(connection)


def test_a_lost_stream_is_connected_again_and_every_piece_is_ingested(
    archive: Archive,
    broadcast: Callable[..., Broadcast],
    transport_stream: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stream, "RETRY_AFTER_S", (0.1,))
    live = broadcast(transport_stream, transport_stream)
    noted: list[str] = []
    taking = ingest_stream(archive, StreamSource(live.url, "a"), local_person(), OPTIONS, note=noted.append)
    before = datetime.now(UTC)
    done = [next(taking), next(taking)]
    taking.close()
    assert [(one.status, one.sightings) for one in done] == [("done", 1), ("done", 1)]
    assert done[0].doubts == ()
    first, second = stored(archive)
    assert first.camera == second.camera == "a"
    assert timedelta(0) <= first.start - before < timedelta(seconds=30)
    assert first.start < second.start
    assert any("connecting again" in line for line in noted)
    assert not any("secret" in line for line in noted)
    assert all("secret" not in str(entry.detail) for entry in audit.entries(archive, local_person()))


def test_an_rtsp_camera_is_connected_again_when_the_connection_is_lost(
    archive: Archive, rtsp: RtspCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "RETRY_AFTER_S", (0.1,))
    noted: list[str] = []
    taking = ingest_stream(archive, StreamSource(rtsp.url, "a"), local_person(), OPTIONS, note=noted.append)
    done = [next(taking), next(taking)]
    taking.close()
    assert [(one.status, one.sightings) for one in done] == [("done", 1), ("done", 1)]
    assert [one.seconds_of_video for one in done] == pytest.approx([8.0, 8.0], abs=0.2)
    assert rtsp.asked.count("PLAY") == 2
    assert any("connecting again" in line for line in noted)
    assert not any("secret" in line for line in noted)


def test_pieces_are_cut_at_key_frames_without_losing_frames(
    archive: Archive, broadcast: Callable[..., Broadcast], transport_stream: bytes, tmp_path: Path
) -> None:
    source = StreamSource(broadcast(transport_stream).url, "a", tmp_path / "kept", True, StreamOptions(piece_s=2.0))
    done = list(ingest_stream(archive, source, local_person(), OPTIONS))
    kept = sorted((tmp_path / "kept").iterdir())
    assert len(kept) == len(done) >= 2
    timelines = [read_timeline(path) for path in kept]
    assert sum(timeline.frames for timeline in timelines) == 80
    assert sum(timeline.duration_s for timeline in timelines) == pytest.approx(8.0, abs=0.1)
    assert all(timeline.times_s[0] == 0 for timeline in timelines)
    starts = [one.start for one in stored(archive)]
    ends = [one.start + timedelta(seconds=one.duration_s) for one in stored(archive)]
    gaps = [(after - before).total_seconds() for before, after in zip(ends, starts[1:], strict=False)]
    assert gaps == pytest.approx([0.0] * len(gaps), abs=0.01)


def jumping(video: Path, *, by_s: float, fmt: str = "mpegts") -> bytes:
    """The film, whose time stamps jump in its middle."""
    path = video.with_suffix(f".jump-{fmt}")
    with av.open(str(path), "w", format=fmt) as target:
        stream = target.add_stream("libx264", rate=10, options={"g": "10", "bf": "0"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for number, frame in enumerate(frames(read_timeline(video))):
            picture = av.VideoFrame.from_ndarray(frame.image, format="rgb24")
            picture.time_base = Fraction(1, 1000)
            picture.pts = 100 * number + (int(by_s * 1000) if number >= 40 else 0)
            target.mux(stream.encode(picture))
        target.mux(stream.encode(None))
    return path.read_bytes()


@pytest.mark.parametrize(
    ("by_s", "fmt"),
    [
        pytest.param(3600.0, "mpegts", id="1 h"),
        *(pytest.param(by_s, "matroska", id=f"{by_s:.0e} s") for by_s in (2.6e6, 1e12)),
    ],
)
def test_no_piece_is_dated_by_a_time_stamp_that_jumped(
    archive: Archive, broadcast: Callable[..., Broadcast], video: Path, by_s: float, fmt: str
) -> None:
    """All that came after the jump was stored for a time to come, where no question would look."""
    source = StreamSource(broadcast(jumping(video, by_s=by_s, fmt=fmt)).url, "a", once=True)
    done = list(ingest_stream(archive, source, local_person(), OPTIONS))
    assert [one.status for one in done] == ["done"]
    assert all(one.start < datetime.now(UTC) + timedelta(seconds=60) for one in stored(archive))


def test_a_stream_goes_on_after_a_jump(
    archive: Archive,
    broadcast: Callable[..., Broadcast],
    video: Path,
    transport_stream: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stream, "RETRY_AFTER_S", (0.1,))
    live = broadcast(jumping(video, by_s=3600), transport_stream)
    noted: list[str] = []
    taking = ingest_stream(archive, StreamSource(live.url, "a"), local_person(), OPTIONS, note=noted.append)
    assert [next(taking).status, next(taking).status] == ["done", "done"]
    taking.close()


def test_what_nobody_foresaw_does_not_end_a_recording_without_a_word(
    archive: Archive, broadcast: Callable[..., Broadcast], transport_stream: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Iterator[Path]:
        raise OverflowError("date value out of range")

    monkeypatch.setattr(stream, "pieces", broken)
    source = StreamSource(broadcast(transport_stream).url, "a", once=True)
    with pytest.raises(ArchiveError, match="OverflowError"):
        list(ingest_stream(archive, source, local_person(), OPTIONS))


def test_a_recording_of_known_length_is_ingested_once(
    archive: Archive, broadcast: Callable[..., Broadcast], video: Path
) -> None:
    source = StreamSource(broadcast(video.read_bytes(), says_length=True).url, "a")
    (done,) = ingest_stream(archive, source, local_person(), OPTIONS)
    assert (done.status, count(archive)) == ("done", 1)


def test_the_unfinished_piece_of_a_killed_recorder_is_ingested(
    archive: Archive, broadcast: Callable[..., Broadcast], transport_stream: bytes, tmp_path: Path
) -> None:
    source = StreamSource(broadcast(transport_stream).url, "a", tmp_path, once=True)
    list(ingest_stream(archive, source, local_person(), OPTIONS))
    (piece,) = tmp_path.glob("*.mkv")
    left = tmp_path / "20260504_080000.000Z.mkv.part"
    left.write_bytes(piece.read_bytes()[: piece.stat().st_size // 2])
    source = StreamSource(broadcast(transport_stream).url, "a", tmp_path, once=True)
    list(ingest_stream(archive, source, local_person(), OPTIONS))
    assert stored(archive)[0].start == datetime(2026, 5, 4, 8, tzinfo=UTC)
    assert 0 < stored(archive)[0].duration_s < 8


def test_the_error_of_a_missing_stream_hides_its_password(archive: Archive) -> None:
    source = StreamSource("http://user:secret@127.0.0.1:1/live.ts", "a", once=True)
    with pytest.raises(ArchiveError, match="does not answer") as caught:
        list(ingest_stream(archive, source, local_person(), OPTIONS))
    assert "secret" not in str(caught.value)
    with pytest.raises(ArchiveError, match="did you mean a"):
        list(ingest_stream(archive, StreamSource(source.url, "aa"), local_person(), OPTIONS))


def test_stream_addresses_differ_from_files() -> None:
    assert is_stream("rtsp://10.0.0.7/1")
    assert not is_stream("C:/films/a.mp4")
    assert not is_stream("a.mp4")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        pytest.param("rtsp://me:s3cr3t@cam:554/1", "rtsp://cam:554/1", id="before the host"),
        pytest.param("http://cam/live.ts?user=me&password=s3cr3t", "http://cam/live.ts", id="in the query"),
        pytest.param("rtsp://cam/user=me_password=s3cr3t_channel=1.sdp", "rtsp://cam", id="in the path"),
        pytest.param("http://cam/live.ts#s3cr3t", "http://cam/live.ts", id="behind a hash"),
        pytest.param("rtsp://me:s3cr/3t@cam/1", "rtsp://...", id="with a slash in it"),
        pytest.param("rtsp://me:s3cr#3t@cam:554/1", "rtsp://...", id="with a hash in it"),
        pytest.param("rtsp://me:s3cr?3t@cam/1", "rtsp://...", id="with a question mark in it"),
        pytest.param("rtsp://me:s3@cr/3t@cam/1", "rtsp://...", id="with an @ and a slash in it"),
        pytest.param("rtsp://me:s3@cr3t@cam/1", "rtsp://cam/1", id="with an @ in it"),
        pytest.param("rtsp://[me:s3cr3t@cam/1", "rtsp://cam/1", id="with a bracket before it"),
        pytest.param("rtsp://me:s3cr3t", "rtsp://...", id="without a host"),
        pytest.param("rtsp://me:s3cr3t@[fe80::1]:554/1", "rtsp://[fe80::1]:554/1", id="before a host of numbers"),
        pytest.param("rtsp://cam/me:s3cr3t/1", "rtsp://cam", id="in the path with a colon"),
        pytest.param("rtsps://cam:7441/aB3dE6gH9jK2mN5p?enableSrtp", "rtsps://cam:7441", id="a path as a key"),
        pytest.param("rtmp://cam/live/abcd-12ef-34gh", "rtmp://cam", id="a key of a stream"),
        pytest.param("rtsp://cam/Streaming/Channels/101", "rtsp://cam/Streaming/Channels/101", id="a usual path"),
        pytest.param("rtsp://cam/h264Preview_01_main", "rtsp://cam/h264Preview_01_main", id="another usual path"),
    ],
)
def test_an_address_is_shown_without_what_may_be_a_password(address: str, shown: str) -> None:
    assert shown_address(address) == shown


def test_a_password_is_written_nowhere(
    archive: Archive,
    broadcast: Callable[..., Broadcast],
    transport_stream: bytes,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    notes: list[str] = []
    url = f"{broadcast(transport_stream).url}?user=me&password=s3cr3t"
    assert list(ingest_stream(archive, StreamSource(url, "a", once=True), local_person(), OPTIONS, note=notes.append))
    refused = StreamSource(url, "a", once=True)
    with pytest.raises(ArchiveError) as caught:
        list(ingest_stream(archive, refused, local_person(), OPTIONS, note=notes.append))
    written = b"".join(path.read_bytes() for path in archive.path.rglob("*") if path.is_file())
    said = "".join([*notes, str(caught.value), caplog.text, *capfd.readouterr()])
    assert b"live.ts" in written
    assert "live.ts" in said
    assert b"s3cr3t" not in written
    assert b"secret" not in written
    assert "s3cr3t" not in said
    assert "secret" not in said


def test_a_password_with_signs_that_end_a_host_is_not_in_the_audit(archive: Archive) -> None:
    for sign in "/#?":
        source = StreamSource(f"rtsp://admin:s3cr{sign}3t@127.0.0.1:1/live", "a", once=True)
        with pytest.raises(ArchiveError) as caught:
            list(ingest_stream(archive, source, local_person(), OPTIONS))
        assert "s3cr" not in str(caught.value)
    assert all("s3cr" not in str(entry.detail) for entry in audit.entries(archive, local_person()))


def test_a_stream_takes_in_no_file_that_somebody_brought(
    archive: Archive, broadcast: Callable[..., Broadcast], transport_stream: bytes
) -> None:
    """It lies in the folder of its camera until the person who brought it says what it is."""
    brought = archive.path / "streams" / "a" / "brought-0123456789abcdef" / "a_20260504_080000Z.ts"
    brought.parent.mkdir(parents=True)
    brought.write_bytes(transport_stream + bytes(188))
    source = StreamSource(broadcast(transport_stream).url, "a", once=True)
    found = list(ingest_stream(archive, source, local_person(), OPTIONS))
    assert found
    assert not any("brought" in one.path for one in found)


def test_pieces_of_a_camera_with_an_odd_name_stay_in_the_archive(
    archive: Archive, broadcast: Callable[..., Broadcast], transport_stream: bytes
) -> None:
    with archive.catalogue.writing() as connection:
        cameras.put(connection, [StoredCamera("../../escaped", 48.0, 15.0)])
    before = {path for path in archive.path.parent.parent.rglob("*") if not path.is_relative_to(archive.path)}
    source = StreamSource(broadcast(transport_stream).url, "../../escaped", once=True)
    assert [done.status for done in ingest_stream(archive, source, local_person(), OPTIONS)] == ["done"]
    after = {path for path in archive.path.parent.parent.rglob("*") if not path.is_relative_to(archive.path)}
    assert after == before
