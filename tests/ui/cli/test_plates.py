"""Pictures that show no plate, or nothing at all, are no guess and no crash of `retrace plates`."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from index.store.archive import Archive
from reid.errors import SeeingError
from reid.images import encode_png
from reid.training.plates.distractors import draw_page
from reid.vehicle import Image
from ui.cli.main import retrace

LOW = 0.5
"""Who is no surer than this claims nothing."""


def page() -> Image:
    return draw_page(np.random.default_rng(3), 500, 700)


def sign() -> Image:
    """Return a wall with a firm's telephone number on it."""
    drawn = np.full((400, 900, 3), (30, 60, 160), np.uint8)
    cv2.rectangle(drawn, (60, 100), (840, 320), (255, 255, 255), -1)
    cv2.putText(drawn, "PIZZA 0664 123 4567", (90, 230), cv2.FONT_HERSHEY_SIMPLEX, 1.9, (10, 10, 10), 5)
    return drawn


def unknown_alphabet() -> Image:
    """Return a plate with signs that no alphabet has: strokes drawn by lot."""
    rng = np.random.default_rng(5)
    drawn = np.full((112, 520, 3), 255, np.uint8)
    cv2.rectangle(drawn, (2, 2), (517, 109), (0, 0, 0), 3)
    for left in range(30, 490, 66):
        strokes = np.column_stack([rng.integers(left, left + 46, 6), rng.integers(22, 92, 6)])
        cv2.polylines(drawn, [strokes.astype(np.int32)], False, (0, 0, 0), 7)
    return drawn


PICTURES = {
    "black": np.zeros((300, 400, 3), np.uint8),
    "four pixels": np.full((4, 4, 3), 90, np.uint8),
    "a strip": np.full((3, 3000, 3), 128, np.uint8),
    "noise": np.random.default_rng(0).integers(0, 255, (200, 300, 3), dtype=np.uint8),
    "a page": page(),
    "a sign": sign(),
    "an unknown alphabet": unknown_alphabet(),
    "huge": np.tile(np.full((2, 2, 3), 120, np.uint8), (2000, 3000, 1)),
}


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("crop", [(), ("--crop",)], ids=["whole", "crop"])
def test_nothing_is_read_with_any_confidence(tmp_path: Path, name: str, crop: tuple[str, ...]) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(encode_png(PICTURES[name]))
    result = CliRunner().invoke(retrace, ["plates", "read", str(path), *crop, "--json"])
    assert result.exit_code == 0, result.output
    (document,) = json.loads(result.stdout)["images"]
    if name == "an unknown alphabet":
        assert all(plate["confidence"] < LOW for plate in document["plates"])
    else:
        assert document["plates"] == []


@pytest.mark.parametrize("name", ["black", "four pixels", "a strip"])
def test_what_shows_nothing_is_neither_the_same_nor_another(tmp_path: Path, name: str) -> None:
    empty, plate = tmp_path / "empty.png", tmp_path / "plate.png"
    empty.write_bytes(encode_png(PICTURES[name]))
    plate.write_bytes(encode_png(unknown_alphabet()))
    result = CliRunner().invoke(retrace, ["plates", "compare", str(empty), str(plate), "--json"])
    assert result.exit_code == 0, result.output
    (pair,) = json.loads(result.stdout)["pairs"]
    assert (pair["same"], pair["llr"]) == (0.5, None)


@pytest.mark.parametrize("command", [("read",), ("compare", "missing.png")])
def test_what_is_no_picture_is_refused_in_one_line(tmp_path: Path, command: tuple[str, ...]) -> None:
    path = tmp_path / "notes.png"
    path.write_text("hello")
    result = CliRunner().invoke(retrace, ["plates", command[0], str(path), *command[1:]])
    assert isinstance(result.exception, SeeingError)
    assert "\n" not in str(result.exception)
    assert "is not a picture" in str(result.exception)


@pytest.mark.parametrize("pattern", ["", "*", "Ж123", "AB[12", "?" * 21, "[1-9]", "ب ح"])
def test_a_pattern_that_says_nothing_is_refused_in_one_line(tmp_path: Path, pattern: str) -> None:
    Archive.create(tmp_path / "archive").close()
    result = CliRunner().invoke(retrace, ["--archive", str(tmp_path / "archive"), "plates", "find", pattern])
    assert isinstance(result.exception, SeeingError)
    assert "\n" not in str(result.exception)
