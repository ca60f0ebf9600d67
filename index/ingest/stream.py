"""Ingest a live stream: it is recorded in pieces that are kept, and each piece is ingested like any file."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from index.access import audit, permissions
from index.access.permissions import Permission
from index.errors import ArchiveError
from index.ingest.ingest import IngestedFootage
from index.ingest.ingest_options import IngestOptions
from index.ingest.progress import OnProgress
from index.ingest.watch import FolderOptions, watch_folder
from index.store.archive import Archive
from index.store.archive_file import STREAMS, make_folder
from index.store.catalogue import cameras
from index.store.catalogue.people import Person
from index.store.names import file_name
from reid.errors import SeeingError
from reid.video.stream import SUFFIX, StreamOptions, pieces, rescue, shown_address

RETRY_AFTER_S = (1.0, 2.0, 5.0, 10.0, 30.0)
"""How long to wait before connecting again, longer after each connection that gave nothing."""


@dataclass(frozen=True, slots=True)
class StreamSource:
    """A stream and its camera; its pieces are kept in `keep` (None: in the archive); `once`: connect only once."""

    url: str
    camera: str
    keep: Path | None = None
    once: bool = False
    cut: StreamOptions = field(default_factory=StreamOptions)


def ingest_stream(
    archive: Archive,
    source: StreamSource,
    person: Person,
    options: IngestOptions,
    *,
    on_progress: OnProgress | None = None,
    note: Callable[[str], None] | None = None,
) -> Iterator[IngestedFootage]:
    """Yield the result of each piece, forever, or until the stream ends if the source is to be connected only once.

    A piece starts when the first picture of its connection came, by this machine's clock, plus the stream's own time
    since. `note` is called with a line about each lost connection.
    """
    permissions.require(archive, person, Permission.INGEST)
    with archive.catalogue.reading() as connection:
        cameras.check_known(connection, source.camera)
    folder = source.keep or archive.path / STREAMS / file_name(source.camera)
    make_folder(folder)
    rescue(folder)
    audit.record(archive, person, "ingest stream", {"url": shown_address(source.url), "camera": source.camera})
    recorder = StreamRecorder(source, folder, note or _ignore)
    recorder.start()
    # Not deep: in the folders there lie files that people brought, and take in themselves.
    where = FolderOptions(camera=source.camera, rest_s=0.0, trust_names=True, deep=False)
    try:
        yield from watch_folder(archive, folder, person, options, where, ended=recorder.ended, on_progress=on_progress)
        if recorder.problem is not None:
            raise ArchiveError(recorder.problem)
    finally:
        recorder.stop()


class StreamRecorder:
    """Records a stream in a thread of its own, and connects again whenever the connection is lost."""

    def __init__(self, source: StreamSource, folder: Path, note: Callable[[str], None]) -> None:
        self._source, self._folder, self._note = source, folder, note
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._record, daemon=True)
        self._began = datetime.now(UTC)
        self._received = 0
        self.problem: str | None = None

    def start(self) -> None:
        """Begin to record."""
        self._thread.start()

    def ended(self) -> bool:
        """Say whether recording has ended."""
        return not self._thread.is_alive()

    def stop(self) -> None:
        """Finish the piece that is being written, and end recording."""
        self._stop.set()
        self._thread.join()

    def _record(self) -> None:
        failures = 0
        while not self._stop.is_set():
            self._received = 0
            finished = self._record_connection()
            if finished or self._source.once:
                return
            failures = 0 if self._received else failures + 1
            wait_s = RETRY_AFTER_S[min(failures, len(RETRY_AFTER_S) - 1)]
            self._note(f"{self._shown_url}: connecting again in {wait_s:.0f} s")
            self._stop.wait(wait_s)

    def _record_connection(self) -> bool:
        """Record one connection to its end; say whether the whole stream has ended."""
        try:
            recorded = pieces(self._source.url, self._piece_path, lambda: not self._stop.is_set(), self._source.cut)
            while True:
                next(recorded)
                self._received += 1
        except StopIteration as end:
            return bool(end.value)
        except SeeingError as error:
            self._note(str(error))
            self.problem = str(error) if self._source.once else None
        except OSError as error:
            # Connecting again would not free a full disk.
            self.problem = f"{self._shown_url} cannot be recorded: {error}"
            return True
        except Exception as error:
            # Whatever nobody foresaw ends this connection, and not the recording without a word.
            line = f"{self._shown_url} broke off, please report it ({type(error).__name__}: {error})"
            self._note(line)
            self.problem = line if self._source.once else None
        return False

    def _piece_path(self, offset_s: float) -> Path:
        if offset_s == 0:
            self._began = datetime.now(UTC)
        begins = self._began + timedelta(seconds=offset_s)
        written = f"{begins:%Y%m%d_%H%M%S}.{begins.microsecond // 1000:03}Z"
        return self._folder / f"{written}{SUFFIX}"

    @property
    def _shown_url(self) -> str:
        return shown_address(self._source.url)


def _ignore(_: str) -> None:
    """Drop a line that nobody asked for."""
