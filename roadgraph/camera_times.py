"""Keep the travel times between all cameras as a matrix, and update it when cameras are added or moved."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from scipy.sparse.csgraph import dijkstra

from roadgraph.arrays import Floats, Ints32, read_arrays, write_arrays
from roadgraph.camera import PlacedCamera
from roadgraph.errors import RoadError
from roadgraph.graph import RoadGraph
from roadgraph.turns import EdgeCosts, costs_from

SOURCES_AT_ONCE = 64
"""Searches run for this many views at a time, which bounds the memory: each holds a cost for every state."""


@dataclass(frozen=True, eq=False)
class CameraTimes:
    """Between views, (v, v) from row to column: least free-flow seconds, least usual seconds, least km; inf: no way.

    `roads` is the fingerprint of the network. View i belongs to camera `ids[view_camera[i]]` and lies on edge
    `view_edge[i]`, `view_along_m[i]` from its start. The diagonal holds the way that leads back to the same view.
    """

    roads: str
    ids: tuple[str, ...]
    view_camera: Ints32
    view_edge: Ints32
    view_along_m: Floats
    free_s: Floats
    usual_s: Floats
    km: Floats

    def is_of(self, placed: Sequence[PlacedCamera]) -> bool:
        """Return whether this is the matrix of these cameras, which are ordered by id, with the same views."""
        views = [view for camera in placed for view in camera.views]
        return (
            self.ids == tuple(camera.id for camera in placed)
            and self.view_edge.tolist() == [view.edge for view in views]
            and self.view_along_m.tolist() == [view.along_m for view in views]
        )

    def views_of(self, camera: str, edge: int | None = None) -> Ints32:
        """Return the views of a camera; only the one on `edge` if the camera sees that edge."""
        if camera not in self.ids:
            raise RoadError(f"camera {camera!r} is not on the roads: `retrace cameras list` shows those that are")
        own = np.flatnonzero(self.view_camera == self.ids.index(camera))
        on_edge = own[self.view_edge[own] == edge] if edge is not None else own
        return (on_edge if len(on_edge) else own).astype(np.int32)

    def between(
        self, first: str, second: str, *, first_edge: int | None = None, second_edge: int | None = None
    ) -> "Leg":
        """Return the leg from one camera to another, on the edges taken where they are known."""
        block = np.ix_(self.views_of(first, first_edge), self.views_of(second, second_edge))
        return Leg(float(self.free_s[block].min()), float(self.usual_s[block].min()), float(self.km[block].min()))

    def earliest_s(self, *, slack: float) -> Floats:
        """Return the (n, n) least seconds between cameras for a driver `slack` times as fast as the limits."""
        return self.per_camera(self.free_s) / slack

    def per_camera(self, between_views: Floats) -> Floats:
        """Return the (n, n) minimum over the views of each pair of cameras."""
        first = np.searchsorted(self.view_camera, np.arange(len(self.ids)))
        return np.minimum.reduceat(np.minimum.reduceat(between_views, first, axis=0), first, axis=1)

    def save(self, path: Path) -> None:
        """Write the matrix to one .npz file."""
        arrays = {field.name: getattr(self, field.name) for field in fields(self)}
        text = "\n".join([self.roads, *self.ids])
        write_arrays(path, arrays | {"roads": np.zeros(0), "ids": np.frombuffer(text.encode(), dtype=np.uint8)})

    @classmethod
    def load(cls, path: Path) -> "CameraTimes":
        """Read a matrix that `save` wrote."""
        try:
            arrays = read_arrays(path)
            arrays.pop("roads")
            roads, *ids = arrays.pop("ids").tobytes().decode().split("\n")
            return cls(roads=roads, ids=tuple(ids), **arrays)
        except (BadZipFile, KeyError, TypeError, ValueError, EOFError) as error:
            raise RoadError(f"{path} is not a camera matrix of this program ({error}): `retrace rebuild`") from error


@dataclass(frozen=True, slots=True)
class Leg:
    """The way from one camera to another: free-flow seconds, usual seconds, km; inf where there is no way."""

    free_s: float
    usual_s: float
    km: float


def camera_times(graph: RoadGraph, placed: Sequence[PlacedCamera], *, known: CameraTimes | None = None) -> CameraTimes:
    """Return the matrix of these cameras; entries of unmoved cameras are copied from `known` if its roads agree."""
    cameras = sorted(placed, key=lambda camera: camera.id)
    views = [(number, view) for number, camera in enumerate(cameras) for view in camera.views]
    times = CameraTimes(
        roads=graph.fingerprint,
        ids=tuple(camera.id for camera in cameras),
        view_camera=np.array([number for number, _ in views], dtype=np.int32),
        view_edge=np.array([view.edge for _, view in views], dtype=np.int32),
        view_along_m=np.array([view.along_m for _, view in views], dtype=np.float64),
        **_unknown(len(views)),
    )
    new = _copy_known(times, known if known and known.roads == graph.fingerprint else None)
    _fill(times.free_s, graph, times, graph.free_flow, new)
    _fill(times.usual_s, graph, times, graph.usual, new)
    _fill(times.km, graph, times, graph.distance, new)
    return replace(times, km=times.km / 1000)


def _unknown(size: int) -> dict[str, Floats]:
    return {name: np.full((size, size), np.inf) for name in ("free_s", "usual_s", "km")}


def _copy_known(times: CameraTimes, known: CameraTimes | None) -> Ints32:
    """Copy the entries of unmoved views into the new matrix, its lengths in metres; return the views that are new."""
    if known is None:
        return np.arange(len(times.view_edge), dtype=np.int32)
    places = zip(known.view_camera.tolist(), known.view_edge.tolist(), known.view_along_m.tolist(), strict=True)
    old = {(known.ids[camera], edge, along_m): number for number, (camera, edge, along_m) in enumerate(places)}
    views = zip(times.view_camera.tolist(), times.view_edge.tolist(), times.view_along_m.tolist(), strict=True)
    source = np.array(
        [old.get((times.ids[camera], edge, along_m), -1) for camera, edge, along_m in views], dtype=np.int32
    )
    kept = np.flatnonzero(source >= 0)
    for name in ("free_s", "usual_s", "km"):
        unit = 1000 if name == "km" else 1
        getattr(times, name)[np.ix_(kept, kept)] = unit * getattr(known, name)[np.ix_(source[kept], source[kept])]
    return np.flatnonzero(source < 0).astype(np.int32)


def _fill(table: Floats, graph: RoadGraph, times: CameraTimes, costs: EdgeCosts, new: Ints32) -> None:
    """Fill the rows of the new views by searching forwards from them, and their columns by searching backwards."""
    edge_cost = costs.edge_cost
    share = times.view_along_m / graph.edge_length_m[times.view_edge]
    before = edge_cost[times.view_edge] * share
    after = edge_cost[times.view_edge] - before
    for part in np.array_split(new, max(1, -(-len(new) // SOURCES_AT_ONCE))):
        state_cost = np.atleast_2d(dijkstra(costs.forwards, indices=graph.turns.exit[times.view_edge[part]]))
        entered = graph.turns.to_edges(state_cost)[:, times.view_edge]
        table[part] = after[part, None] + entered + before
    if len(new) < len(times.view_edge):
        _fill_columns(table, graph, times, costs, new, before, after)
    _straight_on(table, times, before, edge_cost)


def _fill_columns(
    table: Floats, graph: RoadGraph, times: CameraTimes, costs: EdgeCosts, new: Ints32, before: Floats, after: Floats
) -> None:
    turns = graph.turns
    for view in new.tolist():
        edge = int(times.view_edge[view])
        state_cost = costs_from(costs.backwards, [(state, 0.0) for state in turns.entries(edge)])
        table[:, view] = after + state_cost[turns.exit[times.view_edge]] + before[view]


def _straight_on(table: Floats, times: CameraTimes, before: Floats, edge_cost: Floats) -> None:
    """Where two views lie on one edge, lower the cost from the first to the later one to that along the edge."""
    ahead = before[None, :] - before[:, None]
    same = (times.view_edge[:, None] == times.view_edge[None, :]) & (ahead > 0)
    table[same] = np.minimum(table[same], ahead[same])
