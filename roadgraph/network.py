"""Hold a road network in plain arrays: directed edges between junctions, their shapes, speeds and forbidden turns."""

import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, Self
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from roadgraph.array_check import check_arrays
from roadgraph.arrays import Bytes, Flags, Floats, Ints, Ints32, read_arrays, write_arrays
from roadgraph.errors import RoadError
from roadgraph.geometry import LocalPlane, middle_longitude
from roadgraph.usual_driving import UsualDriving, usual_driving

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
    "ferry",
)
FERRY = ROAD_CLASSES.index("ferry")
PLACE_KINDS = ("parking", "home", "work", "shop")

SIGNAL_S = 12.0
"""The average delay at a traffic light, green ones included."""
FERRY_WAIT_S = 900.0
"""The usual wait for a ferry. Whoever comes just in time waits for nothing, so the earliest time has none of it."""
MINOR_CLASS = ROAD_CLASSES.index("service")
"""Driveways and car parks: nobody gives way to them."""

TIMES_RULES = b"times 2"
"""Changes with the rules by which times between cameras are computed: stored ones of before are made again."""

FORMAT = 1
"""The version of the .npz file."""


@dataclass(frozen=True, eq=False)
class RoadNetwork:
    """The arrays of a road network. Every edge is directed; its number is its index in the `edge_` arrays.

    The points of edge e, both ends included, are `shape_lat[shape_start[e]:shape_start[e + 1]]`. A forbidden path is
    two or more edges that may not be driven in a row: `forbidden_edges[forbidden_start[i]:forbidden_start[i + 1]]`.
    `edge_reverse` is the edge of the opposite direction of the same road, -1 on one-way roads. Trips begin and end at
    places: `place_kind` indexes PLACE_KINDS, `place_edge` is the edge that leads to the place.
    """

    node_lat: Floats
    node_lon: Floats
    edge_from: Ints32
    edge_to: Ints32
    edge_length_m: Floats
    edge_speed_kmh: Floats
    edge_class: Bytes
    edge_name: Ints32
    edge_reverse: Ints32
    edge_signals: Bytes
    shape_start: Ints
    shape_lat: Floats
    shape_lon: Floats
    forbidden_start: Ints32
    forbidden_edges: Ints32
    place_edge: Ints32
    place_kind: Bytes
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
        """Return the seconds each edge takes at its speed limit."""
        return np.asarray(self.edge_length_m / (self.edge_speed_kmh / 3.6))

    @cached_property
    def usual_s(self) -> Floats:
        """Return the seconds each edge usually takes, its traffic lights, its ferry, and the junction at its end."""
        return self.usual_s_by(usual_driving())

    def usual_s_by(self, driving: UsualDriving) -> Floats:
        """Return the seconds each edge usually takes where people drive in this way."""
        ferry = self.edge_class == FERRY
        ratio = np.where(ferry, 1.0, driving.ratio(self.edge_speed_kmh))
        held_up_s = driving.junction_s * self.ends_at_junction + SIGNAL_S * self.edge_signals + FERRY_WAIT_S * ferry
        return np.asarray(self.edge_s * ratio + held_up_s)

    @cached_property
    def ends_at_junction(self) -> Flags:
        """Return which edges end where three roads or more meet, driveways and car parks not counted."""
        major = self.edge_class != MINOR_CLASS
        ends = np.concatenate([self.edge_from[major], self.edge_to[major]]).astype(np.int64)
        roads = np.concatenate([self.road_of_edge[major], self.road_of_edge[major]])
        touching = np.unique(ends * self.edges + roads) // max(self.edges, 1)
        return np.asarray(np.bincount(touching, minlength=self.nodes)[self.edge_to] > 2)

    @cached_property
    def piece_of_edge(self) -> Ints32:
        """Return the number of the piece of the map that each edge lies in; between pieces no road leads either way."""
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        links = coo_array((np.ones(self.edges), (self.edge_from, self.edge_to)), shape=(self.nodes, self.nodes))
        _, piece = connected_components(links.tocsr(), connection="weak")
        return np.asarray(piece[self.edge_from], dtype=np.int32)

    @property
    def road_of_edge(self) -> Ints32:
        """Return a number for each edge that the two directions of one road share."""
        own = np.arange(self.edges, dtype=np.int32)
        return np.where(self.edge_reverse >= 0, np.minimum(own, self.edge_reverse), own).astype(np.int32)

    @property
    def km(self) -> float:
        """Return the length of all roads, both directions of a road counted once."""
        once = self.road_of_edge == np.arange(self.edges)
        return float(self.edge_length_m[once].sum() / 1000)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Return south, west, north, east in degrees."""
        lat, lon = self.shape_lat, self.shape_lon
        return float(lat.min()), float(lon.min()), float(lat.max()), float(lon.max())

    @cached_property
    def plane(self) -> LocalPlane:
        """Return the plane in metres around the middle of the network."""
        south, west, north, east = self.bounds
        return LocalPlane((south + north) / 2, middle_longitude(west, east))

    @cached_property
    def fingerprint(self) -> str:
        """Return a hash of the network; edge numbers stored elsewhere are valid only with the same hash."""
        digest = hashlib.blake2b(digest_size=8)
        for array in (self.edge_from, self.edge_to, self.edge_length_m, self.forbidden_edges):
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    @cached_property
    def whole_fingerprint(self) -> str:
        """Return a hash of all that `save` writes: an edited speed, place or name changes it, too."""
        digest = hashlib.blake2b(digest_size=16)
        for name, array in sorted(self._stored().items()):
            digest.update(f"{name} {array.dtype.str} {array.shape} ".encode())
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    @cached_property
    def times_fingerprint(self) -> str:
        """Return a hash of the network and of the seconds of its edges; stored times are valid only with the same."""
        digest = hashlib.blake2b(self.fingerprint.encode(), digest_size=8, person=TIMES_RULES)
        for array in (self.edge_s, self.usual_s):
            digest.update(np.round(array, 3).tobytes())
        return digest.hexdigest()

    def name(self, edge: int) -> str:
        """Return the street name of an edge, empty where it has none."""
        return self.names[int(self.edge_name[edge])]

    def edge_points(self, edge: int) -> Floats:
        """Return the (n, 2) latitudes and longitudes of the points of an edge."""
        part = slice(self.shape_start[edge], self.shape_start[edge + 1])
        return np.stack([self.shape_lat[part], self.shape_lon[part]], axis=-1)

    def edge_xy(self, edge: int) -> Floats:
        """Return the (n, 2) points of an edge in metres on the network's plane."""
        part = slice(self.shape_start[edge], self.shape_start[edge + 1])
        return self.plane.to_xy(self.shape_lat[part], self.shape_lon[part])

    def position(self, edge: int, along_m: float) -> tuple[float, float]:
        """Return latitude and longitude at a distance along an edge."""
        points = self.edge_points(edge)
        xy = self.plane.to_xy(points[:, 0], points[:, 1])
        reached = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
        share = min(max(along_m / max(float(self.edge_length_m[edge]), 1e-9), 0.0), 1.0)
        at_m = share * reached[-1]
        return float(np.interp(at_m, reached, points[:, 0])), float(np.interp(at_m, reached, points[:, 1]))

    def forbidden_paths(self) -> list[tuple[int, ...]]:
        """Return the sequences of edges that may not be driven in a row."""
        starts = self.forbidden_start
        return [tuple(map(int, self.forbidden_edges[a:b])) for a, b in pairwise(starts.tolist())]

    def save(self, path: Path) -> None:
        """Write the network to one .npz file."""
        write_arrays(path, self._stored())

    def _stored(self) -> dict[str, npt.NDArray[Any]]:
        arrays = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "names"}
        arrays["names"] = np.frombuffer("\n".join(self.names).encode(), dtype=np.uint8)
        arrays["format"] = np.array([FORMAT])
        return arrays

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a network that `save` wrote."""
        try:
            arrays = read_arrays(path)
            names = tuple(arrays.pop("names").tobytes().decode().split("\n"))
            version = int(arrays.pop("format")[0])
            if version == FORMAT:
                check_arrays(arrays, names=len(names), classes=len(ROAD_CLASSES), kinds=len(PLACE_KINDS))
                return cls(**arrays, names=names)
        except FileNotFoundError:
            raise
        except (BadZipFile, LookupError, TypeError, ValueError, EOFError, OSError, zlib.error, RuntimeError) as error:
            raise RoadError(
                f"{path} is not a road network of this program ({error}): import the roads again"
            ) from error
        raise RoadError(f"{path} has road format {version}, this program reads {FORMAT}: import the roads again")


def ragged(rows: Sequence[Sequence[int]]) -> tuple[Ints32, Ints32]:
    """Return rows of different lengths as two arrays: where each row starts, and the values of all rows."""
    starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int32)
    values = np.array([value for row in rows for value in row], dtype=np.int32)
    return starts, values
