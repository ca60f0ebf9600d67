"""Give the sightings of a camera the roads that it saw them take, when they come or a place or clock is corrected."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from index.map.stored_places import road_driven
from index.records import NewSighting
from index.store.catalogue import Connection, cameras, clocks, road_numbers
from index.store.catalogue.audit import Record
from index.store.catalogue.clocks import CameraClock
from index.store.catalogue.road_numbers import RoadTaken


def take_roads_again(connection: Connection, ids: Iterable[str]) -> None:
    """Set the roads of what cameras saw, from where each stood by true time, None where that is undecided.

    Where a camera is on no road, as when the map is lost, they stay as they are until it is on one again.
    """
    ids = list(ids)
    cameras.hold(connection, ids)
    for id_ in ids:
        _take_again(connection, id_, road_numbers.of_camera(connection, id_))


def take_roads_of_moved(connection: Connection, ids: Iterable[str]) -> None:
    """Set the roads of what those cameras saw that were ever moved: only of them does the clock tell where they stood.

    Whoever changes a clock holds its camera before.
    """
    take_roads_again(connection, [id_ for id_ in ids if len(cameras.places(connection, id_)) > 1])


def roads_taken(new: Sequence[NewSighting]) -> Record:
    """Return what gives new sightings their roads as they are written, each from where its camera stood then.

    Footage may span a move, its clock may be wrong, and a camera may be moved while it is analysed.
    """

    def record(connection: Connection) -> None:
        ids = [sighting.id for sighting in new]
        for camera in road_numbers.cameras_of(connection, ids):
            _take_again(connection, camera, road_numbers.of_sightings(connection, camera, ids))

    return record


def _take_again(connection: Connection, camera: str, every: Sequence[RoadTaken]) -> None:
    places, clock = cameras.places(connection, camera), CameraClock(tuple(clocks.of_camera(connection, camera)))
    known: dict[tuple[int, float | None], int | None] = {}
    changed: dict[int | None, list[str]] = defaultdict(list)
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
