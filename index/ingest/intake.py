"""Register files in a thread of its own, so that the first is worked on while the others are still read."""

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType

from index.errors import ArchiveError
from index.ingest.registration import FootageJob, RegisteredFootage, register, shown_path
from index.ingest.start_time import believe, start_by_name
from index.store.archive import Archive
from reid.errors import SeeingError

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a file could not be registered, and how many seconds went into it."""

    problem: str
    seconds: float


class Intake:
    """The registration of some files; a file that cannot be registered does not stop the others.

    `files` are those registered so far, each once however many jobs name it.
    """

    def __init__(self, archive: Archive, jobs: Sequence[FootageJob], *, chunk_s: float, check: bool = False) -> None:
        self._archive, self._chunk_s, self._check = archive, chunk_s, check
        # Nobody can be asked in the middle of the work: whoever may have to be is asked before it begins.
        self._first = [job for job in jobs if _may_ask(job)]
        self._others = [job for job in jobs if not _may_ask(job)]
        self._ended, self._is_stopped = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._register_others, daemon=True)
        self._error: BaseException | None = None
        self._ids: set[str] = set()
        self.files: list[RegisteredFootage] = []
        self.registered: dict[FootageJob, RegisteredFootage] = {}
        self.refused: dict[FootageJob, Refusal] = {}

    def __enter__(self) -> "Intake":
        """Begin to register."""
        for job in self._first:
            self._register(job)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop registering, in the middle of a file if there is one."""
        self._is_stopped.set()
        self._thread.join()

    @property
    def is_single(self) -> bool:
        """Say whether there is one file at most."""
        return len(self._first) + len(self._others) <= 1

    @property
    def has_ended(self) -> bool:
        """Say whether all files are registered or refused, as far as nothing stopped the thread."""
        return self._ended.is_set() and self._error is None

    def wait(self) -> None:
        """Return when all files are registered or refused; raise what stopped the thread."""
        self._ended.wait()
        if self._error is not None:
            raise self._error

    def arrivals(self) -> Iterator[RegisteredFootage | None]:
        """Yield each file once as it is registered, None while the next one is not; raise what stopped the thread."""
        taken = 0
        while taken < len(self.files) or not self._ended.is_set():
            if taken < len(self.files):
                yield self.files[taken]
                taken += 1
            else:
                yield None
        yield from self.files[taken:]
        self.wait()

    def _register_others(self) -> None:
        try:
            for job in self._others:
                self._register(job)
        except _StoppedError:
            pass
        except BaseException as error:
            self._error = error
        finally:
            self._ended.set()

    def _register(self, job: FootageJob) -> None:
        began = time.monotonic()
        try:
            self._go_on()
            file = register(self._archive, job, chunk_s=self._chunk_s, check=self._check, on_block=self._go_on)
        except (_StoppedError, OSError):
            raise
        except Exception as error:
            self.refused[job] = Refusal(_said(job, error), time.monotonic() - began)
            return
        self.registered[job] = file
        if file.footage.id not in self._ids:
            self._ids.add(file.footage.id)
            self.files.append(file)

    def _go_on(self) -> None:
        if self._is_stopped.is_set():
            raise _StoppedError


class _StoppedError(Exception):
    """Registering was stopped."""


def _said(job: FootageJob, error: Exception) -> str:
    """Return why a file could not be registered; whatever nobody foresaw is a fault of this file, too."""
    if isinstance(error, SeeingError | ArchiveError):
        return str(error)
    path = shown_path(job.path)
    if isinstance(error, MemoryError):
        return f"{path} takes more memory than there is: the others go on without it"
    _log.error("registering %s", path, exc_info=error)
    return f"{path} cannot be read, please report it ({type(error).__name__}: {error})"


def _may_ask(job: FootageJob) -> bool:
    """Say whether a person may have to be asked when the file starts."""
    if job.start is not None or job.rule.confirm in (None, believe):
        return False
    return job.rule.by_picture or start_by_name(job.path, job.rule) is None
