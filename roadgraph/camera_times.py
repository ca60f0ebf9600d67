"""Keep how long it takes from what every camera sees to what every other sees: the matrix of an archive."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from scipy.sparse.csgraph import dijkstra

from roadgraph.camera import PlacedCamera
from roadgraph.errors import RoadError
from roadgraph.geometry import Floats
from roadgraph.graph import Ints, RoadGraph
from roadgraph.turns import Costs, seconds_from

SOURCES_AT_ONCE = 64
"""Bounds the memory: as many rows of seconds to every state are held at a time."""


@dataclass(frozen=True, eq=False)
class CameraTimes:
    """Between views, (v, v) from row to column: seconds at free flow, usual seconds, km at the shortest; inf: no way.

    `roads` is the fingerprint of the network. View i belongs to camera `ids[view_camera[i]]` and lies on edge
    `view_edge[i]`. From a view to itself is once round.
    """

    roads: str
    ids: tuple[str, ...]
    view_camera: Ints
    view_edge: Ints
    view_along_m: Floats
    free_s: Floats
    usual_s: Floats
    km: Floats

    def is_of(self, placed: Sequence[PlacedCamera]) -> bool:
        """Tell whether this is the matrix of these cameras, ordered by id, as they are placed."""
        views = [view for one in placed for view in one.views]
        return (
            self.ids == tuple(one.camera.id for one in placed)
            and self.view_edge.tolist() == [view.edge for view in views]
            and self.view_along_m.tolist() == [view.along_m for view in views]
        )

    def views_of(self, camera: str, edge: int | None = None) -> Ints:
        """Return the views of a camera, only that on one edge where the edge is known and the camera sees it."""
        if camera not in self.ids:
            raise RoadError(f"camera {camera!r} is not on the roads: `retrace cameras list` shows those that are")
        own = np.flatnonzero(self.view_camera == self.ids.index(camera))
        on_edge = own[self.view_edge[own] == edge] if edge is not None else own
        return (on_edge if len(on_edge) else own).astype(np.int32)

    def between(
        self, first: str, second: str, *, first_edge: int | None = None, second_edge: int | None = None
    ) -> "Leg":
        """Return the quickest leg from one camera to another, on the edges taken where they are known."""
        block = np.ix_(self.views_of(first, first_edge), self.views_of(second, second_edge))
        return Leg(float(self.free_s[block].min()), float(self.usual_s[block].min()), float(self.km[block].min()))

    def earliest_s(self, *, slack: float) -> Floats:
        """Return (n, n) the least seconds between cameras for a driver `slack` times as fast as the limits."""
        return self.per_camera(self.free_s) / slack

    def per_camera(self, between_views: Floats) -> Floats:
        """Return (n, n) the least over the views of each pair of cameras."""
        first = np.searchsorted(self.view_camera, np.arange(len(self.ids)))
        return np.minimum.reduceat(np.minimum.reduceat(between_views, first, axis=0), first, axis=1)

    def save(self, path: Path) -> None:
        """Write the matrix to one .npz file, whole or not at all."""
        arrays: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        text = "\n".join([self.roads, *self.ids])
        arrays |= {"roads": np.zeros(0), "ids": np.frombuffer(text.encode(), dtype=np.uint8)}
        partial = path.with_name(path.name + ".part")
        with partial.open("wb") as file:
            np.savez(file, **arrays)
        partial.replace(path)

    @classmethod
    def load(cls, path: Path) -> "CameraTimes":
        """Read a matrix that `save` wrote."""
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                arrays = {name: stored[name] for name in stored.files}
            roads, *ids = arrays.pop("ids").tobytes().decode().split("\n")
            return cls(**arrays | {"roads": roads, "ids": tuple(ids)})
        except (BadZipFile, KeyError, TypeError, ValueError, EOFError) as error:
            raise RoadError(f"{path} is not a camera matrix of this program ({error}): `retrace rebuild`") from error


@dataclass(frozen=True, slots=True)
class Leg:
    """From one camera to another: seconds at free flow, usual seconds, km; inf where there is no way."""

    free_s: float
    usual_s: float
    km: float


def camera_times(graph: RoadGraph, placed: Sequence[PlacedCamera], *, known: CameraTimes | None = None) -> CameraTimes:
    """Return the matrix of these cameras; what `known` has of unmoved cameras on the same roads is taken over."""
    cameras = sorted(placed, key=lambda one: one.camera.id)
    views = [(number, view) for number, one in enumerate(cameras) for view in one.views]
    times = CameraTimes(
        roads=graph.fingerprint,
        ids=tuple(one.camera.id for one in cameras),
        view_camera=np.array([number for number, _ in views], dtype=np.int32),
        view_edge=np.array([view.edge for _, view in views], dtype=np.int32),
        view_along_m=np.array([view.along_m for _, view in views], dtype=np.float64),
        **_unknown(len(views)),
    )
    fresh = _take_over(times, known if known and known.roads == graph.fingerprint else None)
    _fill(times.free_s, graph, times, graph.free_flow, fresh)
    _fill(times.usual_s, graph, times, graph.usual, fresh)
    _fill(times.km, graph, times, graph.distance, fresh)
    return replace(times, km=times.km / 1000)


def _unknown(size: int) -> dict[str, Floats]:
    return {name: np.full((size, size), np.inf) for name in ("free_s", "usual_s", "km")}


def _take_over(times: CameraTimes, known: CameraTimes | None) -> Ints:
    """Copy what is known of unmoved views into the new matrix; return the views that are new."""
    if known is None:
        return np.arange(len(times.view_edge), dtype=np.int32)
    places = zip(known.view_camera.tolist(), known.view_edge.tolist(), known.view_along_m.tolist(), strict=True)
    old = {(known.ids[camera], edge, along_m): number for number, (camera, edge, along_m) in enumerate(places)}
    wanted = zip(times.view_camera.tolist(), times.view_edge.tolist(), times.view_along_m.tolist(), strict=True)
    source = np.array(
        [old.get((times.ids[camera], edge, along_m), -1) for camera, edge, along_m in wanted], dtype=np.int32
    )
    kept = np.flatnonzero(source >= 0)
    for name in ("free_s", "usual_s", "km"):
        unit = 1000 if name == "km" else 1
        getattr(times, name)[np.ix_(kept, kept)] = unit * getattr(known, name)[np.ix_(source[kept], source[kept])]
    return np.flatnonzero(source < 0).astype(np.int32)


def _fill(table: Floats, graph: RoadGraph, times: CameraTimes, costs: Costs, fresh: Ints) -> None:
    """Fill the rows of the new views by searching forwards from them, and their columns by searching backwards."""
    edge_cost = costs.edge
    share = times.view_along_m / graph.edge_length_m[times.view_edge]
    before = edge_cost[times.view_edge] * share
    after = edge_cost[times.view_edge] - before
    for part in np.array_split(fresh, max(1, -(-len(fresh) // SOURCES_AT_ONCE))):
        state_cost = np.atleast_2d(dijkstra(costs.forwards, indices=graph.turns.exit[times.view_edge[part]]))
        entered = graph.turns.to_edges(state_cost)[:, times.view_edge]
        table[part] = after[part, None] + entered + before
    if len(fresh) < len(times.view_edge):
        _fill_columns(table, graph, times, costs, fresh, before, after)
    _straight_on(table, times, before, edge_cost)


def _fill_columns(
    table: Floats, graph: RoadGraph, times: CameraTimes, costs: Costs, fresh: Ints, before: Floats, after: Floats
) -> None:
    turns = graph.turns
    for view in fresh.tolist():
        edge = int(times.view_edge[view])
        entries = [int(turns.entry[edge]), *map(int, turns.copy_entry[turns.copy_edge == edge])]
        state_cost = seconds_from(costs.backwards, [(state, 0.0) for state in entries])
        table[:, view] = after + state_cost[turns.exit[times.view_edge]] + before[view]


def _straight_on(table: Floats, times: CameraTimes, before: Floats, edge_cost: Floats) -> None:
    """Where two views lie on one edge, the later one is reached without leaving it."""
    ahead = before[None, :] - before[:, None]
    same = (times.view_edge[:, None] == times.view_edge[None, :]) & (ahead > 0)
    table[same] = np.minimum(table[same], ahead[same])
