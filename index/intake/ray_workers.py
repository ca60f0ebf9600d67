"""Do tasks on a Ray cluster: the same tasks that processes of this machine do, on many."""

import os
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from index.errors import ArchiveError

Task = TypeVar("Task")
Result = TypeVar("Result")

WAITING_FOR_EACH = 1
"""Tasks handed over ahead of time for each processor of the cluster."""

LOCAL = "local"
"""The address of a cluster that is started on this machine, and ends with this program."""


def run_on_ray(do: Callable[[Task], Result], tasks: Sequence[Task], address: str) -> Iterator[Result]:
    """Yield the results as they come from the cluster at an address: "auto", HOST:6379, ray://HOST:10001 or "local".

    Every machine of it needs Retrace, the archive and the footage, under the same paths.
    """
    ray = _ray()
    _connect(ray, address)
    remote = ray.remote(num_cpus=1)(_alone).options(max_retries=0)
    at_once = (1 + WAITING_FOR_EACH) * max(1, int(ray.cluster_resources().get("CPU", 1)))
    left = iter(tasks)
    under_way = [remote.remote(do, task) for task in islice(left, at_once)]
    try:
        while under_way:
            done, under_way = ray.wait(under_way, num_returns=1)
            under_way += [remote.remote(do, task) for task in islice(left, len(done))]
            yield from ray.get(done)
    finally:
        for task in under_way:
            ray.cancel(task, force=True)


def _alone(do: Callable[[Task], Result], task: Task) -> Result:
    """Do a task on one thread, as it is one of several on its machine."""
    from reid.threads import stay_on_one_thread

    stay_on_one_thread()
    return do(task)


def _connect(ray: Any, address: str) -> None:
    if ray.is_initialized():
        return
    # Ray asks for this where a newer default is not yet chosen; it would print it on every start.
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    quiet = {"log_to_driver": False, "logging_level": "error"}
    try:
        if address == LOCAL:
            ray.init(include_dashboard=False, **quiet)
        else:
            ray.init(address=address, **quiet)
    except (ConnectionError, RuntimeError, ValueError) as error:
        line = str(error).strip().split("\n", maxsplit=1)[0]
        raise ArchiveError(
            f"no Ray cluster at {address!r} ({line}): start one by `ray start --head`, or give --ray {LOCAL}"
        ) from None


def _ray() -> Any:
    try:
        import ray
    except ModuleNotFoundError:
        raise ArchiveError("Ray is missing: pip install 'retrace[cluster]'") from None
    return ray
