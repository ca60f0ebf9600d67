"""Read the question of this visit from its address, and write it back when something of it changes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import streamlit as st

from index.errors import ArchiveError
from reid.errors import SeeingError
from roadgraph.errors import RoadError
from ui.web.error_words import say_error
from ui.web.question import PARAMETERS, PageQuestion, from_params, to_params

OPEN = "open"
"""The parameter of a link that names the hit to open first."""

MARKS_NEED_A_CASE = "marks need a case"
"""The entry of the visit's state that says that somebody marked a hit without a case."""

MARK = "mark"
"""The name under which is kept why a mark could not be made."""

UNREAD = "unread"
_TOGETHER = "done together"
_SHOWN = "question shown"
_VERSION, _FROM_FIELDS = "version of the fields", "question from the fields"


def current_question() -> PageQuestion:
    """Return the question of the address; QuestionError says what in it cannot be read."""
    return from_params(st.query_params.to_dict())


def set_question(question: PageQuestion) -> None:
    """Make a question that of the address, so that Back leads to the one before."""
    others = {name: text for name, text in st.query_params.to_dict().items() if name not in PARAMETERS and name != OPEN}
    st.query_params.from_dict(others | to_params(question))
    unmade = unread(MARK) if st.session_state.get(_TOGETHER) else None
    st.session_state.pop(UNREAD, None)
    if unmade:
        set_unread(MARK, *unmade)
    if not st.session_state.get(_TOGETHER):
        st.session_state.pop(MARKS_NEED_A_CASE, None)
    leave()


def arrive(key: str) -> bool:
    """Show the answer to a question; return whether something else was on the page before, or it was asked anew."""
    before = st.session_state.get(_SHOWN)
    st.session_state[_SHOWN] = key
    return before != key


def leave() -> None:
    """Show no answer any more."""
    st.session_state.pop(_SHOWN, None)


def change(**changes: Any) -> None:
    """Change fields of the question of the address, by something else than their own fields: a click on the map."""
    set_question(replace(current_question(), **changes))


def change_by_field(**changes: Any) -> None:
    """Change what one field shows; the fields stay the same ones, so that it keeps the focus."""
    change(**changes)
    st.session_state[_FROM_FIELDS] = current_question()


def renew_fields(question: PageQuestion) -> None:
    """Give the fields new keys if the question was not changed by them.

    A browser remembers the value of each field that it has shown, and sends it back for a field that it does not show
    any more; under a new key it has nothing to send.
    """
    if question != st.session_state.get(_FROM_FIELDS):
        st.session_state[_VERSION] = st.session_state.get(_VERSION, 0) + 1
        st.session_state[_FROM_FIELDS] = question


def key(field: str) -> str:
    """Return the key of a field, for as long as nothing but the fields changes the question."""
    return f"{field} {st.session_state.get(_VERSION, 0)}"


def taking(take: Callable[..., None], *args: object) -> Callable[[], None]:
    """Return the callback of a field as it is drawn now: `take` finds the fields of this drawing under their keys.

    Where the server is slow, somebody types into a field that has been renewed meanwhile, and is not drawn yet. What
    was typed counts, and the fields are renewed once more, to show it.
    """
    drawn = st.session_state.get(_VERSION, 0)

    def took() -> None:
        newest = st.session_state.get(_VERSION, 0)
        st.session_state[_VERSION] = drawn
        try:
            take(*args)
        finally:
            st.session_state[_VERSION] = newest
            if newest != drawn:
                st.session_state.pop(_FROM_FIELDS, None)

    return took


def start_again() -> None:
    """Begin an empty question; case and reason stay."""
    now = current_question()
    set_question(PageQuestion(case=now.case, reason=now.reason))


def params_of_links() -> dict[str, str]:
    """Return the parameters that a link to another page takes along: the question."""
    return {name: text for name, text in st.query_params.to_dict().items() if name in PARAMETERS}


def prefill(field: str, value: object) -> str:
    """Give a field its value when it is first shown, and return its key.

    It is not set again at each redrawing: what somebody types meanwhile would be lost.
    """
    st.session_state.setdefault(key(field), value)
    return key(field)


def unread(field: str) -> tuple[str, str] | None:
    """Return the text of a field that could not be read, and why; None where all is well."""
    found: dict[str, tuple[str, str]] = st.session_state.get(UNREAD, {})
    return found.get(field)


def set_unread(field: str, text: str, problem: str) -> None:
    """Keep a text that could not be read beside its field; the question stays as it was."""
    st.session_state.setdefault(UNREAD, {})[field] = (text, problem)


@contextmanager
def saying(field: str) -> Iterator[None]:
    """Keep beside a field why what was clicked could not be done: a callback has no page to say it on.

    Another visitor may have closed the case meanwhile, or a purge have forgotten the sighting.
    """
    try:
        yield
        if not st.session_state.get(_TOGETHER):
            set_read(field)
    except (ArchiveError, SeeingError, RoadError, OSError) as error:
        set_unread(field, "", say_error(error))


@contextmanager
def together() -> Iterator[None]:
    """Keep why a mark could not be made, also where what was done right after it, and came with it, could be."""
    set_read(MARK)
    st.session_state.pop(MARKS_NEED_A_CASE, None)
    st.session_state[_TOGETHER] = True
    try:
        yield
    finally:
        del st.session_state[_TOGETHER]


def set_read(field: str) -> None:
    """Forget that a field could not be read."""
    st.session_state.get(UNREAD, {}).pop(field, None)
