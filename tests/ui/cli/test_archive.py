"""`retrace init`, `verify`, `rebuild`, `backup` and `purge`."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from index.errors import ArchiveError
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


def test_a_backup_is_an_archive(folder: Path, tmp_path: Path) -> None:
    assert answer(folder, "backup", str(tmp_path / "copy"))["ok"] is True
    assert answer(tmp_path / "copy", "verify") == {"ok": True, "problems": []}
    assert run(folder, "backup", str(tmp_path / "copy")).exit_code == 1


def test_a_purge_forgets_what_is_old(folder: Path) -> None:
    purged = answer(folder, "purge", "--before", make_sighting(2).best.isoformat())
    assert (purged["ok"], purged["sightings"], purged["kept"]) == (True, 1, 0)
    assert run(folder, "purge", "--before", "2026-05-04T08:00:00").exit_code == 1
