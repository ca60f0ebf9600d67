"""Define the colours of the page in light and dark, and the Streamlit options."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

STYLE_SHEET = Path(__file__).with_name("style.css")

Rgb = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one theme: hex for the page, red, green and blue for the map."""

    background: str
    surface: str
    ink: str
    accent: str
    border: str
    land: Rgb
    road: Rgb
    main_road: Rgb
    camera: Rgb
    label: Rgb
    route: Rgb
    candidate: Rgb
    asked: Rgb
    area: Rgb


LIGHT = Palette(
    background="#fbfbfa",
    surface="#f1f2f0",
    ink="#1d2733",
    accent="#1f5fa8",
    border="#dcdfe0",
    land=(245, 245, 242),
    road=(205, 208, 211),
    main_road=(168, 174, 181),
    camera=(74, 88, 103),
    label=(58, 70, 84),
    route=(31, 95, 168),
    candidate=(217, 119, 6),
    asked=(176, 32, 92),
    area=(217, 119, 6),
)

DARK = Palette(
    background="#14181d",
    surface="#1d232a",
    ink="#e6e9ec",
    accent="#7db4f5",
    border="#313942",
    land=(24, 29, 35),
    road=(58, 66, 76),
    main_road=(92, 103, 117),
    camera=(176, 187, 199),
    label=(198, 206, 215),
    route=(125, 180, 245),
    candidate=(245, 166, 66),
    asked=(244, 114, 163),
    area=(245, 166, 66),
)

PALETTES: Mapping[str, Palette] = {"light": LIGHT, "dark": DARK}


def streamlit_flags() -> dict[str, object]:
    """Return the Streamlit options: no statistics, no network, our colours."""
    flags: dict[str, object] = {
        "browser.gatherUsageStats": False,
        "client.showErrorDetails": "none",
        "client.showErrorLinks": False,
        "client.toolbarMode": "minimal",
        "global.developmentMode": False,
        "logger.enableRich": False,
        "logger.level": "error",
        "runner.magicEnabled": False,
        "server.fileWatcherType": "none",
        "server.headless": True,
        "server.maxUploadSize": 50,
        "theme.baseRadius": "8px",
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
        "linkColor": palette.accent,
        "borderColor": palette.border,
    }
    return {f"theme.{name}.{key}": colour for key, colour in colours.items()}
