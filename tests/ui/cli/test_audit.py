"""`retrace audit`."""

import csv
import json
from pathlib import Path

from index.access import audit
from index.access.cases import open_case
from index.access.permissions import local_person
from index.store.archive import Archive
from tests.ui.cli.commands import answer, run


def test_the_audit_is_listed_checked_and_exported(folder: Path, tmp_path: Path) -> None:
    with Archive.open(folder) as archive:
        open_case(archive, local_person(), "2026-7", "")
        audit.record(archive, local_person(), "search", {"plate": "KR*"}, reason="theft", case="2026-7")
    listed = answer(folder, "audit", "list")
    assert (listed["ok"], listed["rows"], listed["broken_at"]) == (True, 2, None)
    assert listed["entries"][1]["detail"] == {"plate": "KR*"}
    checked = answer(folder, "audit", "verify")
    assert checked["head"] == listed["entries"][1]["digest"]
    answer(folder, "audit", "export", "--out", str(tmp_path / "audit.csv"))
    with (tmp_path / "audit.csv").open(newline="") as file:
        (_, row) = csv.DictReader(file)
    assert (row["person"], row["action"], row["reason"]) == ("local", "search", "theft")
    with Archive.open(folder) as archive, archive.catalogue.writing() as connection:
        connection.exec_driver_sql("UPDATE audit SET reason = 'none'")
    broken = run(folder, "audit", "verify", "--json")
    assert broken.exit_code == 1
    assert json.loads(broken.stdout)["broken_at"] == 1


def test_no_cell_of_an_export_is_a_formula(folder: Path, tmp_path: Path) -> None:
    with Archive.open(folder) as archive:
        audit.record(archive, local_person(), "search", {}, reason='=HYPERLINK("http://evil","x")')
    answer(folder, "audit", "export", "--out", str(tmp_path / "audit.csv"))
    with (tmp_path / "audit.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["reason"] == '\'=HYPERLINK("http://evil","x")'


def test_what_people_wrote_moves_no_cursor_when_it_is_listed(folder: Path) -> None:
    """A title could erase lines of a list, or add some, on the terminal of whoever reads it."""
    with Archive.open(folder) as archive:
        open_case(archive, local_person(), "7", "theft\x1b[1A\x1b[2K\u202egpj\n8  2026-05-04  open  mine")
    listed = run(folder, "case", "list").stdout
    assert "\x1b" not in listed
    assert "\u202e" not in listed
    assert "[U+001B][2K" in listed
    assert listed.count("\n") == 1
