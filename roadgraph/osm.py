"""Read roads, forbidden turns, traffic lights and parking from an OpenStreetMap file, XML or PBF."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import osmium

from roadgraph.assembly import Place, RoadSource, Way
from roadgraph.errors import RoadError
from roadgraph.restrictions import Restriction, read_restriction
from roadgraph.tags import class_of, is_ferry, place_kind

KEYS = (
    "highway",
    "route",
    "amenity",
    "shop",
    "office",
    "landuse",
    "restriction",
    "restriction:motorcar",
    "restriction:motor_vehicle",
)
"""Objects without any of these tags are skipped."""


def read_osm(path: Path, file_format: str) -> RoadSource:
    """Return the roads of an OpenStreetMap file; `file_format` is osmium's name for it, such as "pbf" or "osm.gz"."""
    content = _OsmContent()
    try:
        file = osmium.io.File(str(path), file_format)
        for thing in osmium.FileProcessor(file).with_locations().with_filter(osmium.filter.KeyFilter(*KEYS)):
            content.take(thing)
    except (RuntimeError, ValueError, osmium.InvalidLocationError) as error:
        reason = " ".join(str(error).split())
        raise RoadError(f"{path} is damaged or not an OpenStreetMap file ({reason}): download it again") from error
    return RoadSource(content.ways, content.restrictions, frozenset(content.signals), content.places)


class _OsmContent:
    """Collects ways, turn restrictions, traffic lights and places while a file is read."""

    def __init__(self) -> None:
        self.ways: list[Way] = []
        self.restrictions: list[Restriction] = []
        self.signals: set[int] = set()
        self.places: list[Place] = []

    def take(self, thing: Any) -> None:
        """Keep the data needed of one object: osmium's objects are valid only inside the loop."""
        if thing.deleted:
            return
        if thing.is_way():
            self._take_way(thing)
        elif thing.is_node():
            self._take_node(thing)
        elif thing.is_relation():
            members = [(member.type, member.role, member.ref) for member in thing.members]
            self.restrictions += read_restriction(_tags(thing), members)

    def _take_way(self, way: Any) -> None:
        tags = _tags(way)
        points = [(node.ref, node.location.lat, node.location.lon) for node in way.nodes if node.location.valid()]
        if not points:
            return
        nodes, lat, lon = zip(*points, strict=True)
        if class_of(tags.get("highway", ""))[0] is not None or is_ferry(tags):
            self.ways.append(Way(way.id, np.array(nodes, dtype=np.int64), np.array(lat), np.array(lon), tags))
            return
        self._take_place(tags, float(np.mean(lat)), float(np.mean(lon)))

    def _take_node(self, node: Any) -> None:
        tags = _tags(node)
        if tags.get("highway") == "traffic_signals":
            self.signals.add(node.id)
        elif node.location.valid():
            self._take_place(tags, node.location.lat, node.location.lon)

    def _take_place(self, tags: Mapping[str, str], lat: float, lon: float) -> None:
        kind = place_kind(tags)
        if kind is not None:
            self.places.append(Place(kind, lat, lon))


def _tags(thing: Any) -> dict[str, str]:
    pairs: Iterable[Any] = thing.tags
    return {tag.k: tag.v for tag in pairs}
