"""Every text of the page has its translation, with the same blanks."""

import ast
import json
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

import ui.web
from index.ingest.find_footage import NO_CAMERA, NO_TIME, OTHER_ZONE, TWO_TIMES, UNKNOWN_CAMERA
from index.search.reasons import (
    ALSO_READ,
    AT_ONCE,
    CONFIRMED,
    CONTRADICTING,
    DESCRIBED,
    DIFFERENT_PLATES,
    FITS,
    IN_PIECES,
    LEFT_OUT,
    NOT_JOINED,
    NOTHING,
    NOTHING_STRONG,
    OTHER_PLATE_THAN_ASKED,
    OTHER_PLATES,
    READ,
    READ_LONGER,
    READ_OTHER,
    READ_TWIN,
    RULED_OUT,
    TOO_FAST_A_WAY,
    TOO_NEAR_THE_QUESTION,
    WORDS,
)
from reid.appearance.marks import installed_attributes
from reid.vehicle import COLOURS, VEHICLE_TYPES
from tests.ui.web.test_error_words import raised_lines
from ui.web import first_steps, question_form, stories, words
from ui.web.headline import LOOK_AT
from ui.web.language import ENGLISH, FOLDER, NAMES, catalogue, say, say_count

PAGES = Path(ui.web.__file__).parent


def said() -> Iterator[str]:
    """Yield every English text that the pages say."""
    for file in sorted(PAGES.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("say", "say_count"):
                for argument in node.args:
                    yield from (
                        one.value
                        for one in ast.walk(argument)
                        if isinstance(one, ast.Constant) and isinstance(one.value, str)
                    )
    yield from (*words.WEEKDAYS, *words.MONTHS, *COLOURS, *VEHICLE_TYPES, *stories.STAGE_NAMES.values())
    told = installed_attributes()
    yield from (one.name for one in told.marks) if told else ()
    yield from (title for title, _ in first_steps.STEPS)
    yield from first_steps.FORMATS.values()
    yield question_form.PLATE_HELP
    yield from (reason.text for reason in (AT_ONCE, CONFIRMED, FITS, IN_PIECES, NOTHING, NOTHING_STRONG))
    yield from (*chain.from_iterable(WORDS.values()), *DESCRIBED, *READ, *READ_TWIN, *READ_OTHER, *READ_LONGER)
    yield from (
        ALSO_READ,
        LEFT_OUT.text,
        CONTRADICTING.text,
        DIFFERENT_PLATES.text,
        TOO_NEAR_THE_QUESTION.text,
        NOT_JOINED.text,
        OTHER_PLATE_THAN_ASKED.text,
        RULED_OUT.text,
        OTHER_PLATES.text,
        TOO_FAST_A_WAY.text,
        *LOOK_AT.values(),
        NO_CAMERA.text,
        UNKNOWN_CAMERA,
        NO_TIME,
        OTHER_ZONE,
        TWO_TIMES,
    )


OTHERS = sorted(set(NAMES) - {ENGLISH})


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_has_every_text_with_the_same_blanks(language: str) -> None:
    texts = catalogue(language)
    missing = sorted(set(said()) - set(texts) - NOT_WORDS)
    assert not missing
    blanks = re.compile(r"{(\w+)}")
    wrong = [english for english, other in texts.items() if set(blanks.findall(english)) != set(blanks.findall(other))]
    assert not wrong


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_has_no_text_that_nobody_says(language: str) -> None:
    assert sorted(set(catalogue(language)) - set(said()) - set(raised_lines()) - SAID_BY_DATA) == []


def test_a_language_is_a_file() -> None:
    assert sorted(file.stem for file in FOLDER.glob("*.json")) == OTHERS
    for file in FOLDER.glob("*.json"):
        json.loads(file.read_text(encoding="utf-8"))


def test_english_needs_no_file_and_fills_its_blanks() -> None:
    assert say("{n} min", n=5) == "5 min"
    assert say_count(1, "{n} hit", "{n} hits") == "1 hit"
    assert say_count(1200, "{n} hit", "{n} hits") == "1,200 hits"


NOT_WORDS = frozenset({"both", "_s", "_", " ", "yes", "no", "unsure"})
"""Parts of expressions inside a call, and values that are no texts."""

SAID_BY_DATA = frozenset(
    {
        "search",
        "open picture",
        "open frame",
        "open clip",
        "area of sighting",
        "list sightings",
        "mark sighting",
        "open case",
        "begin importing sightings",
        "import sightings",
        "close case",
        "write note",
        "no footage",
        "import cameras",
        "import roads",
    }
)
"""Actions of the audit and reasons of gaps, which come from the archive."""
