"""Define the colours of the page in light and dark, and the Streamlit options."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

LARGEST_MB = 2000
"""The largest file that can be brought to the page: a video."""

STYLE_SHEET = Path(__file__).with_name("style.css")


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one theme that Streamlit draws with; those of our own parts stand in the style sheet."""

    background: str
    surface: str
    ink: str
    accent: str
    link: str
    border: str


LIGHT = Palette(
    background="#fbfbfa", surface="#f1f2f0", ink="#1d2733", accent="#1f5fa8", link="#1f5fa8", border="#dcdfe0"
)

DARK = Palette(
    background="#14181d", surface="#1d232a", ink="#e6e9ec", accent="#3474c4", link="#7db4f5", border="#313942"
)

PALETTES: Mapping[str, Palette] = {"light": LIGHT, "dark": DARK}


def streamlit_flags() -> dict[str, object]:
    """Return the Streamlit options: no statistics, no network, our colours."""
    flags: dict[str, object] = {
        "browser.gatherUsageStats": False,
        # Streamlit would take messages from pages of its makers' cloud, where anybody can publish one.
        "client.allowedOrigins": [],
        "client.showErrorDetails": "none",
        "client.showErrorLinks": False,
        "client.toolbarMode": "minimal",
        "global.developmentMode": False,
        "logger.enableRich": False,
        "logger.level": "error",
        "runner.magicEnabled": False,
        "server.fileWatcherType": "none",
        "server.headless": True,
        # What the server takes at all; each field has a limit of its own.
        "server.maxUploadSize": LARGEST_MB,
        "theme.baseRadius": "6px",
        "theme.font": "sans-serif",
        "ui.hideTopBar": True,
    }
    for name, palette in PALETTES.items():
        flags |= _theme_flags(name, palette)
    return flags


def _theme_flags(name: str, palette: Palette) -> dict[str, object]:
    colours = {
        "primaryColor": palette.accent,
        "backgroundColor": palette.background,
        "secondaryBackgroundColor": palette.surface,
        "textColor": palette.ink,
        "linkColor": palette.link,
        "borderColor": palette.border,
    }
    return {f"theme.{name}.{key}": colour for key, colour in colours.items()}
