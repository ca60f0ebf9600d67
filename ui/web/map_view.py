"""Show a map by itself: to pick a place, or to show cameras and what is known of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ui.web.board_words import board_words
from ui.web.component import Take, show_component
from ui.web.map_base import MapBase, Place

PARTS = ("elements", "map", "map_view")


@dataclass(frozen=True, slots=True)
class MapView:
    """What a map shows beside roads and cameras: the chosen camera or point, colours of cameras, stops and a route.

    `colours` names a CSS variable for a camera; `hits` and `stops` are rows as the board has them.
    """

    base: MapBase
    hint: str = ""
    chosen: str | None = None
    point: Place | None = None
    colours: Mapping[str, str] = field(default_factory=dict)
    route: tuple[tuple[float, float], ...] = ()
    stops: tuple[Mapping[str, Any], ...] = ()


def show_map(
    view: MapView,
    *,
    key: str,
    height_px: int,
    on_camera: Callable[[str], None],
    on_place: Callable[[Place], None],
) -> None:
    """Show the map; it tells of clicks on cameras and on other places."""
    takes: dict[str, Take] = {
        "camera": lambda clicked: on_camera(clicked["id"]),
        "place": lambda clicked: on_place((clicked["lat"], clicked["lon"])),
    }
    show_component("lone-map", PARTS, "board", key=key, data=map_data(view, height_px), takes=takes)


def map_data(view: MapView, height_px: int) -> dict[str, Any]:
    """Return what the map shows, as plain values for JSON."""
    return {
        "words": board_words(),
        "hint": view.hint,
        "height": height_px,
        "cameras": [
            {
                "id": id_,
                "lat": lat,
                "lon": lon,
                "bearing": view.base.bearings.get(id_),
                "colour": view.colours.get(id_),
            }
            for id_, (lat, lon) in sorted(view.base.cameras.items())
        ],
        "roads": view.base.roads,
        "chosen": view.chosen,
        "asked": {"lat": view.point[0], "lon": view.point[1], "cam": None} if view.point else None,
        "route": [list(point) for point in view.route],
        "stops": [dict(stop) for stop in view.stops],
    }
