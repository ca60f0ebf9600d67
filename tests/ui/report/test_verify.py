"""A report tells every change, addition and removal; and no list of files leads out of it."""

import json
import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest

from index.errors import ArchiveError
from ui.report.package import MANIFEST, SUMS, package
from ui.report.verify import LONGEST_LIST, verify_report

ABOUT = {"case": "2026-117", "archive": "a-1"}


@pytest.fixture
def report(tmp_path: Path) -> Path:
    with package(tmp_path / "report") as files:
        files.write("report.html", "<p>what was found</p>")
        files.write("pictures/E1.jpg", b"\xff\xd8 picture", "footage abc, frame 4")
        files.write("clips/E1.mp4", b"a clip")
        files.finish(ABOUT)
    return tmp_path / "report"


def test_a_report_as_it_was_made_is_whole(report: Path) -> None:
    found = verify_report(report)
    assert (found.ok, found.files, found.case) == (True, 3, "2026-117")


def _flip(report: Path) -> None:
    data = bytearray((report / "pictures/E1.jpg").read_bytes())
    data[-1] ^= 1
    (report / "pictures/E1.jpg").write_bytes(data)


def _link(report: Path) -> None:
    shutil.copy(report / "report.html", report.parent / "same.html")
    (report / "report.html").unlink()
    (report / "report.html").symlink_to(report.parent / "same.html")


def _link_folder(report: Path) -> None:
    shutil.move(report / "clips", report.parent / "clips")
    (report / "clips").symlink_to(report.parent / "clips")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        pytest.param(_flip, "pictures/E1.jpg: changed", id="one bit"),
        pytest.param(lambda r: (r / "report.html").write_text(""), "report.html: changed", id="emptied"),
        pytest.param(lambda r: (r / "clips/E1.mp4").unlink(), "clips/E1.mp4: missing", id="removed"),
        pytest.param(lambda r: shutil.rmtree(r / "clips"), "clips/E1.mp4: missing", id="a folder removed"),
        pytest.param(lambda r: (r / "E9.jpg").write_text("x"), "E9.jpg: added", id="added"),
        pytest.param(lambda r: (r / ".hidden").write_text("x"), ".hidden: added", id="hidden"),
        pytest.param(lambda r: (r / "more").mkdir(), "more: added", id="an empty folder added"),
        pytest.param(
            lambda r: (r / "pictures/E1.jpg").rename(r / "pictures/E2.jpg"), "pictures/E2.jpg: added", id="renamed"
        ),
        pytest.param(_link, "report.html: replaced by a link", id="a link to the same"),
        pytest.param(_link_folder, "clips/E1.mp4: replaced by a link", id="a link to a folder"),
        pytest.param(lambda r: (r / SUMS).write_text("x"), f"{SUMS}: changed", id="the sums"),
        pytest.param(lambda r: (r / SUMS).unlink(), f"{SUMS}: missing", id="no sums"),
        pytest.param(
            lambda r: (r / MANIFEST).write_text((r / MANIFEST).read_text().replace("frame 4", "frame 5")),
            f"{SUMS}: changed",
            id="what a picture was made from",
        ),
    ],
)
def test_every_change_is_found(report: Path, change: Callable[[Path], object], problem: str) -> None:
    change(report)
    found = verify_report(report)
    assert not found.ok
    assert problem in found.problems


def test_a_list_that_was_made_anew_is_found_by_its_hash(report: Path, tmp_path: Path) -> None:
    digest = verify_report(report).digest
    with package(tmp_path / "forged") as files:
        files.write("report.html", "<p>something else</p>")
        files.finish(ABOUT)
    assert verify_report(tmp_path / "forged").ok
    found = verify_report(tmp_path / "forged", digest=digest)
    assert not found.ok
    assert "another list was put in its place" in found.problems[0]


@pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", "a/../../b", "", "a\\b", "a\x00b", 7, None])
def test_a_list_that_leads_out_of_the_report_is_refused(report: Path, path: object) -> None:
    document = json.loads((report / MANIFEST).read_text())
    document["files"][0]["path"] = path
    (report / MANIFEST).write_text(json.dumps(document))
    with pytest.raises(ArchiveError, match="outside of the report"):
        verify_report(report)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"files": 3}', "null", '{"files": [{}]}', "\ufffd" * 9, "[" * 5000])
def test_a_damaged_list_is_one_line(report: Path, text: str) -> None:
    (report / MANIFEST).write_text(text)
    with pytest.raises(ArchiveError):
        verify_report(report)


def test_what_is_no_report_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none", tmp_path / "file.txt"):
        (tmp_path / "file.txt").write_text("x")
        with pytest.raises(ArchiveError, match="report"):
            verify_report(path)


@pytest.fixture
def packed(report: Path, tmp_path: Path) -> Path:
    with package(tmp_path / "packed.zip") as files:
        files.write("report.html", "x")
        files.finish(ABOUT)
    return tmp_path / "packed.zip"


def test_a_zip_is_checked_as_a_folder_is(packed: Path) -> None:
    assert verify_report(packed).ok
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr("packed/more.txt", "x")
    assert verify_report(packed).problems == ("more.txt: added",)


@pytest.mark.parametrize("name", ["../outside.txt", "/outside.txt", "other/x.txt", "packed/../../outside.txt"])
def test_a_zip_writes_nothing_outside(packed: Path, name: str) -> None:
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr(name, "x")
    with pytest.raises(ArchiveError, match="must hold one folder"):
        verify_report(packed)


def test_a_zip_that_would_fill_the_disk_is_refused(packed: Path) -> None:
    with zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("packed/more.txt", bytes(70 * 2**20))
    with pytest.raises(ArchiveError, match="20 times its size"):
        verify_report(packed)


def _comment(packed: Path) -> None:
    with zipfile.ZipFile(packed, "a") as archive:
        archive.comment = b"all of them are guilty"


def _hide(packed: Path) -> None:
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr("packed/forged.html", "x")
        archive.filelist.pop()


def _link_entry(packed: Path) -> None:
    with zipfile.ZipFile(packed) as archive:
        files = [(entry.filename, archive.read(entry)) for entry in archive.infolist()]
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in files:
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o120777 << 16
            archive.writestr(entry, data)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda one: one.write_bytes(b"<p>forged</p>" + one.read_bytes()), id="before"),
        pytest.param(lambda one: one.write_bytes(one.read_bytes() + b"<p>forged</p>"), id="behind"),
        pytest.param(_comment, id="a comment"),
        pytest.param(_hide, id="a file that is not in the directory"),
        pytest.param(_link_entry, id="links"),
    ],
)
def test_a_zip_that_holds_more_than_its_files_is_refused(packed: Path, change: Callable[[Path], object]) -> None:
    """Browsers and other programs show what lies there; it was said to be whole."""
    change(packed)
    with pytest.raises(ArchiveError, match="holds more than its files"):
        verify_report(packed)


def test_a_zip_that_another_program_packed_is_checked_as_its_files_are(packed: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(tmp_path / "unpacked")
    other = Path(shutil.make_archive(str(tmp_path / "other"), "zip", tmp_path / "unpacked"))
    assert verify_report(other).ok
    streamed = tmp_path / "streamed.zip"
    with streamed.open("wb") as raw, zipfile.ZipFile(_Pipe(raw), "w") as archive:  # type: ignore[call-overload]
        for file in sorted((tmp_path / "unpacked/packed").iterdir()):
            archive.writestr(f"packed/{file.name}", file.read_bytes())
    assert verify_report(streamed).ok


class _Pipe:
    """A file to which nothing can be written twice, so that sizes come behind each entry."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw

    def write(self, data: bytes) -> int:
        return self._raw.write(data)

    def flush(self) -> None:
        self._raw.flush()


def test_a_list_without_end_is_refused(report: Path) -> None:
    os.truncate(report / MANIFEST, LONGEST_LIST + 1)
    with pytest.raises(ArchiveError, match="no list of a report"):
        verify_report(report)


def test_a_cut_off_zip_is_one_line(packed: Path) -> None:
    packed.write_bytes(packed.read_bytes()[:-40])
    with pytest.raises(ArchiveError, match="is damaged"):
        verify_report(packed)


def test_a_block_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), package(tmp_path / "report") as files:  # noqa: PT012
        files.write("a.txt", "x")
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []
