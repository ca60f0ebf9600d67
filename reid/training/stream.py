"""Make the batches of a training ahead of it, in processes or threads: the same stream for any number of them."""

import os
import threading
from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from itertools import count
from multiprocessing import connection, get_context, parent_process
from typing import Any, TypeVar

from reid.threads import stay_on_one_thread

Batch = TypeVar("Batch")

AHEAD = 3
"""Batches that wait ready for each worker."""

_made_here: list[Callable[[int], Any]] = []
"""What this worker process makes; set once, so that pictures held by the maker are sent to it once."""


def batches(
    make: Callable[[int], Batch], first: int, workers: int, *, threads: bool = False
) -> Generator[Batch, None, None]:
    """Yield make(first), make(first + 1), ... without end; `workers` 0 makes them here.

    `make` goes to other processes: a frozen dataclass with `__call__`, whose chance depends on its number alone. With
    `threads` it stays here: for a maker that holds gigabytes of pictures and works in code that lets others run.
    """
    if workers == 0:
        yield from map(make, count(first))
        return
    pool, job = _workers(make, workers, threads)
    try:
        waiting: deque[Future[Batch]] = deque()
        for number in count(first):
            waiting.append(pool.submit(job, number))
            if len(waiting) > AHEAD * workers:
                yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _workers(make: Callable[[int], Batch], count: int, threads: bool) -> tuple[Executor, Callable[[int], Batch]]:
    if threads:
        return ThreadPoolExecutor(count), make
    return ProcessPoolExecutor(count, get_context("spawn"), initializer=_settle_in, initargs=(make,)), _make


def _make(number: int) -> Any:
    return _made_here[0](number)


def _settle_in(make: Callable[[int], Any]) -> None:
    """Stay on one thread, and end when the training ends, however it ends."""
    stay_on_one_thread()
    _made_here[:] = [make]
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
