import csv
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from index.archive import Archive, NewChunk
from index.catalogue import cameras
from index.catalogue.cameras import StoredCamera
from index.errors import ArchiveError
from index.office import audit
from index.office.access import local_person
from tests.index.conftest import make_sighting
from ui.cli.main import retrace


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An archive with two sightings."""
    with Archive.create(tmp_path / "archive") as archive:
        with archive.catalogue.writing() as connection:
            cameras.put(connection, [StoredCamera("a", 48.0, 15.0), StoredCamera("b", 48.0, 15.1)])
        archive.add(NewChunk(None, None, (make_sighting(1), make_sighting(2))))
    return tmp_path / "archive"


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(retrace, ["--archive", str(folder), *arguments])


def answer(folder: Path, *arguments: str) -> Any:
    result = run(folder, *arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_init_makes_an_archive_once(tmp_path: Path) -> None:
    assert answer(tmp_path / "new", "init") == {"archive": str(tmp_path / "new")}
    again = run(tmp_path / "new", "init")
    assert again.exit_code == 1
    assert isinstance(again.exception, ArchiveError)
    assert answer(tmp_path / "new", "verify") == {"ok": True, "problems": []}


def test_verify_says_what_is_broken_and_leaves_with_1(folder: Path) -> None:
    assert "whole" in run(folder, "verify").stdout
    next((folder / "crops").glob("*.pack")).unlink()
    result = run(folder, "verify", "--json")
    assert result.exit_code == 1
    document = json.loads(result.stdout)
    assert document["ok"] is False
    assert "are gone" in document["problems"][0]


def test_rebuild_makes_the_vectors_again(folder: Path) -> None:
    for path in (folder / "vectors").rglob("*.segment"):
        path.unlink()
    assert answer(folder, "rebuild")["ok"] is True
    assert list((folder / "vectors").rglob("*.segment"))


def test_a_case_is_opened_marked_shown_and_closed(folder: Path) -> None:
    assert answer(folder, "case", "new", "2026-7", "--title", "hit and run")["case"]["id"] == "2026-7"
    assert answer(folder, "mark", "2026-7", "sighting-00001", "yes")["mark"]["verdict"] == "yes"
    shown = answer(folder, "case", "show", "2026-7")
    assert shown["case"]["closed_at"] is None
    assert [(mark["sighting"], mark["verdict"]) for mark in shown["marks"]] == [("sighting-00001", "yes")]
    assert answer(folder, "case", "close", "2026-7")["case"]["closed_at"].endswith("Z")
    assert [case["title"] for case in answer(folder, "case", "list")["cases"]] == ["hit and run"]
    assert run(folder, "mark", "2026-7", "sighting-00001", "no").exit_code == 1
    assert run(folder, "mark", "2026-7", "sighting-00001", "maybe").exit_code == 2


def test_people_are_added_listed_changed_and_removed(folder: Path) -> None:
    assert answer(folder, "user", "add", "maria", "--role", "admin") == {"user": {"name": "maria", "role": "admin"}}
    answer(folder, "user", "add", "paul")
    assert answer(folder, "user", "role", "paul", "viewer")["user"]["role"] == "viewer"
    answer(folder, "user", "remove", "paul")
    assert answer(folder, "user", "list") == {"users": [{"name": "maria", "role": "admin"}]}


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


def test_a_backup_is_an_archive(folder: Path, tmp_path: Path) -> None:
    assert answer(folder, "backup", str(tmp_path / "copy"))["ok"] is True
    assert answer(tmp_path / "copy", "verify") == {"ok": True, "problems": []}
    assert run(folder, "backup", str(tmp_path / "copy")).exit_code == 1


def test_a_purge_forgets_what_is_old(folder: Path) -> None:
    purged = answer(folder, "purge", "--before", make_sighting(2).best.isoformat())
    assert (purged["ok"], purged["sightings"], purged["kept"]) == (True, 1, 0)
    assert run(folder, "purge", "--before", "2026-05-04T08:00:00").exit_code == 1
