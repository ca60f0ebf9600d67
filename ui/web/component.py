"""Mount the components of the page: scripts and a style of the folder `components`, read once."""

from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

FOLDER = Path(__file__).with_name("components")


@cache
def component(name: str, scripts: tuple[str, ...], style: str | None = None) -> Any:
    """Return the component of a name; `scripts` are put one after the other into a box of the class of that name."""
    css = (FOLDER / f"{style}.css").read_text(encoding="utf-8") if style else None
    return st.components.v2.component(
        f"retrace.{name}", html=f'<div class="{name}"></div>', css=css, js=script(scripts)
    )


def script(names: tuple[str, ...]) -> str:
    """Return the JavaScript of parts of the folder, one after the other."""
    return "\n".join((FOLDER / f"{name}.js").read_text(encoding="utf-8") for name in names)
