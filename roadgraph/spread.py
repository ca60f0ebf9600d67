"""Spread over the roads from where a vehicle was, forwards or backwards in time."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from roadgraph.geometry import Floats
from roadgraph.graph import Ints, RoadGraph
from roadgraph.origin import Origin
from roadgraph.turns import Costs, seconds_from


@dataclass(frozen=True, eq=False)
class Spread:
    """What it costs to come to every edge (its start; backwards: its end), and to drive along each.

    The costs are those of the weights given: seconds, or km. Edges of the origin have the cost along them besides.
    """

    enter: Floats
    edge_cost: Floats
    edge_length_m: Floats
    origin: Origin
    backwards: bool

    def at(self, edge: Ints, along_m: Floats) -> Floats:
        """Return the cost to come to points on edges."""
        gone_m = self.edge_length_m[edge] - along_m if self.backwards else along_m
        cost = self.enter[edge] + self.edge_cost[edge] * gone_m / self.edge_length_m[edge]
        origin = self.origin
        for own, from_m, to_m in zip(origin.edge.tolist(), origin.from_m.tolist(), origin.to_m.tolist(), strict=True):
            ahead_m = (from_m - along_m) if self.backwards else (along_m - to_m)
            beyond = (along_m < to_m) if self.backwards else (along_m > from_m)
            direct = np.maximum(ahead_m, 0.0) * self.edge_cost[own] / self.edge_length_m[own]
            cost = np.where((edge == own) & beyond, np.minimum(cost, direct), cost)
        return cost


def spread(graph: RoadGraph, origin: Origin, costs: Costs, *, limit: float = np.inf, backwards: bool = False) -> Spread:
    """Return the least cost from the origin to every edge, up to a limit; backwards: from every edge to the origin."""
    if backwards:
        starts = leaving_backwards(graph, origin, costs.edge)
        reached = seconds_from(costs.backwards, starts, limit_s=limit)[graph.turns.exit]
    else:
        starts = leaving(graph, origin, costs.edge)
        reached = graph.turns.to_edges(seconds_from(costs.forwards, starts, limit_s=limit))
    return Spread(reached, costs.edge, graph.edge_length_m, origin, backwards)


def leaving(graph: RoadGraph, origin: Origin, edge_cost: Floats) -> list[tuple[int, float]]:
    """Return the states in which a vehicle leaves the edges of the origin, and what it has spent by then."""
    length_m = graph.edge_length_m[origin.edge]
    left = edge_cost[origin.edge] * (length_m - origin.to_m) / length_m
    return list(zip(graph.turns.exit[origin.edge].tolist(), left.tolist(), strict=True))


def leaving_backwards(graph: RoadGraph, origin: Origin, edge_cost: Floats) -> list[tuple[int, float]]:
    """Return the states in which a vehicle came onto the edges of the origin, copies of these edges included."""
    turns = graph.turns
    spent = edge_cost[origin.edge] * origin.from_m / graph.edge_length_m[origin.edge]
    starts = list(zip(turns.entry[origin.edge].tolist(), spent.tolist(), strict=True))
    of_edge = dict(zip(origin.edge.tolist(), spent.tolist(), strict=True))
    copies = np.flatnonzero(np.isin(turns.copy_edge, origin.edge)).tolist()
    return starts + [(int(turns.copy_entry[i]), of_edge[int(turns.copy_edge[i])]) for i in copies]


def without_turning_round(graph: RoadGraph, matrix: csr_array, edge: int) -> csr_array:
    """Return the matrix without the reverse of an edge, which a vehicle would take that turned round at its end.

    At a dead end there is nothing else to do, and the matrix stays as it is.
    """
    turns, reverse = graph.turns, int(graph.edge_reverse[edge])
    exits = np.flatnonzero(graph.edge_from == graph.edge_to[edge])
    if reverse < 0 or len(exits) == 1:
        return matrix
    start, end = int(turns.entry[reverse]), int(turns.exit[reverse])
    changed = matrix.copy()
    row = slice(int(changed.indptr[start]), int(changed.indptr[start + 1]))
    changed.data[row] = np.where(changed.indices[row] == end, np.inf, changed.data[row])
    return changed
