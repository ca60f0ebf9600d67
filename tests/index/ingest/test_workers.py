"""Ray is started on this machine in a process of its own, because it leaves warnings and processes behind."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import pytest

from index.errors import ArchiveError
from index.ingest import workers
from index.ingest.workers import WorkerDiedError, run_here, run_in_processes, run_on_ray
from index.store.archive import Archive
from index.store.catalogue import cameras, sightings
from index.store.catalogue.cameras import StoredCamera
from index.store.catalogue.sightings import SightingFilter
from index.upkeep.verify import verify
from tests.conftest import unavailable

ENVIRONMENT = {
    **os.environ,
    "RETRACE_INGEST_DETECTOR": "motion",
    "RETRACE_INGEST_CHUNK_S": "4",
    "RETRACE_INGEST_PLATES": "false",
    "RETRACE_INGEST_WEIGHTS": "histogram",
    # Ray is polite to whoever sits at the machine; here that would be these tests.
    "RAY_worker_niceness": "0",
}


def ingested(folder: Path, video: Path, *how: str) -> list[object]:
    with Archive.create(folder) as made, made.catalogue.writing() as connection:
        cameras.put(connection, [StoredCamera("a", 48.41, 15.6)])
    words = ["--archive", str(folder), "ingest", str(video), "--camera", "a", "--start", "2026-05-04T08:00:00Z", *how]
    program = [sys.executable, "-W", "ignore", "-c", "from ui.cli.main import main; main()"]
    done = subprocess.run([*program, *words], env=ENVIRONMENT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    with Archive.open(folder) as archive, archive.catalogue.reading() as connection:
        assert verify(archive) == []
        seen = sightings.listing(connection, SightingFilter())
        return [(one.id, one.first, one.box, [shot.crop.sha256 for shot in one.shots]) for one in seen]


@pytest.mark.slow
def test_a_cluster_gives_the_same_archive_as_this_machine(
    film_street: Callable[..., Path], car: type, tmp_path: Path
) -> None:
    if find_spec("ray") is None:
        unavailable("ray", "it is not installed")
    video = film_street(tmp_path / "street.mp4", [car(1.0, 40), car(5.0, 110, -60.0)], 12.0)
    here = ingested(tmp_path / "here", video)
    assert len(here) == 2
    assert ingested(tmp_path / "there", video, "--ray", "local") == here


def test_an_address_where_nobody_speaks_is_no_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ray waited for it without an end, and nothing was said."""
    monkeypatch.setattr(workers, "ANSWER_S", 0.1)
    asked: list[str] = []
    ray = SimpleNamespace(is_initialized=lambda: False, init=lambda address, **_: asked.append(address))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        host, port = silent.getsockname()
        with pytest.raises(ArchiveError, match=r"no Ray cluster at '127\.0\.0\.1:\d+' \(timed out\)"):
            workers._connect(ray, f"{host}:{port}")
    with pytest.raises(ArchiveError, match="no Ray cluster at"):
        workers._connect(ray, f"{host}:{port}")
    workers._connect(ray, "auto")
    assert asked == ["auto"]


def test_without_ray_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ArchiveError, match=r"retrace\[cluster\]"):
        list(run_on_ray(str, [1], "local"))


def double(number: int) -> int:
    return 2 * number


def test_one_worker_gives_results_in_order() -> None:
    assert list(run_in_processes(double, [1, 2, 3], 1)) == [2, 4, 6]


def _die(_: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_killed_worker_is_an_error_that_can_be_answered() -> None:
    with pytest.raises(WorkerDiedError, match="was killed"):
        list(run_in_processes(_die, [1, 2, 3], 2))


@pytest.mark.parametrize("run", [run_here, lambda do, tasks: run_in_processes(do, tasks, 2)])
def test_tasks_that_come_late_are_done_and_those_that_are_there_at_once(
    run: Callable[[Callable[[int], int], Iterator[int | None]], Iterator[int]],
) -> None:
    """The second task comes only after the first has given its result."""
    results: list[int] = []

    def tasks() -> Iterator[int | None]:
        yield 1
        while not results:
            yield None
        yield from (None, 2, None, None)

    for result in run(double, tasks()):
        results.append(result)
    assert results == [2, 4]
