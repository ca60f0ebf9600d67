"""Fit a chunk to its footage as it is now: it may have been moved, or its beginning refused, while it was analysed."""

from dataclasses import replace
from datetime import datetime, timedelta

from index.errors import ArchiveError
from index.records import NewChunk, NewSighting
from index.store.catalogue import Connection, footage, purges
from index.store.catalogue.footage import Footage


class FootageGoneError(ArchiveError):
    """A chunk was analysed of footage that the archive no longer has."""


def fitted(connection: Connection, chunk: NewChunk) -> NewChunk:
    """Return a chunk by the camera and start that its footage has now, without what a purge refuses of it.

    It is the same object where nothing has changed. Footage that was removed or purged meanwhile is refused.
    """
    if chunk.footage is None:
        return chunk
    stored = footage.get(connection, chunk.footage)
    if stored is None:
        raise FootageGoneError(f"footage {chunk.footage[:12]} was removed or purged while it was analysed")
    moved = _moved(chunk, stored)
    until_s = purges.refused_until_s(connection, stored.id)
    return moved if until_s is None else _without_beginning(moved, stored.start + timedelta(seconds=until_s))


def _moved(chunk: NewChunk, stored: Footage) -> NewChunk:
    """Return a chunk by the camera and start of its footage; which roads were taken there, nobody knows yet."""
    if chunk.filmed is None or chunk.filmed == (stored.camera, stored.start):
        return chunk
    shift = stored.start - chunk.filmed[1]
    sightings = tuple(_moved_sighting(new, stored.camera, shift) for new in chunk.sightings)
    covered = tuple(
        replace(part, camera=stored.camera, start=part.start + shift, end=part.end + shift) for part in chunk.coverage
    )
    return replace(chunk, filmed=(stored.camera, stored.start), sightings=sightings, coverage=covered)


def _moved_sighting(new: NewSighting, camera: str, shift: timedelta) -> NewSighting:
    shots = tuple(replace(shot, time=shot.time + shift) for shot in new.shots)
    times = {name: getattr(new, name) + shift for name in ("first", "best", "last")}
    return replace(new, camera=camera, shots=shots, edge=None, **times)


def _without_beginning(chunk: NewChunk, begins: datetime) -> NewChunk:
    """Return a chunk without what was seen before a time, which then counts as not looked at."""
    kept = tuple(new for new in chunk.sightings if new.best >= begins)
    covered = tuple(replace(part, start=max(part.start, begins)) for part in chunk.coverage if part.end > begins)
    is_whole = len(kept) == len(chunk.sightings) and covered == chunk.coverage
    return chunk if is_whole else replace(chunk, sightings=kept, coverage=covered)
