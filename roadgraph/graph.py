"""Hold a road network in compact arrays: directed edges between junctions, their shapes, speeds and forbidden turns."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from roadgraph.errors import RoadError
from roadgraph.geometry import Floats, LocalPlane

if TYPE_CHECKING:
    import networkx as nx

    from roadgraph.chain import Chain
    from roadgraph.nearest import RoadIndex
    from roadgraph.turns import Costs, TurnGraph

Ints = npt.NDArray[np.int32]

ROAD_CLASSES = (
    "motorway",
    "trunk",
    "primary",
    "secondary",
    "tertiary",
    "unclassified",
    "residential",
    "living_street",
    "service",
)
PLACE_KINDS = ("parking", "home", "work", "shop")
FORMAT = 1


@dataclass(frozen=True, eq=False)
class RoadGraph:
    """A road network. Every edge is directed; its number is its index in the `edge_` arrays.

    The points of edge e, both ends included, are `shape_lat[shape_start[e]:shape_start[e + 1]]`. A forbidden path is
    two or more edges that may not be driven in a row: `forbidden_edges[forbidden_start[i]:forbidden_start[i + 1]]`.
    Places are where trips begin and end: what they are (index in PLACE_KINDS) and the edge they are reached from.
    """

    node_lat: Floats
    node_lon: Floats
    edge_from: Ints
    edge_to: Ints
    edge_length_m: Floats
    edge_speed_kmh: Floats
    edge_class: npt.NDArray[np.uint8]
    edge_name: Ints
    edge_reverse: Ints
    edge_signals: npt.NDArray[np.uint8]
    shape_start: npt.NDArray[np.int64]
    shape_lat: Floats
    shape_lon: Floats
    forbidden_start: Ints
    forbidden_edges: Ints
    place_edge: Ints
    place_kind: npt.NDArray[np.uint8]
    names: tuple[str, ...] = ("",)

    @property
    def nodes(self) -> int:
        """Return the number of junctions."""
        return len(self.node_lat)

    @property
    def edges(self) -> int:
        """Return the number of directed edges."""
        return len(self.edge_from)

    @property
    def edge_s(self) -> Floats:
        """Return how long each edge takes at free flow."""
        return np.asarray(self.edge_length_m / (self.edge_speed_kmh / 3.6))

    @property
    def road_of_edge(self) -> Ints:
        """Return a number that the two directions of one road share."""
        own = np.arange(self.edges, dtype=np.int32)
        return np.where(self.edge_reverse >= 0, np.minimum(own, self.edge_reverse), own).astype(np.int32)

    @property
    def km(self) -> float:
        """Return the length of the roads, both directions of a road counted once."""
        once = self.road_of_edge == np.arange(self.edges)
        return float(self.edge_length_m[once].sum() / 1000)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Return south, west, north, east in degrees."""
        lat, lon = self.shape_lat, self.shape_lon
        return float(lat.min()), float(lon.min()), float(lat.max()), float(lon.max())

    @cached_property
    def fingerprint(self) -> str:
        """Return what tells this network from every other: numbers of edges mean something only with it."""
        digest = hashlib.blake2b(digest_size=8)
        for array in (self.edge_from, self.edge_to, self.edge_length_m, self.forbidden_edges):
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    @cached_property
    def plane(self) -> LocalPlane:
        """Return the plane in metres around the middle of the network."""
        south, west, north, east = self.bounds
        return LocalPlane((south + north) / 2, (west + east) / 2)

    @cached_property
    def turns(self) -> "TurnGraph":
        """Return the graph that shortest paths run on; made on first use and kept."""
        from roadgraph.turns import TurnGraph

        return TurnGraph.of(self)

    @cached_property
    def free_flow(self) -> "Costs":
        """Return the seconds of every edge at its limit, to search in; made on first use and kept."""
        from roadgraph.turns import Costs

        return Costs.of(self.turns, self.edge_s)

    @cached_property
    def usual(self) -> "Costs":
        """Return the usual seconds of every edge, to search in; made on first use and kept."""
        from roadgraph.pace import usual_s
        from roadgraph.turns import Costs

        return Costs.of(self.turns, usual_s(self))

    @cached_property
    def distance(self) -> "Costs":
        """Return the metres of every edge, to search in; made on first use and kept."""
        from roadgraph.turns import Costs

        return Costs.of(self.turns, self.edge_length_m)

    @cached_property
    def chain(self) -> "Chain":
        """Return what finds points along many edges at once; made on first use and kept."""
        from roadgraph.chain import Chain

        return Chain.of(self)

    @cached_property
    def index(self) -> "RoadIndex":
        """Return what finds the roads near a place; made on first use and kept."""
        from roadgraph.nearest import RoadIndex

        return RoadIndex.of(self)

    def edge_points(self, edge: int) -> Floats:
        """Return the (n, 2) latitudes and longitudes along an edge."""
        part = slice(self.shape_start[edge], self.shape_start[edge + 1])
        return np.stack([self.shape_lat[part], self.shape_lon[part]], axis=-1)

    def edge_xy(self, edge: int) -> Floats:
        """Return the (n, 2) points along an edge in metres on the network's plane."""
        part = slice(self.shape_start[edge], self.shape_start[edge + 1])
        return self.plane.to_xy(self.shape_lat[part], self.shape_lon[part])

    def name(self, edge: int) -> str:
        """Return the street name of an edge, empty where it has none."""
        return self.names[int(self.edge_name[edge])]

    def forbidden_paths(self) -> list[tuple[int, ...]]:
        """Return the sequences of edges that may not be driven in a row."""
        starts = self.forbidden_start
        return [tuple(map(int, self.forbidden_edges[a:b])) for a, b in pairwise(starts.tolist())]

    def position(self, edge: int, along_m: float) -> tuple[float, float]:
        """Return latitude and longitude at a distance along an edge."""
        points = self.edge_points(edge)
        xy = self.plane.to_xy(points[:, 0], points[:, 1])
        reached = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
        share = min(max(along_m / max(float(self.edge_length_m[edge]), 1e-9), 0.0), 1.0)
        at_m = share * reached[-1]
        return float(np.interp(at_m, reached, points[:, 0])), float(np.interp(at_m, reached, points[:, 1]))

    def save(self, path: Path) -> None:
        """Write the network to one .npz file, whole or not at all."""
        arrays: dict[str, Any] = {
            field.name: getattr(self, field.name) for field in fields(self) if field.name != "names"
        }
        arrays["names"] = np.frombuffer("\n".join(self.names).encode(), dtype=np.uint8)
        arrays["format"] = np.array([FORMAT])
        partial = path.with_name(path.name + ".part")
        with partial.open("wb") as file:
            np.savez(file, **arrays)
        partial.replace(path)

    @classmethod
    def load(cls, path: Path) -> "RoadGraph":
        """Read a network that `save` wrote."""
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                arrays = {name: stored[name] for name in stored.files}
            names = tuple(arrays.pop("names").tobytes().decode().split("\n"))
            version = int(arrays.pop("format")[0])
            if version != FORMAT:
                raise RoadError(
                    f"{path} has road format {version}, this program reads {FORMAT}: import the roads again"
                )
            return cls(**arrays, names=names)
        except (BadZipFile, KeyError, TypeError, ValueError, EOFError) as error:
            if isinstance(error, RoadError):
                raise
            raise RoadError(
                f"{path} is not a road network of this program ({error}): import the roads again"
            ) from error

    def to_networkx(self) -> "nx.MultiDiGraph[int]":
        """Return the same network for networkx: nodes have `y`, `x`; edges are keyed by their number."""
        import networkx as nx

        graph: nx.MultiDiGraph[int] = nx.MultiDiGraph()
        for node in range(self.nodes):
            graph.add_node(node, y=float(self.node_lat[node]), x=float(self.node_lon[node]))
        seconds = self.edge_s
        for edge in range(self.edges):
            graph.add_edge(
                int(self.edge_from[edge]),
                int(self.edge_to[edge]),
                key=edge,
                length=float(self.edge_length_m[edge]),
                travel_time=float(seconds[edge]),
                name=self.name(edge),
            )
        return graph


def ragged(rows: Sequence[Sequence[int]]) -> tuple[Ints, Ints]:
    """Return the starts and the joined values of rows of different lengths."""
    starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int32)
    values = np.array([value for row in rows for value in row], dtype=np.int32)
    return starts, values
