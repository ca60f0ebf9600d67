"""Name the streets on which vehicles were seen."""

from collections.abc import Sequence

from index.access.permissions import Permission, require
from index.map.places import Places, place_book
from index.records import Sighting
from index.store.archive import Archive
from index.store.catalogue.clocks import TRUE_CLOCK
from index.store.catalogue.people import Person
from roadgraph.graph import RoadGraph


def streets_of(archive: Archive, sightings: Sequence[Sighting], person: Person) -> dict[str, str]:
    """Return the street of each sighting by its id; those without one, and archives without a map, have none."""
    require(archive, person, Permission.SEE)
    book = place_book(archive)
    graph = book.current().graph
    if graph is None or len(graph.names) <= 1:
        return {}
    clocks, found = book.placements.clocks(), {}
    for sighting in sightings:
        edges = [] if sighting.edge is None or sighting.edge >= graph.edges else [sighting.edge]
        (time,) = clocks.get(sighting.camera, TRUE_CLOCK).true_times([sighting.best])
        names = _names(graph, edges) or _names(graph, _seen_by(sighting.camera, book.at(time)))
        if len(names) == 1:
            found[sighting.id] = names[0]
    return found


def _seen_by(camera: str, places: Places) -> list[int]:
    """Return the edges that a camera sees."""
    return [view.edge for placed in places.placed if placed.id == camera for view in placed.views]


def _names(graph: RoadGraph, edges: Sequence[int]) -> list[str]:
    """Return the different names of edges, in order."""
    return sorted({name for edge in edges if (name := graph.name(edge))})
