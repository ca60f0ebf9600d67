"""Take footage in by a process of its own, so that the pages stay quick; it tells how far it is, and can be stopped."""

import atexit
import multiprocessing
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from index.access.permissions import local_person
from index.errors import ArchiveError, one_line
from index.ingest.ingest import IngestedFootage, ingest
from index.ingest.progress import IngestProgress
from index.ingest.registration import FootageJob
from index.ingest.stream import StreamSource, ingest_stream
from index.ingest.workers import set_up_worker
from index.learning.clocks import learn_clocks_of_footage
from index.settings import load_settings
from index.store.archive import Archive
from ui.web.demo_city import DemoCity, footage_of

Source = Sequence[FootageJob] | StreamSource | DemoCity
"""The files to take in, a stream, or the city of the demo with its files."""


@dataclass(frozen=True, slots=True)
class MakingStep:
    """What was last done to make what is then taken in."""

    text: str


Message = Sequence[IngestProgress] | IngestedFootage | MakingStep | str
"""How far all files are, the result of one, what is made before that, or a line of trouble."""


@dataclass(frozen=True, slots=True)
class IngestState:
    """How far an ingest is: what is made for it, the progress of its files, the results, and what went wrong."""

    progress: tuple[IngestProgress, ...] = ()
    results: tuple[IngestedFootage, ...] = ()
    lines: tuple[str, ...] = ()
    is_running: bool = False
    making: str = ""

    def told(self, message: Message) -> "IngestState":
        """Return the state after a message of the process."""
        if isinstance(message, str):
            return replace(self, lines=(*self.lines, message))
        if isinstance(message, IngestedFootage):
            return replace(self, results=(*self.results, message))
        if isinstance(message, MakingStep):
            return replace(self, making=message.text)
        return replace(self, progress=tuple(message))


class IngestDesk:
    """Runs one ingest of an archive at a time; the latest state stays until the next one begins."""

    def __init__(self, archive: Path) -> None:
        self._archive = archive
        self._changing = threading.Lock()
        self._process: BaseProcess | None = None
        self.state = IngestState()
        atexit.register(self.stop)

    def start(self, source: Source) -> None:
        """Begin to take footage in; refused while another ingest runs."""
        with self._changing:
            if self.state.is_running:
                raise ArchiveError("footage is being taken in already: wait until it is done, or stop it")
            context = multiprocessing.get_context("spawn")
            receiving, sending = context.Pipe(duplex=False)
            self._process = context.Process(target=_work, args=(self._archive, source, sending))
            self.state = IngestState(is_running=True)
            self._process.start()
            sending.close()
            threading.Thread(target=self._listen, args=(receiving, self._process), daemon=True).start()

    def stop(self) -> None:
        """End the ingest that runs; what was finished is kept, and the same footage goes on where it was."""
        process = self._process
        if process is not None and process.is_alive():
            process.terminate()
            process.join()

    def _listen(self, receiving: Connection, process: BaseProcess) -> None:
        with suppress(EOFError, OSError):
            while True:
                self.state = self.state.told(receiving.recv())
        process.join()
        if process.exitcode not in (0, -signal.SIGTERM):
            self.state = self.state.told(f"the process that took footage in ended ({process.exitcode}): see the log")
        self.state = replace(self.state, is_running=False)


def _work(path: Path, source: Source, sending: Connection) -> None:
    """Take footage in and send what happens; it is all that the process does."""
    set_up_worker()
    try:
        with Archive.open(path) as archive:
            done = []
            for result in _results(archive, source, sending.send):
                sending.send(result)
                done += [result.sha256] if result.sha256 and result.status in ("done", "partial") else []
            learn_clocks_of_footage(archive, local_person(), done)
    except (ArchiveError, OSError) as error:
        sending.send(one_line(error))


def _results(archive: Archive, source: Source, send: Callable[[Message], None]) -> Iterator[IngestedFootage]:
    options = load_settings(archive.path).ingest
    if unusual := load_settings(archive.path, {}).ingest.changed:
        send(f"not taken in as usual (retrace.toml): {', '.join(unusual)}")
    if isinstance(source, DemoCity):
        source = footage_of(archive, source, lambda line: send(MakingStep(line)))
    if isinstance(source, StreamSource):
        yield from ingest_stream(archive, source, local_person(), options, on_progress=send, note=send)
    else:
        yield from ingest(archive, source, local_person(), options, on_progress=send)
