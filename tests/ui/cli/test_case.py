"""`retrace case` and `retrace mark`."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

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
