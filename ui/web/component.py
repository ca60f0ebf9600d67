"""Mount the components of the page: scripts and a style of the folder `components`, read once."""

import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import streamlit as st

from ui.web import visit

FOLDER = Path(__file__).with_name("components")

Take = Callable[[dict[str, Any]], None]
"""Takes what was done on a component."""

NOTHING: Mapping[str, Take] = MappingProxyType({})


def show_component(
    name: str,
    scripts: tuple[str, ...],
    style: str | None = None,
    *,
    key: str,
    data: dict[str, Any] | None = None,
    takes: Mapping[str, Take] = NOTHING,
) -> None:
    """Show a component; what is done on it is taken by the function of its name, each thing once, in its order."""
    sent = with_turn(key, data | {"heard": _heard(key)}) if data else None
    _component(name, scripts, style)(key=key, data=sent, on_told_change=lambda: hear(key, takes))


def hear(key: str, takes: Mapping[str, Take]) -> None:
    """Take what a component tells and was not taken yet.

    Of two calls that wait together Streamlit keeps the later one, so a component repeats what it does not know to have
    been heard.
    """
    new = [told for told in st.session_state[key].get("told") or () if told["n"] > _heard(key)]
    with visit.together() if new else nullcontext():
        for told in new:
            st.session_state[f"heard {key}"] = told["n"]
            takes[told["name"]](told["value"])


def _heard(key: str) -> int:
    heard: int = st.session_state.get(f"heard {key}", 0)
    return heard


def with_turn(key: str, data: dict[str, Any]) -> dict[str, Any]:
    """Return data with its turn: when it was first sent, or a little after what was sent before it.

    A browser that is still loading the script of a component hands over what arrives meanwhile in any order; the turn
    tells the script which is the newest. Data that stays the same keeps its turn, and is not drawn again.
    """
    sent: dict[str, Any] | None = st.session_state.get(f"sent {key}")
    turn = sent["turn"] if sent else 0.0
    if sent is None or sent != data | {"turn": turn}:
        sent = st.session_state[f"sent {key}"] = data | {"turn": max(time.time(), turn + 0.001)}
    return sent


@cache
def _component(name: str, scripts: tuple[str, ...], style: str | None = None) -> Any:
    """Return the component of a name; `scripts` are put one after the other into a box of the class of that name."""
    css = (FOLDER / f"{style}.css").read_text(encoding="utf-8") if style else None
    return st.components.v2.component(
        f"retrace.{name}", html=f'<div class="{name}"></div>', css=css, js=script(scripts)
    )


def script(names: tuple[str, ...]) -> str:
    """Return the JavaScript of parts of the folder, one after the other."""
    return "\n".join((FOLDER / f"{name}.js").read_text(encoding="utf-8") for name in names)
