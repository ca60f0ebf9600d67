"""Keep files that people bring to the page in the archive's own folder of recordings."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from index.access.permissions import Permission, require
from index.errors import ArchiveError
from index.ingest.file_identity import sha256_of
from index.ingest.watch import VIDEO_SUFFIXES
from index.store.archive import Archive
from index.store.archive_file import STREAMS, make_folder, written_whole
from index.store.catalogue.people import Person
from index.store.names import brought_folder, brought_name, file_name


def keep_files(archive: Archive, person: Person, camera: str, files: Sequence[tuple[str, bytes]]) -> list[Path]:
    """Write files, each a name and its bytes, into the folder of a camera, and return their paths.

    A purge of the camera's footage deletes them there. Each file lies in a folder of its own content, so that it never
    takes the place of another of the same name.
    """
    require(archive, person, Permission.INGEST)
    named = [(brought_name(name, otherwise="video.mp4"), data) for name, data in files]
    for name, _ in named:
        # A backup leaves out what is called like a lock or an unfinished file.
        if Path(name).suffix.lower() not in VIDEO_SUFFIXES:
            raise ArchiveError(f"{name} is not named like a video: rename it so that it ends in .mp4, .mkv, .avi, ...")
    return [_keep(archive.path, camera, name, data) for name, data in named]


def _keep(root: Path, camera: str, name: str, data: bytes) -> Path:
    sha256 = hashlib.sha256(data).hexdigest()
    folder = root / STREAMS / file_name(camera) / brought_folder(sha256)
    path = folder / name
    if not path.resolve().is_relative_to(root.resolve()):
        raise ArchiveError(f"{folder.parent} leads out of the archive: replace the link by a folder")
    make_folder(folder)
    # By its content: after a power cut, or in an archive of somebody else, another of the same length may lie there.
    if not path.is_file() or sha256_of(path) != sha256:
        with written_whole(path) as out:
            out.write(data)
    return path
