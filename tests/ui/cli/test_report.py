"""`retrace report`, and the notes of a case."""

import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

from tests.case_archive import CASE, copy_archive, make_case_archive
from tests.ui.cli.commands import answer, document, refused, run
from ui.report.package import package


@pytest.fixture(scope="module")
def made_case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_case_archive(tmp_path_factory.mktemp("case"))


@pytest.fixture
def case_folder(made_case: Path, tmp_path: Path) -> Path:
    return copy_archive(made_case, tmp_path)


def test_a_report_is_made_and_verified(case_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "report"
    made = answer(case_folder, "report", CASE, "--out", str(out), "--no-clips", "--zone", "+02:00")
    assert made["report"] == str(out)
    assert "UTC+02:00" in (out / "report.html").read_text()
    found = answer(case_folder, "report", "--verify", str(out), "--digest", made["sha256"])
    assert (found["ok"], found["audit_row"], found["case"]) == (True, made["audit_row"], CASE)
    elsewhere = document("--archive", tmp_path / "none", "report", "--verify", out, "--json")
    assert (elsewhere["ok"], elsewhere["audit_row"], elsewhere["checked_by"]) == (True, None, None)
    assert (found["checked_by"], made["files"]) == ("audit", elsewhere["files"])


def test_a_change_is_exit_1_and_named(case_folder: Path, tmp_path: Path) -> None:
    answer(case_folder, "report", CASE, "--out", str(tmp_path / "report"), "--no-clips")
    (tmp_path / "report" / "sightings.csv").write_text("none")
    result = run(case_folder, "report", "--verify", str(tmp_path / "report"))
    assert result.exit_code == 1
    assert "sightings.csv: changed" in result.stdout
    assert "1 problems, the first: sightings.csv: changed" in result.stderr


def test_a_forged_report_is_not_in_the_audit(case_folder: Path, tmp_path: Path) -> None:
    answer(case_folder, "report", CASE, "--out", str(tmp_path / "report"), "--no-clips")
    real = tmp_path / "report" / "manifest.json"
    text = real.read_text().replace('"made_by": "local"', '"made_by": "nobody"')
    before, after = (sha256(one.encode()).hexdigest() for one in (real.read_text(), text))
    real.write_text(text)
    sums = tmp_path / "report" / "SHA256SUMS"
    sums.write_text(sums.read_text().replace(before, after))
    result = run(case_folder, "report", "--verify", str(tmp_path / "report"))
    assert result.exit_code == 1
    assert "the audit of this archive knows no report" in result.stdout
    assert run(tmp_path / "none", "report", "--verify", str(tmp_path / "report")).exit_code == 0


def test_a_forged_report_that_names_another_archive_is_not_whole(case_folder: Path, tmp_path: Path) -> None:
    """The audit was not asked then, and all files were "as they were made"."""
    archive = case_folder
    with package(tmp_path / "forged") as files:
        files.write("report.html", "<p>something else</p>")
        digest = files.finish({"case": "7\nall is well", "archive": "another"})
    named = run(archive, "report", "--verify", str(tmp_path / "forged"))
    assert named.exit_code == 1
    assert "it says that it was made from archive another, and this one is" in named.stdout
    alone = run(tmp_path / "none", "report", "--verify", str(tmp_path / "forged"))
    assert alone.exit_code == 0
    assert "on case 7[U+000A]all is well are as its list says; whether that is the list" in alone.stdout
    told = run(tmp_path / "none", "report", "--verify", str(tmp_path / "forged"), "--digest", digest)
    assert "are as they were made" in told.stdout


def test_sha256sum_agrees(case_folder: Path, tmp_path: Path) -> None:
    if shutil.which("sha256sum") is None:
        pytest.skip("this system has no sha256sum")
    answer(case_folder, "report", CASE, "--out", str(tmp_path / "report"), "--no-clips")
    check = ["sha256sum", "--check", "--quiet", "SHA256SUMS"]
    assert subprocess.run(check, cwd=tmp_path / "report").returncode == 0


@pytest.mark.parametrize(
    "words",
    [
        pytest.param((), id="nothing"),
        pytest.param((CASE,), id="no folder"),
        pytest.param((CASE, "--out", "x", "--verify", "y"), id="both"),
        pytest.param((CASE, "--out", "x", "--digest", "y"), id="a digest of a new one"),
        pytest.param((CASE, "--out", "x", "--question", "0"), id="no row"),
    ],
)
def test_wrong_usage_is_exit_2(case_folder: Path, words: tuple[str, ...]) -> None:
    assert run(case_folder, "report", *words).exit_code == 2


def test_what_cannot_be_done_is_one_line(
    case_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for words, line in (
        (("none", "--out", tmp_path / "r"), "no case 'none'"),
        ((CASE, "--out", tmp_path / "r", "--question", 1), "is no question of this case"),
        ((CASE, "--out", tmp_path), "exists already"),
        ((CASE, "--out", tmp_path / "r", "--zone", "Mars/Base"), "Mars/Base"),
        (("--verify", tmp_path), "has no manifest.json"),
        (("--verify", tmp_path / "none"), "is no report"),
    ):
        assert line in refused(monkeypatch, capsys, "--archive", case_folder, "report", *words)


def test_notes_are_written_and_shown(case_folder: Path) -> None:
    note = answer(case_folder, "case", "note", CASE, "two people in the car", "--sighting", "red-mill")["note"]
    assert (note["sighting"], note["person"]) == ("red-mill", "local")
    shown = answer(case_folder, "case", "show", CASE)
    assert shown["notes"][-1]["text"] == "two people in the car"
    assert "note on red-mill, local: two people in the car" in run(case_folder, "case", "show", CASE).stdout
    for text, line in (("  ", "is empty"), ("x" * 10_001, "10000 are the most")):
        assert line in str(run(case_folder, "case", "note", CASE, text).exception)
    assert "no sighting 'zz'" in str(run(case_folder, "case", "note", CASE, "x", "--sighting", "zz").exception)


def test_others_are_shown_only_for_a_reason(case_folder: Path) -> None:
    assert run(case_folder, "case", "show-others", CASE).exit_code == 2
    assert "say why" in str(run(case_folder, "case", "show-others", CASE, "--reason", " ").exception)
    changed = answer(case_folder, "case", "show-others", CASE, "--reason", "Court order 12/26")
    assert changed["case"]["show_others"] == "Court order 12/26"
    assert answer(case_folder, "case", "cover-others", CASE)["case"]["show_others"] is None
    rows = answer(case_folder, "audit", "list")["entries"]
    assert [(row["action"], row["reason"]) for row in rows[-2:]] == [
        ("show others", "Court order 12/26"),
        ("cover others", None),
    ]
