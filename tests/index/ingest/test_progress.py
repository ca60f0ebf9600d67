from pathlib import Path

from index.ingest.progress import WorkerLock, is_dead


def test_a_worker_is_alive_exactly_as_long_as_its_lock(tmp_path: Path) -> None:
    lock = WorkerLock(tmp_path)
    assert not is_dead(tmp_path, lock.name)
    lock.release()
    assert is_dead(tmp_path, lock.name)
    assert not is_dead(tmp_path, "another-machine-12-ab")
