"""Show what a sighting was cut from: its whole frame, and the stretch of footage around it."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from index.access import audit
from index.access.browse import best_shot
from index.access.permissions import Permission, require
from index.errors import ArchiveError
from index.records import Sighting
from index.store.archive import Archive
from index.store.catalogue import cameras, footage
from index.store.catalogue.footage import Footage
from index.store.catalogue.people import Person
from reid.images import encode_jpeg, resize_to_fit
from reid.video.frames import frame_at, read_timeline

FRAME_PX = 1280
LEAD_S = 3.0
"""A clip begins so long before the sighting's first frame."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A stretch of a video file: seconds of the footage, and when the vehicle is seen best."""

    path: Path
    start_s: float
    best_s: float
    end_s: float


def clip_of(archive: Archive, sighting: Sighting, person: Person) -> Clip:
    """Return the stretch of footage that a sighting was seen in; ArchiveError says why there is none."""
    require(archive, person, Permission.SEE)
    film = _footage_of(archive, sighting)
    path = Path(film.path)
    if is_gone(film):
        raise ArchiveError(f"the footage of this sighting is no longer at {film.path}: put it back to see it")
    first_s, best_s, last_s = (
        (time - film.start).total_seconds() for time in (sighting.first, sighting.best, sighting.last)
    )
    return Clip(path, max(0.0, first_s - LEAD_S), best_s, min(film.duration_s, last_s + LEAD_S))


def open_frame(
    archive: Archive, sighting: Sighting, person: Person, *, reason: str | None = None, case: str | None = None
) -> bytes:
    """Return the whole frame of the best shot as JPEG, after writing an audit row."""
    clip = clip_of(archive, sighting, person)
    audit.record(archive, person, "open frame", {"sighting": sighting.id}, reason=reason, case=case)
    shot = best_shot(sighting)
    at_s = clip.best_s if shot is None else clip.best_s + (shot.time - sighting.best) / timedelta(seconds=1)
    frame = frame_at(read_timeline(clip.path), max(0.0, at_s - 1e-3))
    if frame is None:
        raise ArchiveError(f"the frame of this sighting cannot be decoded: {clip.path} is damaged there")
    return encode_jpeg(resize_to_fit(frame.image, FRAME_PX), 85)


def open_clip(
    archive: Archive, sighting: Sighting, person: Person, *, reason: str | None = None, case: str | None = None
) -> Clip:
    """Return the stretch of footage of a sighting, after writing an audit row."""
    clip = clip_of(archive, sighting, person)
    audit.record(archive, person, "open clip", {"sighting": sighting.id}, reason=reason, case=case)
    return clip


def open_camera_frame(
    archive: Archive, camera: str, person: Person, *, reason: str | None = None, case: str | None = None
) -> bytes:
    """Return a frame of the latest footage of a camera as JPEG, after writing an audit row."""
    require(archive, person, Permission.SEE)
    with archive.catalogue.reading() as connection:
        cameras.check_known(connection, camera)
        films = footage.listing(connection, camera)
    here = [film for film in films if not is_gone(film)]
    if not here:
        raise ArchiveError(f"there is no footage of camera {camera!r} on this machine: take some in first")
    audit.record(archive, person, "open frame", {"camera": camera}, reason=reason, case=case)
    latest = max(here, key=lambda film: film.start)
    frame = frame_at(read_timeline(Path(latest.path)), latest.duration_s / 2)
    if frame is None:
        raise ArchiveError(f"no frame can be decoded in the middle of {latest.path}: it is damaged there")
    return encode_jpeg(resize_to_fit(frame.image, FRAME_PX), 85)


def _footage_of(archive: Archive, sighting: Sighting) -> Footage:
    with archive.catalogue.reading() as connection:
        film = footage.get(connection, sighting.footage) if sighting.footage else None
    if film is None:
        raise ArchiveError("this sighting was imported without footage: there is its picture alone")
    return film


def footage_of(archive: Archive, sightings: Sequence[Sighting], person: Person) -> dict[str, Footage]:
    """Return the footage that sightings were seen in, by its id."""
    require(archive, person, Permission.SEE)
    ids = sorted({sighting.footage for sighting in sightings if sighting.footage})
    with archive.catalogue.reading() as connection:
        films = [footage.get(connection, id_) for id_ in ids]
    return {film.id: film for film in films if film is not None}


def is_gone(film: Footage) -> bool:
    """Tell whether a file, or folder of pictures, is no longer where it was, or lies where this user may not look."""
    return not (os.path.isfile(film.path) or os.path.isdir(film.path))
