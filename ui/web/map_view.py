"""Show a map by itself: to pick a place, or to show cameras and what is known of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ui.web.board_words import board_words
from ui.web.component import show_component
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
    lasso: bool = False


def show_map(
    view: MapView,
    *,
    key: str,
    height_px: int,
    on_camera: Callable[[], None] | None = None,
    on_place: Callable[[], None] | None = None,
    on_lasso: Callable[[], None] | None = None,
) -> None:
    """Show the map; a callback finds the click in `st.session_state[key]` as `camera`, `place` or `lasso`."""
    callbacks = {"on_camera_change": on_camera, "on_place_change": on_place, "on_lasso_change": on_lasso}
    data = map_data(view, height_px) | {"clicks": [name for name, call in callbacks.items() if call]}
    calls = {name: call for name, call in callbacks.items() if call}
    show_component("lone-map", PARTS, "board", key=key, data=data, **calls)


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
        "lasso": view.lasso,
    }
