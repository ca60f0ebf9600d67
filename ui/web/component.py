"""Mount the components of the page: scripts and a style of the folder `components`, read once."""

import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

FOLDER = Path(__file__).with_name("components")


def show_component(
    name: str,
    scripts: tuple[str, ...],
    style: str | None = None,
    *,
    key: str,
    data: dict[str, Any] | None = None,
    **callbacks: Callable[[], None],
) -> None:
    """Show a component; `st.session_state[key]` holds what was clicked while a callback runs."""
    _component(name, scripts, style)(key=key, data=data and with_turn(key, data), **callbacks)


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
