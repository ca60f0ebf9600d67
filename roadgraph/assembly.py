"""Build a road network from ways: cut them at junctions, and leave out scraps that join nothing.

The frame of an extract cuts roads off. What is left in it of a town across the border joins the rest outside of the
frame, and a carriageway that leaves the frame comes back out there; so pieces of some size are kept, though the map
knows no way between them. A car park that nothing joins is most likely a mistake of the map.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from roadgraph.arrays import Bytes, Flags, Floats, Ints, Ints32
from roadgraph.errors import RoadError
from roadgraph.geometry import distance_m
from roadgraph.graph import RoadGraph
from roadgraph.network import FERRY, PLACE_KINDS, ROAD_CLASSES, ragged
from roadgraph.restrictions import Restriction, forbidden_paths
from roadgraph.tags import ALL_WAYS, RoadTags, TagOptions, read_tags

SERVICE = ROAD_CLASSES.index("service")
SLOWEST_KMH = 1.0
SHORTEST_M = 0.01
"""The least length of an edge: no time or speed is divided by zero."""
LEAST_PIECE_M = 1000.0
"""Beside the largest, a piece of the map is kept if it has so much road, service roads not counted."""
PLACE_REACH_M = 150.0
"""A place farther than this from every road is left out."""


@dataclass(frozen=True, slots=True)
class Way:
    """A line of points as the source has it: the numbers of its nodes, their coordinates, and its tags."""

    id: int
    nodes: Ints
    lat: Floats
    lon: Floats
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Place:
    """A place where trips begin and end; its kind is one of PLACE_KINDS."""

    kind: str
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class RoadSource:
    """The content of one file; `signals` are the numbers of nodes with traffic lights."""

    ways: Sequence[Way]
    restrictions: Sequence[Restriction] = ()
    signals: frozenset[int] = frozenset()
    places: Sequence[Place] = ()


@dataclass(frozen=True, slots=True)
class RoadImport:
    """The network, its number of pieces that no road joins, and the km of road that were left out as scraps."""

    graph: RoadGraph
    dropped_km: float

    @property
    def pieces(self) -> int:
        """Return the number of pieces; between two of them the map knows no way."""
        return int(self.graph.piece_of_edge.max()) + 1


@dataclass(slots=True)
class _CutWays:
    """The drivable ways as one long sequence of points, cut into pieces between junctions.

    Piece i runs from point `first[i]` to point `last[i]` and belongs to way `way_of[i]`.
    """

    ways: list[Way]
    tags: list[RoadTags]
    nodes: Ints = field(init=False)
    lat: Floats = field(init=False)
    lon: Floats = field(init=False)
    way_of: Ints32 = field(init=False)
    first: Ints = field(init=False)
    last: Ints = field(init=False)

    def __post_init__(self) -> None:
        self.nodes = np.concatenate([way.nodes for way in self.ways])
        self.lat = np.concatenate([way.lat for way in self.ways])
        self.lon = np.concatenate([way.lon for way in self.ways])
        sizes = np.array([len(way.nodes) for way in self.ways])
        owner = np.repeat(np.arange(len(self.ways), dtype=np.int32), sizes)
        _, number, uses = np.unique(self.nodes, return_inverse=True, return_counts=True)
        is_cut = uses[number] > 1
        is_cut[np.cumsum(sizes) - 1] = True
        is_cut[np.cumsum(sizes) - sizes] = True
        cuts = np.flatnonzero(is_cut)
        inside = owner[cuts[1:]] == owner[cuts[:-1]]
        self.first, self.last = cuts[:-1][inside], cuts[1:][inside]
        self.way_of = owner[self.first]


def assemble(source: RoadSource, options: TagOptions = ALL_WAYS, *, there_and_back: bool = False) -> RoadImport:
    """Return the network of a source; refuse a source without a road on which a car can drive there and back.

    `there_and_back`: only the largest part in which one can drive from everywhere to everywhere.
    """
    every = [(way, read_tags(way.tags, options)) for way in map(_without_repeats, source.ways)]
    read = {way.id: (way, _as_fast(way, tags)) for way, tags in every if tags is not None}
    drivable = [(way, tags) for way, tags in read.values() if len(way.nodes) > 1]
    if all(tags.road_class == FERRY for _, tags in drivable):
        raise RoadError("no road for cars was found: is `highway` tagged on the lines of this file?")
    pieces = _CutWays([way for way, _ in drivable], [tags for _, tags in drivable])
    _check_places(pieces.lat, pieces.lon)
    edges = _directed(pieces)
    length_m = _lengths(pieces, edges)
    kept = _kept(pieces, edges, length_m, there_and_back=there_and_back)
    all_km = _centre_km(edges, length_m)
    edges, length_m = edges[kept], length_m[kept]
    graph = _to_graph(pieces, edges, length_m, source)
    return RoadImport(with_places(graph, source.places), max(0.0, all_km - graph.km))


def with_places(graph: RoadGraph, places: Sequence[Place]) -> RoadGraph:
    """Return the network with its places: each is put on the nearest edge within PLACE_REACH_M, or left out."""
    if not places:
        return graph
    xy = graph.plane.to_xy([place.lat for place in places], [place.lon for place in places])
    edges, away_m = graph.index.nearest_edges(xy)
    kinds = np.array([PLACE_KINDS.index(place.kind) for place in places], dtype=np.uint8)
    near = away_m <= PLACE_REACH_M
    return replace(graph, place_edge=edges[near], place_kind=kinds[near])


def _without_repeats(way: Way) -> Way:
    """Return the way without points that repeat the one before."""
    keep = np.ones(len(way.nodes), dtype=bool)
    keep[1:] = way.nodes[1:] != way.nodes[:-1]
    return way if keep.all() else Way(way.id, way.nodes[keep], way.lat[keep], way.lon[keep], way.tags)


def _as_fast(way: Way, tags: RoadTags) -> RoadTags:
    """Return the tags with the speed at which a way takes as long as its tags say, if they do."""
    if tags.duration_s is None:
        return tags
    length_m = float(distance_m(way.lat[:-1], way.lon[:-1], way.lat[1:], way.lon[1:]).sum())
    kmh = max(3.6 * length_m / tags.duration_s, SLOWEST_KMH)
    return replace(tags, forward_kmh=tags.forward_kmh and kmh, backward_kmh=tags.backward_kmh and kmh)


def _check_places(lat: Floats, lon: Floats) -> None:
    if not (np.isfinite(lat).all() and np.isfinite(lon).all()):
        raise RoadError("a point of a road has no latitude or longitude: write both as degrees")
    worst_lat, worst_lon = lat[np.abs(lat).argmax()], lon[np.abs(lon).argmax()]
    if abs(worst_lat) <= 90 and abs(worst_lon) <= 180:
        return
    swapped = abs(worst_lat) <= 180 and np.abs(lon).max() <= 90
    hint = (
        "latitude and longitude look swapped: GeoJSON has longitude first" if swapped else "write degrees (EPSG:4326)"
    )
    raise RoadError(f"a point at latitude {worst_lat:.4f}, longitude {worst_lon:.4f} is not on the earth: {hint}")


def _directed(pieces: _CutWays) -> Ints:
    """Return the (m, 2) directed edges: the piece of each, and 1 where it runs against the way, else 0."""
    forward = np.array([tags.forward_kmh is not None for tags in pieces.tags])[pieces.way_of]
    backward = np.array([tags.backward_kmh is not None for tags in pieces.tags])[pieces.way_of]
    along = [(np.flatnonzero(allowed), against) for against, allowed in enumerate((forward, backward))]
    edges = np.concatenate([np.stack([piece, np.full_like(piece, against)], axis=1) for piece, against in along])
    return edges[np.lexsort((edges[:, 1], edges[:, 0]))]


def _lengths(pieces: _CutWays, edges: Ints) -> Floats:
    steps_m = distance_m(pieces.lat[:-1], pieces.lon[:-1], pieces.lat[1:], pieces.lon[1:])
    reached_m = np.concatenate([[0.0], np.cumsum(steps_m)])
    piece_m = reached_m[pieces.last] - reached_m[pieces.first]
    return np.asarray(np.maximum(piece_m[edges[:, 0]], SHORTEST_M))


def _ends(pieces: _CutWays, edges: Ints) -> tuple[Ints, Ints]:
    """Return the points where each directed edge starts and ends."""
    first, last = pieces.first[edges[:, 0]], pieces.last[edges[:, 0]]
    against = edges[:, 1] == 1
    return np.where(against, last, first), np.where(against, first, last)


def _kept(pieces: _CutWays, edges: Ints, length_m: Floats, *, there_and_back: bool) -> Flags:
    """Return which edges lie in the piece with the most road to drive to and fro, or in another of some size.

    `there_and_back`: only those to drive to and fro.
    """
    start, end = _ends(pieces, edges)
    ids, number = np.unique(pieces.nodes, return_inverse=True)
    a, b = number[start], number[end]
    links = coo_array((np.ones(len(a)), (a, b)), shape=(len(ids), len(ids))).tocsr()
    _, part = connected_components(links, connection="strong")
    _, piece = connected_components(links, connection="weak")
    inside = part[a] == part[b]
    if not inside.any():
        raise RoadError("no two places of these roads reach each other both ways: are all of them one-way?")
    part_m = np.bincount(part[a][inside], weights=length_m[inside])
    to_and_fro = inside & (part[a] == int(part_m.argmax()))
    if there_and_back:
        return np.asarray(to_and_fro)
    largest = piece[a][to_and_fro][0]
    classes = np.array([tags.road_class for tags in pieces.tags])[pieces.way_of[edges[:, 0]]]
    _, once = np.unique(edges[:, 0], return_index=True)
    counted_m = np.zeros(len(edges))
    counted_m[once] = np.where(classes[once] == SERVICE, 0.0, length_m[once])
    piece_m = np.bincount(piece[a], weights=counted_m)
    return np.asarray((piece_m[piece[a]] >= LEAST_PIECE_M) | (piece[a] == largest))


def _centre_km(edges: Ints, length_m: Floats) -> float:
    _, once = np.unique(edges[:, 0], return_index=True)
    return float(length_m[once].sum() / 1000)


def _to_graph(pieces: _CutWays, edges: Ints, length_m: Floats, source: RoadSource) -> RoadGraph:
    start, end = _ends(pieces, edges)
    ids = np.unique(pieces.nodes[np.concatenate([start, end])])
    at = dict(zip(pieces.nodes.tolist(), range(len(pieces.nodes)), strict=True))
    where = np.array([at[node] for node in ids.tolist()])
    way = pieces.way_of[edges[:, 0]]
    names, name_of_way = np.unique([tags.name for tags in pieces.tags], return_inverse=True)
    shape_start, points = _shapes(start, end)
    edge_from = np.searchsorted(ids, pieces.nodes[start]).astype(np.int32)
    edge_to = np.searchsorted(ids, pieces.nodes[end]).astype(np.int32)
    forbidden = forbidden_paths(
        source.restrictions,
        edge_way=np.array([road.id for road in pieces.ways], dtype=np.int64)[way],
        edge_from=ids[edge_from],
        edge_to=ids[edge_to],
    )
    forbidden_start, forbidden_edges = ragged(forbidden)
    return RoadGraph(
        node_lat=pieces.lat[where],
        node_lon=pieces.lon[where],
        edge_from=edge_from,
        edge_to=edge_to,
        edge_length_m=length_m,
        edge_speed_kmh=_speeds(pieces.tags, way, edges[:, 1]),
        edge_class=np.array([tags.road_class for tags in pieces.tags], dtype=np.uint8)[way],
        edge_name=name_of_way[way].astype(np.int32),
        edge_reverse=_reverses(edges),
        edge_signals=_signals(pieces, points, shape_start, source.signals),
        shape_start=shape_start,
        shape_lat=pieces.lat[points],
        shape_lon=pieces.lon[points],
        forbidden_start=forbidden_start,
        forbidden_edges=forbidden_edges,
        place_edge=np.zeros(0, dtype=np.int32),
        place_kind=np.zeros(0, dtype=np.uint8),
        names=tuple(str(name) for name in names),
    )


def _shapes(start: Ints, end: Ints) -> tuple[Ints, Ints]:
    """Return where the points of each edge start, and the points of all edges."""
    sizes = np.abs(end - start) + 1
    shape_start = np.concatenate([[0], np.cumsum(sizes)])
    step = np.arange(shape_start[-1]) - np.repeat(shape_start[:-1], sizes)
    return shape_start, np.repeat(start, sizes) + step * np.repeat(np.sign(end - start), sizes)


def _speeds(tags: Sequence[RoadTags], way: Ints32, against: Ints) -> Floats:
    forward = np.array([road.forward_kmh or 0.0 for road in tags])[way]
    backward = np.array([road.backward_kmh or 0.0 for road in tags])[way]
    return np.where(against == 1, backward, forward)


def _reverses(edges: Ints) -> Ints32:
    """Return the edge in the opposite direction of each edge, -1 where there is none."""
    reverse = np.full(len(edges), -1, dtype=np.int32)
    pairs = np.flatnonzero(edges[1:, 0] == edges[:-1, 0])
    reverse[pairs], reverse[pairs + 1] = pairs + 1, pairs
    return reverse


def _signals(pieces: _CutWays, points: Ints, shape_start: Ints, signals: frozenset[int]) -> Bytes:
    """Return the number of traffic lights on each edge, including its end but not its start."""
    lit = np.isin(pieces.nodes[points], np.array(sorted(signals), dtype=np.int64)).astype(np.int64)
    lit[shape_start[:-1]] = 0
    return np.minimum(np.add.reduceat(lit, shape_start[:-1]), 255).astype(np.uint8)
