"""Say how long each road usually takes."""

from roadgraph.geometry import Floats
from roadgraph.graph import ROAD_CLASSES, RoadGraph

SIGNAL_S = 12.0
"""What a traffic light costs on average, over those that are green."""
JUNCTION_S = 1.5
"""What a junction costs on average in slowing down and giving way."""
USUAL_SHARE = 0.85
"""How fast one usually drives beside the limit, over a whole road with its bends."""
MAJOR = tuple(ROAD_CLASSES.index(name) for name in ("motorway", "trunk", "primary", "secondary"))


def usual_s(graph: RoadGraph) -> Floats:
    """Return the seconds each edge usually takes, its traffic lights and the junction at its end included."""
    return graph.edge_s / USUAL_SHARE + SIGNAL_S * graph.edge_signals + JUNCTION_S
