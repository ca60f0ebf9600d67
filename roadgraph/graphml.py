"""Read roads from GraphML as osmnx writes it: a node is a junction, an edge is one direction of a road."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import shapely

from roadgraph.arrays import Floats
from roadgraph.assembly import RoadSource, Way
from roadgraph.errors import RoadError
from roadgraph.geojson import node_numbers
from roadgraph.geojson_crs import check_degrees

PREFIX = "{http://graphml.graphdrawing.org/xmlns}"
NEEDED = "nodes with y (latitude) and x (longitude), as osmnx.save_graphml writes them"


@dataclass(slots=True)
class _GraphmlContent:
    """What was read of a file; places are (latitude, longitude)."""

    attributes: dict[str, str] = field(default_factory=dict)
    places: dict[str, tuple[float, float]] = field(default_factory=dict)
    edges: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    directed: bool = True


def read_graphml(path: Path) -> RoadSource:
    """Return the roads of a GraphML file."""
    content = _GraphmlContent()
    try:
        # expat refuses entities that grow without end, and loads none from elsewhere; a test holds it to that.
        for _, element in ElementTree.iterparse(path, events=("end",)):  # noqa: S314
            _take(path, element, content)
    except RoadError:
        raise
    # ValueError: an encoding that the parser cannot read; LookupError: one that nobody knows.
    except (ElementTree.ParseError, LookupError, ValueError) as error:
        raise RoadError(f"{path} is not complete GraphML ({error}): export it again") from error
    if not content.edges:
        raise RoadError(f"{path} has no edge in it: give a road network with {NEEDED}")
    return RoadSource(_ways(path, content))


def opposite_edges(ends: Sequence[tuple[Hashable, Hashable]], shapes: Sequence[Floats]) -> dict[int, int]:
    """Return the edge in the opposite direction, along the same points, for each edge that has one."""
    waiting: dict[tuple[Hashable, Hashable, bytes], list[int]] = {}
    partner: dict[int, int] = {}
    for number, ((start, end), shape) in enumerate(zip(ends, shapes, strict=True)):
        rounded = np.round(shape, 7)
        opposite = waiting.get((end, start, rounded[::-1].tobytes()))
        if opposite:
            other = opposite.pop()
            partner[number], partner[other] = other, number
        else:
            waiting.setdefault((start, end, rounded.tobytes()), []).append(number)
    return partner


def _take(path: Path, element: ElementTree.Element, content: _GraphmlContent) -> None:
    kind = element.tag.removeprefix(PREFIX)
    if kind == "key":
        content.attributes[element.get("id", "")] = element.get("attr.name", "")
    elif kind == "node":
        content.places[element.get("id", "")] = _place(path, element, content)
        element.clear()
    elif kind == "edge":
        ends = element.get("source", ""), element.get("target", "")
        content.edges.append((*ends, _data(element, content)))
        element.clear()
    elif kind == "graph":
        content.directed = element.get("edgedefault") != "undirected"
        crs = _data(element, content).get("crs")
        check_degrees(f"{path}", crs and {"crs": {"properties": {"name": crs}}})


def _data(element: ElementTree.Element, content: _GraphmlContent) -> dict[str, str]:
    found = {content.attributes.get(child.get("key", ""), ""): (child.text or "") for child in element}
    return {name: _first(text) for name, text in found.items() if name and text}


def _first(text: str) -> str:
    """Return the value, or the first one of a list, which osmnx writes where a road has several values."""
    return text.strip("[]").split(",")[0].strip().strip("'\"") if text.startswith("[") else text


def _place(path: Path, element: ElementTree.Element, content: _GraphmlContent) -> tuple[float, float]:
    data = _data(element, content)
    try:
        return float(data["y"]), float(data["x"])
    except (KeyError, ValueError) as error:
        raise RoadError(f"node {element.get('id')!r} of {path} has no place: it needs {NEEDED}") from error


def _ways(path: Path, content: _GraphmlContent) -> list[Way]:
    """Return the roads; two edges in opposite directions become one way."""
    shapes = [_shape(path, start, end, data, content) for start, end, data in content.edges]
    ends = [(start, end) for start, end, _ in content.edges]
    partner = opposite_edges(ends, shapes) if content.directed else {}
    ways = []
    for number, (_, _, data) in enumerate(content.edges):
        if partner.get(number, number) < number:
            continue
        tags = _tags(data, oneway=content.directed and number not in partner)
        if number in partner and (back := content.edges[partner[number]][2].get("maxspeed")):
            tags["maxspeed:backward"] = back
        lat, lon = shapes[number].T
        ways.append(Way(number, node_numbers(lat, lon), lat, lon, tags))
    return ways


def _tags(data: Mapping[str, str], *, oneway: bool) -> dict[str, str]:
    return {name: value for name, value in data.items() if name != "oneway"} | {"oneway": "yes" if oneway else "no"}


def _shape(path: Path, start: str, end: str, data: Mapping[str, str], content: _GraphmlContent) -> Floats:
    """Return the (n, 2) latitudes and longitudes of an edge, straight where it has no geometry."""
    if start not in content.places or end not in content.places:
        raise RoadError(f"an edge of {path} joins {start!r} and {end!r}, and not both are nodes: export it again")
    ends = np.array([content.places[start], content.places[end]])
    if "geometry" not in data:
        return ends
    try:
        lonlat = shapely.get_coordinates(shapely.from_wkt(data["geometry"]))
    except shapely.errors.ShapelyError as error:
        raise RoadError(f"an edge of {path} has geometry {data['geometry'][:40]!r}, which is no WKT line") from error
    return np.concatenate([ends[:1], lonlat[1:-1, ::-1], ends[1:]])
