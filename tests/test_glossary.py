"""Every module that the glossary and the other pages name exists, and the glossary is in alphabetical order."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "ARCHITECTURE.md", *sorted((ROOT / "docs").rglob("*.md"))]
ROW = re.compile(r"^\| (?P<word>[^|]+) \| (?P<meaning>[^|]+) \| `(?P<module>[^`]+)` \|$", re.MULTILINE)
PATH = re.compile(r"\b(?:reid|roadgraph|index|ui|benchmarks|tests)(?:/\w+)+\.(?:py|json)\b")
RUN = re.compile(r"python -m ((?:reid|benchmarks)(?:\.\w+)+)")


def rows() -> list[tuple[str, str]]:
    """Return each word of the glossary with its module."""
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    return [(match["word"], match["module"]) for match in ROW.finditer(text)]


def test_words_are_sorted_and_unique() -> None:
    words = [word for word, _ in rows()]
    assert len(words) > 50
    assert words == sorted(set(words), key=str.casefold)


@pytest.mark.parametrize(("word", "module"), rows())
def test_the_module_of_a_word_exists(word: str, module: str) -> None:
    assert (ROOT / module).is_file(), f"{word} is defined in {module}, which does not exist"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_files_named_in_a_page_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    runs = {f"{module.replace('.', '/')}.py" for module in RUN.findall(text)}
    missing = sorted(path for path in {*PATH.findall(text), *runs} if not (ROOT / path).is_file())
    assert not missing, f"{page.name} names {missing}: files that do not exist"
