"""Make the batches of a training ahead of it, in other processes: the same stream for any number of them."""

import os
import threading
from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import count
from multiprocessing import connection, get_context, parent_process
from typing import Any, TypeVar

from reid.threads import stay_on_one_thread

Batch = TypeVar("Batch")

AHEAD = 3
"""Batches that wait ready for each process."""

_made_here: list[Callable[[int], Any]] = []
"""What this worker process makes; set once, so that pictures held by the maker are sent to it once."""


def batches(make: Callable[[int], Batch], first: int, workers: int) -> Generator[Batch, None, None]:
    """Yield make(first), make(first + 1), ... without end; `workers` 0 makes them here.

    `make` goes to other processes: a frozen dataclass with `__call__`, whose chance depends on its number alone.
    """
    if workers == 0:
        yield from map(make, count(first))
        return
    pool = ProcessPoolExecutor(workers, get_context("spawn"), initializer=_settle_in, initargs=(make,))
    try:
        waiting: deque[Future[Batch]] = deque()
        for number in count(first):
            waiting.append(pool.submit(_make, number))
            if len(waiting) > AHEAD * workers:
                yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


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
