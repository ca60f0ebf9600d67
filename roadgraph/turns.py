"""Build the graph that shortest paths run on, without the forbidden turns.

A junction without forbidden turns is one state. At a junction with a forbidden turn, every road into the junction ends
in its own state, every road out of it starts in its own state, and arcs join them where the turn is allowed. Edges
inside a forbidden path of three or more edges get copies, one for each beginning of a forbidden path that they
complete: a state remembers as much of the drive as matters (the automaton of Aho and Corasick, 1975). The graph is
hardly larger than the road network and gives the same distances as the full graph of all turns.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from roadgraph.arrays import Floats, Ints32
from roadgraph.network import RoadNetwork

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Driven = tuple[int, ...]
"""Edges driven in a row."""
TURN_S = 1e-6
"""The weight of an arc that only turns: in a sparse matrix a zero would mean that there is no arc."""


@dataclass(frozen=True, eq=False)
class TurnGraph:
    """States and the arcs between them; arc i drives edge `arc_edge[i]`, or only turns where that is -1.

    A vehicle enters edge e in state `entry[e]` and leaves it in state `exit[e]`. Copy i is a second way to enter edge
    `copy_edge[i]`, in state `copy_entry[i]`.
    """

    states: int
    arc_from: Ints32
    arc_to: Ints32
    arc_edge: Ints32
    entry: Ints32
    exit: Ints32
    copy_edge: Ints32
    copy_entry: Ints32

    @classmethod
    def of(cls, network: RoadNetwork) -> "TurnGraph":
        """Build the states and arcs of a road network."""
        return _TurnGraphBuilder(network).build()

    def matrix(self, edge_cost: Floats) -> "csr_array":
        """Return the arcs as a sparse matrix weighted by the cost of each edge; of parallel edges the cheapest."""
        from scipy.sparse import csr_array

        weight = np.where(self.arc_edge >= 0, np.maximum(edge_cost[self.arc_edge], TURN_S), TURN_S)
        kept = self.cheapest_arcs(weight)
        indptr = np.searchsorted(self.arc_from[kept], np.arange(self.states + 1)).astype(np.int32)
        return csr_array((weight[kept], self.arc_to[kept], indptr), shape=(self.states, self.states))

    def cheapest_arcs(self, weight: Floats) -> Ints32:
        """Return the cheapest arc of each pair of joined states, in order of (from, to)."""
        order = np.lexsort((weight, self.arc_to, self.arc_from))
        first = np.ones(len(order), dtype=bool)
        first[1:] = (np.diff(self.arc_from[order]) != 0) | (np.diff(self.arc_to[order]) != 0)
        return order[first].astype(np.int32)

    def to_edges(self, state_cost: Floats) -> Floats:
        """Return the least cost to enter each edge, (..., edges), given the costs to reach states, (..., states)."""
        entered = state_cost[..., self.entry]
        if len(self.copy_edge):
            moved = np.moveaxis(entered, -1, 0)
            np.minimum.at(moved, self.copy_edge, np.moveaxis(state_cost[..., self.copy_entry], -1, 0))
        return entered

    def entries(self, edge: int) -> list[int]:
        """Return every state in which an edge can be entered."""
        return [int(self.entry[edge]), *self.copy_entry[self.copy_edge == edge].tolist()]


@dataclass(frozen=True, eq=False)
class EdgeCosts:
    """The cost of each edge, in seconds or metres, and the sparse matrix to search forwards or backwards."""

    edge_cost: Floats
    forwards: "csr_array"

    @classmethod
    def of(cls, turns: TurnGraph, edge_cost: Floats) -> "EdgeCosts":
        """Weight the arcs of a turn graph by the costs of edges."""
        return cls(edge_cost, turns.matrix(edge_cost))

    @cached_property
    def backwards(self) -> "csr_array":
        """Return the matrix with every arc reversed; made on first use and kept."""
        return self.forwards.T.tocsr()


def costs_from(matrix: "csr_array", starts: Sequence[tuple[int, float]], *, limit: float = np.inf) -> Floats:
    """Return the least cost to every state from several starting states, each with a cost already spent."""
    from scipy.sparse.csgraph import dijkstra

    joined = with_start(matrix, starts)
    start = np.array([joined.shape[0] - 1])
    costs: Floats = dijkstra(joined, indices=start, limit=limit)[0, :-1]
    return costs


def with_start(matrix: "csr_array", starts: Sequence[tuple[int, float]]) -> "csr_array":
    """Return the matrix with one more state, the last, whose arcs lead to the starting states at their costs."""
    from scipy.sparse import csr_array

    size = matrix.shape[0]
    targets = np.array([state for state, _ in starts], dtype=matrix.indices.dtype)
    weights = np.maximum(np.array([spent for _, spent in starts], dtype=np.float64), TURN_S)
    return csr_array(
        (
            np.concatenate([matrix.data, weights]),
            np.concatenate([matrix.indices, targets]),
            np.append(matrix.indptr, matrix.indptr[-1] + len(targets)).astype(matrix.indptr.dtype),
        ),
        shape=(size + 1, size + 1),
    )


class _TurnGraphBuilder:
    """Numbers the states and collects the arcs."""

    def __init__(self, network: RoadNetwork) -> None:
        self.network = network
        self.forbidden = set(network.forbidden_paths())
        self.beginnings = {path[:length] for path in self.forbidden for length in range(1, len(path))}
        self.states = network.nodes
        self.arcs: list[tuple[int, int, int]] = []

    def build(self) -> TurnGraph:
        """Return the finished graph."""
        network = self.network
        entry, exit_ = network.edge_from.copy(), network.edge_to.copy()
        split = {int(network.edge_to[beginning[-1]]) for beginning in self.beginnings}
        self._split_states(entry, exit_, split)
        copies = {
            beginning: (self._new_state(), self._new_state())
            for beginning in sorted(self.beginnings)
            if len(beginning) > 1
        }
        self._add_turns(entry, exit_, copies, split)
        self.arcs += [(start, end, beginning[-1]) for beginning, (start, end) in copies.items()]
        turns = np.array(self.arcs, dtype=np.int32).reshape(-1, 3)
        own = np.arange(network.edges, dtype=np.int32)
        return TurnGraph(
            states=self.states,
            arc_from=np.concatenate([entry, turns[:, 0]]),
            arc_to=np.concatenate([exit_, turns[:, 1]]),
            arc_edge=np.concatenate([own, turns[:, 2]]),
            entry=entry,
            exit=exit_,
            copy_edge=np.array([beginning[-1] for beginning in copies], dtype=np.int32),
            copy_entry=np.array([start for start, _ in copies.values()], dtype=np.int32),
        )

    def _new_state(self) -> int:
        self.states += 1
        return self.states - 1

    def _split_states(self, entry: Ints32, exit_: Ints32, split: set[int]) -> None:
        """Give every road at a split junction its own state there, in place: the arrays belong to the builder."""
        nodes = np.array(sorted(split), dtype=np.int32)
        for edge in np.flatnonzero(np.isin(self.network.edge_from, nodes)):
            entry[edge] = self._new_state()
        for edge in np.flatnonzero(np.isin(self.network.edge_to, nodes)):
            exit_[edge] = self._new_state()

    def _add_turns(self, entry: Ints32, exit_: Ints32, copies: dict[Driven, tuple[int, int]], split: set[int]) -> None:
        outgoing: dict[int, list[int]] = defaultdict(list)
        nodes = np.array(sorted(split), dtype=np.int32)
        for leaving in np.flatnonzero(np.isin(self.network.edge_from, nodes)).tolist():
            outgoing[int(self.network.edge_from[leaving])].append(leaving)
        pasts: list[tuple[Driven, int]] = [
            ((int(edge),), int(exit_[edge])) for edge in np.flatnonzero(np.isin(self.network.edge_to, nodes))
        ]
        pasts += [(beginning, end) for beginning, (_, end) in copies.items()]
        for past, end_state in pasts:
            for edge in outgoing[int(self.network.edge_to[past[-1]])]:
                remembered = self._remember((*past, edge))
                if remembered is not None:
                    start_state = copies[remembered][0] if remembered in copies else int(entry[edge])
                    self.arcs.append((end_state, start_state, -1))

    def _remember(self, driven: Driven) -> Driven | None:
        """Return the longest last part of a drive that begins a forbidden path; None if the drive completes one.

        Where no part begins one, the last edge alone is returned.
        """
        ends = [driven[i:] for i in range(len(driven))]
        if any(end in self.forbidden for end in ends):
            return None
        return next((end for end in ends if end in self.beginnings), driven[-1:])
