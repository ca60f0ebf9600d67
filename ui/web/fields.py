"""Write the small lines beside a field: what it means, or what is wrong with it."""

import re
from html import escape

import streamlit as st

_MARKS = re.compile(r"([\\`*_{}\[\]()#+.!|<>~$:&-])")


def note(text: str) -> None:
    """Write a quiet line under a field."""
    st.html(f'<p class="rt-note">{escape(text)}</p>')


def problem(text: str) -> None:
    """Write what is wrong with a field, where it is; a screen reader says it at once."""
    st.html(f'<p class="rt-note rt-bad" role="alert">{escape(text)}</p>')


def unformatted(text: str) -> str:
    """Return a text for where Streamlit takes Markdown: labels and errors; none of it makes a picture, link or formula.

    A picture of this server would be opened, and its opening written into the audit, for a reason of whoever made the
    address of the page.
    """
    return _MARKS.sub(r"\\\1", text)


def heading(text: str) -> None:
    """Write the heading of a group of fields."""
    st.html(f'<h3 class="rt-step">{escape(text)}</h3>')
