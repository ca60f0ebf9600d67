"""Do tasks in processes of their own that end when the process that started them ends, however it ends."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from itertools import islice
from multiprocessing import connection
from typing import TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")

_THREAD_COUNTS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

WAITING_FOR_EACH = 1
"""Tasks handed over ahead of time for each worker; the rest waits here, so that nothing piles up."""


def run(do: Callable[[Task], Result], tasks: Sequence[Task], workers: int) -> Iterator[Result]:
    """Yield the results as they come; with one worker or one task, do them here, one after the other.

    Whoever stops listening, or is stopped, stops the workers too: what they had not finished is not done.
    """
    if workers <= 1 or len(tasks) <= 1:
        for task in tasks:
            yield do(task)
        return
    context = multiprocessing.get_context("spawn")
    end_of_work, lifeline = context.Pipe(duplex=False)
    pool = ProcessPoolExecutor(
        min(workers, len(tasks)), mp_context=context, initializer=settle_in, initargs=(end_of_work,)
    )
    try:
        yield from _in_pool(pool, do, tasks, workers * (1 + WAITING_FOR_EACH))
    except BaseException:
        lifeline.close()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _in_pool(
    pool: ProcessPoolExecutor, do: Callable[[Task], Result], tasks: Sequence[Task], at_once: int
) -> Iterator[Result]:
    left = iter(tasks)
    under_way: set[Future[Result]] = set()
    done: set[Future[Result]] = set()
    while True:
        with _undisturbed():
            under_way |= {pool.submit(do, task) for task in islice(left, len(done) or at_once)}
        if not under_way:
            return
        done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
        for future in done:
            yield future.result()


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Hold Ctrl-C back while processes are started: half started, they would complain."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def settle_in(end_of_work: connection.Connection | None = None) -> None:
    """Keep a new worker process to one thread, and let it end with its parent or when the other end is closed.

    The parent is watched from a thread: after a kill -9 of it nobody else would end this process. Ctrl-C reaches all
    processes of a terminal, and is the parent's business.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_wait_for_end, args=(end_of_work,), daemon=True).start()
    os.environ.update(dict.fromkeys(_THREAD_COUNTS, "1"))
    # imported only now, as numpy reads the counts when it is loaded
    from reid.threads import stay_on_one_thread

    stay_on_one_thread()


def _wait_for_end(end_of_work: connection.Connection | None) -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel, *([end_of_work] if end_of_work else [])])
        os._exit(1)
