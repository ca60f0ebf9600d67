"""Two real processes write to one database, and one of them takes its time."""

import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from index.errors import ArchiveError
from index.store.catalogue import Catalogue, busy, schema

HOLD = """
import sys
from pathlib import Path
from index.store.catalogue import Catalogue
from index.store.catalogue.about import put_fact

with Catalogue.embedded(Path(sys.argv[1])).writing() as connection:
    put_fact(connection, "holder", "was here")
    print("writing", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = Catalogue.embedded(tmp_path / "catalogue.sqlite")
    schema.create_tables(made)
    made.close()
    return tmp_path / "catalogue.sqlite"


@contextmanager
def writer(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Start another process that is in the middle of writing until a line is sent to it."""
    running = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert running.stdout is not None
        assert running.stdout.readline() == "writing\n"
        yield running
    finally:
        running.kill()
        running.communicate()


def facts(catalogue: Catalogue) -> set[str]:
    with catalogue.reading() as connection:
        return set(connection.execute(text("SELECT key FROM about")).scalars())


def write(catalogue: Catalogue) -> None:
    with catalogue.writing() as connection:
        connection.execute(text("INSERT INTO about VALUES ('waiter', 'is here')"))


@pytest.mark.parametrize("is_killed", [False, True])
def test_a_writer_waits_for_one_of_another_process_and_says_so_once(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, is_killed: bool
) -> None:
    """The pauses are counted, not timed: after the third the other process ends."""
    monkeypatch.setattr(busy, "TRY_MS", 10)
    catalogue, pauses = Catalogue.embedded(path), []
    with writer(path) as other, caplog.at_level(logging.WARNING):

        def sleep(pause_s: float) -> None:
            pauses.append(pause_s)
            if len(pauses) == 3:
                if is_killed:
                    other.kill()
                other.communicate(None if is_killed else "go on\n")

        monkeypatch.setattr(busy.time, "sleep", sleep)
        write(catalogue)
        pid = other.pid
    assert len(pauses) >= 3
    assert len(set(pauses)) == len(pauses)
    (line,) = caplog.messages
    assert f"{path} is busy: waiting for process {pid}" in line
    assert {"waiter", "holder"} - facts(catalogue) == ({"holder"} if is_killed else set())
    catalogue.close()


def test_a_writer_gives_up_after_minutes_and_names_the_other(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(busy, "TRY_MS", 10)
    monkeypatch.setattr(busy, "WAIT_S", 0.3)
    catalogue = Catalogue.embedded(path)
    with writer(path) as other:
        with pytest.raises(ArchiveError, match=f"stayed busy for . s: stop process {other.pid}"):
            write(catalogue)
        assert not {"holder", "waiter"} & facts(catalogue)
        other.communicate("go on\n")
    write(catalogue)
    assert {"holder", "waiter"} <= facts(catalogue)
    catalogue.close()


def test_other_errors_are_not_waited_for(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(busy.time, "sleep", lambda _: pytest.fail("waited"))
    catalogue = Catalogue.embedded(path.parent / "no such folder" / "catalogue.sqlite")
    with pytest.raises(ArchiveError, match="cannot be written"):
        write(catalogue)
