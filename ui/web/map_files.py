"""Take a road map, or a list of cameras, that was brought to the page into the archive."""

from collections.abc import Callable
from pathlib import Path

from index.access.permissions import Permission, require
from index.errors import ArchiveError
from index.map.map_changes import add_cameras, import_cameras, import_roads, set_mask
from index.map.mask_file import read_masks
from index.store.archive import Archive
from index.store.catalogue.cameras import ALWAYS
from index.store.catalogue.people import Person
from index.store.names import brought_name
from reid.errors import SeeingError
from roadgraph.camera_files import read_cameras, read_names
from roadgraph.errors import RoadError
from ui.scratch import scratch_folder
from ui.web.error_words import say_error
from ui.web.language import say, say_count

Take = Callable[[Archive, Person, Path], str]
"""Takes a file into the archive, and returns in words what it held."""


def take_roads(archive: Archive, person: Person, path: Path) -> str:
    """Replace the road map of the archive."""
    made = import_roads(archive, person, path)
    return say("{km} km of road, {nodes} junctions", km=f"{made.km:,.1f}", nodes=f"{made.nodes:,}")


def take_cameras(archive: Archive, person: Person, path: Path) -> str:
    """Add cameras with their masks."""
    new, names, masks = read_cameras(path), read_names(path), read_masks(path)
    stored = import_cameras(archive, person, new) if new else []
    if names:
        add_cameras(archive, person, names)
    masked = [id_ for id_, regions in masks.items() if set_mask(archive, person, id_, regions, ALWAYS)]
    taken = say_count(len(new) + len(names), "{n} camera", "{n} cameras")
    if moved := [one.id for one in stored if one.valid_to is not None]:
        ids = ", ".join(moved)
        taken = say("{taken}; moved later, so that these are the places before: {ids}", taken=taken, ids=ids)
    if masked:
        ids = ", ".join(masked)
        taken = say("{taken}; masks of later times are replaced: {ids}", taken=taken, ids=ids)
    return taken


def take_file(archive: Archive, person: Person, take: Take, name: str, data: bytes) -> str:
    """Take the bytes of a file that came with a name; ArchiveError says in a line, by that name, what is wrong."""
    require(archive, person, Permission.INGEST)
    with scratch_folder() as folder:
        path = folder / brought_name(name, otherwise="file")
        path.write_bytes(data)
        try:
            return take(archive, person, path)
        except (RoadError, ArchiveError, SeeingError, OSError) as error:
            line = say_error(error)
            raise ArchiveError(line.replace(f"{folder}/", "")) from error
