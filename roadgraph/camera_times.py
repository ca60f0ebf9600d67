"""Keep the travel times between all cameras as a matrix, and update it when cameras are added or moved."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from roadgraph.arrays import Flags, Floats, Ints, Ints32, read_arrays, write_arrays
from roadgraph.camera import PlacedCamera
from roadgraph.errors import RoadError
from roadgraph.graph import RoadGraph
from roadgraph.turns import EdgeCosts, costs_from

SOURCES_AT_ONCE = 64
"""Searches run for this many views at a time, which bounds the memory: each holds a cost for every state."""

SAME_SPOT_M = 30.0
"""Of cameras so near to each other, as on one pole, either may see a vehicle best before the other does."""

MOST_LEGS = 100_000
"""So many legs are kept, the latest used: some 30 MB."""

_ARRAYS = ("view_camera", "view_edge", "view_along_m", "free_s", "usual_s", "km")

View = tuple[str, int, float]
"""A camera, the directed edge that it sees, and how far along it."""


@dataclass(frozen=True, eq=False)
class CameraTimes:
    """Between views, from row to column: least free-flow seconds, least usual seconds, least km; inf: no way.

    `roads` is the fingerprint of the network's times. View i belongs to camera `ids[view_camera[i]]` and lies on edge
    `view_edge[i]`, `view_along_m[i]` from its start; its row and column in the tables is `view_row[i]`, i itself where
    that is None. The diagonal holds the way that leads back to the same view. Cameras in `ids` that no road passes have
    no view. `seal` is what the file says of who wrote it.
    """

    roads: str
    ids: tuple[str, ...]
    view_camera: Ints32
    view_edge: Ints32
    view_along_m: Floats
    free_s: Floats
    usual_s: Floats
    km: Floats
    view_row: Ints32 | None = None
    seal: str = ""

    @cached_property
    def code_of(self) -> Mapping[str, int]:
        """Return the number of each camera in `ids`."""
        return {camera: number for number, camera in enumerate(self.ids)}

    @classmethod
    def without_roads(cls, ids: Sequence[str]) -> "CameraTimes":
        """Return the times of cameras that no road joins."""
        nothing, table = np.zeros(0, dtype=np.int32), np.zeros((0, 0))
        return cls("", tuple(ids), nothing, nothing, np.zeros(0), table, table, table)

    def of(self, placed: Sequence[PlacedCamera], beside: Sequence[str] = ()) -> "CameraTimes | None":
        """Return the times between cameras from the same tables; None if a view is not in them.

        The cameras `beside` the roads get a number too, but no view.
        """
        views = [(camera.id, view.edge, view.along_m) for camera in placed for view in camera.views]
        rows = [self._row_of.get(view, -1) for view in views]
        if -1 in rows:
            return None
        ids = sorted([*(camera.id for camera in placed), *beside])
        numbers = np.searchsorted(np.array(ids or [""]), [camera.id for camera in placed] or [""]).astype(np.int32)
        counts = [len(camera.views) for camera in placed] or [0]
        return replace(
            self,
            ids=tuple(ids),
            view_camera=np.repeat(numbers, counts),
            view_edge=np.array([edge for _, edge, _ in views], dtype=np.int32),
            view_along_m=np.array([along_m for _, _, along_m in views], dtype=np.float64),
            view_row=np.array(rows, dtype=np.int32),
        )

    def views_of(self, camera: str, edge: int | None = None) -> Ints32:
        """Return the views of a camera; only the one on `edge` if the camera sees that edge."""
        if camera not in self.code_of:
            raise RoadError(f"camera {camera!r} is not on the roads: `retrace cameras list` shows those that are")
        first, last = np.searchsorted(self.view_camera, [self.code_of[camera], self.code_of[camera] + 1]).tolist()
        own = np.arange(first, last, dtype=np.int32)
        on_edge = own[self.view_edge[own] == edge] if edge is not None else own
        return on_edge if len(on_edge) else own

    def between(
        self, first: str, second: str, *, first_edge: int | None = None, second_edge: int | None = None
    ) -> "Leg":
        """Return the leg from one camera to another, on the edges taken where they are known."""
        return self._legs(first, second, first_edge, second_edge)

    def of_pairs(self, table: Floats, starts: Ints, ends: Ints) -> Floats:
        """Return the least entry of a table over the views of each pair of cameras, given by their numbers."""
        shape = np.broadcast_shapes(starts.shape, ends.shape)
        least = np.full(shape, np.inf)
        if self.has_views:
            by_view = [np.moveaxis(self._camera_rows[cameras], -1, 0) for cameras in (starts, ends)]
            for start in by_view[0]:
                for end in by_view[1]:
                    np.minimum(least, np.where((start < 0) | (end < 0), np.inf, table[start, end]), out=least)
        return least

    def of_cameras(self, costs: Floats) -> Floats:
        """Return the (n, ...) least cost over the views of each camera, given the costs of the tables' rows."""
        if not self.has_views:
            return np.full((len(self.ids), *costs.shape[1:]), np.inf)
        least = costs[self._camera_rows[:, 0]]
        for others in self._camera_rows.T[1:]:
            np.minimum(least, costs[others], out=least)
        least[self._camera_rows[:, 0] < 0] = np.inf
        return least

    @property
    def has_views(self) -> bool:
        """Tell whether any camera looks at a road."""
        return len(self.view_camera) > 0

    def per_camera(self, table: Floats) -> Floats:
        """Return the (n, n) minimum of a table over the views of each pair of cameras."""
        return np.ascontiguousarray(self.of_cameras(np.ascontiguousarray(self.of_cameras(table).T)).T)

    def earliest_s(self, *, slack: float) -> Floats:
        """Return the (n, n) least seconds between cameras for a driver `slack` times as fast as the limits."""
        return self.per_camera(self.free_s) / slack

    @property
    def rows(self) -> Ints32:
        """Return the row of each view in the tables."""
        return np.arange(len(self.view_camera), dtype=np.int32) if self.view_row is None else self.view_row

    @cached_property
    def _legs(self) -> "Callable[[str, str, int | None, int | None], Leg]":
        """Return a function that finds a leg once: the same drives are weighed in one question after another."""

        def found(first: str, second: str, first_edge: int | None, second_edge: int | None) -> Leg:
            starts, ends = self.rows[self.views_of(first, first_edge)], self.rows[self.views_of(second, second_edge)]
            if not len(starts) or not len(ends):
                return NO_WAY
            block = np.ix_(starts, ends)
            return Leg(float(self.free_s[block].min()), float(self.usual_s[block].min()), float(self.km[block].min()))

        return lru_cache(maxsize=MOST_LEGS)(found)

    @cached_property
    def _camera_rows(self) -> Ints32:
        """Return the rows of each camera's views, (n, most views); of a camera with fewer, its last is repeated.

        A camera without views has -1.
        """
        numbers = np.arange(len(self.ids))
        first = np.searchsorted(self.view_camera, numbers)
        last = np.searchsorted(self.view_camera, numbers, side="right") - 1
        most = int((last - first).max()) + 1
        places = np.minimum(first[:, None] + np.arange(most), last[:, None])
        return np.where((last < first)[:, None], np.int32(-1), self.rows[places])

    @cached_property
    def _row_of(self) -> Mapping[View, int]:
        """Return the row of each view."""
        cameras = [self.ids[number] for number in self.view_camera.tolist()]
        views = zip(cameras, self.view_edge.tolist(), self.view_along_m.tolist(), strict=True)
        return dict(zip(views, self.rows.tolist(), strict=True))

    def check_shapes(self) -> None:
        """Refuse, by ValueError, tables that are not of these views, and views of no camera."""
        views = len(self.view_camera)
        if any(own.shape != (views,) for own in (self.view_camera, self.view_edge, self.view_along_m)):
            raise ValueError("its views do not belong together")
        if any(
            table.shape != (views, views) or table.dtype.kind != "f" for table in (self.free_s, self.usual_s, self.km)
        ):
            raise ValueError(f"its tables are not of {views} views")
        if not all((table >= 0).all() for table in (self.free_s, self.usual_s, self.km)):
            raise ValueError("its tables hold what is no time or distance")
        cameras = np.arange(len(self.ids))
        if self.view_camera.dtype.kind != "i" or not np.isin(self.view_camera, cameras).all():
            raise ValueError("it names views of no camera")

    @property
    def fingerprint(self) -> str:
        """Return a hash of all that `save` writes but the seal."""
        digest = hashlib.blake2b(digest_size=16)
        for name, array in sorted(self._stored().items()):
            digest.update(f"{name} {array.dtype.str} {array.shape} ".encode())
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()

    def save(self, path: Path, *, seal: str = "") -> None:
        """Write the matrix to one .npz file."""
        write_arrays(path, self._stored() | {"seal": np.frombuffer(seal.encode(), dtype=np.uint8)})

    def _stored(self) -> dict[str, npt.NDArray[Any]]:
        text = "\n".join([self.roads, *self.ids])
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        return arrays | {"ids": np.frombuffer(text.encode(), dtype=np.uint8)}

    @classmethod
    def load(cls, path: Path) -> "CameraTimes":
        """Read a matrix that `save` wrote."""
        try:
            arrays = read_arrays(path)
            roads, *ids = arrays["ids"].tobytes().decode().split("\n")
            seal = arrays["seal"].tobytes().decode() if "seal" in arrays else ""
            times = cls(roads=roads, ids=tuple(ids), seal=seal, **{name: arrays[name] for name in _ARRAYS})
            times.check_shapes()
            return times
        except (BadZipFile, KeyError, TypeError, ValueError, EOFError) as error:
            raise RoadError(f"{path} is not a camera matrix of this program ({error}): `retrace rebuild`") from error


@dataclass(frozen=True, slots=True)
class Leg:
    """The way from one camera to another: free-flow seconds, usual seconds, km; inf where there is no way."""

    free_s: float
    usual_s: float
    km: float


NO_WAY = Leg(np.inf, np.inf, np.inf)


def camera_times(graph: RoadGraph, placed: Sequence[PlacedCamera], *, known: CameraTimes | None = None) -> CameraTimes:
    """Return the matrix of these cameras; entries of unmoved cameras are copied from `known` if its roads agree."""
    cameras = sorted(placed, key=lambda camera: camera.id)
    views = [(number, view) for number, camera in enumerate(cameras) for view in camera.views]
    times = CameraTimes(
        roads=graph.times_fingerprint,
        ids=tuple(camera.id for camera in cameras),
        view_camera=np.array([number for number, _ in views], dtype=np.int32),
        view_edge=np.array([view.edge for _, view in views], dtype=np.int32),
        view_along_m=np.array([view.along_m for _, view in views], dtype=np.float64),
        free_s=_unknown(len(views)),
        usual_s=_unknown(len(views)),
        km=_unknown(len(views)),
    )
    new = _copy_known(times, known if known and known.roads == graph.times_fingerprint else None)
    _fill(times.free_s, graph, times, graph.free_flow, new)
    _fill(times.usual_s, graph, times, graph.usual, new)
    _fill(times.km, graph, times, graph.distance, new)
    _join_spots(times)
    return replace(times, km=times.km / 1000)


def _unknown(size: int) -> Floats:
    return np.full((size, size), np.inf)


def _copy_known(times: CameraTimes, known: CameraTimes | None) -> Ints32:
    """Copy the entries of unmoved views into the new matrix, its lengths in metres; return the views that are new."""
    if known is None:
        return np.arange(len(times.view_edge), dtype=np.int32)
    source = np.array([known._row_of.get(view, -1) for view in times._row_of], dtype=np.int32)
    kept = np.flatnonzero(source >= 0)
    for name in ("free_s", "usual_s", "km"):
        unit = 1000 if name == "km" else 1
        getattr(times, name)[np.ix_(kept, kept)] = unit * getattr(known, name)[np.ix_(source[kept], source[kept])]
    return np.flatnonzero(source < 0).astype(np.int32)


def _fill(table: Floats, graph: RoadGraph, times: CameraTimes, costs: EdgeCosts, new: Ints32) -> None:
    """Fill the rows of the new views by searching forwards from them, and their columns by searching backwards."""
    from scipy.sparse.csgraph import dijkstra

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
    on_one_edge = times.view_edge[:, None] == times.view_edge[None, :]
    same = on_one_edge & ((ahead > 0) | ((ahead == 0) & _of_two_cameras(times)))
    table[same] = np.minimum(table[same], ahead[same])


def _join_spots(times: CameraTimes) -> None:
    """Lower the way back between cameras at one spot to the way there: either may see a vehicle first."""
    near = (times.km <= SAME_SPOT_M) & _of_two_cameras(times)
    near |= near.T
    for table in (times.free_s, times.usual_s, times.km):
        table[near] = np.minimum(table, table.T)[near]


def _of_two_cameras(times: CameraTimes) -> Flags:
    return np.asarray(times.view_camera[:, None] != times.view_camera[None, :])
