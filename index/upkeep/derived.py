"""Check what searches compute with: stored sightings and vectors against their digests, and the road map."""

from index.errors import ArchiveError
from index.map.places import ROADS_FILE
from index.store.archive import Archive
from index.store.catalogue import cameras, sighting_digests, vectors
from roadgraph.errors import RoadError
from roadgraph.graph import RoadGraph

MOST_LINES = 20
"""Of so many damaged sightings the id is named, the others are counted."""


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
    """Return which stored vectors are not those that were made, one line each."""
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
        return []
    with archive.catalogue.reading() as connection:
        placed = [camera.id for camera in cameras.listing(connection) if camera.views]
    if not placed:
        return []
    return [f"roads: {path} is gone, and {len(placed)} cameras stand on its roads: import the roads again"]
