"""`retrace user`."""

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


def test_people_are_added_listed_changed_and_removed(folder: Path) -> None:
    assert answer(folder, "user", "add", "maria", "--role", "admin") == {"user": {"name": "maria", "role": "admin"}}
    answer(folder, "user", "add", "paul")
    assert answer(folder, "user", "role", "paul", "viewer")["user"]["role"] == "viewer"
    answer(folder, "user", "remove", "paul")
    assert answer(folder, "user", "list") == {"users": [{"name": "maria", "role": "admin"}]}
