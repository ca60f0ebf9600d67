"""What a killed server left of a report or a file goes with the next use; what is in use stays."""

import os
import tempfile
import time
from pathlib import Path

import pytest

from ui.scratch import PREFIX, remove_abandoned, scratch_folder


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def aged(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    os.utime(folder, (time.time() - 3600, time.time() - 3600))
    return folder


def test_a_folder_is_gone_when_it_is_used_no_more(temporary: Path) -> None:
    with scratch_folder() as folder:
        (folder / "report.zip").write_bytes(b"plates")
        assert folder.parent.stat().st_mode & 0o077 == 0
    assert not list(temporary.iterdir())


def test_what_a_killed_process_left_goes_with_the_next_use(temporary: Path) -> None:
    left = temporary / f"{PREFIX}killed"
    left.mkdir()
    (left / "report.zip").write_bytes(b"plates")
    aged(left)
    with scratch_folder():
        assert not left.exists()


def test_what_is_in_use_young_or_no_folder_stays(temporary: Path) -> None:
    (temporary / f"{PREFIX}young").mkdir()
    (temporary / "elsewhere").mkdir()
    (temporary / f"{PREFIX}link").symlink_to(temporary / "elsewhere")
    aged(temporary / "another-program")
    with scratch_folder() as folder:
        aged(folder.parent)
        remove_abandoned()
        assert folder.exists()
    left = {path.name for path in temporary.iterdir()}
    assert left == {f"{PREFIX}young", "elsewhere", f"{PREFIX}link", "another-program"}


def test_without_a_temporary_folder_nothing_is_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a full disk, where a purge must not end because of it."""

    def none() -> str:
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr(tempfile, "gettempdir", none)
    remove_abandoned()
