"""Make the graph that shortest paths run on, with forbidden turns taken out of it.

Where nothing is forbidden a junction is one state. Where a turn is, every road into the junction ends in a state of
its own and every road out of it starts in one, with the allowed turns between them. Where a forbidden path is longer
than two edges, the edges within it have copies, one for each beginning of a forbidden path that they complete, so that
a state always knows as much of its past as matters (the automaton of Aho and Corasick, 1975). So the graph is hardly
larger than the roads, and yet gives the same distances as the graph of all turns.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from roadgraph.geometry import Floats
from roadgraph.graph import Ints

if TYPE_CHECKING:
    from roadgraph.graph import RoadGraph

Driven = tuple[int, ...]
TURN_S = 1e-6
"""What a turn arc weighs: sparse matrices know no zero."""


@dataclass(frozen=True, eq=False)
class TurnGraph:
    """States and the arcs between them; arc i drives edge `arc_edge[i]` (-1: only turns)."""

    states: int
    arc_from: Ints
    arc_to: Ints
    arc_edge: Ints
    entry: Ints
    exit: Ints
    copy_edge: Ints
    copy_entry: Ints

    @classmethod
    def of(cls, graph: "RoadGraph") -> "TurnGraph":
        """Build the states of a road network."""
        return _Builder(graph).build()

    def matrix(self, edge_s: Floats) -> csr_array:
        """Return the arcs as a sparse matrix, given how long each edge takes; of parallel edges the quickest."""
        weight_s = np.where(self.arc_edge >= 0, np.maximum(edge_s[self.arc_edge], TURN_S), TURN_S)
        kept = self.quickest_arcs(weight_s)
        indptr = np.searchsorted(self.arc_from[kept], np.arange(self.states + 1)).astype(np.int32)
        return csr_array((weight_s[kept], self.arc_to[kept], indptr), shape=(self.states, self.states))

    def quickest_arcs(self, weight_s: Floats) -> Ints:
        """Return one arc for each pair of states that has any, in order of (from, to)."""
        order = np.lexsort((weight_s, self.arc_to, self.arc_from))
        first = np.ones(len(order), dtype=bool)
        first[1:] = (np.diff(self.arc_from[order]) != 0) | (np.diff(self.arc_to[order]) != 0)
        return order[first].astype(np.int32)

    def to_edges(self, state_s: Floats) -> Floats:
        """Turn seconds to states, (..., states), into the seconds at which each edge can be entered, (..., edges)."""
        entered = state_s[..., self.entry]
        if len(self.copy_edge):
            moved = np.moveaxis(entered, -1, 0)
            np.minimum.at(moved, self.copy_edge, np.moveaxis(state_s[..., self.copy_entry], -1, 0))
        return entered


@dataclass(frozen=True, eq=False)
class Costs:
    """What each edge costs, in seconds or km, and the sparse matrix of it to search forwards or backwards in."""

    edge: Floats
    forwards: csr_array

    @classmethod
    def of(cls, turns: TurnGraph, edge_cost: Floats) -> "Costs":
        """Weigh the arcs of a network."""
        return cls(edge_cost, turns.matrix(edge_cost))

    @cached_property
    def backwards(self) -> csr_array:
        """Return the same with every arc turned round; made on first use and kept."""
        return self.forwards.T.tocsr()


def seconds_from(matrix: csr_array, starts: Sequence[tuple[int, float]], *, limit_s: float = np.inf) -> Floats:
    """Return the seconds to every state from several starting states, each with seconds already spent."""
    joined = with_start(matrix, starts)
    start = np.array([joined.shape[0] - 1])
    seconds: Floats = dijkstra(joined, indices=start, limit=limit_s)[0, :-1]
    return seconds


def with_start(matrix: csr_array, starts: Sequence[tuple[int, float]]) -> csr_array:
    """Return the matrix with one more state, from which the starting states are reached in their seconds."""
    size = matrix.shape[0]
    targets = np.array([state for state, _ in starts], dtype=matrix.indices.dtype)
    weights = np.maximum(np.array([spent_s for _, spent_s in starts], dtype=np.float64), TURN_S)
    return csr_array(
        (
            np.concatenate([matrix.data, weights]),
            np.concatenate([matrix.indices, targets]),
            np.append(matrix.indptr, matrix.indptr[-1] + len(targets)).astype(matrix.indptr.dtype),
        ),
        shape=(size + 1, size + 1),
    )


class _Builder:
    """Numbers the states while walking the forbidden paths."""

    def __init__(self, graph: "RoadGraph") -> None:
        self.graph = graph
        self.forbidden = set(graph.forbidden_paths())
        self.beginnings = {path[:length] for path in self.forbidden for length in range(1, len(path))}
        self.states = graph.nodes
        self.arcs: list[tuple[int, int, int]] = []

    def build(self) -> TurnGraph:
        graph = self.graph
        entry, exit_ = graph.edge_from.copy(), graph.edge_to.copy()
        split = {int(graph.edge_to[beginning[-1]]) for beginning in self.beginnings}
        self._split_states(entry, exit_, split)
        copies = {
            beginning: (self._new_state(), self._new_state())
            for beginning in sorted(self.beginnings)
            if len(beginning) > 1
        }
        self._add_turns(entry, exit_, copies, split)
        self.arcs += [(start, end, beginning[-1]) for beginning, (start, end) in copies.items()]
        turns = np.array(self.arcs, dtype=np.int32).reshape(-1, 3)
        own = np.arange(graph.edges, dtype=np.int32)
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

    def _split_states(self, entry: Ints, exit_: Ints, split: set[int]) -> None:
        """Give every road at a split junction its own state there (the arrays are the builder's own)."""
        nodes = np.array(sorted(split), dtype=np.int32)
        for edge in np.flatnonzero(np.isin(self.graph.edge_from, nodes)):
            entry[edge] = self._new_state()
        for edge in np.flatnonzero(np.isin(self.graph.edge_to, nodes)):
            exit_[edge] = self._new_state()

    def _add_turns(self, entry: Ints, exit_: Ints, copies: dict[Driven, tuple[int, int]], split: set[int]) -> None:
        outgoing: dict[int, list[int]] = defaultdict(list)
        nodes = np.array(sorted(split), dtype=np.int32)
        for leaving in np.flatnonzero(np.isin(self.graph.edge_from, nodes)).tolist():
            outgoing[int(self.graph.edge_from[leaving])].append(leaving)
        pasts: list[tuple[Driven, int]] = [
            ((int(edge),), int(exit_[edge])) for edge in np.flatnonzero(np.isin(self.graph.edge_to, nodes))
        ]
        pasts += [(beginning, end) for beginning, (_, end) in copies.items()]
        for past, end_state in pasts:
            for edge in outgoing[int(self.graph.edge_to[past[-1]])]:
                remembered = self._remember((*past, edge))
                if remembered is not None:
                    start_state = copies[remembered][0] if remembered in copies else int(entry[edge])
                    self.arcs.append((end_state, start_state, -1))

    def _remember(self, driven: Driven) -> Driven | None:
        """Return the longest end of what was driven that begins a forbidden path; None where it completes one."""
        ends = [driven[i:] for i in range(len(driven))]
        if any(end in self.forbidden for end in ends):
            return None
        return next((end for end in ends if end in self.beginnings), driven[-1:])
