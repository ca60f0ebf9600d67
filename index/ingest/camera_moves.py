"""Find the chunks of footage in which the camera may have been moved, by comparing what it looks like when empty.

The empty scene of each chunk is compared with the latest unsuspected one since the camera was last placed. After a move
all footage is suspect, until somebody says where the camera stands now. Nobody waits while pictures are compared: what
they say is written only if the scene that they were compared with is still the one to compare with.
"""

from datetime import datetime

from index.store.archive import Archive
from index.store.catalogue import Connection, cameras, scenes
from index.store.catalogue.footage import Footage
from index.store.catalogue.scenes import StoredScene
from reid.errors import SeeingError
from reid.images import decode_grey
from reid.scene.moved_camera import CameraMove, suspect_move


def find_moves(archive: Archive, stored: Footage) -> tuple[str, ...]:
    """Mark the chunks in which the camera may have been moved, and return a line about the first of them.

    An earlier scene that cannot be read, as in an archive of somebody else, tells nothing, and stops nobody.
    """
    with archive.catalogue.reading() as connection:
        own_scenes = scenes.scenes_of_footage(connection, stored.id)
    moves = ((scene, _find_move(archive, stored, scene)) for scene in own_scenes)
    try:
        lines = [_describe_move(stored, scene, *found) for scene, found in moves if found is not None]
    except SeeingError as error:
        return (f"whether camera {stored.camera!r} was moved cannot be told: {error}",)
    return tuple(lines[:1])


def _find_move(archive: Archive, stored: Footage, scene: StoredScene) -> tuple[StoredScene, CameraMove] | None:
    """Mark a chunk if its camera may have been moved; return the scene that shows it, and the move."""
    while True:
        with archive.catalogue.reading() as connection:
            before = _scene_to_trust(connection, stored.camera, scene)
        move = None if before is None else suspect_move(decode_grey(before.jpeg), decode_grey(scene.jpeg))
        if before is None or move is None:
            return None
        with archive.catalogue.writing() as connection:
            if _scene_to_trust(connection, stored.camera, scene) == before:
                scenes.suspect_move(connection, stored.id, scene.number)
                return before, move


def _scene_to_trust(connection: Connection, camera: str, scene: StoredScene) -> StoredScene | None:
    """Return the latest scene before this one, of the camera where it stands, that is not suspect itself."""
    since = _placed_since(connection, camera, scene.start)
    return scenes.trusted_scene_before(connection, camera, scene.start, since)


def _placed_since(connection: Connection, camera: str, at: datetime) -> datetime:
    """Return since when the camera has stood where it stands at a time."""
    begins = (place.valid_from for place in cameras.places(connection, camera) if place.valid_from <= at)
    return max(begins, default=cameras.ALWAYS)


def _describe_move(stored: Footage, scene: StoredScene, before: StoredScene, move: CameraMove) -> str:
    how = (
        "it shows another view"
        if move.share is None
        else f"what stands still lies {move.share:.1%} of the picture's width away"
    )
    since, earlier = (shown.start.isoformat(timespec="seconds") for shown in (scene, before))
    return (
        f"camera {stored.camera!r} may have been moved or turned by {since}: {how} from where it was at "
        f"{earlier} in {before.path}; if so, `retrace cameras move {stored.camera} --since "
        f"{since}` with its new --bearing or place"
    )
