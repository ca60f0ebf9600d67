"""Take in a live stream: it is cut into pieces that are kept, and each piece is ingested like any file."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from index.catalogue import cameras
from index.catalogue.people import Person
from index.errors import ArchiveError
from index.ingest import IngestedFootage, IngestOptions
from index.intake.folder_watch import FolderOptions
from index.intake.progress import Report
from index.office import access, audit
from index.office.access import Permission
from index.watching import watch
from reid.errors import SeeingError
from reid.stream import SUFFIX, StreamOptions, pieces, rescue, without_password

if TYPE_CHECKING:
    from index.archive import Archive

FOLDER = "streams"

WAITS_S = (1.0, 2.0, 5.0, 10.0, 30.0)
"""How long to wait before connecting again, longer each time that nothing came."""


@dataclass(frozen=True, slots=True)
class StreamSource:
    """Whose stream it is, where its pieces are kept (None: in the archive), and whether one connection is enough."""

    url: str
    camera: str
    keep: Path | None = None
    once: bool = False
    cut: StreamOptions = field(default_factory=StreamOptions)


def ingest_stream(
    archive: "Archive",
    source: StreamSource,
    person: Person,
    options: IngestOptions,
    *,
    report: Report | None = None,
    note: Callable[[str], None] | None = None,
) -> Iterator[IngestedFootage]:
    """Yield what becomes of each piece, forever, or until the stream ends if once is enough.

    The time of a piece is this machine's clock when its connection's first picture came, and the stream's own since.
    """
    access.require(archive, person, Permission.INGEST)
    with archive.catalogue.reading() as connection:
        cameras.known(connection, source.camera)
    folder = source.keep or archive.path / FOLDER / source.camera
    folder.mkdir(parents=True, exist_ok=True)
    rescue(folder)
    audit.record(archive, person, "ingest stream", {"url": without_password(source.url), "camera": source.camera})
    recorder = Recorder(source, folder, note or _say_nothing)
    recorder.start()
    where = FolderOptions(camera=source.camera, rest_s=0.0, ours=True)
    try:
        yield from watch(archive, folder, person, options, where, ended=recorder.ended, report=report)
        if recorder.problem is not None:
            raise ArchiveError(recorder.problem)
    finally:
        recorder.stop()


class Recorder:
    """Record a stream in a thread of its own, connecting again whenever it breaks off."""

    def __init__(self, source: StreamSource, folder: Path, note: Callable[[str], None]) -> None:
        self._source, self._folder, self._note = source, folder, note
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._record, daemon=True)
        self._began = datetime.now(UTC)
        self._came = 0
        self.problem: str | None = None

    def start(self) -> None:
        """Begin to record."""
        self._thread.start()

    def ended(self) -> bool:
        """Say whether nothing more will come."""
        return not self._thread.is_alive()

    def stop(self) -> None:
        """Finish the piece that is being written, and record no more."""
        self._stop.set()
        self._thread.join()

    def _record(self) -> None:
        silent = 0
        while not self._stop.is_set():
            self._came = 0
            finished = self._connection()
            if finished or self._source.once:
                return
            silent = 0 if self._came else silent + 1
            wait_s = WAITS_S[min(silent, len(WAITS_S) - 1)]
            self._note(f"{self._shown}: connecting again in {wait_s:.0f} s")
            self._stop.wait(wait_s)

    def _connection(self) -> bool:
        """Record one connection to its end; say whether there is no more to come."""
        try:
            cutting = pieces(self._source.url, self._name, lambda: not self._stop.is_set(), self._source.cut)
            while True:
                next(cutting)
                self._came += 1
        except StopIteration as end:
            return bool(end.value)
        except SeeingError as error:
            self._note(str(error))
            self.problem = str(error) if self._source.once else None
        except OSError as error:
            # A full disk will not be less full by connecting again.
            self.problem = f"{self._shown} cannot be recorded: {error}"
            return True
        return False

    def _name(self, offset_s: float) -> Path:
        if offset_s == 0:
            self._began = datetime.now(UTC)
        begins = self._began + timedelta(seconds=offset_s)
        written = f"{begins:%Y%m%d_%H%M%S}.{begins.microsecond // 1000:03}Z"
        return self._folder / f"{written}{SUFFIX}"

    @property
    def _shown(self) -> str:
        return without_password(self._source.url)


def _say_nothing(_: str) -> None:
    """Tell nobody."""
