"""`retrace plates` with pictures and patterns that show or say nothing."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pictures

from index.store.archive import Archive
from index.store.catalogue import cameras
from index.store.catalogue.cameras import StoredCamera
from tests.ui.cli.commands import document, refused

pytestmark = pytest.mark.usefixtures("motion_sees")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    with Archive.create(tmp_path / "archive") as made, made.catalogue.writing() as connection:
        cameras.put(connection, [StoredCamera("north", 48.41, 15.6), StoredCamera("south", 48.42, 15.61)])
    return tmp_path / "archive"


@pytest.fixture
def crop(tmp_path: Path) -> Path:
    path = tmp_path / "crop.png"
    Pictures.fromarray(np.random.default_rng(0).integers(0, 255, (60, 90, 3)).astype(np.uint8)).save(path)
    return path


def test_plates_that_cannot_be_read_are_said_to_be_undecided(crop: Path, tmp_path: Path) -> None:
    (read,) = document("plates", "read", crop, "--json")["images"]  # type: ignore[misc]
    assert read == {"path": str(crop), "plates": []}
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("a,b\ncrop.png,crop.png\n")
    (pair,) = document("plates", "compare", "--pairs", pairs, "--json")["pairs"]  # type: ignore[misc]
    assert isinstance(pair["same"], float)


def test_a_region_without_plates_is_refused_with_those_that_are_known(
    crop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refused(monkeypatch, capsys, "plates", "read", crop, "--crop", "--region", "Atlantis")
    assert "'Atlantis'" in said
    assert "AR, AT, AU" in said


def test_bad_pictures_and_patterns_are_refused_in_one_line(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = tmp_path / "text.jpg"
    text.write_text("no picture")
    assert "not a picture" in refused(monkeypatch, capsys, "embed", text, "--out", tmp_path / "v.npy")
    assert "not a picture" in refused(monkeypatch, capsys, "plates", "read", text)
    assert "says nothing" in refused(monkeypatch, capsys, "--archive", archive, "plates", "find", "*")
