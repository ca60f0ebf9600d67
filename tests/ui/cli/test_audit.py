"""`retrace audit`."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from index.access import audit
from index.access.permissions import local_person
from index.records import NewChunk
from index.store.archive import Archive
from index.store.catalogue import cameras
from index.store.catalogue.cameras import StoredCamera
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
