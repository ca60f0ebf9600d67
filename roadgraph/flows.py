"""Say which share of the vehicles drives each road, each on the quickest way to where it is bound for.

The quickest ways from one place make a tree; what lies behind a road in the tree is the share that takes it.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse.csgraph import dijkstra

from roadgraph.geometry import Floats
from roadgraph.graph import Ints, RoadGraph
from roadgraph.origin import Origin
from roadgraph.spread import leaving, without_turning_round
from roadgraph.turns import with_start


@dataclass(frozen=True, eq=False)
class Tree:
    """The quickest ways from an origin: usual seconds to each state, and the state before it."""

    state_s: Floats
    before: Ints

    @classmethod
    def of(cls, graph: RoadGraph, origin: Origin, limit_s: float) -> "Tree":
        """Search the ways up to a limit; a vehicle whose way is known does not turn round at once."""
        matrix = graph.usual.forwards
        if origin.way_known:
            matrix = without_turning_round(graph, matrix, int(origin.edge[0]))
        joined = with_start(matrix, leaving(graph, origin, graph.usual.edge))
        start = np.array([joined.shape[0] - 1])
        state_s, before = dijkstra(joined, indices=start, return_predecessors=True, limit=limit_s)
        return cls(state_s[0], before[0])

    def enter_s(self, graph: RoadGraph) -> Floats:
        """Return the seconds to the beginning of each edge, inf where it is beyond the limit."""
        return graph.turns.to_edges(self.state_s)


def flows(graph: RoadGraph, tree: Tree, goal: Floats) -> Floats:
    """Return the share of vehicles that drive each edge to its end, given the share bound for each edge."""
    turns = graph.turns
    behind = np.bincount(turns.entry, weights=goal, minlength=len(tree.state_s))
    reached = np.flatnonzero(np.isfinite(tree.state_s) & (tree.before >= 0))
    order = reached[np.argsort(-tree.state_s[reached], kind="stable")].tolist()
    before, total = tree.before.tolist(), behind.tolist()
    for state in order:
        total[before[state]] += total[state]
    gathered = np.array(total)
    taken = tree.before[turns.exit] == turns.entry
    # Of parallel edges only the quickest is in the tree.
    with np.errstate(invalid="ignore"):
        arrives = np.abs(tree.state_s[turns.entry] + graph.usual.edge - tree.state_s[turns.exit]) < 1e-3
    return np.where(taken & arrives, gathered[turns.exit], 0.0)
