"""Read roads from GraphML as osmnx writes it: a node a junction, an edge a direction of a road."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import shapely

from roadgraph.assembly import RoadSource, Way
from roadgraph.errors import RoadError
from roadgraph.geojson import node_numbers
from roadgraph.geometry import Floats

PREFIX = "{http://graphml.graphdrawing.org/xmlns}"
NEEDED = "nodes with y (latitude) and x (longitude), as osmnx.save_graphml writes them"


@dataclass(slots=True)
class _Reading:
    """What has been met in the file so far; places are (latitude, longitude)."""

    attributes: dict[str, str] = field(default_factory=dict)
    places: dict[str, tuple[float, float]] = field(default_factory=dict)
    edges: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    directed: bool = True


def read_graphml(path: Path) -> RoadSource:
    """Return the roads of a GraphML file."""
    reading = _Reading()
    try:
        for _, element in ElementTree.iterparse(path, events=("end",)):
            _take(path, element, reading)
    except ElementTree.ParseError as error:
        raise RoadError(f"{path} is not whole GraphML ({error}): write it again") from error
    if not reading.edges:
        raise RoadError(f"{path} has no edge in it: give a road network with {NEEDED}")
    return RoadSource(_ways(path, reading))


def _take(path: Path, element: ElementTree.Element, reading: _Reading) -> None:
    kind = element.tag.removeprefix(PREFIX)
    if kind == "key":
        reading.attributes[element.get("id", "")] = element.get("attr.name", "")
    elif kind == "node":
        reading.places[element.get("id", "")] = _place(path, element, reading)
        element.clear()
    elif kind == "edge":
        ends = element.get("source", ""), element.get("target", "")
        reading.edges.append((*ends, _data(element, reading)))
        element.clear()
    elif kind == "graph":
        reading.directed = element.get("edgedefault") != "undirected"


def _data(element: ElementTree.Element, reading: _Reading) -> dict[str, str]:
    found = {reading.attributes.get(child.get("key", ""), ""): (child.text or "") for child in element}
    return {name: _first(text) for name, text in found.items() if name and text}


def _first(text: str) -> str:
    """Return the first of a list that osmnx wrote where a road has several values, else the value itself."""
    return text.strip("[]").split(",")[0].strip().strip("'\"") if text.startswith("[") else text


def _place(path: Path, element: ElementTree.Element, reading: _Reading) -> tuple[float, float]:
    data = _data(element, reading)
    try:
        return float(data["y"]), float(data["x"])
    except (KeyError, ValueError) as error:
        raise RoadError(f"node {element.get('id')!r} of {path} has no place: it needs {NEEDED}") from error


def _ways(path: Path, reading: _Reading) -> list[Way]:
    """Return the roads; two edges that are each other's opposite make one road for both directions."""
    shapes = [_shape(path, start, end, data, reading) for start, end, data in reading.edges]
    ends = [(start, end) for start, end, _ in reading.edges]
    partner = _partners(ends, shapes) if reading.directed else {}
    ways = []
    for number, (_, _, data) in enumerate(reading.edges):
        if partner.get(number, number) < number:
            continue
        tags = _tags(data, oneway=reading.directed and number not in partner)
        if number in partner and (back := reading.edges[partner[number]][2].get("maxspeed")):
            tags["maxspeed:backward"] = back
        lat, lon = shapes[number].T
        ways.append(Way(number, node_numbers(lat, lon), lat, lon, tags))
    return ways


def _tags(data: Mapping[str, str], *, oneway: bool) -> dict[str, str]:
    return {name: value for name, value in data.items() if name != "oneway"} | {"oneway": "yes" if oneway else "no"}


def _partners(ends: Sequence[tuple[str, str]], shapes: Sequence[Floats]) -> dict[int, int]:
    """Return for each edge the one that runs the other way along the same points, both ways round."""
    waiting: dict[tuple[str, str, bytes], list[int]] = {}
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


def _shape(path: Path, start: str, end: str, data: Mapping[str, str], reading: _Reading) -> Floats:
    """Return the (n, 2) latitudes and longitudes of an edge, straight where it has no geometry."""
    if start not in reading.places or end not in reading.places:
        raise RoadError(f"an edge of {path} joins {start!r} and {end!r}, and not both are nodes: write the file again")
    ends = np.array([reading.places[start], reading.places[end]])
    if "geometry" not in data:
        return ends
    try:
        lonlat = shapely.get_coordinates(shapely.from_wkt(data["geometry"]))
    except shapely.errors.ShapelyError as error:
        raise RoadError(f"an edge of {path} has geometry {data['geometry'][:40]!r}, which is no WKT line") from error
    return np.concatenate([ends[:1], lonlat[1:-1, ::-1], ends[1:]])
