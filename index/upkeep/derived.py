"""Check what searches compute with: stored vectors against their digests, and the road map that cameras stand on."""

from index.errors import ArchiveError
from index.map.places import ROADS_FILE
from index.store.archive import Archive
from index.store.catalogue import cameras, vectors
from roadgraph.errors import RoadError
from roadgraph.graph import RoadGraph


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
