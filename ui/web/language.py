"""Say the page's own words in the language of the visit; a language is one JSON file from English to that language."""

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).with_name("languages")
ENGLISH = "en"
NAMES = {ENGLISH: "English", "zh": "中文"}
LANGUAGE = "language"
"""The entry of the visit's state that holds the code of its language."""


_DOCUMENTS: ContextVar[bool] = ContextVar("documents are in English", default=False)


@contextmanager
def in_english() -> Iterator[None]:
    """Say everything in English, whatever the visit speaks: what is written into a file is of one language."""
    before = _DOCUMENTS.set(True)
    try:
        yield
    finally:
        _DOCUMENTS.reset(before)


def say(text: str, /, **values: object) -> str:
    """Return an English text in the language of the visit, its {names} filled in."""
    said = catalogue(current_language()).get(text, text)
    return said.format(**values) if values else said


def say_count(number: int, one: str, many: str) -> str:
    """Return a number with its noun, "{n} sighting" or "{n} sightings"."""
    return say(one if number == 1 else many, n=f"{number:,}")


def current_language() -> str:
    """Return the code of the language chosen, or else that of the browser, where there is a file for it."""
    if _DOCUMENTS.get() or not _on_a_page():
        return ENGLISH
    import streamlit as st

    chosen: str = st.session_state.get(LANGUAGE) or (st.context.locale or ENGLISH).split("-")[0]
    return chosen if chosen in NAMES else ENGLISH


def _on_a_page() -> bool:
    """Tell whether a page is being made; a command makes none, and does not load what makes them."""
    if "streamlit" not in sys.modules:
        return False
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    return get_script_run_ctx(suppress_warning=True) is not None


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Return the texts of a language by their English; English itself needs none."""
    if language == ENGLISH:
        return {}
    texts: dict[str, str] = json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return texts
