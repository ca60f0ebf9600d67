"""Make a road network searchable: the graph of its turns, the costs of its edges, and indexes of its geometry."""

from functools import cached_property

from roadgraph.chain import EdgeChain
from roadgraph.nearest import RoadIndex
from roadgraph.network import RoadNetwork
from roadgraph.turns import EdgeCosts, TurnGraph


class RoadGraph(RoadNetwork):
    """A road network with everything that searches it; each part is made on first use and kept."""

    @cached_property
    def turns(self) -> TurnGraph:
        """Return the graph that shortest paths run on."""
        return TurnGraph.of(self)

    @cached_property
    def free_flow(self) -> EdgeCosts:
        """Return the seconds of every edge at its speed limit, ready to search."""
        return EdgeCosts.of(self.turns, self.edge_s)

    @cached_property
    def usual(self) -> EdgeCosts:
        """Return the usual seconds of every edge, ready to search."""
        return EdgeCosts.of(self.turns, self.usual_s)

    @cached_property
    def distance(self) -> EdgeCosts:
        """Return the metres of every edge, ready to search."""
        return EdgeCosts.of(self.turns, self.edge_length_m)

    @cached_property
    def chain(self) -> EdgeChain:
        """Return the lookup of points along many edges at once."""
        return EdgeChain.of(self)

    @cached_property
    def index(self) -> RoadIndex:
        """Return the lookup of the roads near a place."""
        return RoadIndex.of(self)
