"""What could not be done is said in the language of the visit; what it does not know stays English."""

import ast
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import index
import reid
import roadgraph
from ui.web import error_words
from ui.web.error_words import say_line
from ui.web.language import ENGLISH, NAMES, catalogue

ROOTS = {package.__name__: Path(package.__path__[0]) for package in (index, reid, roadgraph)}
ROOMS = (
    *("index/access", "index/casework", "index/dates.py", "index/map/places.py", "index/map/mask_file.py"),
    *("index/map/stated_clock.py", "index/search/scope.py", "index/search/target.py", "index/search/whereabouts.py"),
    *("index/ingest/brought_files.py", "index/ingest/describing.py", "index/ingest/file_identity.py"),
    *("index/ingest/find_footage.py", "index/ingest/picture_rate.py", "index/ingest/registration.py"),
    *("index/ingest/start_time.py", "index/ingest/times.py", "index/store/crops.py", "index/store/names.py"),
    *("index/store/catalogue/busy.py", "index/store/catalogue/cameras.py", "index/store/catalogue/cases.py"),
    *("index/store/catalogue/footage.py", "index/store/catalogue/sightings.py", "reid/images.py"),
    *("reid/plates/automaton.py", "reid/plates/pattern.py"),
    *("reid/video/picture_folder.py", "reid/video/stream.py", "reid/video/timeline.py", "roadgraph/assembly.py"),
    *("roadgraph/camera.py", "roadgraph/camera_files.py", "roadgraph/geojson.py", "roadgraph/graphml.py"),
    *("roadgraph/imports.py", "roadgraph/osm.py", "roadgraph/origin.py"),
)
"""The rooms whose lines a visitor of the page meets."""

BLANK = re.compile(r"\{(\d+)\}")
OTHERS = sorted(set(NAMES) - {ENGLISH})


def raised_lines() -> Iterator[str]:
    """Yield the lines that the rooms raise, as a language names them: {1}, {2} ... for what is filled in."""
    for room in ROOMS:
        package, _, rest = room.partition("/")
        path = ROOTS[package] / rest
        for file in sorted(path.rglob("*.py") if path.is_dir() else [path]):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
                    yield from line_of(node.exc.args[0])


def line_of(said: ast.expr) -> Iterator[str]:
    """Yield a text as it is written, nothing where it is made elsewhere."""
    if isinstance(said, ast.Constant) and isinstance(said.value, str):
        yield said.value
    if isinstance(said, ast.JoinedStr):
        blanks = iter(range(1, len(said.values) + 1))
        yield "".join(
            str(part.value) if isinstance(part, ast.Constant) else f"{{{next(blanks)}}}" for part in said.values
        )


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_has_every_line_that_a_visitor_meets(language: str) -> None:
    missing = sorted(set(raised_lines()) - set(catalogue(language)))
    assert not missing


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_has_no_line_that_nobody_raises(language: str) -> None:
    lines = {text for text in catalogue(language) if BLANK.search(text)}
    assert sorted(lines - set(raised_lines())) == []


@pytest.mark.parametrize("language", OTHERS)
def test_a_line_is_known_however_it_is_filled_in(monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    monkeypatch.setattr(error_words, "current_language", lambda: language)
    for line in set(raised_lines()):
        filled, told = (BLANK.sub(r"<\1>", text) for text in (line, catalogue(language)[line]))
        assert say_line(filled) == told


def test_a_line_in_a_line_is_told_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(error_words, "current_language", lambda: "zh")
    assert say_line("a.mp4 cannot be read: b.mp4: no such file") == "无法读取 a.mp4：b.mp4：没有这样的文件"


@pytest.mark.parametrize("line", ["something else: went wrong", "", "a: " * 3000 + "bytes: its row was edited"])
def test_what_a_language_does_not_know_stays_as_it_is(monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    monkeypatch.setattr(error_words, "current_language", lambda: "zh")
    assert say_line(line) == line


def test_english_is_told_as_it_was_raised() -> None:
    assert say_line("a.mp4: no such file") == "a.mp4: no such file"


def test_what_is_filled_in_is_never_searched_in_every_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name of a camera in a file of somebody else: 5 kB of it stopped the page for everybody, for 80 s."""
    monkeypatch.setattr(error_words, "current_language", lambda: "zh")
    name = f"{' is ' * 2000}{' x ' * 2000}{' pixels, too small to compare: at least ' * 2000}#"
    began = time.process_time()
    assert say_line(name) == name
    assert time.process_time() - began < 2


@given(st.lists(st.text("ab "), min_size=2, max_size=4), st.text("ab "), st.lists(st.text("ab "), max_size=3))
def test_a_line_is_filled_as_a_regular_expression_would(pieces: list[str], line: str, parts: list[str]) -> None:
    made = pieces[0] + "".join(f"{part}{piece}" for part, piece in zip(parts, pieces[1:], strict=False))
    for one in (line, made):
        found = re.fullmatch("(.*?)".join(map(re.escape, pieces)), one, re.DOTALL)
        assert error_words._filled(one, tuple(pieces)) == (found and list(found.groups()))
