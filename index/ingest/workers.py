"""Run tasks in worker processes of this machine, or on the machines of a Ray cluster."""

import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import connection
from typing import Any, TypeVar

from index.errors import ArchiveError

Task = TypeVar("Task")
Result = TypeVar("Result")

LOCAL = "local"
"""The address of a Ray cluster that is started on this machine and ends with this program."""

QUEUED_PER_WORKER = 1
"""Tasks handed over ahead of time to each worker; the others wait here, so that nothing piles up."""

ASK_AGAIN_S = 0.05
"""So often is asked for tasks that were not there before."""

ANSWER_S = 10.0
"""How long a cluster may take to say its first byte."""

_HTTP2 = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes((0, 0, 0, 4, 0, 0, 0, 0, 0))
"""What each side of HTTP/2 begins with (RFC 9113, 3.4): the preface and settings, of which none are given."""

_THREAD_COUNTS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class WorkerDiedError(ArchiveError):
    """A worker process ended in the middle of its task, as by a kill or for want of memory."""


def run_here(do: Callable[[Task], Result], tasks: Iterable[Task | None]) -> Iterator[Result]:
    """Yield the results of tasks done by this process; a task of None says that the next is not there yet."""
    for task in tasks:
        if task is None:
            time.sleep(ASK_AGAIN_S)
        else:
            yield do(task)


def run_in_processes(do: Callable[[Task], Result], tasks: Iterable[Task | None], workers: int) -> Iterator[Result]:
    """Yield the results as they come from worker processes on this machine.

    A task of None says that the next is not there yet. The workers end when this generator is closed or raises, and
    when this process ends, even by kill -9; the tasks that they had not finished are not done. When one of them dies,
    WorkerDiedError is raised.
    """
    context = multiprocessing.get_context("spawn")
    end_of_work, lifeline = context.Pipe(duplex=False)
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=set_up_worker, initargs=(end_of_work,))
    try:
        yield from _in_pool(pool, do, tasks, workers * (1 + QUEUED_PER_WORKER))
    except BrokenProcessPool:
        lifeline.close()
        raise WorkerDiedError("a worker process was killed") from None
    except BaseException:
        lifeline.close()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def run_on_ray(do: Callable[[Task], Result], tasks: Iterable[Task | None], address: str) -> Iterator[Result]:
    """Yield the results as they come from the cluster at an address: "auto", HOST:6379, ray://HOST:10001 or "local".

    A task of None says that the next is not there yet. Every machine of the cluster needs Retrace, the archive and the
    footage, under the same paths.
    """
    ray = _ray()
    _connect(ray, address)
    remote = ray.remote(num_cpus=1)(_on_one_thread).options(max_retries=0)
    at_once = (1 + QUEUED_PER_WORKER) * max(1, int(ray.cluster_resources().get("CPU", 1)))
    left, may_come = iter(tasks), True
    running: list[Any] = []
    try:
        while running or may_come:
            ready, may_come = _ready(left, at_once - len(running), may_come)
            running += [remote.remote(do, task) for task in ready]
            if running:
                done, running = ray.wait(running, timeout=_patience_s(running, at_once, may_come))
                yield from ray.get(done)
            elif may_come:
                time.sleep(ASK_AGAIN_S)
    except ray.exceptions.WorkerCrashedError:
        raise WorkerDiedError("a worker of the cluster was killed") from None
    finally:
        for task in running:
            ray.cancel(task, force=True)


def set_up_worker(end_of_work: connection.Connection | None = None) -> None:
    """Limit a new worker process to one thread, and end it with its parent or when the pipe is closed.

    A thread watches the parent: after a kill -9 of it nobody else would end this process. Ctrl-C reaches all processes
    of a terminal; only the parent handles it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_exit_with_parent, args=(end_of_work,), daemon=True).start()
    os.environ.update(dict.fromkeys(_THREAD_COUNTS, "1"))
    # Imported after the counts are set: numpy reads them when it is loaded.
    from reid.images import stay_on_one_thread

    stay_on_one_thread()


def _in_pool(
    pool: ProcessPoolExecutor, do: Callable[[Task], Result], tasks: Iterable[Task | None], at_once: int
) -> Iterator[Result]:
    left, may_come = iter(tasks), True
    running: list[Future[Result]] = []
    while running or may_come:
        ready, may_come = _ready(left, at_once - len(running), may_come)
        with _interrupts_held():
            running += [pool.submit(do, task) for task in ready]
        if running:
            ended, _ = wait(running, _patience_s(running, at_once, may_come), return_when=FIRST_COMPLETED)
            done, running = [one for one in running if one in ended], [one for one in running if one not in ended]
            for future in done:
                yield future.result()
        elif may_come:
            time.sleep(ASK_AGAIN_S)


def _ready(left: Iterator[Task | None], most: int, may_come: bool) -> tuple[list[Task], bool]:
    """Return the tasks that are there, at most so many, and whether more may come."""
    found: list[Task] = []
    while may_come and len(found) < most:
        try:
            task = next(left)
        except StopIteration:
            may_come = False
        else:
            if task is None:
                break
            found.append(task)
    return found, may_come


def _patience_s(running: Collection[object], at_once: int, may_come: bool) -> float | None:
    """Return how long to wait for running tasks before asking for more; None: until one has ended."""
    return ASK_AGAIN_S if may_come and len(running) < at_once else None


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C back while processes are started: half-started ones would print an error."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _exit_with_parent(end_of_work: connection.Connection | None) -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel, *([end_of_work] if end_of_work else [])])
        os._exit(1)


def _on_one_thread(do: Callable[[Task], Result], task: Task) -> Result:
    """Do a task on one thread, as several tasks share its machine."""
    from reid.images import stay_on_one_thread

    stay_on_one_thread()
    return do(task)


def _connect(ray: Any, address: str) -> None:
    if ray.is_initialized():
        return
    # Ray asks for this variable while the default is changing; without it, it prints a warning on every start.
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    quiet = {"log_to_driver": False, "logging_level": "error"}
    try:
        if address == LOCAL:
            ray.init(include_dashboard=False, **quiet)
        else:
            _check_answers(address)
            ray.init(address=address, **quiet)
    except (OSError, RuntimeError, ValueError) as error:
        line = str(error).strip().split("\n", maxsplit=1)[0]
        raise ArchiveError(
            f"no Ray cluster at {address!r} ({line}): start one by `ray start --head`, or give --ray {LOCAL}"
        ) from None


def _check_answers(address: str) -> None:
    """Refuse HOST:PORT where nothing speaks HTTP/2, as Ray does: Ray itself would wait for it without an end."""
    host, _, port = address.rpartition(":")
    if "://" in address or not port.isdecimal() or os.environ.get("RAY_USE_TLS", "0") != "0":
        return
    with socket.create_connection((host.strip("[]"), int(port)), ANSWER_S) as line:
        line.sendall(_HTTP2)
        if not line.recv(1):
            raise ConnectionError("it is no Ray cluster")


def _ray() -> Any:
    try:
        import ray
    except ModuleNotFoundError:
        raise ArchiveError("Ray is missing: pip install 'retrace[cluster]'") from None
    return ray
