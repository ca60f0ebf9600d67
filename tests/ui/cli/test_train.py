"""`retrace train`."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from reid.errors import SeeingError
from reid.weights import find_weights
from ui.cli.main import retrace

if TYPE_CHECKING:
    from reid.training.appearance.transfer_recipe import TransferRecipe


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


def test_the_pictures_that_marks_are_measured_on_teach_nothing(tmp_path: Path) -> None:
    result = run("train", "attributes", "--out", str(tmp_path / "out"), "--more", "2:300")
    assert result.exit_code == 2
    assert "seed from 3 to 9999" in " ".join(result.output.split())


def test_a_part_that_a_file_does_not_hold_is_named(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    reader = find_weights("reader").path
    result = run("train", "joined", "--out", str(tmp_path / "out"), "--first", str(reader), "--second", str(reader))
    assert isinstance(result.exception, SeeingError)
    assert "only weights of our own network" in str(result.exception)


def test_transferring_needs_no_other_word_than_where_to_begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    begun: list[int] = []

    def stop(recipe: "TransferRecipe", *_: object) -> None:
        begun.extend(one.seed for one in recipe.render)
        raise SeeingError("far enough")

    monkeypatch.setattr("reid.training.appearance.transfer_recipe.train_transfer", stop)
    result = run("train", "transfer", "--out", str(tmp_path / "out"), "--start", __file__)
    assert str(result.exception) == "far enough"
    assert begun == [3]
