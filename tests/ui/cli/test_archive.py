"""`retrace init`, `verify`, `rebuild`, `backup` and `purge`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from index.errors import ArchiveError
from index.store.archive import Archive
from index.store.catalogue import cameras
from index.store.catalogue.cameras import StoredCamera
from tests.index.conftest import make_sighting
from tests.ui.cli.commands import answer, run

WHOLE = {"ok": True, "problems": [], "unnamed_bytes": 0}


def test_init_makes_an_archive_once(tmp_path: Path) -> None:
    assert answer(tmp_path / "new", "init") == {"archive": str(tmp_path / "new")}
    again = run(tmp_path / "new", "init")
    assert again.exit_code == 1
    assert isinstance(again.exception, ArchiveError)
    assert answer(tmp_path / "new", "verify") == WHOLE


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
    assert answer(tmp_path / "copy", "verify") == WHOLE
    assert run(folder, "backup", str(tmp_path / "copy")).exit_code == 1


def test_a_purge_forgets_what_is_old(folder: Path) -> None:
    purged = answer(folder, "purge", "--before", make_sighting(2).best.isoformat())
    assert (purged["ok"], purged["sightings"], purged["kept"]) == (True, 1, 0)
    assert run(folder, "purge", "--before", "2026-05-04T08:00:00").exit_code == 1


@pytest.mark.usefixtures("motion_sees")
def test_footage_that_was_purged_and_refused_comes_again_only_when_allowed(
    tmp_path: Path, film_street: Callable[..., Path], car: Any
) -> None:
    folder = tmp_path / "archive"
    with Archive.create(folder) as archive, archive.catalogue.writing() as connection:
        cameras.put(connection, [StoredCamera("a", 48.0, 15.0)])
    video = film_street(tmp_path / "street.mp4", [car(1.0, 60)], 8.0)
    ingest = ("ingest", str(video), "--camera", "a", "--start", "2026-05-04T08:00:00Z")
    first = answer(folder, *ingest)["footage"][0]
    assert first["status"] == "done"
    answer(folder, "purge", "--before", "2027-01-01T00:00:00Z", "--refuse")
    refused = run(folder, *ingest)
    assert refused.exit_code == 1
    assert "footage allow" in f"{refused.output} {refused.exception}"
    assert answer(folder, "footage", "allow", str(video))["sha256"] == first["sha256"]
    assert answer(folder, *ingest)["footage"][0]["sightings"] == first["sightings"] > 0
    assert run(folder, "footage", "allow", str(video)).exit_code == 1
