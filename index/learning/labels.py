"""Label which sightings of an archive surely show the same vehicle and which surely show two, without a person."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from index.learning.known_pairs import LEAST_CHARACTERS, LEAST_CONFIDENCE, known_vehicles
from index.map.places import current_places
from index.records import SightingBrief
from index.store.archive import Archive
from index.store.catalogue import Connection, clocks, plates, sightings
from index.store.catalogue.sightings import SightingFilter
from reid.arrays import Flags, Floats, Ints
from reid.plates.spelling import CHARACTERS
from roadgraph.camera_times import CameraTimes

HELD_OUT = 3
"""One of so many vehicles joined by plates is held out: nothing is learned from it, and the gain is measured on it."""

SLACK = 1.3
"""Nobody drives from camera to camera faster than the limits by more than this factor."""

CLOCK_TOLERANCE_S = 10.0
"""Clocks without a known offset are taken to be right within so many seconds."""

OVERLAP_S = 0.5
"""Two sightings at one camera that overlap by this much are two vehicles; less can be one track broken in two."""

LEAST_DIFFERENT_CHARACTERS = 3
"""Plates that differ in so many characters are not two readings of one plate."""


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of n sightings: `vehicle` (n,) is the number of each one's vehicle, from 0.

    `rivals` (v, v) marks pairs of numbers that are surely two vehicles. `held_out` are vehicles known by their plates,
    whose sightings are labelled here as if their plates had not been read.
    """

    ids: tuple[str, ...]
    cameras: tuple[str, ...]
    vehicle: Ints
    rivals: Flags
    held_out: tuple[tuple[str, ...], ...]


def pick_labels(archive: Archive, *, most: int) -> Labels:
    """Label the sightings of known vehicles and the newest others, together at most `most`."""
    places = current_places(archive)
    times = places.travel.times
    with archive.catalogue.reading() as connection:
        joined = [tuple(sorted({passage.sighting for passage in vehicle})) for vehicle in known_vehicles(connection)]
        chosen = _choose(connection, joined, most)
        texts = {read.sighting: read.text for read in _reads(connection)}
        known = clocks.by_camera(clocks.all_offsets(connection))
    passages = [
        at_true_time(passage, known.get(passage.camera, clocks.TRUE_CLOCK).ahead_s(passage.best)) for passage in chosen
    ]
    return labels_of(passages, joined, texts, times)


def labels_of(
    passages: Sequence[SightingBrief],
    joined: Iterable[Sequence[str]],
    texts: Mapping[str, str],
    times: CameraTimes | None,
) -> Labels:
    """Label passages at true time, which are given in the order of their ids.

    Each of `joined` are the sightings of one vehicle, by plates or by people's verdicts; `texts` are the plates read
    with confidence.
    """
    row_of = {passage.id: row for row, passage in enumerate(passages)}
    impossible = _impossible(passages, times)
    rows = [[row_of[id_] for id_ in vehicle if id_ in row_of] for vehicle in joined]
    possible = [own for own in rows if len(own) > 1 and not impossible[np.ix_(own, own)].any()]
    held_out = [own for own in possible if _is_held_out(passages[own[0]].id)]
    vehicle = _numbered(len(passages), [own for own in possible if own not in held_out])
    held_out_ids = {passages[row].id for own in held_out for row in own}
    plates_read = [None if passage.id in held_out_ids else texts.get(passage.id) for passage in passages]
    apart = (impossible | _at_once(passages) | _different_plates(plates_read)) & (vehicle[:, None] != vehicle[None])
    return Labels(
        ids=tuple(passage.id for passage in passages),
        cameras=tuple(passage.camera for passage in passages),
        vehicle=vehicle,
        rivals=_between_vehicles(apart, vehicle),
        held_out=tuple(tuple(passages[row].id for row in own) for own in held_out),
    )


def at_true_time(passage: SightingBrief, ahead_s: float) -> SightingBrief:
    """Return the passage with its times corrected for a clock that is ahead."""
    ahead = timedelta(seconds=ahead_s)
    first, best, last = passage.first - ahead, passage.best - ahead, passage.last - ahead
    return replace(passage, first=first, best=best, last=last)


def _choose(connection: Connection, joined: Sequence[Sequence[str]], most: int) -> list[SightingBrief]:
    """Return the sightings of known vehicles first, then the newest others; only those with pictures."""
    newest = [sighting.id for sighting in sightings.listing(connection, SightingFilter()) if sighting.shots][::-1]
    with_pictures = set(newest)
    known = [id_ for vehicle in joined for id_ in vehicle if id_ in with_pictures]
    return sightings.briefs(connection, list(dict.fromkeys([*known, *newest]))[:most])


def _reads(connection: Connection) -> list[plates.PlateRead]:
    return plates.confident_reads(connection, least_confidence=LEAST_CONFIDENCE, least_characters=LEAST_CHARACTERS)


def _is_held_out(sighting: str) -> bool:
    """Draw by a hash of the id, so that every run holds out the same vehicles."""
    return int(hashlib.sha256(sighting.encode()).hexdigest(), 16) % HELD_OUT == 0


def _numbered(count: int, vehicles: Sequence[Sequence[int]]) -> Ints:
    """Return the number of each row's vehicle; a row that is joined to no other is a vehicle of its own."""
    first = np.arange(count)
    for own in vehicles:
        first[list(own)] = min(own)
    return np.unique(first, return_inverse=True)[1].astype(np.int64)


def _seconds(passages: Sequence[SightingBrief]) -> tuple[Floats, Floats]:
    """Return when each passage began and ended, in seconds since 1970."""
    return (
        np.array([passage.first.timestamp() for passage in passages], dtype=np.float64),
        np.array([passage.last.timestamp() for passage in passages], dtype=np.float64),
    )


def _at_once(passages: Sequence[SightingBrief]) -> Flags:
    """Return which pairs (n, n) are at one camera at the same moment."""
    first, last = _seconds(passages)
    _, camera = np.unique([passage.camera for passage in passages], return_inverse=True)
    shared_s = np.minimum(last[:, None], last[None]) - np.maximum(first[:, None], first[None])
    return np.asarray((camera[:, None] == camera[None]) & (shared_s >= OVERLAP_S) & ~np.eye(len(passages), dtype=bool))


def _impossible(passages: Sequence[SightingBrief], times: CameraTimes | None) -> Flags:
    """Return which pairs (n, n) no driver can make, from one camera to the other in that time; none without a map."""
    if times is None or not passages:
        return np.zeros((len(passages), len(passages)), dtype=bool)
    number = {camera: row for row, camera in enumerate(times.ids)}
    camera = np.array([number.get(passage.camera, -1) for passage in passages])
    least_s = times.earliest_s(slack=SLACK)[camera[:, None], camera[None]]
    # Where the map knows no way, nothing is impossible.
    least_s = np.where(np.isinf(least_s), 0.0, least_s)
    first, last = _seconds(passages)
    took_s = first[None] - last[:, None]
    too_soon = (took_s >= 0) & (took_s + CLOCK_TOLERANCE_S < least_s)
    apart = (camera[:, None] != camera[None]) & (camera >= 0)[:, None] & (camera >= 0)[None]
    # A vehicle still at the first camera cannot be at the second, unless both see the same place.
    at_once = (took_s < 0) & (took_s.T < 0) & (np.minimum(least_s, least_s.T) > CLOCK_TOLERANCE_S)
    return np.asarray(apart & (too_soon | too_soon.T | at_once))


def _different_plates(texts: Sequence[str | None]) -> Flags:
    """Return which pairs (n, n) surely have two plates, by a lower bound of the edit distance of their texts."""
    counts = np.array([[(text or "").count(character) for character in CHARACTERS] for text in texts], dtype=np.int16)
    more = np.zeros((len(texts), len(texts)), dtype=np.int16)
    # The characters that one text has more of than the other: the edit distance cannot be smaller.
    for count in counts.T:
        more += np.maximum(count[:, None] - count[None], 0)
    read = np.array([text is not None for text in texts], dtype=bool)
    return np.asarray((np.maximum(more, more.T) >= LEAST_DIFFERENT_CHARACTERS) & read[:, None] & read[None])


def _between_vehicles(apart: Flags, vehicle: Ints) -> Flags:
    """Return which pairs of vehicles (v, v) have any sightings that are surely apart."""
    count = int(vehicle.max(initial=-1)) + 1
    rivals = np.zeros((count, count), dtype=bool)
    rows, columns = np.nonzero(apart)
    rivals[vehicle[rows], vehicle[columns]] = True
    return rivals
