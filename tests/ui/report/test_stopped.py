"""Where a report is made, and what is left when it is stopped."""

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from index.access import audit
from index.errors import ArchiveError
from index.store.archive import Archive
from index.store.catalogue.audit import Entry
from index.store.catalogue.people import Person
from index.upkeep.verify import verify
from tests.case_archive import CASE, LOCAL, copy_archive
from ui.report.build import ReportOptions, build_report
from ui.report.package import UNFINISHED
from ui.report.verify import verify_report

RETRACE = [sys.executable, "-c", "from ui.cli.main import main; main()"]


def test_a_report_is_never_overwritten(case_archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    with pytest.raises(ArchiveError, match="exists already: a report is never changed"):
        build_report(case_archive, LOCAL, CASE, tmp_path / "there")
    (tmp_path / "in the way").with_name(f"new{UNFINISHED}").write_text("mine")
    with pytest.raises(ArchiveError, match="is in the way"):
        build_report(case_archive, LOCAL, CASE, tmp_path / "new")
    assert (tmp_path / f"new{UNFINISHED}").read_text() == "mine"


def test_a_folder_that_is_no_unfinished_report_is_left_alone(made_case: Path, tmp_path: Path) -> None:
    mine = tmp_path / f"report{UNFINISHED}"
    mine.mkdir()
    (mine / "letter.txt").write_text("mine")
    with (
        Archive.open(copy_archive(made_case, tmp_path)) as archive,
        pytest.raises(ArchiveError, match="no folder of an unfinished report"),
    ):
        build_report(archive, LOCAL, CASE, tmp_path / "report", ReportOptions(clips=False))
    assert (mine / "letter.txt").exists()


def test_no_report_stands_that_the_audit_could_not_take_down(
    made_case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = audit.record

    def full(archive: Archive, person: Person, action: str, *given: Any, **how: Any) -> Entry | None:
        if action == "make report":
            raise OSError(28, "No space left on device")
        return record(archive, person, action, *given, **how)

    with Archive.open(copy_archive(made_case, tmp_path)) as archive:
        with monkeypatch.context() as patched:
            patched.setattr(audit, "record", full)
            with pytest.raises(OSError, match="No space"):
                build_report(archive, LOCAL, CASE, tmp_path / "report", ReportOptions(clips=False))
        assert not (tmp_path / "report").exists()
        assert build_report(archive, LOCAL, CASE, tmp_path / "report", ReportOptions(clips=False)).audit_row


@pytest.mark.slow
def test_a_killed_report_leaves_nothing_under_its_name_and_the_next_run_is_whole(
    made_case: Path, tmp_path: Path
) -> None:
    folder, out = copy_archive(made_case, tmp_path), tmp_path / "report"
    command = [*RETRACE, "--archive", str(folder), "report", CASE, "--out", str(out)]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    begun = tmp_path / f"report{UNFINISHED}" / "pictures"
    for _ in range(1200):
        if begun.is_dir() and any(begun.iterdir()):
            break
        time.sleep(0.05)
    running.send_signal(signal.SIGKILL)
    assert running.wait() == -signal.SIGKILL
    assert not out.exists()
    assert begun.is_dir()
    done = subprocess.run([*command, "--no-clips"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert verify_report(out).ok
    assert not begun.exists()
    with Archive.open(folder) as archive:
        assert verify(archive) == []


@pytest.mark.slow
@pytest.mark.skipif(
    subprocess.run(["unshare", "-Urm", "true"], capture_output=True).returncode != 0,
    reason="this system lends no file system of its own",
)
def test_a_full_disk_leaves_no_report_and_says_so(made_case: Path, tmp_path: Path) -> None:
    folder, small = copy_archive(made_case, tmp_path), tmp_path / "small"
    small.mkdir()
    script = 'mount -t tmpfs -o size=60k tmpfs "$0" && "$@"; code=$?; ls -A "$0"; exit $code'
    retrace = [*RETRACE, "--archive", str(folder), "report", CASE, "--out", str(small / "report"), "--no-clips"]
    ended = subprocess.run(
        ["unshare", "-Urm", "sh", "-c", script, str(small), *retrace], capture_output=True, text=True
    )
    assert ended.returncode == 1, ended.stderr
    assert "the disk is full" in ended.stderr.splitlines()[-1]
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""
    with Archive.open(folder) as archive:
        assert verify(archive) == []


def test_a_report_is_not_made_inside_the_archive(case_archive: Archive) -> None:
    """No purge would delete it there, and every backup would copy it."""
    with pytest.raises(ArchiveError, match="inside the archive"):
        build_report(case_archive, LOCAL, CASE, case_archive.path / "report", ReportOptions(clips=False))
