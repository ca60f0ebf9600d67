"""Options come from the defaults, then retrace.toml, then the environment; what is wrong is named."""

import os
from pathlib import Path

import pytest

from index.errors import ArchiveError
from index.settings import Settings, load_settings


def test_without_file_and_environment_the_defaults_hold(tmp_path: Path) -> None:
    assert load_settings(tmp_path, {}) == Settings()


def test_the_file_changes_what_it_names_and_the_environment_changes_the_file(tmp_path: Path) -> None:
    (tmp_path / "retrace.toml").write_text("[ingest]\nworkers = 1\nevery_s = 1\n")
    settings = load_settings(tmp_path, {"RETRACE_INGEST_WORKERS": "2", "RETRACE_SEARCH_PRUNE": "false"})
    assert (settings.ingest.workers, settings.ingest.every_s, settings.search.prune) == (2, 1.0, False)
    assert settings.ingest.chunk_s == Settings().ingest.chunk_s


def test_text_from_the_environment_needs_no_quotes(tmp_path: Path) -> None:
    assert load_settings(tmp_path, {"RETRACE_INGEST_DETECTOR": "yolox.onnx"}).ingest.detector == "yolox.onnx"


def test_variables_of_another_purpose_are_left_alone(tmp_path: Path) -> None:
    environment = {"RETRACE_ARCHIVE": "town", "RETRACE_MATERIAL": "pictures", "HOME": "nowhere"}
    assert load_settings(tmp_path, environment) == Settings()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("[ingest]\nworkrs = 3\n", "did you mean 'workers'", id="misspelt key"),
        pytest.param("[ingset]\nworkers = 3\n", "did you mean 'ingest'", id="misspelt section"),
        pytest.param("workers = 3\n", "outside a section", id="no section"),
        pytest.param("[ingest]\nworkers = 'many'\n", "must be of type int", id="wrong type"),
        pytest.param("[ingest\n", "not valid TOML", id="broken file"),
        pytest.param(f"x = {'[' * 100_000}", "not valid TOML", id="a thousand lists in each other"),
        pytest.param(f"[ingest]\nworkers = {'9' * 5000}\n", "not valid TOML", id="a number of 5,000 digits"),
        pytest.param(f"# {'x' * (1 << 20)}\n", "has 1 MB", id="a file that is too large"),
    ],
)
def test_what_is_wrong_in_the_file_is_named_in_one_line(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "retrace.toml").write_text(text)
    with pytest.raises(ArchiveError, match=says) as caught:
        load_settings(tmp_path, {})
    assert "retrace.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_misspelt_variable_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="did you mean 'chunk_s'"):
        load_settings(tmp_path, {"RETRACE_INGEST_CHUNKS": "60"})


@pytest.mark.parametrize("line", ["ray = 'ray://elsewhere:10001'", "detector = 'nets/x.onnx'", "detector = '/x/net'"])
def test_an_archive_does_not_say_where_code_runs(tmp_path: Path, line: str) -> None:
    """An archive may come from anybody; a Ray cluster runs code, here, too, when its answers are unpacked."""
    (tmp_path / "retrace.toml").write_text(f"[ingest]\n{line}\n")
    with pytest.raises(ArchiveError, match="an archive may come from anybody"):
        load_settings(tmp_path, {})
    assert load_settings(tmp_path / "none", {"RETRACE_INGEST_RAY": "local"}).ingest.ray == "local"


def test_an_archive_starts_no_more_workers_than_there_are_processors(tmp_path: Path) -> None:
    (tmp_path / "retrace.toml").write_text("[ingest]\nworkers = 100000\n")
    assert load_settings(tmp_path, {}).ingest.workers == os.cpu_count()
    assert load_settings(tmp_path, {"RETRACE_INGEST_WORKERS": "100"}).ingest.workers == 100
