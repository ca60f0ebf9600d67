"""Generate a small town and write its roads as OpenStreetMap XML."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

import numpy as np

CENTRE = (54.2, 6.6)
"""In the open North Sea, so that nobody mistakes the town for a real one."""
BLOCK_M = 190.0
COLUMNS, ROWS = 15, 13
"""The size of the small town; larger towns repeat its main roads, rivers and bridges."""
CAMERAS = 64
"""The small town has room for this many cameras."""
RIVER_ROW = 5
BRIDGE_COLUMNS = (2, 7, 12)
_METRES_PER_DEGREE = 111_195.0

_FIRST = (
    "Mill",
    "Station",
    "Harbour",
    "Church",
    "Market",
    "Linden",
    "Orchard",
    "Tanner",
    "Weaver",
    "Lantern",
    "Quarry",
)
_SECOND = ("Street", "Road", "Lane", "Row", "Way")

_GOALS = (("landuse", "residential"), ("shop", "supermarket"), ("office", "company"), ("amenity", "parking"))
_GOAL_SHARES = (0.6, 0.12, 0.16, 0.12)

Node = tuple[int, int]
"""Column and row of a crossing."""
LatLon = tuple[float, float]


@dataclass(frozen=True, slots=True)
class TownRoad:
    """One street of the town: the crossings it joins, in order."""

    name: str
    road_class: str
    max_speed_kmh: int
    one_way: bool
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Town:
    """Crossings with their positions (lat, lon), the streets between them, and the destinations of trips.

    `signals` are the crossings with traffic lights; `goals` are positions with their OpenStreetMap tags.
    """

    crossings: dict[Node, LatLon]
    roads: tuple[TownRoad, ...]
    signals: frozenset[Node]
    goals: tuple[tuple[LatLon, tuple[str, str]], ...]


def make_town(seed: int, cameras: int = 1, *, block_scale: float = 1.0) -> Town:
    """Return a town with main roads, a river with three bridges, and one-way and missing streets.

    It has about 6 km2, and grows in proportion for more than CAMERAS cameras. With a `block_scale` all lies so many
    times as far apart, as country roads do.
    """
    rng = np.random.default_rng([seed, 1])
    columns, rows = (math.ceil(side * math.sqrt(max(1.0, cameras / CAMERAS))) for side in (COLUMNS, ROWS))
    lines = [*_lines(columns, rows, across=False), *_lines(rows, columns, across=True)]
    roads = [road for number, line in enumerate(lines) for road in _street(number, line, rng)]
    used = {node for road in roads for node in road.nodes}
    crossings = {node: place for node, place in _crossings(columns, rows, rng, block_scale).items() if node in used}
    return Town(crossings, tuple(roads), _signals(roads), tuple(_goals(crossings, rng)))


def write_osm(town: Town, path: Path) -> None:
    """Write the town as an OSM XML file; the same town gives the same bytes."""
    root = Element("osm", version="0.6", generator="retrace")
    numbers = {node: i for i, node in enumerate(sorted(town.crossings), start=1)}
    for node, number in numbers.items():
        signal = {"highway": "traffic_signals"} if node in town.signals else {}
        _write_node(root, number, town.crossings[node], signal)
    for number, (place, (key, value)) in enumerate(town.goals, start=len(numbers) + 1):
        _write_node(root, number, place, {key: value})
    for number, road in enumerate(town.roads, start=1):
        way = SubElement(root, "way", id=str(number), version="1")
        for node in road.nodes:
            SubElement(way, "nd", ref=str(numbers[node]))
        _write_tags(way, _tags(road))
    indent(root)
    ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def _write_node(root: Element, number: int, place: LatLon, tags: Mapping[str, str]) -> None:
    lat, lon = place
    _write_tags(SubElement(root, "node", id=str(number), lat=f"{lat:.7f}", lon=f"{lon:.7f}", version="1"), tags)


def _write_tags(element: Element, tags: Mapping[str, str]) -> None:
    for key, value in tags.items():
        SubElement(element, "tag", k=key, v=value)


def _tags(road: TownRoad) -> dict[str, str]:
    tags = {"highway": road.road_class, "name": road.name, "maxspeed": str(road.max_speed_kmh)}
    return tags | ({"oneway": "yes"} if road.one_way else {})


def _lines(lines: int, length: int, *, across: bool) -> Iterator[tuple[bool, int, tuple[Node, ...]]]:
    """Yield each line of the grid: whether it runs east-west, its number, and its crossings."""
    for line in range(lines):
        yield across, line, tuple((step, line) if across else (line, step) for step in range(length))


def _crossings(columns: int, rows: int, rng: np.random.Generator, scale: float) -> dict[Node, LatLon]:
    """Return the crossings: a grid that is jittered, bent, and denser in the old centre, so many times as large."""
    crossings = {}
    for column in range(columns):
        for row in range(rows):
            east, north = (column - (columns - 1) / 2) * BLOCK_M, (row - (rows - 1) / 2) * BLOCK_M
            pull = 1 - 0.22 * math.exp(-(east**2 + north**2) / 500.0**2)
            bend = 60.0 * math.sin(north / 650.0)
            jitter_east, jitter_north = rng.normal(0, 18, 2)
            away_m = east * pull + bend + jitter_east, north * pull + jitter_north
            crossings[column, row] = _lat_lon(scale * away_m[0], scale * away_m[1])
    return crossings


def _signals(roads: Sequence[TownRoad]) -> frozenset[Node]:
    """Return the crossings where two main roads meet."""
    main = Counter(node for road in roads if road.road_class in ("primary", "secondary") for node in road.nodes)
    return frozenset(node for node, roads_there in main.items() if roads_there > 1)


def _goals(crossings: Mapping[Node, LatLon], rng: np.random.Generator) -> Iterator[tuple[LatLon, tuple[str, str]]]:
    """Yield a home, shop, office or car park for about every second block."""
    for node in sorted(crossings):
        if rng.random() < 0.5:
            lat, lon = crossings[node]
            east_m, north_m = rng.uniform(20, 80, 2)
            place = (
                lat + north_m / _METRES_PER_DEGREE,
                lon + east_m / (_METRES_PER_DEGREE * math.cos(math.radians(lat))),
            )
            yield place, _GOALS[int(rng.choice(len(_GOALS), p=_GOAL_SHARES))]


def _lat_lon(east_m: float, north_m: float) -> LatLon:
    lat = CENTRE[0] + north_m / _METRES_PER_DEGREE
    return lat, CENTRE[1] + east_m / (_METRES_PER_DEGREE * math.cos(math.radians(CENTRE[0])))


def _street(number: int, line: tuple[bool, int, tuple[Node, ...]], rng: np.random.Generator) -> list[TownRoad]:
    """Return a line of the grid as streets, split where a block has no road."""
    across, position, nodes = line
    road_class, speed_kmh, gap_share = _rank(across, position)
    one_way = road_class == "residential" and rng.random() < 0.25
    name = f"{_FIRST[number % len(_FIRST)]} {_SECOND[number // len(_FIRST) % len(_SECOND)]}"
    gaps = rng.random(len(nodes) - 1) < gap_share
    if one_way and rng.random() < 0.5:
        nodes, gaps = nodes[::-1], gaps[::-1]
    open_blocks = [
        not gap and not _in_river(a, b) for a, b, gap in zip(nodes[:-1], nodes[1:], gaps.tolist(), strict=True)
    ]
    return [TownRoad(name, road_class, speed_kmh, one_way, piece) for piece in _pieces(nodes, open_blocks)]


def _rank(across: bool, position: int) -> tuple[str, int, float]:
    """Return class, speed and share of missing blocks of a line; only main roads run all the way through."""
    position %= ROWS if across else COLUMNS
    if position in ((6,) if across else BRIDGE_COLUMNS[1:2]):
        return "primary", 60, 0.0
    if position in ((2, 10) if across else (BRIDGE_COLUMNS[0], BRIDGE_COLUMNS[2])):
        return "secondary", 50, 0.0
    if position % 2 == 0:
        return "tertiary", 50, 0.06
    return "residential", 30, 0.2


def _in_river(a: Node, b: Node) -> bool:
    """Return whether a block crosses the river without a bridge."""
    is_across = a[1] != b[1] and max(a[1], b[1]) % ROWS == RIVER_ROW
    return is_across and a[0] % COLUMNS not in BRIDGE_COLUMNS


def _pieces(nodes: Sequence[Node], open_blocks: Sequence[bool]) -> Iterator[tuple[Node, ...]]:
    piece = [nodes[0]]
    for node, is_open in zip(nodes[1:], open_blocks, strict=True):
        if not is_open:
            if len(piece) > 1:
                yield tuple(piece)
            piece = []
        piece.append(node)
    if len(piece) > 1:
        yield tuple(piece)
