"""`retrace adapt` and `retrace models convert` as a script calls them."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from index.errors import ArchiveError
from index.learning.adapting import AdaptResult, ModelComparison
from reid.errors import SeeingError
from reid.evaluation.intervals import Figure
from ui.cli.adapt import show_adapted
from ui.cli.main import retrace

torch = pytest.importorskip("torch")


def run(*words: str) -> Result:
    return CliRunner().invoke(retrace, list(words))


def comparison(gain: float | None) -> ModelComparison:
    told = Figure(None) if gain is None else Figure(gain, gain - 0.05, gain + 0.05)
    return ModelComparison(Figure(0.5), Figure(None if gain is None else 0.5 + gain), told, 8, 20, 90)


@pytest.mark.parametrize(
    ("model", "gain", "expected"),
    [
        pytest.param("adapted-1", 0.1, "mAP 0.500 before, 0.600 after: adapted-1 is in use now", id="better"),
        pytest.param("adapted-1", 0.0, "adapted-1 is in use already, by an earlier run", id="stopped after the switch"),
        pytest.param(None, -0.1, "mAP 0.500 before, 0.400 after: that is too little", id="worse"),
        pytest.param(None, None, "nothing could be measured", id="unknown"),
    ],
)
def test_what_came_of_it_is_said_in_one_line(
    model: str | None, gain: float | None, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    show_adapted(AdaptResult(model, comparison(gain), 90, 60, 90), as_json=False)
    assert expected in capsys.readouterr().out


def test_the_document_has_the_figures_with_their_intervals(capsys: pytest.CaptureFixture[str]) -> None:
    show_adapted(AdaptResult(None, comparison(-0.1), 90, 60, 0), as_json=True)
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert document["model"] is None
    assert document["map_gain"] == pytest.approx(-0.1)
    assert document["map_gain_ci"] == pytest.approx([-0.15, -0.05])
    assert document["held_out"] == {"vehicles": 8, "questions": 20, "gallery": 90}


def test_an_archive_without_plates_is_told_what_to_do(tmp_path: Path) -> None:
    assert run("--archive", str(tmp_path / "a"), "init").exit_code == 0
    result = run("--archive", str(tmp_path / "a"), "adapt")
    assert isinstance(result.exception, ArchiveError)
    assert "take in more footage" in str(result.exception)


def test_a_file_that_is_no_weights_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.pth"
    file.write_bytes(b"no weights")
    options = ("--family", "transreid", "--name", "x", "--licence", "MIT", "--source", "test")
    result = run("models", "convert", str(file), *options)
    assert isinstance(result.exception, SeeingError)
    assert "nothing of it was run" in str(result.exception)
