"""Do tasks in processes of their own that end when the process that started them ends, however it ends."""

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from itertools import islice
from typing import TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")

_THREAD_COUNTS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

WAITING_FOR_EACH = 1
"""Tasks handed over ahead of time for each worker; the rest waits here, so that nothing piles up."""


def run(do: Callable[[Task], Result], tasks: Sequence[Task], workers: int) -> Iterator[Result]:
    """Yield the results as they come; with one worker or one task, do them here, one after the other."""
    if workers <= 1 or len(tasks) <= 1:
        for task in tasks:
            yield do(task)
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(min(workers, len(tasks)), mp_context=context, initializer=settle_in)
    try:
        yield from _in_pool(pool, do, tasks, workers * (1 + WAITING_FOR_EACH))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _in_pool(
    pool: ProcessPoolExecutor, do: Callable[[Task], Result], tasks: Sequence[Task], at_once: int
) -> Iterator[Result]:
    left = iter(tasks)
    under_way: set[Future[Result]] = {pool.submit(do, task) for task in islice(left, at_once)}
    while under_way:
        done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
        under_way |= {pool.submit(do, task) for task in islice(left, len(done))}
        for future in done:
            yield future.result()


def settle_in() -> None:
    """Keep a new worker process to one thread, and let it end with its parent.

    The parent is watched from a thread: after a kill -9 of it nobody else would end this process.
    """
    threading.Thread(target=_wait_for_parent, daemon=True).start()
    os.environ.update(dict.fromkeys(_THREAD_COUNTS, "1"))
    # imported only now, as numpy reads the counts when it is loaded
    from reid.threads import stay_on_one_thread

    stay_on_one_thread()


def _wait_for_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
