import zipfile
from pathlib import Path

import pytest

from index.errors import ArchiveError
from ui.report import package as module
from ui.report.package import package


def test_killed_between_the_folder_and_its_mark_the_same_command_makes_the_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was taken for a folder of somebody else, which is never removed."""
    real = module.make_own_folder

    def killed(folder: Path, purpose: str) -> None:
        real(folder, purpose)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(module, "make_own_folder", killed)
        with pytest.raises(KeyboardInterrupt), package(tmp_path / "report"):
            pass
    with package(tmp_path / "report") as files:
        files.write("a.txt", "a")
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


def test_killed_while_it_is_packed_the_same_command_makes_the_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(module, "_zip", lambda *_: pytest.exit("killed"))
        patch.setattr(module.shutil, "rmtree", lambda _: None)
        with pytest.raises(pytest.exit.Exception), package(tmp_path / "report.zip") as files:
            files.write("a.txt", "a")
    with package(tmp_path / "report.zip") as files:
        files.write("a.txt", "a")
    assert [path.name for path in tmp_path.iterdir()] == ["report.zip"]
    assert zipfile.ZipFile(tmp_path / "report.zip").namelist() == ["report/a.txt"]


def test_a_report_that_another_process_is_writing_is_left_alone(tmp_path: Path) -> None:
    with package(tmp_path / "report") as files:
        files.write("a.txt", "a")
        with pytest.raises(ArchiveError, match="another process is writing"), package(tmp_path / "report"):
            pass
    assert (tmp_path / "report" / "a.txt").read_text() == "a"


def test_no_file_of_a_report_may_be_read_by_others(tmp_path: Path) -> None:
    with package(tmp_path / "report") as files:
        files.write("a.txt", "a")
        files.place("clips/a.mp4").write_bytes(b"film")
        (files.folder / "clips/a.mp4").chmod(0o644)
        files.finish({})
    assert [path for path in (tmp_path / "report").rglob("*") if path.stat().st_mode & 0o077] == []
