"""Commands that the guides name exist, with the options that they are given."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from ui.cli.main import retrace

DOCS = Path(__file__).parents[1] / "docs"
GUIDES = ("tutorial.md", "operators.md", "faq.md", "pages.md")
INLINE = re.compile(r"`(retrace [^`]+)`|^\$ (retrace .+)$", re.MULTILINE)


def commands() -> Iterator[tuple[str, str]]:
    """Yield each command of the guides with the guide that names it."""
    for guide in GUIDES:
        for inline, shown in INLINE.findall((DOCS / guide).read_text(encoding="utf-8")):
            yield guide, inline or shown


def options_of(command: click.Command) -> set[str]:
    return {option for parameter in command.params for option in parameter.opts} | {"--help"}


@pytest.mark.parametrize(("guide", "text"), sorted(set(commands())))
def test_a_command_of_a_guide_exists_with_its_options(guide: str, text: str) -> None:
    words = iter(shlex.split(text.replace("\n", " "), comments=True)[1:])
    command: click.Command = retrace
    for word in words:
        if word.startswith("-"):
            assert word.split("=")[0] in options_of(command), f"{guide}: {text}"
            if word == "--archive":
                next(words)
        elif isinstance(command, click.Group):
            found = command.get_command(click.Context(command), word)
            assert found is not None, f"{guide}: {text}"
            command = found


def test_the_guides_name_commands() -> None:
    assert len(set(commands())) > 15
