"""`retrace evaluate`."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from reid.errors import SeeingError
from reid.images import encode_jpeg
from ui.cli.main import retrace


@pytest.fixture(autouse=True)
def _own_weights_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETRACE_WEIGHTS", str(tmp_path / "weights"))


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pairs"
    folder.mkdir()
    for name, paint in (("car_1", (200, 20, 20)), ("car_2", (20, 20, 200)), ("motorcycle_1", (20, 200, 20))):
        for camera in (1, 2):
            picture = np.full((30, 40, 3), paint, np.uint8)
            (folder / f"{name}_cam{camera}.jpg").write_bytes(encode_jpeg(picture))
    return folder


def run(*words: str) -> Result:
    return CliRunner().invoke(retrace, list(words))


def test_unknown_weights_are_refused_with_the_known_ones(pictures: Path) -> None:
    result = run("evaluate", "pairs", str(pictures), "--weights", "nothing")
    assert isinstance(result.exception, SeeingError)
    assert "'nothing'" in str(result.exception)
