"""Check what searches compute with: what is stored against its digests, and the road map."""

from collections.abc import Sequence

import numpy as np

from index.errors import ArchiveError
from index.map.places import ROADS_FILE, TIMES_FILE, place_book
from index.map.times_file import is_sealed
from index.store import archive_file
from index.store.archive import Archive
from index.store.catalogue import cameras, digest_kinds, road_mark, row_digests, sighting_digests, vectors
from roadgraph.camera import PlacedCamera
from roadgraph.camera_times import CameraTimes, camera_times
from roadgraph.errors import RoadError
from roadgraph.graph import RoadGraph

MOST_CAMERAS = 100
"""The driving times between so many cameras are computed again, between all where there are no more."""

MOST_LINES = 20
"""Of so many damaged sightings the id is named, the others are counted."""


def edited_rows(archive: Archive) -> list[str]:
    """Return which rows are not as they were written, or that they cannot be checked, one line each."""
    return key_problems(archive) or [*row_problems(archive), *sighting_problems(archive)]


def edited_values(archive: Archive) -> list[str]:
    """Return the same, and which vectors are not those that were made."""
    return [*edited_rows(archive), *vector_problems(archive)]


def key_problems(archive: Archive) -> list[str]:
    """Return a line where the key of the digests is gone, so that no edit can be noticed."""
    if archive.catalogue.key is not None:
        return []
    return [
        f"{archive.path / archive_file.KEY} is gone or that of another archive: whether rows were edited cannot be "
        "checked, and nothing can be added: restore it from a backup, or make a new one: retrace rebuild --new-key"
    ]


def row_problems(archive: Archive) -> list[str]:
    """Return whose cameras, clocks, footage, coverage, cases and accounts were edited, one line each."""
    with archive.catalogue.at_one_moment() as catalogue, catalogue.reading() as connection:
        found = list(row_digests.damaged(connection))
    lines = [
        f"{digest_kinds.line(kind, owner)} edited or damaged in the catalogue since it was written: restore a backup"
        for kind, owner in found[:MOST_LINES]
    ]
    rest = len(found) - len(lines)
    return [*lines, f"{rest} more rows of this kind were edited or damaged in the catalogue"] if rest else lines


def sighting_problems(archive: Archive) -> list[str]:
    """Return which sightings are not as they were written, one line each."""
    # At one moment: what somebody moves meanwhile is no damage.
    with archive.catalogue.at_one_moment() as catalogue, catalogue.reading() as connection:
        found = list(sighting_digests.damaged(connection))
    lines = [
        f"sighting {id_}: what is stored of it, its pictures or its plate was edited or damaged in the catalogue "
        "since it was written: restore it from a backup"
        for id_ in found[:MOST_LINES]
    ]
    rest = len(found) - len(lines)
    return [*lines, f"{rest} more sightings were edited or damaged in the catalogue"] if rest else lines


def vector_problems(archive: Archive) -> list[str]:
    """Return which stored vectors are not those that were made, one line each; none where the key is gone."""
    if archive.catalogue.key is None:
        return []
    with archive.catalogue.reading() as connection:
        return [
            f"sighting {sighting}: its vectors of {model} were damaged or changed in the catalogue since they were "
            "made: restore it from a backup, or run retrace reembed"
            for sighting, model in vectors.damaged(connection)
        ]


def refuse_to_spread_damage(archive: Archive) -> None:
    """Refuse to make vector files from damaged rows: those that are there may be the last good copy."""
    with archive.catalogue.reading() as connection:
        found = list(vectors.damaged(connection))
    if found:
        sighting, model = found[0]
        raise ArchiveError(
            f"{len(found)} stored vectors are damaged, the first of sighting {sighting} of {model}: the vector files "
            "stay as they are; restore the catalogue from a backup, or run retrace reembed"
        )


def road_problems(archive: Archive) -> list[str]:
    """Return what is wrong with the road map; without one, no camera may stand on it."""
    path = archive.path / ROADS_FILE
    if path.is_file():
        try:
            RoadGraph.load(path)
        except RoadError as error:
            return [f"roads: {error}"]
        if known_map(archive) is None:
            return [f"roads: {path} is not the map that was imported last: import the roads again"]
        return _matrix_problems(archive)
    with archive.catalogue.reading() as connection:
        placed = [camera.id for camera in cameras.listing(connection) if camera.views]
    if not placed:
        return []
    return [f"roads: {path} is gone, and {len(placed)} cameras stand on its roads: import the roads again"]


def known_map(archive: Archive) -> str | None:
    """Return the hash of the whole road map, None where there is none, or not the one that was imported last."""
    try:
        graph = RoadGraph.load(archive.path / ROADS_FILE)
        whole, ends = graph.whole_fingerprint, graph.fingerprint
    except (FileNotFoundError, RoadError):
        return None
    with archive.catalogue.reading() as connection:
        known = archive.catalogue.key is None or road_mark.is_known(connection, whole, ends)
    return whole if known else None


def _matrix_problems(archive: Archive) -> list[str]:
    """Return a line where the stored driving times are damaged, or not those that the roads give."""
    path = archive.path / TIMES_FILE
    if not path.is_file():
        return []
    try:
        stored = CameraTimes.load(path)
    except RoadError as error:
        return [f"roads: {error}: run retrace rebuild"]
    if stored.seal and archive.catalogue.key is not None and not is_sealed(stored, archive.catalogue):
        return [f"roads: {path} holds other driving times than were written: run retrace rebuild"]
    places = place_book(archive).current()
    if places.graph is None or places.travel.times is None:
        return []
    if _times_hold(places.graph, places.placed, places.travel.times):
        return []
    return [f"roads: {path} holds other driving times than the roads give: run retrace rebuild"]


def _times_hold(graph: RoadGraph, placed: Sequence[PlacedCamera], stored: CameraTimes) -> bool:
    some = _evenly(placed)
    chosen, made = stored.of(some), camera_times(graph, some)
    if chosen is None:
        return False
    block = np.ix_(chosen.rows, chosen.rows)
    pairs = ((chosen.free_s, made.free_s), (chosen.usual_s, made.usual_s), (chosen.km, made.km))
    return all(np.allclose(kept[block], right, rtol=1e-6, atol=1e-6) for kept, right in pairs)


def _evenly(placed: Sequence[PlacedCamera]) -> list[PlacedCamera]:
    """Return MOST_CAMERAS cameras, from the first to the last, or all."""
    count = min(len(placed), MOST_CAMERAS)
    return [placed[number] for number in np.linspace(0, len(placed) - 1, count).round().astype(int)] if count else []
