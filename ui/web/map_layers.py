"""Make the layers of a map: roads, cameras, candidates, route and area."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pydeck

from ui.web.theme import Palette, Rgb

Row = Mapping[str, object]
LonLatPath = Sequence[tuple[float, float]]
"""[lon, lat] pairs."""


@dataclass(frozen=True, slots=True)
class RoadLine:
    """A road drawn once for both directions: its path as [lon, lat] pairs, and whether it is a main road."""

    path: tuple[tuple[float, float], ...]
    main: bool


def road_layers(roads: Sequence[RoadLine], palette: Palette) -> Iterator[pydeck.Layer]:
    """Yield the small roads and, above them, the main ones."""
    for name, main, colour, width_m in (("minor", False, palette.road, 5), ("main", True, palette.main_road, 10)):
        yield pydeck.Layer(
            "PathLayer",
            id=f"roads-{name}",
            data=[{"path": road.path} for road in roads if road.main == main],
            get_path="path",
            get_color=list(colour),
            get_width=width_m,
            width_min_pixels=2 if main else 1,
            width_max_pixels=6,
            cap_rounded=True,
            joint_rounded=True,
        )


def dots(name: str, rows: Sequence[Row], colour: tuple[int, ...], *, radius_px: float) -> pydeck.Layer:
    """Return round dots at the `lon` and `lat` of the rows; they show their `name` and can be clicked."""
    return pydeck.Layer(
        "ScatterplotLayer",
        id=name,
        data=rows,
        get_position=["lon", "lat"],
        get_radius=radius_px,
        radius_units="'pixels'",
        get_fill_color=list(colour),
        pickable=True,
    )


def ring(name: str, place: tuple[float, float], colour: Rgb) -> pydeck.Layer:
    """Return a ring around a place: that of the question, or the chosen one."""
    return pydeck.Layer(
        "ScatterplotLayer",
        id=name,
        data=[{"lon": place[1], "lat": place[0]}],
        get_position=["lon", "lat"],
        get_radius=19,
        radius_units="'pixels'",
        filled=True,
        stroked=True,
        get_fill_color=[*colour, 70],
        get_line_color=list(colour),
        get_line_width=3,
        line_width_units="'pixels'",
    )


def route(points: LonLatPath, colour: Rgb) -> pydeck.Layer:
    """Return the route of a story."""
    return pydeck.Layer(
        "PathLayer",
        id="route",
        data=[{"path": [list(point) for point in points]}],
        get_path="path",
        get_color=[*colour, 210],
        get_width=5,
        width_units="'pixels'",
        cap_rounded=True,
        joint_rounded=True,
    )


def area(geometry: Mapping[str, object], colour: Rgb) -> pydeck.Layer:
    """Return the area where the vehicle can be."""
    return pydeck.Layer(
        "GeoJsonLayer",
        id="area-now",
        data={"type": "Feature", "properties": {}, "geometry": geometry},
        get_fill_color=[*colour, 46],
        get_line_color=[*colour, 90],
        line_width_min_pixels=1,
    )


def candidates(rows: Sequence[Row], palette: Palette) -> pydeck.Layer:
    """Return the dots of the candidates; `radius` of a row is in pixels."""
    return pydeck.Layer(
        "ScatterplotLayer",
        id="candidates",
        data=rows,
        get_position=["lon", "lat"],
        get_radius="radius",
        radius_units="'pixels'",
        stroked=True,
        get_fill_color=[*palette.candidate, 235],
        get_line_color=list(palette.land),
        get_line_width=2,
        line_width_units="'pixels'",
        pickable=True,
    )


def ranks(rows: Sequence[Row], palette: Palette) -> pydeck.Layer:
    """Return the candidates' ranks, written into their dots."""
    return pydeck.Layer(
        "TextLayer",
        id="ranks",
        data=rows,
        get_position=["lon", "lat"],
        get_text="rank",
        get_size=12,
        get_color=list(palette.land),
        font_weight=700,
        font_family="'system-ui, sans-serif'",
    )


def labels(rows: Sequence[Row], palette: Palette) -> pydeck.Layer:
    """Return the names of the rows, below their dots."""
    return pydeck.Layer(
        "TextLayer",
        id="camera-names",
        data=rows,
        get_position=["lon", "lat"],
        get_text="name",
        get_size=12,
        get_color=list(palette.label),
        get_pixel_offset=[0, 26],
        font_weight=600,
        font_family="'system-ui, sans-serif'",
        outline_width=4,
        outline_color=list(palette.land),
        font_settings={"sdf": True, "fontSize": 64, "buffer": 8, "radius": 16},
    )
