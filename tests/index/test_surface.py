"""The public surface: the same names whatever was imported before, and nothing loaded that is not used."""

import subprocess
import sys

import pytest

import index


def run(script: str) -> str:
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, timeout=120)
    return done.stdout.strip()


@pytest.mark.parametrize(
    "before",
    [
        pytest.param("", id="nothing"),
        pytest.param("import index.search.story, index.ingest.progress", id="their packages"),
        pytest.param("from index.search.search import search", id="the function itself"),
    ],
)
def test_search_and_ingest_are_functions_whatever_was_imported_before(before: str) -> None:
    script = f"{before}\nfrom index import ingest, search\nfrom index.search.scope import Scope\n"
    assert run(script + "print(type(search).__name__, type(ingest).__name__)") == "function function"


def test_every_public_name_is_there() -> None:
    assert all(getattr(index, name) is not None for name in index.__all__)


def test_another_name_is_refused_with_the_public_ones() -> None:
    with pytest.raises(AttributeError, match="'find': it has Archive, FootageJob"):
        _ = index.find


def test_a_name_loads_only_its_part() -> None:
    loaded = run("import sys\nfrom index import Query\nprint('faiss' in sys.modules, 'sqlalchemy' in sys.modules)")
    assert loaded == "False False"
