"""`retrace embed`."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image as Pictures

from reid.errors import SeeingError
from ui.cli.main import retrace

pytestmark = pytest.mark.usefixtures("motion_sees")


@pytest.fixture
def crop(tmp_path: Path) -> Path:
    path = tmp_path / "crop.png"
    Pictures.fromarray(np.random.default_rng(0).integers(0, 255, (60, 90, 3)).astype(np.uint8)).save(path)
    return path


def answer(*arguments: object) -> dict[str, object]:
    done = CliRunner().invoke(retrace, [str(argument) for argument in arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert isinstance(document, dict)
    return document


def test_embed_writes_the_vectors_in_the_order_given(crop: Path, tmp_path: Path) -> None:
    out = tmp_path / "vectors.npy"
    document = answer("embed", crop, crop, "--weights", "histogram", "--out", out, "--json")
    assert (document["n"], document["d"], document["model"]) == (2, 640, "histogram-1")
    vectors = np.load(out)
    assert (vectors.shape, vectors.dtype) == ((2, 640), np.float32)


@pytest.mark.parametrize(
    ("shape", "why"),
    [pytest.param((1, 1, 3), "1 x 1 pixels", id="one pixel"), pytest.param((30, 40, 3), "a single colour", id="flat")],
)
def test_a_picture_that_shows_no_vehicle_is_not_embedded(
    shape: tuple[int, int, int], why: str, crop: Path, tmp_path: Path
) -> None:
    empty, out = tmp_path / "empty.png", tmp_path / "vectors.npy"
    Pictures.fromarray(np.full(shape, 120, np.uint8)).save(empty)
    arguments = ["embed", str(crop), str(empty), "--weights", "histogram", "--out", str(out)]
    with pytest.raises(SeeingError, match=rf"empty.png (is|shows) {why}"):
        CliRunner().invoke(retrace, arguments, catch_exceptions=False)
    assert not out.exists()
