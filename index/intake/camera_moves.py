"""Compare what footage shows with what its camera showed before: it may have been moved."""

from datetime import datetime
from typing import TYPE_CHECKING

from index.catalogue import Connection, cameras, scenes
from index.catalogue.footage import Footage
from index.catalogue.scenes import StoredScene
from reid.images import decode_grey
from reid.moved_camera import Move, suspect_move

if TYPE_CHECKING:
    from index.archive import Archive


def find_moves(archive: "Archive", stored: Footage) -> tuple[str, ...]:
    """Return what to say about the chunks of a file in which its camera may have been moved, and write it down.

    Each scene is compared with the latest one before it that was not suspected itself, of the time since the camera was
    placed last: after a move all footage is, until somebody says where the camera stands now.
    """
    suspected: list[tuple[StoredScene, StoredScene, Move]] = []
    with archive.catalogue.reading() as connection:
        shown = scenes.of_footage(connection, stored.id)
    for scene in shown:
        with archive.catalogue.writing() as connection:
            since = _placed(connection, stored.camera, scene.start)
            before = scenes.trusted_before(connection, stored.camera, scene.start, since)
            move = None if before is None else suspect_move(decode_grey(before.jpeg), decode_grey(scene.jpeg))
            if before is not None and move is not None:
                scenes.doubt(connection, stored.id, scene.number)
                suspected.append((scene, before, move))
    return tuple(_line(stored, *one) for one in suspected[:1])


def moved_since(archive: "Archive") -> dict[str, datetime]:
    """Return the cameras that may have been moved, and from when on."""
    with archive.catalogue.reading() as connection:
        return scenes.moved_since(connection)


def moved_footage(archive: "Archive") -> set[str]:
    """Return the ids of the footage in which a camera may have been moved."""
    with archive.catalogue.reading() as connection:
        return scenes.moved_footage(connection)


def _placed(connection: Connection, camera: str, at: datetime) -> datetime:
    """Return since when the camera has the place that it has at a time."""
    begun = (place.valid_from for place in cameras.places(connection, camera) if place.valid_from <= at)
    return max(begun, default=cameras.ALWAYS)


def _line(stored: Footage, scene: StoredScene, before: StoredScene, move: Move) -> str:
    how = (
        "it shows another view"
        if move.share is None
        else f"what stands still lies {move.share:.1%} of the picture's width away"
    )
    return (
        f"camera {stored.camera!r} may have been moved or turned by {_clock(scene.start)}: {how} from where it was at "
        f"{_clock(before.start)} in {before.path}; if so, `retrace cameras move {stored.camera} --since "
        f"{_clock(scene.start)}` with its new --bearing or place"
    )


def _clock(time: datetime) -> str:
    return time.isoformat(timespec="seconds")
