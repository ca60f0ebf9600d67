"""`retrace train`."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from reid.errors import SeeingError
from ui.cli.main import retrace


@pytest.fixture(autouse=True)
def _own_weights_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETRACE_WEIGHTS", str(tmp_path / "weights"))


def run(*words: str) -> Result:
    return CliRunner().invoke(retrace, list(words))


def test_training_without_torch_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.cli.training_options.find_spec", lambda name: None)
    result = run("train", "appearance", "--out", str(tmp_path / "out"))
    assert isinstance(result.exception, SeeingError)
    assert "pip install 'retrace[train]'" in str(result.exception)


@pytest.mark.parametrize("more", ["1:1600", "2:48", "10001:160", "3:0", "3"])
def test_seeds_that_something_else_is_measured_with_are_refused_for_training(tmp_path: Path, more: str) -> None:
    result = run("train", "appearance", "--out", str(tmp_path / "out"), "--more", more)
    assert result.exit_code == 2
    assert "seed from 3 to 9999" in " ".join(result.output.split())
