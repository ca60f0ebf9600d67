"""Write the small lines beside a field: what it means, or what is wrong with it."""

from html import escape

import streamlit as st


def note(text: str) -> None:
    """Write a quiet line under a field."""
    st.html(f'<p class="rt-note">{escape(text)}</p>')


def problem(text: str) -> None:
    """Write what is wrong with a field, where it is; a screen reader says it at once."""
    st.html(f'<p class="rt-note rt-bad" role="alert">{escape(text)}</p>')


def heading(text: str) -> None:
    """Write the heading of a group of fields."""
    st.html(f'<h3 class="rt-step">{escape(text)}</h3>')
