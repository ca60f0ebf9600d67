"""Stop a writer by kill -9 at chosen and at random moments, and look at what it leaves."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from index.records import NewChunk
from index.store.archive import Archive
from index.store.catalogue import cameras, sightings
from index.store.catalogue.sightings import SightingFilter
from index.upkeep.rebuild import rebuild
from index.upkeep.verify import verify
from tests.index.conftest import MODEL, make_sighting, scores_of, two_cameras

CHUNKS = 12
IN_A_CHUNK = 5
ROOT = Path(__file__).parents[3]

MOMENTS = [
    pytest.param("os.fsync", 3, id="pictures written, not yet forced to the disk"),
    pytest.param("index.store.archive._write", 4, id="pictures on the disk, rows not begun"),
    pytest.param("index.store.catalogue.vectors.add", 4, id="in the middle of the transaction"),
    pytest.param("index.store.vectors.segment_files.write_segment", 4, id="rows committed, vectors not begun"),
    pytest.param("pathlib.Path.replace", 4, id="segment written, not yet named"),
    pytest.param("index.store.vectors.merging.merge", 1, id="before a merge"),
    pytest.param("pathlib.Path.unlink", 9, id="between a merge and the deletion of its parts"),
]


def chunk(number: int) -> NewChunk:
    first = number * IN_A_CHUNK
    return NewChunk(None, None, tuple(make_sighting(n) for n in range(first, first + IN_A_CHUNK)))


def add_chunks(path: Path, numbers: list[int]) -> None:
    with Archive.open(path) as archive:
        sys.stdout.write("adding\n")
        sys.stdout.flush()
        for number in numbers:
            archive.add(chunk(number))


def add_chunks_and_die(path: Path, name: str, call: int) -> None:
    """Add chunks, and be killed at the beginning of the nth call of a function."""
    module, attribute = name.rsplit(".", 1)
    if module == "pathlib.Path":
        owner: object = Path
    else:
        owner = __import__(module, fromlist=[attribute])
    function = getattr(owner, attribute)
    calls = 0

    def deadly(*arguments: object, **named: object) -> object:
        nonlocal calls
        calls += 1
        if calls == call:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments, **named)

    with Archive.open(path) as archive:
        setattr(owner, attribute, deadly)
        for number in range(CHUNKS):
            archive.add(chunk(number))


def start(path: Path, *arguments: object) -> "subprocess.Popen[bytes]":
    """Run this file in a process of its own; see its last lines."""
    command = [sys.executable, __file__, str(path), *map(str, arguments)]
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE)


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    with Archive.create(tmp_path / "archive") as archive, archive.catalogue.writing() as connection:
        cameras.put(connection, two_cameras())
    return tmp_path / "archive"


def content(path: Path) -> tuple[list[object], dict[str, float]]:
    """All that the archive knows of its sightings, pictures and vectors."""
    with Archive.open(path) as archive:
        assert verify(archive) == []
        with archive.catalogue.reading() as connection:
            found = list(sightings.listing(connection, SightingFilter()))
        known: list[object] = [
            (s.id, s.camera, s.first, s.attributes, [archive.crops.read(shot.crop) for shot in s.shots]) for s in found
        ]
        return known, scores_of(archive, make_sighting(7).vectors[MODEL])


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[object], dict[str, float]]:
    path = tmp_path_factory.mktemp("undisturbed") / "archive"
    with Archive.create(path) as archive, archive.catalogue.writing() as connection:
        cameras.put(connection, two_cameras())
    add_chunks(path, list(range(CHUNKS)))
    return content(path)


@pytest.mark.parametrize(("name", "call"), MOMENTS)
def test_a_killed_writer_leaves_a_whole_archive_and_a_rerun_finishes_it(
    empty: Path, undisturbed: tuple[list[object], dict[str, float]], name: str, call: int
) -> None:
    child = start(empty, "die", name, call)
    child.communicate(timeout=60)
    assert child.returncode == -signal.SIGKILL
    known, scores = content(empty)
    assert len(known) % IN_A_CHUNK == 0
    assert len(scores) == len(known)
    add_chunks(empty, list(range(CHUNKS)))
    assert content(empty) == undisturbed
    with Archive.open(empty) as archive:
        rebuild(archive)
    assert content(empty) == undisturbed


@pytest.mark.slow
def test_writers_killed_at_random_moments_leave_the_same_archive(
    empty: Path, undisturbed: tuple[list[object], dict[str, float]], random_seed: int
) -> None:
    rng = random.Random(random_seed)
    for _ in range(10):
        child = start(empty, "add", 0, CHUNKS)
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(rng.random() / 4)
        child.kill()
        child.communicate()
        known, scores = content(empty)
        assert len(known) % IN_A_CHUNK == 0, f"RETRACE_TEST_SEED={random_seed}"
        assert len(scores) == len(known), f"RETRACE_TEST_SEED={random_seed}"
    assert known
    add_chunks(empty, list(range(CHUNKS)))
    assert content(empty) == undisturbed


def test_two_writers_at_once_add_everything_once(
    archive_on_each: Archive, undisturbed: tuple[list[object], dict[str, float]]
) -> None:
    """A third of the chunks are given to both."""
    path = archive_on_each.path
    writers = [start(path, "add", 0, 8), start(path, "add", 4, 12)]
    for writer in writers:
        writer.communicate(timeout=120)
    assert [writer.returncode for writer in writers] == [0, 0]
    assert content(path) == undisturbed


if __name__ == "__main__":
    where, task, first_argument, second_argument = sys.argv[1:]
    if task == "die":
        add_chunks_and_die(Path(where), first_argument, int(second_argument))
    else:
        add_chunks(Path(where), list(range(int(first_argument), int(second_argument))))
