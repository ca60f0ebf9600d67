"""`retrace audit`."""

import csv
import json
from pathlib import Path

from index.access import audit
from index.access.permissions import local_person
from index.store.archive import Archive
from tests.ui.cli.commands import answer, run


def test_the_audit_is_listed_checked_and_exported(folder: Path, tmp_path: Path) -> None:
    with Archive.open(folder) as archive:
        audit.record(archive, local_person(), "search", {"plate": "KR*"}, reason="theft", case="2026-7")
    listed = answer(folder, "audit", "list")
    assert (listed["ok"], listed["rows"], listed["broken_at"]) == (True, 1, None)
    assert listed["entries"][0]["detail"] == {"plate": "KR*"}
    checked = answer(folder, "audit", "verify")
    assert checked["head"] == listed["entries"][0]["digest"]
    answer(folder, "audit", "export", "--out", str(tmp_path / "audit.csv"))
    with (tmp_path / "audit.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
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
