"""Make the batches of a training ahead in worker processes or threads; the stream is the same for any number."""

import os
import threading
from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from itertools import count
from multiprocessing import connection, get_context, parent_process
from typing import Any, TypeVar

from reid.images import stay_on_one_thread

Batch = TypeVar("Batch")
AHEAD = 3
"""Finished batches that wait, for each worker."""

_worker_maker: list[Callable[[int], Any]] = []
"""The batch maker of this worker process; set once, so that the pictures it holds are sent only once."""


def load_batches(
    make: Callable[[int], Batch], first: int, workers: int, *, threads: bool = False
) -> Generator[Batch, None, None]:
    """Yield make(first), make(first + 1), ... without end; `workers` 0 makes them in this thread.

    `make` is sent to other processes: a frozen dataclass with `__call__` whose randomness depends on the number alone.
    With `threads` it stays in this process, for a maker that holds gigabytes of pictures and releases the GIL.
    """
    if workers == 0:
        yield from map(make, count(first))
        return
    pool, job = _executor(make, workers, threads)
    try:
        waiting: deque[Future[Batch]] = deque()
        for number in count(first):
            waiting.append(pool.submit(job, number))
            if len(waiting) > AHEAD * workers:
                yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _executor(make: Callable[[int], Batch], count: int, threads: bool) -> tuple[Executor, Callable[[int], Batch]]:
    if threads:
        return ThreadPoolExecutor(count), make
    return ProcessPoolExecutor(
        count, get_context("spawn"), initializer=_start_worker, initargs=(make,)
    ), _make_in_worker


def _make_in_worker(number: int) -> Any:
    return _worker_maker[0](number)


def _start_worker(make: Callable[[int], Any]) -> None:
    """Use one thread, and exit when the training process ends for any reason."""
    stay_on_one_thread()
    _worker_maker[:] = [make]
    threading.Thread(target=_exit_with_parent, daemon=True).start()


def _exit_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
