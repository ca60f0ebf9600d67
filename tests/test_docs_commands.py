"""Commands that the guides name exist, with the options that they are given, and so do the benchmarks."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from ui.cli.main import retrace

ROOT = Path(__file__).parents[1]
GUIDES = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
COMMAND = re.compile(r"`(retrace [^`]+)`|^ *(?:\$ )?(retrace (?:[^\n]*\\\n)*[^\n]*)$", re.MULTILINE)
BENCHMARK = re.compile(r"python -m (benchmarks\.\w+)")
ENDS = {"&&", "|", ">", ";"}
"""Words after which no word is of the same command."""


def named(pattern: re.Pattern[str]) -> list[tuple[str, str]]:
    """Return what the guides name, each once, with the guide that names it."""
    return sorted(
        {
            (guide.relative_to(ROOT).as_posix(), next(text for text in match.groups() if text))
            for guide in GUIDES
            for match in pattern.finditer(guide.read_text(encoding="utf-8"))
        }
    )


def words_of(text: str) -> Iterator[str]:
    """Yield the words behind `retrace`, as a shell splits them."""
    for word in shlex.split(text.replace("\\\n", " ").replace("\n", " "), comments=True)[1:]:
        if word in ENDS:
            return
        yield word


def parse(command: click.Command, words: list[str]) -> None:
    """Parse the words as a command does, and those behind the name of a command in a group as that one does."""
    context = click.Context(command)
    _, left, _ = command.make_parser(context).parse_args(list(words))
    if isinstance(command, click.Group) and left and left[0] != "...":
        found = command.get_command(context, left[0])
        assert found is not None, f"there is no command {left[0]!r}"
        parse(found, left[1:])


@pytest.mark.parametrize(("guide", "text"), named(COMMAND))
def test_a_command_of_a_guide_exists_with_its_options(guide: str, text: str) -> None:
    parse(retrace, list(words_of(text)))


@pytest.mark.parametrize(("guide", "module"), named(BENCHMARK))
def test_a_benchmark_of_a_guide_exists(guide: str, module: str) -> None:
    assert (ROOT / f"{module.replace('.', '/')}.py").is_file()


@pytest.mark.parametrize("words", [["serch"], ["cameras", "ad"], ["search", "--tme", "x"], ["init", "--database"]])
def test_what_does_not_exist_is_noticed(words: list[str]) -> None:
    with pytest.raises((AssertionError, click.UsageError)):
        parse(retrace, words)


def test_the_guides_name_commands() -> None:
    assert len(named(COMMAND)) > 150
    assert len({guide for guide, _ in named(COMMAND)}) > 15
