import json
import os
import socket
from pathlib import Path

import pytest

from index.ingest.progress import ChunkProgress, WorkerLock, chunks_in_progress, is_dead


def test_a_worker_is_alive_exactly_as_long_as_its_lock(tmp_path: Path) -> None:
    lock = WorkerLock(tmp_path)
    assert not is_dead(tmp_path, lock.name)
    lock.release()
    assert is_dead(tmp_path, lock.name)
    assert not is_dead(tmp_path, "another-machine-12-ab")


@pytest.mark.parametrize("way", ["{host}-x/../../letter.txt", "{host}-x/../../../letter.txt", "{host}-\x00"])
def test_a_name_of_a_worker_that_leads_elsewhere_deletes_nothing(tmp_path: Path, way: str) -> None:
    """The catalogue of somebody else's archive may name any: the file that it led to was deleted by an ingest."""
    host = socket.gethostname()
    archive = tmp_path / "archive"
    (archive / "workers" / f"{host}-x").mkdir(parents=True)
    letters = [archive / "letter.txt", tmp_path / "letter.txt"]
    for letter in letters:
        letter.write_text("dear")
    assert is_dead(archive, way.format(host=host))
    assert all(letter.read_text() == "dear" for letter in letters)


def test_a_link_or_folder_with_the_name_of_a_worker_is_no_worker(tmp_path: Path) -> None:
    host = socket.gethostname()
    (tmp_path / "workers" / f"{host}-folder").mkdir(parents=True)
    (tmp_path / "workers" / f"{host}-link").symlink_to(tmp_path / "letter.txt")
    (tmp_path / "letter.txt").write_text("dear")
    assert is_dead(tmp_path, f"{host}-folder")
    assert is_dead(tmp_path, f"{host}-link")
    assert (tmp_path / "letter.txt").read_text() == "dear"


def test_the_notes_of_workers_are_read_and_nothing_else(tmp_path: Path) -> None:
    progress = ChunkProgress("film", 2, 1.5, 15, 1)
    WorkerLock(tmp_path).write_progress(progress)
    WorkerLock(tmp_path)
    assert chunks_in_progress(tmp_path) == [progress]


@pytest.mark.parametrize("kind", ["pipe", "endless", "deep", "large", "other values", "folder"])
def test_what_is_no_note_of_a_worker_is_passed_over(tmp_path: Path, kind: str) -> None:
    """It may have come with somebody's archive: a link to /dev/zero took all memory while footage was added."""
    path = tmp_path / "workers" / "another"
    path.parent.mkdir()
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "endless":
        path.symlink_to("/dev/zero")
    elif kind == "folder":
        path.mkdir()
    else:
        values = {"footage": {}, "number": [], "seconds": "x", "frames": None, "sightings": {}}
        path.write_text(json.dumps(values) if kind == "other values" else "[" * 100_000)
        if kind == "large":
            os.truncate(path, 1 << 40)
    assert chunks_in_progress(tmp_path) == []
