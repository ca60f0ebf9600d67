"""Give the sightings of a camera the roads that it saw them take, after its place or its clock was corrected."""

from collections import defaultdict
from collections.abc import Iterable

from index.map.stored_places import road_driven
from index.store.catalogue import Connection, cameras, clocks, road_numbers
from index.store.catalogue.clocks import CameraClock


def take_roads_again(connection: Connection, ids: Iterable[str]) -> None:
    """Set the roads of what cameras saw, from where each stood by true time, None where that is undecided.

    Where a camera is on no road, as when the map is lost, they stay as they are until it is on one again.
    """
    for id_ in ids:
        _take_again(connection, id_)


def _take_again(connection: Connection, camera: str) -> None:
    places, clock = cameras.places(connection, camera), CameraClock(tuple(clocks.of_camera(connection, camera)))
    known: dict[tuple[int, float | None], int | None] = {}
    changed: dict[int | None, list[str]] = defaultdict(list)
    every = road_numbers.of_camera(connection, camera)
    for seen, time in zip(every, clock.true_times(one.best for one in every), strict=True):
        stood = next((number for number, place in enumerate(places) if place.holds_at(time)), None)
        if stood is None or not places[stood].views:
            continue
        asked = stood, seen.heading_deg
        if asked not in known:
            known[asked] = road_driven(places[stood], seen.heading_deg)
        if known[asked] != seen.edge:
            changed[known[asked]].append(seen.id)
    for edge, ids in changed.items():
        road_numbers.put(connection, ids, edge)
