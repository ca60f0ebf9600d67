"""Copy the archive of a city without its road map, or without the places of its cameras too, to see what they bring."""

import shutil
from pathlib import Path

from index.errors import ArchiveError
from index.map.places import ROADS_FILE, TIMES_FILE
from index.store.archive import Archive
from index.store.catalogue.without_roads import forget_places, forget_roads

PARTS = ("map", "places")


def copy_without(archive: Path, copy: Path, part: str) -> Archive:
    """Copy an archive that nobody uses without its "map" or its "places"; what was learned from them is forgotten."""
    if part not in PARTS:
        raise ArchiveError(f"there is no part {part!r} to take away: choose one of {', '.join(PARTS)}")
    shutil.copytree(archive, copy, ignore=shutil.ignore_patterns(ROADS_FILE, TIMES_FILE))
    without = Archive.open(copy)
    with without.catalogue.writing() as connection:
        (forget_roads if part == "map" else forget_places)(connection)
    return without
