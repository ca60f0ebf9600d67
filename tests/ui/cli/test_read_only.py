"""A copy that may only be read, as evidence is kept: lists, searches and verify work and say what was not recorded."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import unavailable
from tests.ui.cli.commands import answer, refused


@pytest.fixture
def evidence(folder: Path, tmp_path: Path) -> Iterator[Path]:
    """The archive where nobody may write: for root, who may write everywhere, on a disk that is mounted read-only."""
    place = tmp_path / "evidence"
    if os.geteuid() != 0:
        shutil.copytree(folder, place)
        for path in (place, *place.rglob("*")):
            path.chmod(0o500 if path.is_dir() else 0o400)
        yield place
        for path in (place, *place.rglob("*")):
            path.chmod(0o700)
        return
    place.mkdir()
    for words in (["--bind", str(folder), str(place)], ["-o", "remount,bind,ro", str(place)]):
        if subprocess.run(["mount", *words], capture_output=True, check=False).returncode:
            unavailable("mount", "this container may not mount")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_lists_searches_and_verify_work_and_leave_no_trace(
    evidence: Path, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = content(folder)
    assert answer(evidence, "verify")["ok"] is True
    assert len(answer(evidence, "sightings", "list")["sightings"]) == 2
    assert len(answer(evidence, "cameras", "list")["cameras"]) == 2
    assert answer(evidence, "footage", "list") == {"footage": []}
    assert answer(evidence, "audit", "verify")["ok"] is True
    assert len(answer(evidence, "plates", "find", "KR*")["sightings"]) == 0
    caplog.clear()
    assert len(answer(evidence, "search", "--type", "car")["candidates"]) == 2
    assert "its audit cannot record 'search'" in caplog.text
    assert content(folder) == before


@pytest.mark.parametrize(
    "words",
    [
        ("case", "new", "7"),
        ("rebuild",),
        ("rebuild", "--new-key"),
        ("purge", "--before", "2026-05-04T00:00:00Z"),
        ("adapt",),
        ("backup", "copy"),
        ("plates", "embed"),
        ("reembed",),
        ("roads", "learn"),
        ("cameras", "add", "cam09"),
    ],
)
def test_what_would_change_it_is_refused(
    evidence: Path,
    words: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    """The line says that it may only be read, instead of naming a lock that cannot be made."""
    monkeypatch.chdir(tmp_path)
    line = refused(monkeypatch, capsys, "--archive", evidence, *words)
    assert "may only be read" in line
    assert not (tmp_path / "copy").exists()
